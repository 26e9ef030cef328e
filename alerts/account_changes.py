"""Changes to accounts: by their owner, and by an administrator; each is in the audit log, and none of it tells a password."""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import Engine, delete, update

from alerts import accounts, audit, lockout
from alerts.accounts import LEAST_LENGTH, Account, AccountError
from alerts.alert import MUNICIPALITY_ROLES, Actor, Rights, Role
from alerts.store import tables as t
from alerts.store.engine import read, write


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an administrator wants an account to be."""

    role: Role
    municipality: str | None
    rights: Rights
    disabled: bool = False


def account_id(name: str) -> str:
    """What stands for the account in an address, where no name belongs."""
    return uuid5(NAMESPACE_URL, f"urn:patroonwacht:account:{name}").hex


def may_administer(by: Actor, municipality: str | None) -> bool:
    """Whether ``by`` may make or change accounts of this municipality (None: of the service)."""
    return by.role in {Role.ADMINISTRATOR, Role.SYSTEM} and by.municipality in {None, municipality}


def administered(engine: Engine, by: Actor) -> tuple[Account, ...]:
    """The accounts that ``by`` looks after, by name."""
    return tuple(one for one in accounts.accounts(engine) if may_administer(by, one.municipality))


def find(engine: Engine, wanted_id: str, by: Actor) -> Account | None:
    """The account of this ``account_id``, if ``by`` looks after it."""
    return next((one for one in administered(engine, by) if account_id(one.name) == wanted_id), None)


def _check(wanted: Wanted, by: Actor) -> None:
    if not may_administer(by, wanted.municipality):
        raise AccountError("this account is of another municipality, or of the service: its own administrator looks after it")
    if wanted.role is Role.SYSTEM:
        raise AccountError("the role system is the service itself; choose another")
    if wanted.role in MUNICIPALITY_ROLES and wanted.municipality is None:
        raise AccountError(f"who signs in as {wanted.role} works for a municipality: name its code, as in GM0307")
    if wanted.role is Role.CASE_WORKER and wanted.municipality is not None and by.municipality is not None:
        raise AccountError("case workers are of the service: its own administrator makes their accounts")


def add(engine: Engine, name: str, wanted: Wanted, by: Actor, now: datetime, *, hours: float) -> str:
    """Make an account; the password that comes back lets in once, for ``hours``, to choose another.

    Raises:
        AccountError: it cannot be made; the text says why.
    """
    _check(wanted, by)
    password = secrets.token_urlsafe(LEAST_LENGTH)
    until = now + timedelta(hours=hours)
    account = Account(name, wanted.role, wanted.municipality, now, wanted.rights, one_time_until=until)
    accounts.add(engine, account, password, by)
    return password


def change(engine: Engine, account: Account, wanted: Wanted, by: Actor, now: datetime) -> None:
    """Give an account another role or other rights, or shut it; its sessions end, so that the change holds at once.

    Raises:
        AccountError: it cannot be; the text says why.
    """
    _check(wanted, by)
    if not may_administer(by, account.municipality):
        raise AccountError("this account is of another municipality, or of the service: its own administrator looks after it")
    if account.name == by.name and (wanted.disabled or wanted.role is not account.role):
        raise AccountError("nobody takes away their own role: ask another administrator")
    with write(engine) as connection:
        query = update(t.account).where(t.account.c.name == account.name)
        connection.execute(
            query.values(
                role=wanted.role.value,
                municipality=wanted.municipality,
                area_codes=json.dumps(wanted.rights.area_codes),
                sees_place=wanted.rights.sees_place,
                sees_community=wanted.rights.sees_community,
                disabled_at=(account.disabled_at or now) if wanted.disabled else None,
            )
        )
        if account.name != by.name:
            connection.execute(delete(t.session).where(t.session.c.account == account.name))
        details: audit.Details = {
            "role": wanted.role.value,
            "municipality": wanted.municipality or "",
            "areas": list(wanted.rights.area_codes),
            "sees_place": wanted.rights.sees_place,
            "sees_community": wanted.rights.sees_community,
            "disabled": wanted.disabled,
        }
        audit.append(connection, at=now, actor=by.name, event="account_changed", subject=account.name, details=details)


def give_one_time(engine: Engine, account: Account, by: Actor, now: datetime, *, hours: float) -> str:
    """A new password that lets in for ``hours`` and only to choose another; the old one and all sessions end.

    Raises:
        AccountError: the account is not for ``by``, or signs in elsewhere.
    """
    if not may_administer(by, account.municipality):
        raise AccountError("this account is of another municipality, or of the service: its own administrator looks after it")
    if account.issuer is not None:
        raise AccountError("this person signs in elsewhere and has no password here: reset it there")
    password = secrets.token_urlsafe(LEAST_LENGTH)
    until = now + timedelta(hours=hours)
    _set_password(engine, account.name, password, by=by.name, now=now, event="password_reset", one_time_until=until)
    return password


def change_password(engine: Engine, name: str, old: str, new: str, now: datetime) -> None:
    """Let somebody choose another password; all their sessions end.

    Raises:
        AccountError: the old one is not right, or the new one will not do.
    """
    if len(new) < LEAST_LENGTH:
        raise AccountError(f"the password has fewer than {LEAST_LENGTH} characters: choose a longer one")
    if accounts.verify(engine, name, old) is None:
        raise AccountError("the old password is not right")
    if old == new:
        raise AccountError("the new password is the old one: choose another")
    _set_password(engine, name, new, by=name, now=now, event="password_changed", one_time_until=None)


def _set_password(
    engine: Engine, name: str, password: str, *, by: str, now: datetime, event: str, one_time_until: datetime | None
) -> None:
    hashed = accounts.hash_password(password)
    with write(engine) as connection:
        query = update(t.account).where(t.account.c.name == name)
        connection.execute(query.values(password_hash=hashed, one_time_until=one_time_until))
        connection.execute(delete(t.session).where(t.session.c.account == name))
        lockout.forget(connection, name)
        audit.append(connection, at=now, actor=by, event=event, subject=name)


def municipalities(engine: Engine, by: Actor) -> tuple[tuple[str, str], ...]:
    """Code and name of each municipality that an account can be of, as far as ``by`` looks after it."""
    with read(engine) as connection:
        c, a = t.alert.c, t.area.c
        found = {
            row.municipality: row.municipality_name
            for row in connection.execute(t.alert.select().with_only_columns(c.municipality, c.municipality_name).distinct())
        }
        query = t.area.select().with_only_columns(a.code, a.name).where(a.level == "municipality")
        found.update({row.code: row.name for row in connection.execute(query)})
    return tuple(sorted(((code, name) for code, name in found.items() if may_administer(by, code)), key=lambda one: one[1]))
