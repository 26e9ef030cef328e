"""What the tests of the API share: a running console with it, on each of the two databases where storage matters."""

from collections.abc import Iterator

import pytest
from alerting import Clock
from consoling import Console, open_console
from sqlalchemy import Engine

from alerts.console.api import alerts_api


@pytest.fixture
def both(engine: Engine, clock: Clock) -> Iterator[Console]:
    """A running console with the API, on each of the two databases."""
    with open_console(engine, clock, routers=[alerts_api()]) as opened:
        yield opened


@pytest.fixture
def console(sqlite_engine: Engine, clock: Clock) -> Iterator[Console]:
    """The same on SQLite, for what does not depend on the database."""
    with open_console(sqlite_engine, clock, routers=[alerts_api()]) as opened:
        yield opened
