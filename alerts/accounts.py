"""Accounts of people: who may sign in, as what; passwords only as argon2id hashes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Engine, select
from sqlalchemy.exc import IntegrityError

from alerts import audit
from alerts.alert import MUNICIPALITY_ROLES, Actor, AlertsError, Role
from alerts.store import tables as t
from alerts.store.engine import read, write

LEAST_LENGTH: Final = 12
"""Characters that a password has at least."""

_HASHER: Final = PasswordHasher()


class AccountError(AlertsError):
    """An account cannot be made as asked; the text says what to change."""


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may sign in. ``municipality`` (a code) is set for the municipality's own people, None for the service's."""

    name: str
    role: Role
    municipality: str | None
    created_at: datetime

    @property
    def actor(self) -> Actor:
        """The account as the one who acts."""
        return Actor(self.name, self.role, self.municipality)


def add(engine: Engine, account: Account, password: str, by: Actor) -> None:
    """Make an account.

    Raises:
        AccountError: the name is taken or empty, the password too short, or role and municipality do not go together.
    """
    if not account.name.strip() or account.name != account.name.strip():
        raise AccountError("an account needs a name, without blanks around it")
    if account.role is Role.SYSTEM:
        raise AccountError("the role system is the service itself; choose another")
    if account.role in MUNICIPALITY_ROLES and account.municipality is None:
        raise AccountError(f"who signs in as {account.role} works for a municipality: name its code, as in GM0307")
    if len(password) < LEAST_LENGTH:
        raise AccountError(f"the password has fewer than {LEAST_LENGTH} characters: choose a longer one")
    row = {
        "name": account.name,
        "role": account.role.value,
        "municipality": account.municipality,
        "password_hash": _HASHER.hash(password),
        "created_at": account.created_at,
    }
    try:
        with write(engine) as connection:
            connection.execute(t.account.insert(), row)
            details: audit.Details = {"role": account.role.value, "municipality": account.municipality or ""}
            audit.append(
                connection, at=account.created_at, actor=by.name, event="account_added", subject=account.name, details=details
            )
    except IntegrityError as error:
        raise AccountError(f"there is an account {account.name!r} already: choose another name") from error


def accounts(engine: Engine) -> tuple[Account, ...]:
    """All accounts, by name."""
    query = select(t.account.c.name, t.account.c.role, t.account.c.municipality, t.account.c.created_at).order_by(
        t.account.c.name
    )
    with read(engine) as connection:
        return tuple(Account(row.name, Role(row.role), row.municipality, row.created_at) for row in connection.execute(query))


def verify(engine: Engine, name: str, password: str) -> Account | None:
    """The account, if name and password are right; takes as long for a name that nobody has."""
    query = select(t.account).where(t.account.c.name == name)
    with read(engine) as connection:
        row = connection.execute(query).one_or_none()
    try:
        _HASHER.verify(row.password_hash if row is not None else _HASHER.hash("nobody has this account"), password)
    except (VerificationError, InvalidHashError):
        return None
    return Account(row.name, Role(row.role), row.municipality, row.created_at) if row is not None else None
