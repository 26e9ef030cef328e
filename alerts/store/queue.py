"""The messages table as a queue: what is due, who has it, and how it ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, insert, or_, select, update

from alerts import audit
from alerts.alert import DeliveryState
from alerts.message import DeliveryError, Message, MessageItem, Reason, Receipt
from alerts.settings import DeliverySettings
from alerts.store import tables as t

_m = t.message.c


@dataclass(frozen=True, slots=True)
class Claim:
    """A message that is ours to send until ``lease_until``; ``attempt`` counts from 1."""

    message: Message
    attempt: int
    holder: str
    lease_until: datetime


def _free(now: datetime) -> ColumnElement[bool]:
    return or_(_m.lease_until.is_(None), _m.lease_until <= now)


def due_destinations(connection: Connection, now: datetime) -> tuple[str, ...]:
    """Destinations with a message that is due, longest waiting first; not those where one is under way."""
    other = t.message.alias()
    under_way = (
        select(other.c.id)
        .where(other.c.destination == _m.destination, other.c.state == DeliveryState.WAITING, other.c.lease_until > now)
        .exists()
    )
    query = (
        select(_m.destination)
        .join(t.destination, t.destination.c.name == _m.destination)
        .where(_m.state == DeliveryState.WAITING, _m.next_attempt_at <= now, t.destination.c.gone_at.is_(None), ~under_way)
        .group_by(_m.destination)
        .order_by(func.min(_m.next_attempt_at), _m.destination)
    )
    return tuple(connection.scalars(query))


def claim(connection: Connection, destination: str, holder: str, now: datetime, settings: DeliverySettings) -> Claim | None:
    """Take the destination's next message, seal it, and count the attempt; None if there is none to take.

    In the order in which messages were written down, with one exception: one that waits longer than
    ``order_wait_at_most_seconds`` for its next attempt is passed by. The first, quick retries thus keep the order, and a message
    that a receiver refuses for hours does not keep hours of later alerts from it. ``sequence`` lets the receiver sort them.
    """
    under_way = select(_m.id).where(_m.destination == destination, _m.state == DeliveryState.WAITING, _m.lease_until > now)
    if connection.execute(under_way.limit(1)).first() is not None:
        return None
    # What has been tried and comes soon holds back what is younger; a group that still gathers does not.
    soon = now + timedelta(seconds=settings.order_wait_at_most_seconds)
    in_line = or_(_m.next_attempt_at <= now, and_(_m.attempts > 0, _m.next_attempt_at <= soon))
    row = connection.execute(
        select(t.message)
        .join(t.destination, t.destination.c.name == _m.destination)
        .where(_m.destination == destination, _m.state == DeliveryState.WAITING, t.destination.c.gone_at.is_(None), in_line)
        .order_by(_m.sequence)
        .limit(1)
    ).one_or_none()
    if row is None or row.next_attempt_at > now:
        return None
    lease_until = now + timedelta(seconds=settings.lease_seconds)
    taken = connection.execute(
        update(t.message)
        .where(_m.id == row.id, _m.state == DeliveryState.WAITING, _m.attempts == row.attempts, _free(now))
        .values(holder=holder, lease_until=lease_until, sealed=True, attempts=row.attempts + 1)
    )
    if taken.rowcount != 1:
        return None
    return Claim(load(connection, row.id), row.attempts + 1, holder, lease_until)


def load(connection: Connection, message_id: str) -> Message:
    """The message as it goes out: the same on every attempt once it is sealed."""
    return messages_of(connection, connection.execute(select(t.message).where(_m.id == message_id)).all())[0]


def messages_of(connection: Connection, found: Sequence[Row[Any]]) -> tuple[Message, ...]:
    """The messages of these rows, in their order, with all their items at once."""
    d = t.delivery.c
    wanted = select(t.delivery).where(d.message_id.in_([row.id for row in found]), d.withdrawn_at.is_(None)).order_by(d.id)
    items: dict[str, list[MessageItem]] = {row.id: [] for row in found}
    for item in connection.execute(wanted):
        items[item.message_id].append(
            MessageItem(
                alert_id=item.alert_id,
                revision=item.revision,
                reason=Reason(item.reason),
                municipality=item.municipality,
                municipality_name=item.municipality_name,
                link=item.link,
            )
        )
    return tuple(
        Message(
            id=row.id,
            sequence=row.sequence,
            destination=row.destination,
            language=row.language,
            recorded_at=row.recorded_at,
            items=tuple(items[row.id]),
        )
        for row in found
    )


def _attempted(connection: Connection, claim: Claim, outcome: str, text: str, now: datetime) -> None:
    connection.execute(
        insert(t.attempt).values(message_id=claim.message.id, number=claim.attempt, at=now, outcome=outcome, text=text)
    )


def record_success(connection: Connection, claim: Claim, receipt: Receipt, now: datetime) -> None:
    """It arrived. That is true whatever happened to our lease in the meantime, so it is recorded in any case."""
    connection.execute(
        update(t.message)
        .where(_m.id == claim.message.id)
        .values(
            state=DeliveryState.DELIVERED, holder=None, lease_until=None, last_error=None, receipt=receipt.text, finished_at=now
        )
    )
    _attempted(connection, claim, "delivered", receipt.text, now)
    details: audit.Details = {"destination": claim.message.destination, "attempt": claim.attempt}
    audit.append(connection, at=now, actor="system", event="message_delivered", subject=claim.message.id, details=details)


def record_failure(
    connection: Connection, claim: Claim, error: DeliveryError, now: datetime, settings: DeliverySettings, *, jitter: float
) -> str:
    """It did not arrive: ``retried`` later, or ``dead``, or the whole destination is ``gone``.

    ``jitter`` is a share of the wait, drawn by the caller, so that many receivers' retries do not fall on one moment.
    """
    text = str(error)
    schedule = settings.retry_after_seconds
    last = error.permanent or claim.attempt >= len(schedule)
    outcome = "gone" if error.gone else "dead" if last else "retried"
    _attempted(connection, claim, outcome, text, now)
    mine = and_(
        _m.id == claim.message.id, _m.holder == claim.holder, _m.attempts == claim.attempt, _m.state == DeliveryState.WAITING
    )
    if not last:
        pause = schedule[claim.attempt] * (1 + jitter)
        if error.retry_after is not None:
            pause = max(pause, min(error.retry_after.total_seconds(), settings.retry_after_at_most_seconds))
        connection.execute(
            update(t.message)
            .where(mine)
            .values(holder=None, lease_until=None, last_error=text, next_attempt_at=now + timedelta(seconds=pause))
        )
        return outcome
    died = {"state": DeliveryState.DEAD, "holder": None, "lease_until": None, "last_error": text, "finished_at": now}
    if connection.execute(update(t.message).where(mine).values(died)).rowcount == 1:
        details: audit.Details = {"destination": claim.message.destination, "attempt": claim.attempt}
        audit.append(connection, at=now, actor="system", event="message_dead", subject=claim.message.id, details=details)
    if error.gone:
        _mark_gone(connection, claim.message.destination, text, now)
    return outcome


def _mark_gone(connection: Connection, destination: str, text: str, now: datetime) -> None:
    connection.execute(update(t.destination).where(t.destination.c.name == destination).values(gone_at=now, gone_text=text))
    audit.append(connection, at=now, actor="system", event="destination_gone", subject=destination)
    waiting = connection.scalars(select(_m.id).where(_m.destination == destination, _m.state == DeliveryState.WAITING)).all()
    for message_id in waiting:
        connection.execute(
            update(t.message)
            .where(_m.id == message_id)
            .values(
                state=DeliveryState.DEAD,
                holder=None,
                lease_until=None,
                last_error="the destination is gone: enable it, then retry",
                finished_at=now,
            )
        )
        details: audit.Details = {"destination": destination}
        audit.append(connection, at=now, actor="system", event="message_dead", subject=message_id, details=details)
