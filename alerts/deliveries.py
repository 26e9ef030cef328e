"""The operator's side of delivery: what waits, what arrived, what is dead, and sending it again by hand."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, func, select, update

from alerts import audit
from alerts.alert import Actor, AlertsError, DeliveryState
from alerts.message import Message
from alerts.store import queue
from alerts.store import tables as t
from alerts.store.engine import read, write


class DeliveriesError(AlertsError):
    """A message or destination cannot be handled so; the text says what can be done."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to send a message, and what came of it."""

    number: int
    at: datetime
    outcome: str
    text: str


@dataclass(frozen=True, slots=True)
class Sending:
    """A message with how its sending stands. ``sealed``: its items are final, and it may have been tried."""

    message: Message
    state: DeliveryState
    sealed: bool
    attempts: int
    next_attempt_at: datetime
    last_error: str | None
    receipt: str | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Destination:
    """A destination that was ever written to, with its messages counted; ``gone_at``: it said that it wants no more."""

    name: str
    gone_at: datetime | None
    gone_text: str | None
    waiting: int
    delivered: int
    dead: int


def list_messages(
    engine: Engine,
    *,
    states: tuple[DeliveryState, ...] = tuple(DeliveryState),
    destination: str | None = None,
    alert_id: str | None = None,
    limit: int = 100,
    offset: int = 0,
) -> tuple[Sending, ...]:
    """Messages with how they stand, the newest first."""
    query = select(t.message).where(t.message.c.state.in_(states)).order_by(t.message.c.recorded_at.desc(), t.message.c.id)
    if destination is not None:
        query = query.where(t.message.c.destination == destination)
    if alert_id is not None:
        query = query.where(t.message.c.id.in_(select(t.delivery.c.message_id).where(t.delivery.c.alert_id == alert_id)))
    with read(engine) as connection:
        found = connection.execute(query.limit(limit).offset(offset)).all()
        return tuple(
            Sending(
                message=message,
                state=DeliveryState(row.state),
                sealed=row.sealed,
                attempts=row.attempts,
                next_attempt_at=row.next_attempt_at,
                last_error=row.last_error,
                receipt=row.receipt,
                finished_at=row.finished_at,
            )
            for row, message in zip(found, queue.messages_of(connection, found), strict=True)
        )


def attempts(engine: Engine, message_id: str) -> tuple[Attempt, ...]:
    """Every try to send the message, oldest first."""
    query = select(t.attempt).where(t.attempt.c.message_id == message_id).order_by(t.attempt.c.id)
    with read(engine) as connection:
        return tuple(Attempt(row.number, row.at, row.outcome, row.text) for row in connection.execute(query))


def destinations(engine: Engine) -> tuple[Destination, ...]:
    """All destinations that were ever written to."""
    tally = select(t.message.c.destination, t.message.c.state, func.count()).group_by(t.message.c.destination, t.message.c.state)
    with read(engine) as connection:
        known = connection.execute(select(t.destination).order_by(t.destination.c.name)).all()
        count = {(row[0], DeliveryState(row[1])): row[2] for row in connection.execute(tally)}
    return tuple(
        Destination(
            name=row.name,
            gone_at=row.gone_at,
            gone_text=row.gone_text,
            waiting=count.get((row.name, DeliveryState.WAITING), 0),
            delivered=count.get((row.name, DeliveryState.DELIVERED), 0),
            dead=count.get((row.name, DeliveryState.DEAD), 0),
        )
        for row in known
    )


def retry(engine: Engine, message_id: str, actor: Actor, now: datetime) -> None:
    """Send a dead message again, under the same id, with all its attempts before it.

    Raises:
        DeliveriesError: there is no such message, or it cannot be sent again.
    """
    with write(engine) as connection:
        row = connection.execute(select(t.message).where(t.message.c.id == message_id)).one_or_none()
        if row is None:
            raise DeliveriesError(f"there is no message {message_id}: `deliveries list` shows those there are")
        if row.state != DeliveryState.DEAD:
            raise DeliveriesError(f"message {message_id} is {row.state}: only one that is dead can be retried by hand")
        if not _live_items(connection, message_id):
            raise DeliveriesError(f"message {message_id} was taken back: it is sent again by releasing the alert again")
        if connection.scalar(select(t.destination.c.gone_at).where(t.destination.c.name == row.destination)) is not None:
            raise DeliveriesError(f"destination {row.destination} is gone: enable it first, when it can receive again")
        _revive(connection, message_id, row.destination, actor, now)


def retry_all(engine: Engine, destination: str, actor: Actor, now: datetime) -> int:
    """Send every dead message of a destination again that can be; how many there were. Raises as ``retry`` does."""
    with write(engine) as connection:
        if connection.scalar(select(t.destination.c.gone_at).where(t.destination.c.name == destination)) is not None:
            raise DeliveriesError(f"destination {destination} is gone: enable it first, when it can receive again")
        dead = connection.scalars(
            select(t.message.c.id)
            .where(t.message.c.destination == destination, t.message.c.state == DeliveryState.DEAD)
            .order_by(t.message.c.sequence)
        ).all()
        revivable = [message_id for message_id in dead if _live_items(connection, message_id)]
        for message_id in revivable:
            _revive(connection, message_id, destination, actor, now)
        return len(revivable)


def enable(engine: Engine, destination: str, actor: Actor, now: datetime) -> None:
    """Take a destination that was gone into use again; its dead messages stay dead until they are retried.

    Raises:
        DeliveriesError: there is no such destination, or it is not gone.
    """
    with write(engine) as connection:
        row = connection.execute(select(t.destination).where(t.destination.c.name == destination)).one_or_none()
        if row is None or row.gone_at is None:
            raise DeliveriesError(f"destination {destination} is not gone: there is nothing to enable")
        connection.execute(update(t.destination).where(t.destination.c.name == destination).values(gone_at=None, gone_text=None))
        audit.append(connection, at=now, actor=actor.name, event="destination_enabled", subject=destination)


def _live_items(connection: Connection, message_id: str) -> int:
    live = select(func.count()).where(t.delivery.c.message_id == message_id, t.delivery.c.withdrawn_at.is_(None))
    return connection.scalar(live) or 0


def _revive(connection: Connection, message_id: str, destination: str, actor: Actor, now: datetime) -> None:
    connection.execute(
        update(t.message)
        .where(t.message.c.id == message_id, t.message.c.state == DeliveryState.DEAD)
        .values(state=DeliveryState.WAITING, attempts=0, next_attempt_at=now, holder=None, lease_until=None, finished_at=None)
    )
    details: audit.Details = {"destination": destination}
    audit.append(connection, at=now, actor=actor.name, event="message_retried", subject=message_id, details=details)
