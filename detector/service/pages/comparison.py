"""Two replays side by side: which alerts stay, appear and disappear, each told no further than its floors allow."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from pydantic import TypeAdapter

from alerts.pattern import Audience, Band, Pattern, PatternKind, RuleVersion
from detector import __version__
from detector.backtest import BacktestResult
from detector.disclosure import Surroundings, disclose
from detector.model import AreaTable, Report
from detector.patterns import Followed
from detector.settings import Settings

SAME_SHARE = 0.5
"""Two alerts are about the same when they share this part of the smaller one's reports."""


class Change(StrEnum):
    """What becomes of an alert when the settings change."""

    STAYS = "stays"
    APPEARS = "appears"
    DISAPPEARS = "disappears"


@dataclass(frozen=True, slots=True)
class ToldAlert:
    """One alert of a replay, as far as its floors let it be told: no report, no exact count, weeks and not days.

    ``band`` None: too few reports to tell, and then it names no area and no subject either.
    """

    change: Change
    kind: PatternKind
    level: str
    area_codes: tuple[str, ...]
    area_names: tuple[str, ...]
    community: str | None
    ground: str | None
    domain: str | None
    window_from: date
    window_to: date
    first_seen: date
    band: Band | None
    recurrence_interval_days: float


@dataclass(frozen=True, slots=True)
class Side:
    """What one replay comes to."""

    alerts: int
    alerts_per_year: float
    expected_false_alerts_per_year: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """The settings in force against those that are tried, over the same nights."""

    nights: int
    first: date
    last: date
    before: Side
    after: Side
    alerts: tuple[ToldAlert, ...]

    def count(self, change: Change) -> int:
        """How many alerts become this."""
        return sum(alert.change is change for alert in self.alerts)


_ADAPTER = TypeAdapter(Comparison)


def to_json(comparison: Comparison) -> bytes:
    """The comparison for its file."""
    return _ADAPTER.dump_json(comparison)


def from_json(text: bytes) -> Comparison:
    """Read back what :func:`to_json` wrote.

    Raises:
        ValueError: it is no comparison.
    """
    return _ADAPTER.validate_json(text)


def same(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two alerts, by the keys of their reports, are about the same."""
    return len(one & other) >= SAME_SHARE * min(len(one), len(other)) and bool(one & other)


def changes(before: Sequence[Followed], after: Sequence[Followed]) -> list[tuple[Change, Followed]]:
    """Every alert of either side once: one that stays as the settings that are tried would see it."""
    stays = [any(same(new.members, old.members) for old in before) for new in after]
    gone = [old for old in before if not any(same(new.members, old.members) for new in after)]
    found = [(Change.STAYS if kept else Change.APPEARS, new) for kept, new in zip(stays, after, strict=True)]
    found += [(Change.DISAPPEARS, old) for old in gone]
    return sorted(found, key=lambda one: (one[1].first_seen, one[1].key))


def compare(
    before: BacktestResult,
    after: BacktestResult,
    reports: Iterable[Report],
    areas: AreaTable,
    settings: Settings,
    *,
    nights: Sequence[date],
    now: datetime,
) -> Comparison:
    """Both replays as they may be shown: what is told of each alert goes through the same gate as an alert does."""
    by_key = {report.key: report for report in reports}
    surroundings = Surroundings(
        areas=areas,
        settings=settings.disclosure,
        rule=RuleVersion(settings.rules_hash(), __version__),
        time_axis=settings.detection.time_axis,
    )
    told = tuple(_told(change, followed, by_key, surroundings, now) for change, followed in changes(before.alerts, after.alerts))
    return Comparison(before.nights, nights[0], nights[-1], _side(before), _side(after), told)


def _side(result: BacktestResult) -> Side:
    return Side(len(result.alerts), result.alerts_per_year, result.expected_false_alerts_per_year)


def _told(
    change: Change, followed: Followed, reports: Mapping[str, Report], surroundings: Surroundings, now: datetime
) -> ToldAlert:
    pattern: Pattern = disclose(followed, reports, (), surroundings, now)
    hidden = pattern.audience is not Audience.MUNICIPALITY
    return ToldAlert(
        change=change,
        kind=pattern.kind,
        level=pattern.level,
        area_codes=pattern.area_codes,
        area_names=pattern.area_names,
        community=pattern.community,
        ground=pattern.ground,
        domain=pattern.domain,
        window_from=pattern.window_from,
        window_to=pattern.window_to,
        first_seen=pattern.first_seen,
        band=None if hidden else pattern.observed,
        recurrence_interval_days=pattern.recurrence_interval_days,
    )
