"""Follow-ups of agreed approaches: which are asked for, and those that came; see ``alerts.effect``."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, Engine, insert, select

from alerts import effect, queries
from alerts.alert import Action, Actor, AlertsError, ReviewState
from alerts.effect import FollowUp
from alerts.store import alerts as rows
from alerts.store import tables as t
from alerts.store.engine import read, write

_FOLLOWED = frozenset({ReviewState.APPROACH_AGREED, ReviewState.CLOSED})


@dataclass(frozen=True, slots=True)
class RunningApproach:
    """An approach whose effect is asked for: agreed at ``began_at`` (UTC), when ``revision`` of the pattern was in force."""

    pattern_key: str
    revision: int
    began_at: datetime
    told: tuple[FollowUp, ...]


def running(engine: Engine, municipality: str) -> tuple[RunningApproach, ...]:
    """The approaches of a municipality that were agreed and not given up, closed ones included, by pattern."""
    query = (
        select(t.alert.c.id, t.alert.c.pattern_key)
        .where(t.alert.c.municipality == municipality, t.alert.c.review.in_(sorted(_FOLLOWED)))
        .order_by(t.alert.c.pattern_key)
    )
    with read(engine) as connection:
        found = []
        for alert_id, pattern_key in connection.execute(query).all():
            began = beginning(rows.events(connection, alert_id))
            if began is not None:
                found.append(RunningApproach(pattern_key, began.revision, began.at, _told(connection, pattern_key)))
        return tuple(found)


def beginning(events: Iterable[rows.Event]) -> rows.Event | None:
    """The event by which the present approach was agreed; changing its details later does not begin another."""
    began: rows.Event | None = None
    for event in events:
        if event.what == Action.AGREE and event.review_from is not ReviewState.APPROACH_AGREED:
            began = event
        elif event.what == Action.REOPEN:
            began = None
    return began


def receive(engine: Engine, follow_up: FollowUp, now: datetime) -> bool:
    """Keep a follow-up; False if there is one already of this pattern, beginning and number of weeks: nothing was written."""
    key: dict[str, str | int | date] = {
        "pattern_key": follow_up.pattern_key,
        "approach_from": follow_up.approach_from,
        "weeks": follow_up.weeks,
    }
    with write(engine) as connection:
        there = select(t.follow_up.c.weeks).where(*(t.follow_up.c[name] == value for name, value in key.items()))
        if connection.execute(there).first() is not None:
            return False
        connection.execute(insert(t.follow_up).values(**key, body=effect.to_json(follow_up), received_at=now))
    return True


def latest(engine: Engine, alert_id: str, actor: Actor) -> FollowUp | None:
    """The newest follow-up of the alert's present approach; None while there is none.

    Raises:
        UnknownAlertError: no such alert, or not for this actor.
    """
    with read(engine) as connection:
        alert = queries.visible(connection, alert_id, actor)
        began = beginning(rows.events(connection, alert_id)) if alert.review in _FOLLOWED else None
        return None if began is None else since(_told(connection, alert.pattern_key), began.at.date())


def since(told: Iterable[FollowUp], agreed_on: date) -> FollowUp | None:
    """The newest of those that belong to an approach agreed on a day; None for none."""
    ours = [each for each in told if each.approach_from >= agreed_on]
    return max(ours, key=lambda each: (each.approach_from, each.weeks), default=None)


def _told(connection: Connection, pattern_key: str) -> tuple[FollowUp, ...]:
    c = t.follow_up.c
    query = select(c.body).where(c.pattern_key == pattern_key).order_by(c.approach_from, c.weeks)
    try:
        return tuple(effect.from_json(body) for body in connection.scalars(query))
    except ValueError as error:
        raise AlertsError(f"a follow-up cannot be read ({type(error).__name__}): upgrade this side first") from error
