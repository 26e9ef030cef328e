from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, select

from alerts import accounts, audit
from alerts.accounts import Account, AccountError
from alerts.alert import Actor, Role
from alerts.store import tables as t
from alerts.store.engine import read

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ADMIN = Actor("ada", Role.ADMINISTRATOR)
PASSWORD = "seven tall birches"  # noqa: S105 - made up


def test_a_right_password_signs_in_and_a_wrong_one_or_an_unknown_name_does_not(engine: Engine) -> None:
    account = Account("mo", Role.AREA_MANAGER, "GM0307", NOW)
    accounts.add(engine, account, PASSWORD, ADMIN)
    assert accounts.verify(engine, "mo", PASSWORD) == account
    assert accounts.verify(engine, "mo", PASSWORD + "!") is None
    assert accounts.verify(engine, "nobody", PASSWORD) is None
    assert account.actor == Actor("mo", Role.AREA_MANAGER, "GM0307")


def test_the_password_stands_nowhere_and_the_audit_log_names_who_made_the_account(engine: Engine) -> None:
    accounts.add(engine, Account("els", Role.CASE_WORKER, None, NOW), PASSWORD, ADMIN)
    with read(engine) as connection:
        stored = connection.execute(select(t.account)).one()
    assert stored.password_hash.startswith("$argon2id$")
    assert PASSWORD not in str(stored)
    entry = audit.entries(engine, subject="els")[0]
    assert (entry.actor, entry.event) == ("ada", "account_added")
    assert audit.verify(engine).intact


@pytest.mark.parametrize(
    ("account", "password", "said"),
    [
        (Account("", Role.CASE_WORKER, None, NOW), PASSWORD, "needs a name"),
        (Account("x", Role.SYSTEM, None, NOW), PASSWORD, "service itself"),
        (Account("x", Role.POLICY_ADVISER, None, NOW), PASSWORD, "GM0307"),
        (Account("x", Role.CASE_WORKER, None, NOW), "short", "12 characters"),
        (Account("els", Role.CASE_WORKER, None, NOW), PASSWORD, "already"),
    ],
)
def test_what_cannot_be_is_refused(engine: Engine, account: Account, password: str, said: str) -> None:
    accounts.add(engine, Account("els", Role.CASE_WORKER, None, NOW), PASSWORD, ADMIN)
    with pytest.raises(AccountError, match=said):
        accounts.add(engine, account, password, ADMIN)
    assert [one.name for one in accounts.accounts(engine)] == ["els"]
