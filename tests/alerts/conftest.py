"""What the tests of the alerting side share: an empty store on each database, and a clock."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import real_postgres
from alerting import Clock, make_settings
from posting import Post
from sqlalchemy import Engine, delete, insert

from alerts.audit import GENESIS
from alerts.lifecycle import Alerts
from alerts.store.engine import migrate, open_engine
from alerts.store.tables import METADATA, audit_head


@pytest.fixture
def clock() -> Clock:
    """The time of this test."""
    return Clock()


MEMORY = Path("/dev/shm")  # noqa: S108 - only the memory file system of Linux; what is made in it has a random name


@pytest.fixture
def quick_path(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is such a thing: these tests wait for the disk at each of thousands of commits.

    A killed process leaves behind what it wrote there as well, only a power cut would not, and no test cuts the power.
    """
    if not os.access(MEMORY, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=MEMORY, prefix="patroonwacht-") as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the tables and nothing in it; a test gets a copy."""
    path = tmp_path_factory.mktemp("alerts") / "empty.sqlite"
    engine = open_engine(f"sqlite:///{path}")
    migrate(engine)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: real_postgres.PostgresServer) -> Iterator[str]:
    """A PostgreSQL database with the tables; it is emptied for each test."""
    with postgres_server.fresh_database() as url:
        engine = open_engine(url)
        migrate(engine)
        engine.dispose()
        yield url


@pytest.fixture
def sqlite_alerts_url(migrated_sqlite: Path, quick_path: Path) -> str:
    """The URL of an empty alerts store on SQLite."""
    return f"sqlite:///{shutil.copy(migrated_sqlite, quick_path / 'alerts.sqlite')}"


@pytest.fixture(params=["sqlite", "postgresql"])
def make_store(request: pytest.FixtureRequest, quick_path: Path) -> Callable[[], str]:
    """Makes an empty alerts store, on each of the two databases; each call makes the one before unusable."""
    if request.param == "sqlite":
        empty: Path = request.getfixturevalue("migrated_sqlite")
        return lambda: f"sqlite:///{shutil.copy(empty, quick_path / f'{uuid4().hex}.sqlite')}"
    url: str = request.getfixturevalue("migrated_postgres")

    def emptied() -> str:
        engine = open_engine(url)
        with engine.begin() as connection:
            # Far quicker than TRUNCATE, which makes new files for every table and index.
            for table in reversed(METADATA.sorted_tables):
                connection.execute(delete(table))
            connection.execute(insert(audit_head).values(id=1, seq=0, hash=GENESIS))
        engine.dispose()
        return url

    return emptied


@pytest.fixture
def alerts_url(make_store: Callable[[], str]) -> str:
    """The URL of an empty alerts store, on each of the two databases."""
    return make_store()


@pytest.fixture
def engine(alerts_url: str) -> Iterator[Engine]:
    """An empty alerts store, on each of the two databases."""
    made = open_engine(alerts_url)
    yield made
    made.dispose()


@pytest.fixture
def sqlite_engine(sqlite_alerts_url: str) -> Iterator[Engine]:
    """An empty alerts store on SQLite, for what does not depend on the database."""
    made = open_engine(sqlite_alerts_url)
    yield made
    made.dispose()


@pytest.fixture
def alerts(engine: Engine) -> Alerts:
    """Alerts with the service and two municipalities as destinations, and no waiting for groups."""
    return Alerts(engine, make_settings())


@pytest.fixture
def post(engine: Engine, clock: Clock) -> Post:
    """Who delivers."""
    return Post(engine, clock)
