"""The account of who signed in at the provider: made, brought up to date, or refused."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from alerts import account_changes, accounts
from alerts.account_changes import Wanted
from alerts.accounts import Account, AccountError
from alerts.alert import SYSTEM
from alerts.console import sessions
from alerts.console.oidc.claims import Refusal, RefusedError, name_of, wanted_of
from alerts.console.oidc.settings import OidcSettings
from alerts.store.engine import read, write


def admit(engine: Engine, settings: OidcSettings, claims: Mapping[str, Any], now: datetime) -> Account:
    """The account of this issuer and subject, with what the claims give it; a new one at the first time.

    Never an account of the same name that signs in otherwise: a name at the provider proves nothing here.

    Raises:
        RefusedError: it is shut, the claims give nothing, or somebody else has the name.
    """
    subject = str(claims["sub"])
    with read(engine) as connection:
        known = accounts.find_elsewhere(connection, settings.issuer, subject)
    if known is not None and known.disabled_at is not None:
        raise RefusedError(Refusal.SHUT, known.name)
    try:
        wanted = wanted_of(claims, settings)
    except RefusedError as refused:
        if known is not None:
            with write(engine) as connection:
                sessions.end(connection, known.name)  # what the provider has taken away, no older session keeps
            raise RefusedError(refused.reason, known.name) from None
        raise
    return _made(engine, settings, claims, wanted, now) if known is None else _updated(engine, known, wanted, now)


def _made(engine: Engine, settings: OidcSettings, claims: Mapping[str, Any], wanted: Wanted, now: datetime) -> Account:
    name = name_of(claims, settings)
    account = Account(
        name, wanted.role, wanted.municipality, now, wanted.rights, issuer=settings.issuer, subject=str(claims["sub"])
    )
    try:
        accounts.add(engine, account, None, SYSTEM)
    except AccountError:
        raise RefusedError(Refusal.NAME) from None
    return account


def _updated(engine: Engine, known: Account, wanted: Wanted, now: datetime) -> Account:
    if (known.role, known.municipality, known.rights) == (wanted.role, wanted.municipality, wanted.rights):
        return known
    account_changes.change(engine, known, wanted, SYSTEM, now)
    with read(engine) as connection:
        changed = accounts.find(connection, known.name)
    assert changed is not None  # noqa: S101 - for the type checker: accounts are never deleted
    return changed
