"""What the console needs of the house; the composition root makes it once."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from fastapi import Request
from sqlalchemy import Engine

from alerts.console.settings import ConsoleSettings
from alerts.lifecycle import Alerts
from alerts.names import NO_NAMES, Names

if TYPE_CHECKING:
    from alerts.console.groups import NavEntry

AMSTERDAM: Final = ZoneInfo("Europe/Amsterdam")


def _no_names() -> Names:
    return NO_NAMES


def _new_secret() -> str:
    return secrets.token_urlsafe(32)


@dataclass(frozen=True, slots=True)
class ConsoleServices:
    """What pages and dependencies use. Every callable may be called from several threads.

    ``alerts``, ``settings`` and ``names`` (what codes are called here) are asked for each request, so that changed settings hold
    at once; ``clock`` gives UTC; ``zone`` is where people's days begin; ``new_secret`` draws what nobody can guess; ``language``
    is for who asks for none.
    """

    engine: Engine
    alerts: Callable[[], Alerts]
    settings: Callable[[], ConsoleSettings]
    clock: Callable[[], datetime]
    zone: ZoneInfo = AMSTERDAM
    language: str = "nl"
    new_secret: Callable[[], str] = _new_secret
    names: Callable[[], Names] = _no_names


def services_of(request: Request) -> ConsoleServices:
    """The services of the running console; the dependency that pages ask for."""
    found = request.app.state.console
    assert isinstance(found, ConsoleServices)  # noqa: S101 - for the type checker: create_console puts it there
    return found


def nav_of(request: Request) -> "tuple[NavEntry, ...]":
    """All entries of the navigation, whoever they are for."""
    entries: tuple[NavEntry, ...] = request.app.state.nav
    return entries
