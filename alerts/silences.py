"""Silences: for a while, and signed, nobody is told of what matches; it is detected and recorded all the same."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Engine, Row, insert, select, update

from alerts import audit
from alerts.alert import Actor, AlertsError, Role
from alerts.routing import Facts, matches
from alerts.settings import Matchers
from alerts.store import tables as t
from alerts.store.engine import read, write

MAY_SILENCE = frozenset({Role.CASE_WORKER, Role.OPERATOR, Role.ADMINISTRATOR})


class SilenceError(AlertsError):
    """A silence cannot be made or ended so; the text says why."""


@dataclass(frozen=True, slots=True)
class Silence:
    """From ``starts_at`` until ``ends_at``, no message about what matches."""

    id: str
    matchers: Matchers
    author: str
    comment: str
    starts_at: datetime
    ends_at: datetime
    created_at: datetime
    ended_by: str | None = None

    def active(self, now: datetime) -> bool:
        """Whether it holds now."""
        return self.starts_at <= now < self.ends_at


@dataclass(frozen=True, slots=True)
class Suppression:
    """News that a silence kept from an audience; ``outcome`` None: not decided again yet."""

    alert_id: str
    audience: str
    revision: int
    reason: str
    silence_id: str
    at: datetime
    outcome: str | None


def add(
    engine: Engine, matchers: Matchers, actor: Actor, now: datetime, *, comment: str, starts_at: datetime, ends_at: datetime
) -> Silence:
    """Make a silence.

    Raises:
        SilenceError: something required is missing, or the times are impossible.
    """
    _check_role(actor)
    if matchers.empty:
        raise SilenceError("a silence needs at least one matcher: one that silences everything is too easily forgotten")
    if not actor.name.strip() or not comment.strip():
        raise SilenceError("a silence needs an author and a comment that says why")
    if starts_at.tzinfo is None or ends_at.tzinfo is None:
        raise SilenceError("the start and the end of a silence need a time zone, for example 2026-03-01T09:00+01:00")
    if not starts_at < ends_at:
        raise SilenceError("a silence must end after it starts")
    if ends_at <= now:
        raise SilenceError("a silence that has ended already does nothing: give an end in the future")
    silence = Silence(uuid4().hex, matchers, actor.name, comment, starts_at, ends_at, now)
    with write(engine) as connection:
        connection.execute(
            insert(t.silence).values(
                id=silence.id,
                matchers=matchers.model_dump_json(exclude_none=True),
                author=silence.author,
                comment=comment,
                starts_at=starts_at,
                ends_at=ends_at,
                created_at=now,
            )
        )
        details: audit.Details = {"starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat()}
        audit.append(connection, at=now, actor=actor.name, event="silence_added", subject=silence.id, details=details)
    return silence


def end(engine: Engine, silence_id: str, actor: Actor, now: datetime) -> Silence:
    """End a silence now; what it kept back is decided again at the next tick.

    Raises:
        SilenceError: there is no such silence, or it has ended already.
    """
    _check_role(actor)
    with write(engine) as connection:
        row = connection.execute(select(t.silence).where(t.silence.c.id == silence_id)).one_or_none()
        if row is None:
            raise SilenceError(f"there is no silence {silence_id}: `silence list` shows those there are")
        if row.ends_at <= now:
            raise SilenceError(f"silence {silence_id} has ended already, at {row.ends_at.isoformat()}")
        connection.execute(update(t.silence).where(t.silence.c.id == silence_id).values(ends_at=now, ended_by=actor.name))
        waiting = select(t.suppression.c.alert_id).where(
            t.suppression.c.silence_id == silence_id, t.suppression.c.decided_at.is_(None)
        )
        connection.execute(update(t.alert).where(t.alert.c.id.in_(waiting)).values(look_at=now))
        audit.append(connection, at=now, actor=actor.name, event="silence_ended", subject=silence_id)
        return _silence(connection.execute(select(t.silence).where(t.silence.c.id == silence_id)).one())


def list_silences(engine: Engine, *, active_at: datetime | None = None) -> tuple[Silence, ...]:
    """All silences, newest first; or those that hold at a moment."""
    with read(engine) as connection:
        found = _load(connection)
    return tuple(each for each in found if active_at is None or each.active(active_at))


def suppressions(engine: Engine, *, silence_id: str | None = None, alert_id: str | None = None) -> tuple[Suppression, ...]:
    """What silences kept back, oldest first."""
    query = select(t.suppression).order_by(t.suppression.c.id)
    if silence_id is not None:
        query = query.where(t.suppression.c.silence_id == silence_id)
    if alert_id is not None:
        query = query.where(t.suppression.c.alert_id == alert_id)
    with read(engine) as connection:
        rows = connection.execute(query).all()
    return tuple(Suppression(r.alert_id, r.audience, r.revision, r.reason, r.silence_id, r.at, r.outcome) for r in rows)


def find(connection: Connection, facts: Facts, now: datetime) -> Silence | None:
    """The silence that keeps this news back now; of several, the one that ends last."""
    holding = [each for each in _load(connection, now) if each.active(now) and matches(each.matchers, facts)]
    return max(holding, key=lambda each: each.ends_at, default=None)


def record(connection: Connection, facts: Facts, revision: int, silence: Silence, now: datetime) -> None:
    """Write down that the silence kept this news back; once per revision and reason."""
    same = (
        (t.suppression.c.alert_id == facts.alert_id)
        & (t.suppression.c.audience == facts.reader)
        & (t.suppression.c.decided_at.is_(None))
        & (t.suppression.c.revision == revision)
        & (t.suppression.c.reason == facts.reason)
    )
    known = connection.execute(select(t.suppression.c.id).where(same)).first()
    if known is not None:
        connection.execute(update(t.suppression).where(t.suppression.c.id == known.id).values(silence_id=silence.id))
        return
    connection.execute(
        insert(t.suppression).values(
            alert_id=facts.alert_id, audience=facts.reader, revision=revision, reason=facts.reason, silence_id=silence.id, at=now
        )
    )
    details: audit.Details = {"silence": silence.id, "reason": facts.reason, "revision": revision, "audience": facts.reader}
    audit.append(connection, at=now, actor="system", event="news_silenced", subject=facts.alert_id, details=details)


def settle(connection: Connection, alert_id: str, audience: str, outcome: str, now: datetime) -> None:
    """Everything that was kept back from the audience has been decided again."""
    connection.execute(
        update(t.suppression)
        .where(t.suppression.c.alert_id == alert_id, t.suppression.c.audience == audience, t.suppression.c.decided_at.is_(None))
        .values(decided_at=now, outcome=outcome)
    )


def _check_role(actor: Actor) -> None:
    if actor.role not in MAY_SILENCE:
        raise SilenceError(f"silences are for {', '.join(sorted(MAY_SILENCE))}, not for {actor.role}")


def _load(connection: Connection, ending_after: datetime | None = None) -> tuple[Silence, ...]:
    query = select(t.silence).order_by(t.silence.c.created_at.desc(), t.silence.c.id)
    if ending_after is not None:
        query = query.where(t.silence.c.ends_at > ending_after)
    return tuple(_silence(row) for row in connection.execute(query))


def _silence(row: Row[Any]) -> Silence:
    return Silence(
        id=row.id,
        matchers=Matchers.model_validate_json(row.matchers),
        author=row.author,
        comment=row.comment,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        created_at=row.created_at,
        ended_by=row.ended_by,
    )
