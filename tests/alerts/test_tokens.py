from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select

from alerts import audit, tokens
from alerts.alert import Actor, Role
from alerts.store import tables as t
from alerts.store.engine import read
from alerts.tokens import SCOPES, Scope, TokenError

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
YEAR = timedelta(days=365)
ADMIN = Actor("ada", Role.ADMINISTRATOR)


def make(engine: Engine, name: str = "case-system", *scopes: Scope, **changes: Any) -> tuple[tokens.Token, str]:
    return tokens.add(engine, name, scopes or (Scope.ALERTS_READ,), ADMIN, NOW, **{"expires_at": NOW + YEAR, **changes})


def test_a_token_lets_in_until_it_expires_or_is_ended(engine: Engine) -> None:
    made, secret = make(engine, municipality="GM0307")
    found = tokens.verify(engine, secret, NOW)
    assert found == made
    assert tokens.verify(engine, secret + "x", NOW) is None
    assert tokens.verify(engine, tokens.hash_token(secret), NOW) is None
    assert tokens.verify(engine, secret, NOW + YEAR) is None
    ended = tokens.end(engine, "case-system", ADMIN, NOW)
    assert (ended.ended_at, ended.ended_by) == (NOW, "ada")
    assert tokens.verify(engine, secret, NOW) is None
    with pytest.raises(TokenError, match="ended already"):
        tokens.end(engine, "case-system", ADMIN, NOW)
    with pytest.raises(TokenError, match="no token 'other'"):
        tokens.end(engine, "other", ADMIN, NOW)


def test_the_secret_stands_nowhere_and_the_audit_log_tells_who_made_and_ended_it(engine: Engine) -> None:
    made, secret = make(engine, "qgis", Scope.ALERTS_READ, Scope.PLACES_READ)
    tokens.end(engine, "qgis", ADMIN, NOW)
    with read(engine) as connection:
        stored = str(connection.execute(select(t.token)).one())
    assert secret.startswith("patroonwacht_")
    assert len(secret) > 50
    entries = audit.entries(engine, subject=made.id)
    assert [(each.actor, each.event) for each in entries] == [("ada", "token_added"), ("ada", "token_ended")]
    assert '"scopes":["alerts:read","places:read"]' in entries[0].details
    assert not any(secret in text for text in (stored, *(each.details for each in entries)))
    assert audit.verify(engine).intact


def test_when_it_was_used_is_kept_to_the_hour(engine: Engine) -> None:
    _, secret = make(engine)
    for minutes, used in ((0, 0), (59, 0), (60, 60), (61, 60)):
        tokens.verify(engine, secret, NOW + timedelta(minutes=minutes))
        assert tokens.tokens(engine)[0].used_at == NOW + timedelta(minutes=used)


@pytest.mark.parametrize(
    ("restricted", "role"),
    [
        ({}, Role.CASE_WORKER),
        ({"municipality": "GM0307"}, Role.POLICY_ADVISER),
        ({"municipality": "GM0307", "area_codes": ("WK030701",)}, Role.AREA_MANAGER),
    ],
)
def test_a_program_acts_as_a_person_there_would(sqlite_engine: Engine, restricted: dict[str, Any], role: Role) -> None:
    made, _ = make(sqlite_engine, **restricted)
    assert (made.actor.name, made.actor.role, made.actor.municipality) == (
        "token:case-system",
        role,
        restricted.get("municipality"),
    )


@pytest.mark.parametrize(
    ("name", "scopes", "changes", "said"),
    [
        ("Case System", (Scope.ALERTS_READ,), {}, "small letters"),
        ("taken", (Scope.ALERTS_READ,), {}, "already"),
        ("a", (), {}, "at least one scope"),
        ("a", (Scope.ALERTS_ACT,), {}, "cannot see"),
        ("a", (Scope.DELIVERIES_READ,), {"municipality": "GM0307"}, "several municipalities"),
        ("a", (Scope.ALERTS_READ,), {"area_codes": ("WK030701",)}, "name that too"),
        ("a", (Scope.ALERTS_READ,), {"expires_at": NOW}, "in the future"),
    ],
)
def test_what_cannot_be_is_refused(
    engine: Engine, name: str, scopes: tuple[Scope, ...], changes: dict[str, Any], said: str
) -> None:
    make(engine, "taken")
    with pytest.raises(TokenError, match=said):
        tokens.add(engine, name, scopes, ADMIN, NOW, **{"expires_at": NOW + YEAR, **changes})
    assert [each.name for each in tokens.tokens(engine)] == ["taken"]


def test_every_scope_is_explained() -> None:
    assert list(SCOPES) == list(Scope)
