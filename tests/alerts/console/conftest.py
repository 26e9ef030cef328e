"""What tests of the console share: a running one on a store of its own, in which anybody can be signed in."""

from collections.abc import Iterator

import pytest
from alerting import Clock
from consoling import Console, open_console
from sqlalchemy import Engine


@pytest.fixture
def console(sqlite_engine: Engine, clock: Clock) -> Iterator[Console]:
    """A running console; ``console.sign_in(Role.CASE_WORKER)`` gives a browser."""
    with open_console(sqlite_engine, clock) as opened:
        yield opened
