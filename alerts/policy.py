"""Does this revision deserve a message, and why. Pure: the clock is passed in, and nothing is read or written."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.alert import SETTLED_STATES, ReviewState, shown_to_municipality
from alerts.message import Reason
from alerts.pattern import Audience, Band, Pattern, PatternState
from alerts.rules import PolicySettings


@dataclass(frozen=True, slots=True)
class Told:
    """What an audience was told last: when, after how many reminders, and of which release."""

    at: datetime
    reminders: int
    releases: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How the alert stands, seen from one audience (``reader``). ``told`` None: it has heard nothing yet.

    ``releases`` and ``released_by_person`` are of the alert; ``back_revision`` is the revision with which it came back.
    """

    reader: Audience
    review: ReviewState
    releases: int = 0
    released_by_person: bool = False
    back_revision: int | None = None
    in_state_since: datetime | None = None
    told: Told | None = None


def decide(
    previous: Pattern | None, current: Pattern, standing: Standing, settings: PolicySettings, now: datetime
) -> Reason | None:
    """Why the reader should hear of ``current``, or None. ``previous`` is the revision that it was told of last.

    The service hears of a pattern first; the municipality only of what was released, and never of a pattern whose audience is
    the service. A quiet pattern is no news, with one exception: a person's release is always told. What was dismissed or
    closed is news only when it escalates, and not at all if the reader never heard of it. Where several reasons apply, the
    one that asks most of the reader is named.
    """
    municipality = standing.reader is Audience.MUNICIPALITY
    if municipality and not shown_to_municipality(standing.review, current.audience):
        return None
    unheard = standing.told is None or (municipality and standing.releases > standing.told.releases)
    if current.state is PatternState.QUIET:
        return Reason.RELEASED if municipality and unheard and standing.released_by_person else None
    if previous is None or standing.told is None:
        first = Reason.RELEASED if municipality else Reason.FIRST
        return None if standing.review in SETTLED_STATES else first
    if unheard:
        return Reason.BACK if _is_back(previous, standing) else Reason.RELEASED
    reason = _news(previous, current, standing, settings)
    if reason is not None or standing.review in SETTLED_STATES:
        return reason
    due = reminder_due(standing, standing.told, settings)
    return Reason.REMINDER if due is not None and due <= now else None


def _news(previous: Pattern, current: Pattern, standing: Standing, settings: PolicySettings) -> Reason | None:
    if _escalated(previous, current, settings):
        return Reason.ESCALATED
    if standing.review in SETTLED_STATES:
        return None
    if _is_back(previous, standing):
        return Reason.BACK
    return Reason.GROWN if _rank(current.observed) > _rank(previous.observed) else None


def reminder_due(standing: Standing, told: Told, settings: PolicySettings) -> datetime | None:
    """When the reader should be reminded, if nobody acts before; None: not, or not any more."""
    # The service owes a review, the municipality an acknowledgement.
    waiting = {ReviewState.RELEASED} if standing.reader is Audience.MUNICIPALITY else {ReviewState.NEW, ReviewState.REOPENED}
    if standing.review not in waiting or told.reminders >= settings.reminders_at_most:
        return None
    since = told.at if standing.in_state_since is None else max(told.at, standing.in_state_since)
    return since + timedelta(days=settings.reminder_after_days)


def _is_back(previous: Pattern, standing: Standing) -> bool:
    return standing.back_revision is not None and standing.back_revision > previous.revision


def _escalated(previous: Pattern, current: Pattern, settings: PolicySettings) -> bool:
    widened = previous.audience is Audience.ADV and current.audience is Audience.MUNICIPALITY
    return widened or _step(current, settings) > _step(previous, settings)


def _step(pattern: Pattern, settings: PolicySettings) -> int:
    return bisect_right(settings.recurrence_steps_days, pattern.recurrence_interval_days)


def _rank(band: Band | None) -> tuple[int, float]:
    # A count that may not be told lies under every floor, so any band is more.
    if band is None:
        return (-1, -1.0)
    return (band.low, float("inf") if band.high is None else float(band.high))
