"""Accounts of people: who may sign in, as what; passwords only as argon2id hashes."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, Engine, Row, select
from sqlalchemy.exc import IntegrityError

from alerts import audit
from alerts.alert import ALL_RIGHTS, MUNICIPALITY_ROLES, Actor, AlertsError, Rights, Role
from alerts.store import tables as t
from alerts.store.engine import read, write

LEAST_LENGTH: Final = 12
"""Characters that a password has at least."""

_HASHER: Final = PasswordHasher()
_NOBODY: Final = "$argon2id$v=19$m=65536,t=3,p=4$zSM0AanTw3TfDzcf5p/OBQ$56rGudXhUim8IRJQcPwvtxrw1koLdvnt3m92N78sUdU"
"""A hash as costly to check as any, of no password that somebody has: what is tried for a name that nobody has."""


class AccountError(AlertsError):
    """An account cannot be made as asked; the text says what to change."""


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may sign in. ``municipality`` (a code) is set for the municipality's own people, None for the service's.

    ``one_time_until``: the password was given by an administrator, lets in until then, and only to choose another.
    ``issuer`` and ``subject``: the identity provider where this person signs in, and their lasting name there.
    """

    name: str
    role: Role
    municipality: str | None
    created_at: datetime
    rights: Rights = ALL_RIGHTS
    one_time_until: datetime | None = None
    disabled_at: datetime | None = None
    issuer: str | None = None
    subject: str | None = None
    seen_at: datetime | None = None

    @property
    def actor(self) -> Actor:
        """The account as the one who acts."""
        return Actor(self.name, self.role, self.municipality, self.rights)


def add(engine: Engine, account: Account, password: str | None, by: Actor) -> None:
    """Make an account; without a password it must name the provider where the person signs in.

    Raises:
        AccountError: the name is taken or empty, the password too short, or role and municipality do not go together.
    """
    if not account.name.strip() or account.name != account.name.strip():
        raise AccountError("an account needs a name, without blanks around it")
    if account.role is Role.SYSTEM:
        raise AccountError("the role system is the service itself; choose another")
    if account.role in MUNICIPALITY_ROLES and account.municipality is None:
        raise AccountError(f"who signs in as {account.role} works for a municipality: name its code, as in GM0307")
    if password is None and not (account.issuer and account.subject):
        raise AccountError("who signs in nowhere else needs a password")
    if password is not None and len(password) < LEAST_LENGTH:
        raise AccountError(f"the password has fewer than {LEAST_LENGTH} characters: choose a longer one")
    row = {**_columns(account), "password_hash": "" if password is None else _HASHER.hash(password)}
    try:
        with write(engine) as connection:
            connection.execute(t.account.insert(), row)
            details: audit.Details = {
                "role": account.role.value,
                "municipality": account.municipality or "",
                "areas": list(account.rights.area_codes),
                "sees_place": account.rights.sees_place,
                "sees_community": account.rights.sees_community,
            }
            audit.append(
                connection, at=account.created_at, actor=by.name, event="account_added", subject=account.name, details=details
            )
    except IntegrityError as error:
        raise AccountError(f"there is an account {account.name!r} already: choose another name") from error


def _columns(account: Account) -> dict[str, Any]:
    return {
        "name": account.name,
        "role": account.role.value,
        "municipality": account.municipality,
        "created_at": account.created_at,
        "area_codes": json.dumps(account.rights.area_codes),
        "sees_place": account.rights.sees_place,
        "sees_community": account.rights.sees_community,
        "one_time_until": account.one_time_until,
        "disabled_at": account.disabled_at,
        "issuer": account.issuer,
        "subject": account.subject,
        "seen_at": account.seen_at,
    }


def account_of(row: Row[Any]) -> Account:
    """An account from its row, with whatever else is in that."""
    return Account(
        name=row.name,
        role=Role(row.role),
        municipality=row.municipality,
        created_at=row.created_at,
        rights=Rights(tuple(json.loads(row.area_codes)), row.sees_place, row.sees_community),
        one_time_until=row.one_time_until,
        disabled_at=row.disabled_at,
        issuer=row.issuer,
        subject=row.subject,
        seen_at=row.seen_at,
    )


def accounts(engine: Engine) -> tuple[Account, ...]:
    """All accounts, by name."""
    with read(engine) as connection:
        return tuple(account_of(row) for row in connection.execute(select(t.account).order_by(t.account.c.name)))


def hash_password(password: str) -> str:
    """The hash by which a password is known: argon2id, with a salt of its own."""
    return _HASHER.hash(password)


def find(connection: Connection, name: str) -> Account | None:
    """The account of this name, in the caller's transaction."""
    row = connection.execute(select(t.account).where(t.account.c.name == name)).one_or_none()
    return None if row is None else account_of(row)


def find_elsewhere(connection: Connection, issuer: str, subject: str) -> Account | None:
    """The account of who is known to this identity provider by this lasting name, in the caller's transaction."""
    query = select(t.account).where(t.account.c.issuer == issuer, t.account.c.subject == subject)
    row = connection.execute(query).one_or_none()
    return None if row is None else account_of(row)


def verify(engine: Engine, name: str, password: str) -> Account | None:
    """The account, if name and password are right; takes as long for a name that nobody has."""
    query = select(t.account).where(t.account.c.name == name)
    with read(engine) as connection:
        row = connection.execute(query).one_or_none()
    try:
        _HASHER.verify(row.password_hash if row is not None and row.password_hash else _NOBODY, password)
    except (VerificationError, InvalidHashError):
        return None
    return account_of(row) if row is not None and row.password_hash and row.disabled_at is None else None
