"""Who uses the console: people who are signed in, each with a program that works for them; and what they ask for."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Engine, text

from alerts import tokens
from alerts.accounts import Account
from alerts.alert import Actor, Role
from alerts.console import sessions
from alerts.store import tables as t
from alerts.store.engine import write
from alerts.tokens import Scope

NOW: Final = datetime.now(UTC)
ADMIN: Final = Actor("bench", Role.ADMINISTRATOR)


@dataclass(frozen=True)
class User:
    """Somebody with a browser, and a program that works for them."""

    municipality: str
    cookie: str
    token: str
    alert_ids: Sequence[str]
    seed: int


@dataclass(frozen=True)
class Page:
    """What a user asks for: a name, and the path for a user of this municipality with this alert."""

    name: str
    path: Callable[[User], str]
    headers: dict[str, str] = field(default_factory=dict)

    def request(self, user: User) -> bytes:
        """The whole request, as it goes over the line."""
        path = self.path(user)
        who = ("Authorization", f"Bearer {user.token}") if path.startswith("/v1") else ("Cookie", f"patroonwacht={user.cookie}")
        lines = [("Host", "127.0.0.1"), who, ("Accept-Language", "nl"), *self.headers.items()]
        return "\r\n".join([f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in lines), "", ""]).encode()


PAGES: Final = (
    Page("list", lambda _: "/alerts"),
    Page("list, page 3", lambda _: "/alerts?page=3"),
    Page("map outlines", lambda user: f"/areas/{user.municipality}"),
    Page("alert page", lambda user: f"/alerts/{random.choice(user.alert_ids)}"),  # noqa: S311 - any will do
    Page("API list", lambda _: "/v1/alerts"),
    Page("API GeoJSON", lambda _: "/v1/alerts?crs=EPSG:28992", {"Accept": "application/geo+json"}),
    Page("API alert", lambda user: f"/v1/alerts/{random.choice(user.alert_ids)}"),  # noqa: S311 - as above
)


def make_users(engine: Engine, number: int, municipalities: int) -> list[User]:
    """Users who are signed in: a quarter at the service, who see everything, the others each at a municipality."""
    users = []
    for each in range(number):
        own = f"GM{each % municipalities + 1:04d}"
        role, where = (Role.CASE_WORKER, None) if each % 4 == 0 else (Role.POLICY_ADVISER, own)
        cookie = f"bench-{each:04d}-{'x' * 30}"
        account = Account(f"user {each}", role, where, NOW)
        with write(engine) as connection:
            row = {"name": account.name, "role": role.value, "municipality": where, "password_hash": "", "created_at": NOW}
            connection.execute(t.account.insert(), row)
            sessions.begin(connection, account.name, cookie, "bench", NOW)
            ids = connection.scalars(
                text("SELECT id FROM alerts_alert WHERE municipality = :own AND review = 'released' LIMIT 50"), {"own": own}
            ).all()
        scopes = tuple(scope for scope in Scope if scope is not Scope.DELIVERIES_READ)
        _, secret = tokens.add(
            engine, f"bench-{each}", scopes, ADMIN, NOW, expires_at=NOW + timedelta(days=1), municipality=where
        )
        users.append(User(own, cookie, secret, ids, each))
    return users
