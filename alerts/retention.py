"""Forgetting: alerts that nothing has happened to for years are deleted, with all that was written and sent about them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, Engine, Select, Table, delete, select

from alerts import audit
from alerts.alert import SYSTEM, DetectionState, ReviewState
from alerts.store import tables as t
from alerts.store.engine import read, write

_IN_HAND: Final = (ReviewState.ACKNOWLEDGED, ReviewState.APPROACH_AGREED)
"""States in which somebody still works on it, however long that takes."""

_AT_ONCE: Final = 500
"""Alerts in one transaction: whoever else writes waits no longer than for these."""


def forget(engine: Engine, before: datetime, now: datetime) -> int:
    """Delete the alerts that have changed in nothing since ``before``; how many.

    Not those whose pattern is still seen, nor those that somebody has in hand. With an alert go the revisions of its pattern,
    its history with what people wrote, what came of an approach, and the messages that told of nothing else. The audit log
    keeps its lines, which name the alert by its id only, and gets one more that says how many were deleted.
    """
    forgotten = 0
    while found := _some(engine, before):
        with write(engine) as connection:
            # Looked up again: something may have happened to one of them in between.
            still = connection.execute(_old(before).where(t.alert.c.id.in_([alert_id for alert_id, _ in found]))).all()
            if not still:
                break
            _delete(connection, [row.id for row in still], [row.pattern_key for row in still])
            details: audit.Details = {"alerts": len(still), "before": before.date().isoformat()}
            audit.append(connection, at=now, actor=SYSTEM.name, event="alerts_deleted", subject="retention", details=details)
        forgotten += len(still)
    return forgotten


def _old(before: datetime) -> Select[tuple[str, str]]:
    c = t.alert.c
    return select(c.id, c.pattern_key).where(
        c.updated_at < before, c.detection != DetectionState.ACTIVE, c.review.not_in(_IN_HAND)
    )


def _some(engine: Engine, before: datetime) -> Sequence[tuple[str, str]]:
    with read(engine) as connection:
        return [(row.id, row.pattern_key) for row in connection.execute(_old(before).order_by(t.alert.c.id).limit(_AT_ONCE))]


def _delete(connection: Connection, ids: Sequence[str], keys: Sequence[str]) -> None:
    messages = _messages_of_nothing_else(connection, ids)
    conditions: tuple[tuple[Table, ColumnElement[bool]], ...] = (
        (t.delivery, t.delivery.c.alert_id.in_(ids)),
        (t.attempt, t.attempt.c.message_id.in_(messages)),
        (t.message, t.message.c.id.in_(messages)),
        (t.suppression, t.suppression.c.alert_id.in_(ids)),
        (t.told, t.told.c.alert_id.in_(ids)),
        (t.event, t.event.c.alert_id.in_(ids)),
        (t.alert_area, t.alert_area.c.alert_id.in_(ids)),
        (t.alert_predecessor, t.alert_predecessor.c.alert_id.in_(ids)),
        (t.follow_up, t.follow_up.c.pattern_key.in_(keys)),
        (t.pattern_revision, t.pattern_revision.c.pattern_key.in_(keys)),
        (t.alert, t.alert.c.id.in_(ids)),
    )
    for table, condition in conditions:
        connection.execute(delete(table).where(condition))


def _messages_of_nothing_else(connection: Connection, ids: Sequence[str]) -> list[str]:
    """Messages that tell of these alerts only."""
    ours = select(t.delivery.c.message_id).where(t.delivery.c.alert_id.in_(ids))
    others = select(t.delivery.c.message_id).where(t.delivery.c.alert_id.not_in(ids))
    return list(connection.scalars(ours.distinct().where(t.delivery.c.message_id.not_in(others))))
