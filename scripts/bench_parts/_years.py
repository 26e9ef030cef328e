"""Nightly runs over years in which nothing is going on, through the service's own path, and the alerts they give."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Self

import numpy as np
from quiet_city import FIRST, Quiet, quiet_history

from detector.configuration import load
from detector.methods import Method
from detector.model import Family
from detector.night import look
from detector.patterns import Followed, FollowState

_YEAR_DAYS = 365.25
ARCHIVE_YEARS, REPLAY_YEARS = 1.0, 5.0
"""Nights begin when a city's archive is a year old, so that young archives are looked at too, and go on for so long."""


@dataclass
class Tally:
    """What the nights gave.

    ``alerts`` counts patterns by the family that first saw them, ``back`` those that came back after being quiet, ``passing`` the
    nights on which a method's family had a finding at all, ``expected`` sums what every night said chance would cost.
    """

    nights: int = 0
    reports: int = 0
    seconds: float = 0.0
    expected: float = 0.0
    alerts: Counter[tuple[str, Family]] = field(default_factory=Counter)
    back: Counter[Family] = field(default_factory=Counter)
    passing: Counter[tuple[str, Family]] = field(default_factory=Counter)
    a_city: list[int] = field(default_factory=list)

    def add(self, other: Self) -> None:
        """Put another city's nights with these."""
        self.nights += other.nights
        self.reports += other.reports
        self.seconds += other.seconds
        self.expected += other.expected
        for mine, theirs in ((self.alerts, other.alerts), (self.passing, other.passing)):
            mine.update(theirs)
        self.back.update(other.back)
        self.a_city.append(sum(other.alerts.values()))

    @property
    def years(self) -> float:
        """How long the nights were in all."""
        return self.nights / _YEAR_DAYS

    def told(self) -> str:
        """The figures, a year."""
        alerts, back = sum(self.alerts.values()), sum(self.back.values())
        spread = float(np.std(self.a_city, ddof=1) * len(self.a_city) ** 0.5) if len(self.a_city) > 1 else 0.0
        first = (
            f"{self.years:.1f} years, {self.reports / self.years:.0f} reports a year in the archives: "
            f"{alerts / self.years:.3f} alerts a year (standard error {spread / self.years:.3f}), "
            f"and {back / self.years:.3f} came back; {self.expected / self.nights:.2f} allowed, rules included; "
            f"{self.seconds / self.nights * 1000:.1f} ms a night"
        )
        lines = [first]
        for method, family in sorted(self.passing):
            lines.append(
                f"  {method} {family}: {self.passing[method, family] / self.years:.3f} nights a year passed, "
                f"{self.alerts[method, family] / self.years:.3f} alerts a year seen by it first"
            )
        return "\n".join(lines)


def methods_in_force(budget: float, names: Sequence[str]) -> tuple[Method, ...]:
    """The methods of the shipped settings with this budget; only the named ones."""
    return tuple(method for method in load({}).settings.detection.built(budget) if method.name in names)


def replay(reports_a_year: float, methods: Sequence[Method], seed: int) -> Tally:
    """Every night of one city without pattern."""
    tally, settings = Tally(), load({}).settings.patterns
    history = quiet_history(Quiet(reports_a_year, ARCHIVE_YEARS + REPLAY_YEARS), np.random.default_rng([seed, 2026]))
    first = FIRST + int(ARCHIVE_YEARS * _YEAR_DAYS)
    followed: Sequence[Followed] = ()
    began = time.perf_counter()
    for day in range(first, first + int(REPLAY_YEARS * _YEAR_DAYS)):
        as_of = date.fromordinal(day)
        known = {pattern.key: pattern.state for pattern in followed}
        night = look(history.at(as_of, 1), methods, followed, settings, seed)
        followed = night.followed
        tally.nights += 1
        tally.expected += night.expected_false_alerts_per_year
        tally.passing.update({(finding.method, finding.family) for finding in night.findings})
        for pattern in followed:
            if pattern.key not in known:
                tally.alerts[pattern.sightings[0].method, pattern.family] += 1
            elif known[pattern.key] is FollowState.QUIET and pattern.state is FollowState.ACTIVE:
                tally.back[pattern.family] += 1
    tally.seconds = time.perf_counter() - began
    tally.reports = round(history.size / (ARCHIVE_YEARS + REPLAY_YEARS) * tally.years)
    return tally


def alerts_a_year(reports_a_year: float, years: int, budget: float, names: Sequence[str], *, first_seed: int = 0) -> Tally:
    """Nights over as many cities as make up the years; prints every ten cities how far it is."""
    methods, whole = methods_in_force(budget, names), Tally()
    for city in range(-(-years // int(REPLAY_YEARS))):
        whole.add(replay(reports_a_year, methods, first_seed + city))
        if city % 10 == 9:  # noqa: PLR2004 - how often it tells
            print(whole.told(), flush=True)
    return whole
