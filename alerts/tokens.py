"""Tokens of programs that use the API: what each may do, for which municipality, until when; kept as hashes only."""

import hashlib
import json
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import Engine, Row, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from alerts import audit
from alerts.alert import Actor, AlertsError, Rights, Role
from alerts.store import tables as t
from alerts.store.engine import read, read_once, write

PREFIX: Final = "patroonwacht_"
"""With which every token begins, so that one that lies about is recognised for what it is."""

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_USE_KEPT_EVERY: Final = timedelta(hours=1)


class Scope(StrEnum):
    """One thing that a token may do."""

    ALERTS_READ = "alerts:read"
    ALERTS_ACT = "alerts:act"
    PLACES_READ = "places:read"
    COMMUNITIES_READ = "communities:read"
    DELIVERIES_READ = "deliveries:read"


SCOPES: Final[Mapping[Scope, str]] = MappingProxyType(
    {
        Scope.ALERTS_READ: "List alerts, and read one with its revisions and history.",
        Scope.ALERTS_ACT: "Do with an alert what a person in the token's role can do.",
        Scope.PLACES_READ: "See where in the municipality an alert is; without it, only which municipality.",
        Scope.COMMUNITIES_READ: "See which community, ground or domain an alert concerns, and find alerts by it.",
        Scope.DELIVERIES_READ: "See which messages wait, were delivered or are dead.",
    }
)
"""Every scope, and what it lets a program do."""


class TokenError(AlertsError):
    """A token cannot be made or ended as asked; the text says what to change."""


@dataclass(frozen=True, slots=True)
class Token:
    """What a program may do here. ``municipality`` (a code) restricts it to that one; None works for the service.

    ``area_codes`` restricts further, to these areas and what lies in them. ``used_at`` is exact to the hour.
    """

    id: str
    name: str
    scopes: frozenset[Scope]
    municipality: str | None
    area_codes: tuple[str, ...]
    created_at: datetime
    created_by: str
    expires_at: datetime
    ended_at: datetime | None = None
    ended_by: str | None = None
    used_at: datetime | None = None

    @property
    def role(self) -> Role:
        """As whom the program acts: it can do no more than a person there could."""
        if self.municipality is None:
            return Role.CASE_WORKER
        return Role.AREA_MANAGER if self.area_codes else Role.POLICY_ADVISER

    @property
    def actor(self) -> Actor:
        """The program as the one who acts; the history and the audit log show it under this name."""
        rights = Rights(
            self.area_codes,
            sees_place=Scope.PLACES_READ in self.scopes,
            sees_community=Scope.COMMUNITIES_READ in self.scopes,
        )
        return Actor(f"token:{self.name}", self.role, self.municipality, rights)

    def valid(self, now: datetime) -> bool:
        """Whether it lets anybody in now."""
        return self.ended_at is None and now < self.expires_at


def hash_token(secret: str) -> str:
    """What the database knows of a token, which is long and random, so that a plain hash cannot be guessed back."""
    return hashlib.sha256(secret.encode()).hexdigest()


def add(
    engine: Engine,
    name: str,
    scopes: Sequence[Scope],
    by: Actor,
    now: datetime,
    *,
    expires_at: datetime,
    municipality: str | None = None,
    area_codes: Sequence[str] = (),
) -> tuple[Token, str]:
    """Make a token, and say what it is; that is kept nowhere.

    Raises:
        TokenError: the name is no name or taken, or the rest does not go together.
    """
    token = Token(uuid4().hex, name, frozenset(scopes), municipality, tuple(dict.fromkeys(area_codes)), now, by.name, expires_at)
    _check(token, now)
    secret = PREFIX + secrets.token_urlsafe(32)
    scope_names = sorted(token.scopes)
    try:
        with write(engine) as connection:
            connection.execute(
                insert(t.token).values(
                    id=token.id,
                    name=name,
                    token_hash=hash_token(secret),
                    scopes=json.dumps(scope_names),
                    municipality=municipality,
                    area_codes=json.dumps(token.area_codes),
                    created_at=now,
                    created_by=by.name,
                    expires_at=expires_at,
                )
            )
            details: audit.Details = {
                "name": name,
                "scopes": scope_names,
                "municipality": municipality or "",
                "area_codes": list(token.area_codes),
                "expires_at": expires_at.isoformat(),
            }
            audit.append(connection, at=now, actor=by.name, event="token_added", subject=token.id, details=details)
    except IntegrityError as error:
        raise TokenError(
            f"there is, or was, a token {name!r} already: choose another name, so that the audit log stays clear"
        ) from error
    return token, secret


def _check(token: Token, now: datetime) -> None:
    if not _NAME.fullmatch(token.name):
        raise TokenError("a token's name has small letters, digits and hyphens, at most 63: case-system, or qgis-gm0307")
    if not token.scopes:
        raise TokenError(f"a token needs at least one scope: {', '.join(Scope)}")
    if token.area_codes and token.municipality is None:
        raise TokenError("areas restrict a token of a municipality: name that too")
    if Scope.DELIVERIES_READ in token.scopes and token.municipality is not None:
        raise TokenError(f"{Scope.DELIVERIES_READ} is for the service's own programs: messages go to several municipalities")
    if Scope.ALERTS_ACT in token.scopes and Scope.ALERTS_READ not in token.scopes:
        raise TokenError(f"{Scope.ALERTS_ACT} needs {Scope.ALERTS_READ}: nobody decides on what they cannot see")
    if token.expires_at <= now:
        raise TokenError("a token that has expired already lets nobody in: give a moment in the future")


def end(engine: Engine, name: str, by: Actor, now: datetime) -> Token:
    """End a token at once; its line stays, as the history names it.

    Raises:
        TokenError: there is none of that name, or it was ended before.
    """
    with write(engine) as connection:
        row = connection.execute(select(t.token).where(t.token.c.name == name)).one_or_none()
        if row is None:
            raise TokenError(f"there is no token {name!r}: `token list` shows those there are")
        if row.ended_at is not None:
            raise TokenError(f"token {name!r} was ended already, at {row.ended_at.isoformat()}")
        connection.execute(update(t.token).where(t.token.c.id == row.id).values(ended_at=now, ended_by=by.name))
        audit.append(connection, at=now, actor=by.name, event="token_ended", subject=row.id, details={"name": name})
        return _token(connection.execute(select(t.token).where(t.token.c.id == row.id)).one())


def tokens(engine: Engine) -> tuple[Token, ...]:
    """All tokens there ever were, by name."""
    with read(engine) as connection:
        return tuple(_token(row) for row in connection.execute(select(t.token).order_by(t.token.c.name)))


_WHICH: Final = select(t.token).where(t.token.c.token_hash == bindparam("hash"))


def verify(engine: Engine, secret: str, now: datetime) -> Token | None:
    """The token, if this is one that lets in now."""
    # Looked up by its hash: how far a guess was right shows in no time of any comparison.
    with read_once(engine) as connection:
        row = connection.execute(_WHICH, {"hash": hash_token(secret)}).one_or_none()
    if row is None or not (token := _token(row)).valid(now):
        return None
    if token.used_at is None or now - token.used_at >= _USE_KEPT_EVERY:
        with write(engine) as connection:
            connection.execute(update(t.token).where(t.token.c.id == token.id).values(used_at=now))
    return token


def _token(row: Row[Any]) -> Token:
    return Token(
        id=row.id,
        name=row.name,
        scopes=frozenset(Scope(name) for name in json.loads(row.scopes)),
        municipality=row.municipality,
        area_codes=tuple(json.loads(row.area_codes)),
        created_at=row.created_at,
        created_by=row.created_by,
        expires_at=row.expires_at,
        ended_at=row.ended_at,
        ended_by=row.ended_by,
        used_at=row.used_at,
    )
