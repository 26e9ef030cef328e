import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, insert, inspect, select
from sqlalchemy.exc import StatementError

from alerts.store.engine import VERSION_TABLE, StoreError, migrate, one_view, open_engine, read, read_once, write
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


def _names(engine: Engine) -> list[str]:
    with read(engine) as connection:
        return list(connection.scalars(select(destination.c.name)))


def _add(engine: Engine, name: str) -> None:
    with write(engine) as connection:
        connection.execute(insert(destination).values(name=name, sequence=0))


def test_in_one_view_everything_is_of_one_moment(engine: Engine) -> None:
    with one_view(engine):
        assert _names(engine) == []
        with ThreadPoolExecutor(1) as pool:
            pool.submit(_add, engine, "a").result(20)
            # Another thread is not in this view.
            assert pool.submit(_names, engine).result(20) == ["a"]
        assert _names(engine) == []
        with read_once(engine) as connection:
            assert connection.scalar(select(destination.c.name)) is None
    assert _names(engine) == ["a"]


def test_a_view_is_of_one_database_and_ends_by_an_error_too(engine: Engine, sqlite_engine: Engine) -> None:
    _add(sqlite_engine, "of the other")

    def look_and_fail() -> None:
        with one_view(engine):
            assert _names(sqlite_engine) == ["of the other"]
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        look_and_fail()
    _add(engine, "a")
    assert _names(engine) == ["a"]


def test_a_single_statement_sees_what_was_committed_and_leaves_no_transaction_open(migrated_postgres: str) -> None:
    engine = open_engine(migrated_postgres)
    with read_once(engine) as connection:
        assert _autocommits(connection)
        assert connection.scalar(select(1)) == 1
    with engine.connect() as connection:
        assert not _autocommits(connection)
    engine.dispose()


def _autocommits(connection: Connection) -> bool:
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    return driver.autocommit


def test_a_connection_that_broke_while_it_lay_idle_is_replaced(migrated_postgres: str, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = open_engine(migrated_postgres)
    with read(engine) as connection:
        process = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    other = open_engine(migrated_postgres)
    with other.begin() as connection:
        assert connection.exec_driver_sql(f"SELECT pg_terminate_backend({process})").scalar_one()
    other.dispose()
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 6)
    with read(engine) as connection:
        assert connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one() != process
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
