from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, insert, inspect, select
from sqlalchemy.exc import StatementError

from alerts.store.engine import VERSION_TABLE, StoreError, migrate, open_engine, read, write
from alerts.store.tables import METADATA, destination


def test_the_migrations_make_exactly_the_tables(database_url: str) -> None:
    engine = open_engine(database_url)
    migrate(engine)
    migrate(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE, "compare_type": True})
        assert compare_metadata(context, METADATA) == []
    engine.dispose()


def test_other_tables_in_the_same_database_are_left_alone(database_url: str) -> None:
    engine = open_engine(database_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32))")
        connection.exec_driver_sql("INSERT INTO alembic_version VALUES ('of the other side')")
    migrate(engine)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == "of the other side"
    engine.dispose()


def test_two_services_may_start_at_once(database_url: str) -> None:
    engines = [open_engine(database_url) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(migrate, engines))
    assert set(METADATA.tables) <= set(inspect(engines[0]).get_table_names())
    for engine in engines:
        engine.dispose()


def test_sqlite_keeps_its_promises(sqlite_engine: Engine) -> None:
    with sqlite_engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_moments_come_back_in_utc_and_need_a_zone(engine: Engine) -> None:
    amsterdam = datetime(2026, 7, 1, 12, 0, 0, 123456, tzinfo=timezone(timedelta(hours=2)))
    with write(engine) as connection:
        connection.execute(insert(destination).values(name="a", sequence=0, gone_at=amsterdam))
    with read(engine) as connection:
        found = connection.scalar(select(destination.c.gone_at))
    assert found == amsterdam
    assert found.utcoffset() == timedelta(0)
    naive = amsterdam.replace(tzinfo=None)
    with write(engine) as connection, pytest.raises((StoreError, StatementError), match="time zone"):
        connection.execute(insert(destination).values(name="b", sequence=0, gone_at=naive))


def test_writers_take_turns(engine: Engine) -> None:
    with write(engine) as connection:
        connection.execute(insert(destination).values(name="a", sequence=0))

    def count(_: int) -> None:
        with write(engine) as connection:
            before = connection.scalar(select(destination.c.sequence)) or 0
            connection.execute(destination.update().values(sequence=before + 1))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(count, range(40)))
    with read(engine) as connection:
        assert connection.scalar(select(destination.c.sequence)) == 40


@pytest.mark.parametrize("url", ["mysql://localhost/x", "no url"])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(StoreError, match="sqlite:///path or postgresql://"):
        open_engine(url)


def test_a_database_that_cannot_be_reached_is_said_so() -> None:
    engine = open_engine("sqlite:////nowhere/at/all/alerts.sqlite")
    with pytest.raises(StoreError, match="check that it can be reached"):
        migrate(engine)
