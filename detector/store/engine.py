"""Opens the reports database, SQLite or PostgreSQL, and gives reading and writing transactions on it."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, Table, create_engine, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from detector.store.errors import StoreError, explain

BUSY_TIMEOUT_S: Final = 30.0
"""How long a writer waits for another before it gives up."""

_WRITES: Final = "patroonwacht_writes"
# One number for all writers of the reports database: PostgreSQL then serialises them as SQLite does, and readers go on.
_WRITE_LOCK: Final = 7_302_001


def open_engine(url: str) -> Engine:
    """Describe the database at ``url``; nothing connects before the first transaction.

    Args:
        url: ``sqlite:///path/to/file`` or ``postgresql://user:password@host/name``.

    Raises:
        StoreError: the URL cannot be read, or names another kind of database.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StoreError("the reports database's URL cannot be read; write sqlite:///FILE or postgresql://HOST/NAME") from error
    kind = parsed.get_backend_name() if "+" not in parsed.drivername else parsed.drivername.split("+")[0]
    if kind == "sqlite":
        return _open_sqlite(parsed)
    if kind in {"postgresql", "postgres"}:
        # Values of a failed statement must not reach a log, hence hide_parameters.
        # A waiting writer gives up as on SQLite; who names other options in the URL has them.
        options = {} if "options" in parsed.query else {"options": f"-c lock_timeout={round(BUSY_TIMEOUT_S * 1000)}"}
        parsed = parsed.set(drivername="postgresql+psycopg")
        return create_engine(parsed, hide_parameters=True, pool_pre_ping=True, connect_args=options)
    raise StoreError(f"{parsed.drivername!r} is no kind of database known here; write sqlite:///FILE or postgresql://HOST/NAME")


def _open_sqlite(url: URL) -> Engine:
    if not url.database or url.database == ":memory:":
        raise StoreError("the reports database must be a file, so that it outlives the process: write sqlite:///FILE")
    path = Path(url.database)
    engine = create_engine(url.set(drivername="sqlite+pysqlite"), hide_parameters=True, connect_args={"timeout": BUSY_TIMEOUT_S})

    @event.listens_for(engine, "do_connect")
    def make_folder(*_: object) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"the folder {path.parent} cannot be made: {error.strerror}; name another in data_dir") from error

    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    # The driver's own notion of transactions leaves DDL and SELECT outside of them; ours begins them itself, see below.
    connection.isolation_level = None
    cursor = connection.cursor()
    try:
        _use_wal(cursor)
        for pragma in ("synchronous = FULL", "foreign_keys = ON", "cache_size = -65536", "temp_store = MEMORY"):
            cursor.execute(f"PRAGMA {pragma}")
    finally:
        cursor.close()


def _use_wal(cursor: DBAPICursor) -> None:
    # The change to WAL needs the file alone and does not wait for it as statements do: two first starts at once meet here.
    give_up = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > give_up:
                raise
            time.sleep(0.02)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    # A writer that begins as a reader can find, at its first write, that it may not become one: hence IMMEDIATE.
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def database_name(engine: Engine) -> str:
    """The URL of the database, fit for a message: no password in it."""
    return engine.url.render_as_string(hide_password=True)


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that only reads, all of it from one state of the database.

    Raises:
        StoreError: the database failed.
    """
    try:
        options = {} if engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
        with engine.connect().execution_options(**options) as connection, connection.begin():
            yield connection
    except SQLAlchemyError as error:
        # Not chained: the library's error can quote a whole row.
        raise explain(error, database_name(engine)) from None


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that writes; one at a time over all processes, kept as a whole or not at all.

    Raises:
        StoreError: the database failed; nothing of the transaction was kept.
    """
    try:
        with engine.connect().execution_options(**{_WRITES: True}) as connection, connection.begin():
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _WRITE_LOCK})
            yield connection
    except SQLAlchemyError as error:
        # Not chained: the library's error can quote a whole row.
        raise explain(error, database_name(engine)) from None


def insert_into(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that can say what to do when the row is there already; both databases write it alike."""
    return (postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert)(table)
