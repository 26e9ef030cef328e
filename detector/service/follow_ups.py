"""Following patterns on which an approach was agreed: every four weeks the alerting side hears what came in since."""

from collections.abc import Iterable
from datetime import date, datetime

from alerts import follow_ups
from alerts.effect import follows_from, weeks_due
from alerts.pattern import Pattern
from detector.disclosure.follow_up import Period, follow_up
from detector.patterns.followed import Followed, from_json
from detector.service.installation import Installation


def follow_approaches(installation: Installation, municipality: str, as_of: date, now: datetime) -> int:
    """Hand over the follow-ups that are due in a municipality, and how many that were.

    Which approaches run, and what was told of them, the alerting side says itself: to be killed at any point leads to doing again
    what was not done. A pattern is followed also when it is quiet or over.
    """
    zone = installation.settings.zone(municipality)
    due = []
    for approach in follow_ups.running(installation.alerts_engine, municipality):
        first = follows_from(approach.began_at.astimezone(zone).date())
        weeks = weeks_due(first, as_of)
        done = max((each.weeks for each in approach.told if each.approach_from == first), default=0)
        if weeks > done:
            due.append((approach, Period(first, weeks)))
    if not due:
        return 0
    settings = installation.settings
    followed = {stored.key: from_json(stored.payload) for stored in installation.patterns.load(municipality)}
    told = installation.patterns.told(municipality)
    reports = installation.reports.load(municipality, as_of)
    areas = installation.areas().table_or_alone(municipality)
    handed_over = 0
    for approach, period in due:
        pattern = _revision(told.get(approach.pattern_key, ()), approach.revision)
        here: Followed | None = followed.get(approach.pattern_key)
        if pattern is None or here is None:
            continue
        told_now = follow_up(
            here,
            pattern,
            reports,
            approach.told,
            period,
            areas=areas,
            settings=settings.disclosure,
            time_axis=settings.detection.time_axis,
            now=now,
        )
        if told_now is not None:
            handed_over += follow_ups.receive(installation.alerts_engine, told_now, now)
    return handed_over


def _revision(told: Iterable[Pattern], revision: int) -> Pattern | None:
    return next((pattern for pattern in told if pattern.revision == revision), None)
