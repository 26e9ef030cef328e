"""Writing down what must be sent, in the transaction of what it tells of; sending is ``alerts.delivery``'s."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import Connection, func, insert, select, update

from alerts import audit
from alerts.alert import Alert, DeliveryState
from alerts.message import Reason
from alerts.pattern import Audience
from alerts.routing import Sending
from alerts.settings import AlertsSettings
from alerts.store import tables as t


@dataclass(frozen=True, slots=True)
class News:
    """One alert's news for one audience. ``number`` tells one release of a revision from the next; reminders count themselves."""

    alert: Alert
    reader: Audience
    reason: Reason
    number: int


def put(connection: Connection, news: News, sendings: Sequence[Sending], settings: AlertsSettings, now: datetime) -> None:
    """Write the news down for each destination, in a message that waits for more of its group or in a new one."""
    number = _next_reminder(connection, news) if news.reason is Reason.REMINDER else news.number
    for sending in sorted(sendings, key=lambda each: each.destination):
        message_id = _join(connection, sending, news, settings) or _open(connection, sending, settings, now)
        connection.execute(
            insert(t.delivery).values(
                alert_id=news.alert.id,
                revision=news.alert.revision,
                destination=sending.destination,
                reason=news.reason,
                round=number,
                message_id=message_id,
                audience=news.reader,
                municipality=news.alert.municipality,
                municipality_name=news.alert.municipality_name,
                link=f"{settings.console_url.rstrip('/')}/alerts/{news.alert.id}",
            )
        )


def _next_reminder(connection: Connection, news: News) -> int:
    same = (
        (t.delivery.c.alert_id == news.alert.id)
        & (t.delivery.c.revision == news.alert.revision)
        & (t.delivery.c.reason == news.reason)
    )
    last = connection.scalar(select(func.max(t.delivery.c.round)).where(same, t.delivery.c.audience == news.reader))
    return 1 + (last or 0)


def _join(connection: Connection, sending: Sending, news: News, settings: AlertsSettings) -> str | None:
    """A message of the same group that is still open, has room, and does not speak of this alert yet."""
    items = select(func.count()).where(t.delivery.c.message_id == t.message.c.id).scalar_subquery()
    speaks = (
        select(t.delivery.c.id).where(t.delivery.c.message_id == t.message.c.id, t.delivery.c.alert_id == news.alert.id).exists()
    )
    query = (
        select(t.message.c.id)
        .where(
            t.message.c.destination == sending.destination,
            t.message.c.group_key == sending.group_key,
            t.message.c.state == DeliveryState.WAITING,
            t.message.c.sealed.is_(False),
            items < settings.delivery.alerts_per_message,
            ~speaks,
        )
        .order_by(t.message.c.sequence)
        .limit(1)
    )
    return connection.scalar(query)


def _open(connection: Connection, sending: Sending, settings: AlertsSettings, now: datetime) -> str:
    row = connection.execute(select(t.destination).where(t.destination.c.name == sending.destination)).one_or_none()
    if row is None:
        connection.execute(insert(t.destination).values(name=sending.destination, sequence=0))
    sequence: int = 1 + (0 if row is None else row.sequence)
    connection.execute(update(t.destination).where(t.destination.c.name == sending.destination).values(sequence=sequence))
    gone = row is not None and row.gone_at is not None
    message_id = uuid4().hex
    connection.execute(
        insert(t.message).values(
            id=message_id,
            destination=sending.destination,
            sequence=sequence,
            group_key=sending.group_key,
            language=settings.destinations[sending.destination].language,
            recorded_at=now,
            # What cannot be sent is written down all the same, and can be sent by hand once the destination is back.
            state=DeliveryState.DEAD if gone else DeliveryState.WAITING,
            sealed=False,
            attempts=0,
            next_attempt_at=now + timedelta(seconds=sending.group_wait_seconds),
            last_error="the destination is gone: enable it, then retry" if gone else None,
            finished_at=now if gone else None,
        )
    )
    if gone:
        audit.append(
            connection,
            at=now,
            actor="system",
            event="message_dead",
            subject=message_id,
            details={"destination": sending.destination},
        )
    return message_id


def withdraw(connection: Connection, alert: Alert, reader: Audience, now: datetime) -> bool:
    """Take back what was written down for the audience and has not arrived; True if there was any.

    Dead messages too, for they can be sent by hand. A message that was sealed may have been sent, and its items are what its
    id stands for: it is only taken back when it speaks of nothing else. Its link leads to a page that does not show the
    alert any more.
    """
    rows = connection.execute(
        select(t.delivery.c.id, t.delivery.c.message_id, t.message.c.sealed)
        .join(t.message, t.message.c.id == t.delivery.c.message_id)
        .where(
            t.delivery.c.alert_id == alert.id,
            t.delivery.c.audience == reader,
            t.delivery.c.withdrawn_at.is_(None),
            t.message.c.state != DeliveryState.DELIVERED,
        )
    ).all()
    taken_back = False
    for row in rows:
        others = connection.scalar(
            select(func.count()).where(
                t.delivery.c.message_id == row.message_id, t.delivery.c.id != row.id, t.delivery.c.withdrawn_at.is_(None)
            )
        )
        if row.sealed and others:
            continue
        connection.execute(update(t.delivery).where(t.delivery.c.id == row.id).values(withdrawn_at=now))
        taken_back = True
        if not others:
            connection.execute(
                update(t.message)
                .where(t.message.c.id == row.message_id)
                .values(state=DeliveryState.DEAD, sealed=True, finished_at=now, last_error="taken back before it was sent")
            )
        details: audit.Details = {"alert": alert.id}
        audit.append(connection, at=now, actor="system", event="message_withdrawn", subject=row.message_id, details=details)
    return taken_back
