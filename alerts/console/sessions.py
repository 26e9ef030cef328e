"""Sessions on the server's side: the browser holds a random token, the database its hash and everything else."""

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import Connection, Engine, bindparam, delete, select, update

from alerts.accounts import Account, account_of
from alerts.console.settings import ConsoleSettings
from alerts.store import tables as t
from alerts.store.engine import read_once, write

_SEEN_EVERY = timedelta(seconds=30)
"""How stale ``seen_at`` may get: not every request needs to wait for a writer."""


@dataclass(frozen=True, slots=True)
class Session:
    """One browser in which somebody is signed in. ``last_visit_at``: when the person was here before this session began."""

    id: str
    account: str
    created_at: datetime
    seen_at: datetime
    last_visit_at: datetime | None
    client: str
    data: dict[str, Any]


_S, _A = t.session.c, t.account.c
_SESSION: Final = tuple(
    column.label(f"session_{column.name}")  # an account has columns of the same names
    for column in (_S.id, _S.account, _S.created_at, _S.seen_at, _S.last_visit_at, _S.client, _S.data)
)
_ACCOUNT: Final = tuple(column for column in _A if column is not _A.password_hash)
_WHOSE: Final = select(*_SESSION, *_ACCOUNT).join_from(t.session, t.account).where(_S.token_hash == bindparam("hash"))


def hash_of(token: str) -> str:
    """What the database knows of a token, which is random and long, so that a plain hash cannot be guessed back."""
    return hashlib.sha256(token.encode()).hexdigest()


def csrf_of(token: str) -> str:
    """The token that forms carry: follows from the cookie, which no other site can read."""
    return hmac.new(token.encode(), b"form", hashlib.sha256).hexdigest()


def begin(connection: Connection, account: str, token: str, client: str, now: datetime) -> Session:
    """Begin a session of this account, in the caller's transaction."""
    last_visit_at = connection.scalar(select(t.account.c.seen_at).where(t.account.c.name == account))
    session = Session(uuid4().hex, account, now, now, last_visit_at, client[:200], {})
    connection.execute(
        t.session.insert().values(
            id=session.id,
            token_hash=hash_of(token),
            account=account,
            created_at=now,
            seen_at=now,
            last_visit_at=last_visit_at,
            client=session.client,
            data="{}",
        )
    )
    connection.execute(update(t.account).where(t.account.c.name == account).values(seen_at=now))
    return session


def resume(engine: Engine, token: str, settings: ConsoleSettings, now: datetime) -> tuple[Session, Account] | None:
    """The session that the token opens, and whose it is; None if there is none, it is over, or the account may not sign in."""
    with read_once(engine) as connection:
        row = connection.execute(_WHOSE, {"hash": hash_of(token)}).one_or_none()
    if row is None:
        return None
    session, account = _session(row[: len(_SESSION)]), account_of(row)
    if account.disabled_at is not None or _is_over(session, settings, now):
        return None
    if now - session.seen_at >= _SEEN_EVERY:
        with write(engine) as connection:
            connection.execute(update(t.session).where(t.session.c.id == session.id).values(seen_at=now))
            connection.execute(update(t.account).where(t.account.c.name == account.name).values(seen_at=now))
    return session, account


def _session(values: Sequence[Any]) -> Session:
    session_id, account, created_at, seen_at, last_visit_at, client, data = values
    return Session(session_id, account, created_at, seen_at, last_visit_at, client, json.loads(data))


def _is_over(session: Session, settings: ConsoleSettings, now: datetime) -> bool:
    idle, whole = timedelta(minutes=settings.idle_minutes), timedelta(hours=settings.session_hours)
    return session.seen_at + idle <= now or session.created_at + whole <= now


def sessions_of(engine: Engine, account: str, settings: ConsoleSettings, now: datetime) -> tuple[Session, ...]:
    """The account's sessions that are not over, the last seen first."""
    query = select(*_SESSION).where(t.session.c.account == account).order_by(t.session.c.seen_at.desc(), t.session.c.id)
    with read_once(engine) as connection:
        found = [_session(row) for row in connection.execute(query)]
    return tuple(session for session in found if not _is_over(session, settings, now))


def end(connection: Connection, account: str, session_id: str | None = None, *, but: str | None = None) -> int:
    """End one session of the account, or all of them (``but`` one); how many there were."""
    query = delete(t.session).where(t.session.c.account == account)
    if session_id is not None:
        query = query.where(t.session.c.id == session_id)
    if but is not None:
        query = query.where(t.session.c.id != but)
    return connection.execute(query).rowcount


def clean(connection: Connection, settings: ConsoleSettings, now: datetime) -> None:
    """Delete what is over; done whenever somebody signs in."""
    idle, whole = timedelta(minutes=settings.idle_minutes), timedelta(hours=settings.session_hours)
    over = (t.session.c.seen_at <= now - idle) | (t.session.c.created_at <= now - whole)
    connection.execute(delete(t.session).where(over))


def keep(engine: Engine, session_id: str, key: str, value: object) -> None:
    """Keep something with the session under this key; None takes it out."""
    with write(engine) as connection:
        text = connection.scalar(select(t.session.c.data).where(t.session.c.id == session_id))
        if text is None:
            return
        data = json.loads(text)
        data[key] = value
        if value is None:
            del data[key]
        connection.execute(update(t.session).where(t.session.c.id == session_id).values(data=json.dumps(data)))
