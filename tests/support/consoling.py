"""A running console for tests: a real server on a free loopback port, and people who are signed in at it."""

import re
import ssl
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
from alerting import Clock, make_settings
from fastapi import APIRouter, FastAPI
from serving import running
from sqlalchemy import Engine

from alerts import accounts
from alerts.accounts import Account
from alerts.alert import ALL_RIGHTS, MUNICIPALITY_ROLES, Actor, Rights, Role
from alerts.console import sessions
from alerts.console.app import create_console
from alerts.console.groups import PageGroup
from alerts.console.services import ConsoleServices
from alerts.console.settings import ConsoleSettings
from alerts.lifecycle import Alerts
from alerts.names import NO_NAMES, Names
from alerts.settings import AlertsSettings
from alerts.store import tables as t
from alerts.store.engine import write

PASSWORD = "seven tall birches"  # noqa: S105 - made up
ADMIN = Actor("ada", Role.ADMINISTRATOR)
COOKIE = "patroonwacht"
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For clients of plain HTTP: each would load all the world's certificates otherwise, which takes longer than most requests."""


class Browser:
    """Somebody's browser without scripts: keeps cookies, follows redirects, fills in the forms of the page it shows."""

    def __init__(self, url: str, name: str = "", token: str = "", language: str = "en") -> None:
        self.name = name
        headers = {"Accept-Language": language, "User-Agent": "Firefox/140 Linux"}
        self.http = httpx.Client(base_url=url, headers=headers, follow_redirects=True, trust_env=False, verify=NO_TLS, timeout=60)
        if token:
            self.http.cookies.set(COOKIE, token, domain="127.0.0.1", path="/")

    def get(self, path: str, **said: Any) -> httpx.Response:
        """Ask for a page."""
        return self.http.get(path, **said)

    def post(self, path: str, *, page: str = "/sign-in", **fields: Any) -> httpx.Response:
        """Send a form to ``path``, with the token that stands on ``page``."""
        return self.http.post(path, data={"csrf_token": self.csrf(page), **fields})

    def csrf(self, page: str = "/sign-in") -> str:
        """The token in the forms of a page."""
        found = re.search(r'name="csrf_token" value="([0-9a-f]+)"', self.get(page).text)
        assert found is not None, f"no form on {page}"
        return found[1]

    def close(self) -> None:
        """Close it."""
        self.http.close()


@dataclass
class Console:
    """The running console, its store and its clock."""

    app: FastAPI
    url: str
    engine: Engine
    clock: Clock
    services: ConsoleServices
    stack: ExitStack

    @property
    def alerts(self) -> Alerts:
        """The alerts in it."""
        return self.services.alerts()

    def browser(self, **said: str) -> Browser:
        """A browser in which nobody is signed in."""
        made = Browser(self.url, **said)
        self.stack.callback(made.close)
        return made

    def account(self, role: Role, municipality: str | None = None, rights: Rights = ALL_RIGHTS, name: str = "") -> Account:
        """An account with the password ``PASSWORD``; people of a municipality are of GM0001 if it is not said."""
        where = municipality or ("GM0001" if role in MUNICIPALITY_ROLES else None)
        account = Account(name or f"{role.value}-{uuid4().hex[:6]}", role, where, self.clock(), rights)
        accounts.add(self.engine, account, PASSWORD, ADMIN)
        return account

    def sign_in(
        self, role: Role, municipality: str | None = None, rights: Rights = ALL_RIGHTS, *, name: str = "", language: str = "en"
    ) -> Browser:
        """A browser in which somebody of this role is signed in, without going through the form."""
        account = self.account(role, municipality, rights, name)
        token = f"token-{uuid4().hex}"
        with write(self.engine) as connection:
            sessions.begin(connection, account.name, token, "Firefox, Linux", self.clock())
        return self.browser(name=account.name, token=token, language=language)


@contextmanager
def open_console(
    engine: Engine,
    clock: Clock,
    *,
    settings: AlertsSettings | None = None,
    console: ConsoleSettings | None = None,
    names: Names = NO_NAMES,
    routers: Sequence[APIRouter] = (),
    groups: Sequence[PageGroup] = (),
) -> Iterator[Console]:
    """A running console on this store."""
    alerts = Alerts(engine, settings or make_settings())
    rules = console or ConsoleSettings()
    services = ConsoleServices(engine=engine, alerts=lambda: alerts, settings=lambda: rules, clock=clock, names=lambda: names)
    app = create_console(services, routers, groups)
    with ExitStack() as stack:
        url = stack.enter_context(running(app))
        yield Console(app, url, engine, clock, services, stack)


def sessions_in(engine: Engine) -> int:
    """How many sessions there are."""
    with engine.connect() as connection:
        return len(connection.execute(t.session.select()).all())
