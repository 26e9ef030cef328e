"""The same nights over the past: what would have been seen, when, and at what price, with these methods and settings."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypedDict

from detector.methods.base import Method
from detector.night import look
from detector.patterns import Followed, PatternSettings
from detector.window import History

_DAYS_A_YEAR = 365.25

Progress = Callable[[int, int], None]
"""Told after every night: how many are done, of how many."""


class AlertEntry(TypedDict):
    """One pattern of a backtest, as the command prints it; days as ISO text."""

    pattern: str
    kind: str
    stream: str
    areas: list[str]
    first_seen: str
    window_from: str
    window_to: str
    observed: int
    expected: float
    recurrence_interval_days: float
    methods: list[str]
    report_ids: list[str]


class BacktestEntry(TypedDict):
    """A whole backtest, as the command prints it."""

    nights: int
    alerts: list[AlertEntry]
    alerts_per_year: float
    expected_false_alerts_per_year: float


@dataclass(frozen=True, slots=True)
class BacktestResult:
    """Every pattern that the nights would have seen, as it was on its strongest night, in the order of first sight.

    ``report_ids`` gives each member's id as its source names it. ``alerts_per_year`` counts patterns, over the days from the
    first night's look to the last. ``expected_false_alerts_per_year`` is the mean over the nights.
    """

    nights: int
    alerts: tuple[Followed, ...]
    report_ids: Mapping[str, str]
    alerts_per_year: float
    expected_false_alerts_per_year: float

    def as_json(self) -> BacktestEntry:
        """The promised shape, ready for ``json.dumps``."""
        return {
            "nights": self.nights,
            "alerts": [self._entry(followed) for followed in self.alerts],
            "alerts_per_year": self.alerts_per_year,
            "expected_false_alerts_per_year": self.expected_false_alerts_per_year,
        }

    def _entry(self, followed: Followed) -> AlertEntry:
        return {
            "pattern": followed.key,
            "kind": followed.family.value,
            "stream": followed.stream,
            "areas": list(followed.region.area_codes),
            "first_seen": followed.first_seen.isoformat(),
            "window_from": followed.seen_from.isoformat(),
            "window_to": followed.seen_to.isoformat(),
            "observed": followed.observed,
            "expected": followed.expected,
            "recurrence_interval_days": followed.recurrence_interval_days,
            "methods": [sighting.method for sighting in followed.sightings],
            "report_ids": sorted(self.report_ids[key] for key in followed.members),
        }


def nights_between(first: date, last: date, every_days: int) -> list[date]:
    """The nights of a backtest: the first, then every so many days, none after the last.

    Raises:
        ValueError: the last night lies before the first, or ``every_days`` is below 1.
    """
    if every_days < 1:
        raise ValueError(f"every {every_days} days is no rhythm: give a whole number of days, 1 or more")
    if last < first:
        raise ValueError(f"the last night ({last}) lies before the first ({first}): swap them")
    return [first + timedelta(days=days) for days in range(0, (last - first).days + 1, every_days)]


def backtest(
    history: History,
    methods: Sequence[Method],
    settings: PatternSettings,
    first: date,
    last: date,
    *,
    every_days: int = 1,
    seed: int = 0,
    progress: Progress | None = None,
) -> BacktestResult:
    """Run the nights from ``first`` to ``last``, each with what had come in by then and nothing later.

    Args:
        history: the municipality's reports, with the time axis that detection would have gone by.
        methods: what looks.
        settings: when findings are one pattern.
        first: first night.
        last: last night at the latest.
        every_days: days between two looks.
        seed: of the random numbers; the same seed gives the same answer.
        progress: called after every night.

    Raises:
        ValueError: the nights make no sense; the message says what to change.
    """
    nights = nights_between(first, last, every_days)
    followed: Sequence[Followed] = ()
    strongest: dict[str, Followed] = {}
    expected = 0.0
    for done, as_of in enumerate(nights, start=1):
        night = look(history.at(as_of, every_days), methods, followed, settings, seed)
        followed = night.followed
        expected += night.expected_false_alerts_per_year
        for pattern in followed:
            if pattern.last_seen == as_of and _strength(pattern) > _strength(strongest.get(pattern.key)):
                strongest[pattern.key] = pattern
        if progress is not None:
            progress(done, len(nights))
    alerts = tuple(sorted(strongest.values(), key=lambda pattern: (pattern.first_seen, pattern.key)))
    return BacktestResult(
        nights=len(nights),
        alerts=alerts,
        report_ids={key: key.partition(":")[2] for pattern in alerts for key in pattern.members},
        alerts_per_year=len(alerts) * _DAYS_A_YEAR / (len(nights) * every_days),
        expected_false_alerts_per_year=expected / len(nights),
    )


def _strength(pattern: Followed | None) -> tuple[float, int]:
    return (0.0, 0) if pattern is None else (pattern.recurrence_interval_days, pattern.observed)
