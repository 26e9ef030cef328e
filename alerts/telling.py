"""From an alert as it stands to messages on their way: decide, look for silences, route, write down. In one transaction."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from alerts import audit, outbox, silences
from alerts.alert import Alert, DetectionState, ReviewState
from alerts.message import Reason
from alerts.pattern import Audience, Pattern
from alerts.policy import Standing, Told, decide, reminder_due
from alerts.routing import Facts, anybody, send_to
from alerts.settings import AlertsSettings
from alerts.store import alerts as rows

LOOK_AGAIN_AFTER = timedelta(hours=1)
"""How soon an active alert that nobody could be told of is looked at again: settings may name somebody by then."""

LOOK_AT_LEAST_EVERY = timedelta(days=1)
"""How often any active alert is looked at, so that changed settings (shorter reminders, another step) reach it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the question for one audience. ``look_at``: when to ask again at the latest."""

    reason: Reason | None
    look_at: datetime | None


def tell(
    connection: Connection, alert: Alert, pattern: Pattern, settings: AlertsSettings, now: datetime, *, reader: Audience
) -> Outcome:
    """Tell one audience, if there is news for it and no silence."""
    before = rows.told(connection, alert.id, reader)
    previous = None if before is None else rows.revision(connection, alert.pattern_key, before.revision)
    standing = _standing(alert, reader, None if before is None else before.told)
    reason = decide(previous, pattern, standing, settings.policy, now)
    if reason is None:
        silences.settle(connection, alert.id, reader, "no_news_any_more", now)
        return Outcome(None, _next_look(alert, standing, settings, now))
    facts = _facts(alert, pattern, reader, reason)
    silence = silences.find(connection, facts, now)
    if silence is not None:
        silences.record(connection, facts, pattern.revision, silence, now)
        return Outcome(None, silence.ends_at)
    if not anybody(facts, settings.destinations):
        return Outcome(None, now + LOOK_AGAIN_AFTER)
    reminders = 0 if before is None or reason is not Reason.REMINDER else before.told.reminders + 1
    number = alert.releases if reason in {Reason.RELEASED, Reason.BACK} else 0
    sendings = send_to(facts, settings.route, settings.destinations)
    outbox.put(connection, outbox.News(alert, reader, reason, number), sendings, settings, now)
    # A reminder tells nothing new: growth is still measured from what was told before it.
    about = before.revision if before is not None and reason is Reason.REMINDER else pattern.revision
    told = Told(now, reminders, alert.releases)
    rows.set_told(connection, alert.id, reader, rows.ToldRow(about, told))
    silences.settle(connection, alert.id, reader, "told", now)
    details: audit.Details = {
        "reason": reason,
        "audience": reader,
        "revision": pattern.revision,
        "destinations": [sending.destination for sending in sendings],
    }
    audit.append(connection, at=now, actor="system", event="told", subject=alert.id, details=details)
    return Outcome(reason, _next_look(alert, _standing(alert, reader, told), settings, now))


def _standing(alert: Alert, reader: Audience, told: Told | None) -> Standing:
    return Standing(
        reader=reader,
        review=alert.review,
        releases=alert.releases,
        released_by_person=alert.released_by_person,
        back_revision=alert.back_revision,
        in_state_since=alert.in_state_since,
        told=told,
    )


def _facts(alert: Alert, pattern: Pattern, reader: Audience, reason: Reason) -> Facts:
    return Facts(
        alert_id=alert.id,
        municipality=alert.municipality,
        kind=alert.kind,
        area_codes=pattern.area_codes,
        reason=reason,
        reader=reader,
        review=alert.review,
        audience=alert.audience,
    )


def _next_look(alert: Alert, standing: Standing, settings: AlertsSettings, now: datetime) -> datetime | None:
    if alert.detection is DetectionState.QUIET or alert.review in {ReviewState.DISMISSED, ReviewState.CLOSED}:
        return None
    due = None if standing.told is None else reminder_due(standing, standing.told, settings.policy)
    return min(now + LOOK_AT_LEAST_EVERY, due or now + LOOK_AT_LEAST_EVERY)
