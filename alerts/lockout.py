"""Locking a name after failed attempts to sign in: for a time, and a name that nobody has just as one that somebody has."""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select, update

from alerts.store import tables as t


def _hash(name: str) -> str:
    return hashlib.sha256(name.strip().casefold().encode()).hexdigest()


def is_locked(connection: Connection, name: str, now: datetime) -> bool:
    """Whether nobody may sign in by this name at the moment."""
    until = connection.scalar(select(t.sign_in_failure.c.locked_until).where(t.sign_in_failure.c.name_hash == _hash(name)))
    return until is not None and until > now


def failed(connection: Connection, name: str, now: datetime, *, at_most: int, minutes: float) -> bool:
    """Count a failed attempt, in the caller's transaction; whether the name is locked from here on.

    ``at_most`` failures within ``minutes`` lock it for as long.
    """
    c, span = t.sign_in_failure.c, timedelta(minutes=minutes)
    # What is long past is nobody's business any more.
    connection.execute(
        delete(t.sign_in_failure).where(c.first_at <= now - span, c.locked_until.is_(None) | (c.locked_until <= now))
    )
    row = connection.execute(select(t.sign_in_failure).where(c.name_hash == _hash(name))).one_or_none()
    failures = 1 if row is None else row.failures + 1
    until = now + span if failures >= at_most else None
    if row is None:
        values = {"name_hash": _hash(name), "failures": failures, "first_at": now, "locked_until": until}
        connection.execute(t.sign_in_failure.insert().values(values))
    else:
        query = update(t.sign_in_failure).where(c.name_hash == _hash(name))
        connection.execute(query.values(failures=failures, locked_until=until))
    return until is not None


def forget(connection: Connection, name: str) -> None:
    """Somebody signed in by this name, or got a new password: begin to count anew."""
    connection.execute(delete(t.sign_in_failure).where(t.sign_in_failure.c.name_hash == _hash(name)))
