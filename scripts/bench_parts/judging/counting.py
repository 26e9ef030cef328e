"""From candidates to the alerts that a person would get: the product's own rules for what is one pattern."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np

from detector.model import Family
from detector.patterns import Followed, PatternSettings, follow, merge
from judging.candidates import Looks
from judging.cities import SEEN_WITHIN_DAYS, Case

SETTINGS = PatternSettings()
SEEN_REPORTS, SEEN_PART, TOUCHING_REPORTS = 3, 1 / 3, 2


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert: the day it was first told, and its reports on every day that it was seen."""

    key: str
    told: date
    family: Family
    stream: str
    seen: list[tuple[date, frozenset[str]]]


def alerts_of(case: Case, looks: Looks, bars: Mapping[str, float], settings: PatternSettings = SETTINGS) -> list[Alert]:
    """The alerts of one case when each channel tells what scores at least its bar."""
    followed: Sequence[Followed] = ()
    told: dict[str, Alert] = {}
    rng = np.random.default_rng(case.seed)
    for day, candidates in looks:
        passing = [c.finding(day, c.score / bars[c.channel]) for c in candidates if c.score >= bars[c.channel]]
        if not passing:
            continue
        followed = follow(followed, merge(passing, settings), day, settings, rng, municipality="G")
        for pattern in followed:
            if pattern.last_seen == day:
                alert = told.setdefault(pattern.key, Alert(pattern.key, day, pattern.family, pattern.stream, []))
                alert.seen.append((day, pattern.members))
    return list(told.values())


def tellings(case: Case, alerts: Sequence[Alert]) -> int:
    """How often a person is told something new while it counts: an alert that went quiet and comes back is told again."""
    number = 0
    for alert in alerts:
        days = [day for day, _ in alert.seen]
        back = [day for before, day in pairwise(days) if (day - before).days > SETTINGS.quiet_after_days]
        number += sum(day >= case.counted for day in (days[0], *back))
    return number


def false_alerts(cases: Sequence[Case], looks: Sequence[Looks], bars: Mapping[str, float]) -> float:
    """Alerts a year where nothing is planted."""
    number = sum(tellings(case, alerts_of(case, told, bars)) for case, told in zip(cases, looks, strict=True))
    return number / sum(case.years for case in cases)


@dataclass(frozen=True, slots=True)
class Sight:
    """When a planted pattern was seen, and how well: None where it was not within the time."""

    seen: bool
    days: int | None = None
    reports: int | None = None
    purity: float | None = None
    completeness: float | None = None
    alerts: int = 0


def sight(case: Case, alerts: Sequence[Alert]) -> Sight:
    """How the planted pattern of a case fared.

    An alert is the pattern's if, on any day, at least two of its reports, and a third, are: one that has two of them among
    nine others says something else, and its price is paid where nothing is planted. Seen is an alert of which at least three
    reports, and a third, are the pattern's: on the first day it is so.
    """
    truth = case.truth
    if truth is None or not truth.received:
        raise ValueError("the case has no planted pattern")
    begun = min(truth.received.values())
    of_it = [alert for alert in alerts if any(_is_of(members, truth.received.keys()) for _, members in alert.seen)]
    for day, members in sorted(((day, members) for alert in of_it for day, members in alert.seen), key=lambda one: one[0]):
        shared = members & truth.received.keys()
        days = (day - begun).days
        if len(shared) >= SEEN_REPORTS and len(shared) >= SEEN_PART * len(members) and days <= SEEN_WITHIN_DAYS:
            so_far = sum(received <= day for received in truth.received.values())
            return Sight(
                seen=True,
                days=days,
                reports=so_far,
                purity=len(shared) / len(members),
                completeness=len(shared) / so_far,
                alerts=len(of_it),
            )
    return Sight(seen=False, alerts=len(of_it))


def _is_of(members: frozenset[str], truth: AbstractSet[str]) -> bool:
    shared = len(members & truth)
    return shared >= TOUCHING_REPORTS and shared >= SEEN_PART * len(members)
