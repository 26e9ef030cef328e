"""The way to the alerts database: SQLite by default, PostgreSQL in production, one writer at a time on both."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection, DateTime, Dialect, Engine, Select, create_engine, event, inspect, make_url, select, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DisconnectionError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection
from sqlalchemy.types import TypeDecorator

VERSION_TABLE = "alerts_version"
"""Alembic's own table, named so that both sides could share one PostgreSQL database."""

NEWEST = "v0009"
"""The version that this program makes: the last of ``migrations/versions``."""

BUSY_SECONDS = 30.0
"""How long a writer on SQLite waits for another; every transaction here is far shorter."""

WAL_TRIES = 20

POOLED: Final = 20
"""Connections to PostgreSQL that are kept; opening one takes longer than most of what is asked over it."""

_ASKED_AFTER_S: Final = 5.0
"""A connection that lay idle for longer is asked whether it still works; one that was used just now need not be."""

_VIEW: ContextVar[tuple[Engine, Connection] | None] = ContextVar("alerts_view", default=None)


class StoreError(Exception):
    """The alerts database cannot be used; the text says what to do."""


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, stored in UTC and read back with its zone; a moment without a zone is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC; SQLite keeps no zone, so it is left off there."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise StoreError("a moment without a time zone cannot be stored: pass datetimes with tzinfo")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Back, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def open_engine(url: str) -> Engine:
    """An engine for the alerts database at ``url``; nothing is connected to until it is used.

    Raises:
        StoreError: the URL is neither SQLite nor PostgreSQL.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StoreError("the alerts database URL cannot be read: use sqlite:///path or postgresql://user@host/name") from error
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(parsed, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    if parsed.get_backend_name() == "postgresql":
        # READ COMMITTED is meant: after waiting for the writers' lock, a statement must see what the other writer committed.
        engine = create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            isolation_level="READ COMMITTED",
            pool_size=POOLED,
            max_overflow=POOLED,
            pool_use_lifo=True,
        )
        event.listen(engine, "checkin", _note_use)
        event.listen(engine, "checkout", _ask_if_idle)
        return engine
    raise StoreError(
        f"the alerts database cannot be {parsed.get_backend_name()}: use sqlite:///path or postgresql://user@host/name"
    )


def _note_use(_connection: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
    record.info["used_s"] = time.monotonic()


def _ask_if_idle(connection: DBAPIConnection, record: ConnectionPoolEntry, _proxy: PoolProxiedConnection) -> None:
    used_s = record.info.get("used_s")
    if used_s is None or time.monotonic() - used_s < _ASKED_AFTER_S:
        return
    try:
        with closing(connection.cursor()) as cursor:
            cursor.execute("SELECT 1")
        connection.rollback()
    except Exception as error:
        # The database was restarted, or the line was cut: the pool opens another connection.
        raise DisconnectionError("a connection that lay idle is gone") from error


def _prepare_sqlite(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    # The driver's own transaction handling is switched off, so that BEGIN is ours (see _begin_sqlite).
    connection.isolation_level = None
    cursor = connection.cursor()
    for _ in range(WAL_TRIES):
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            break
        except sqlite3.OperationalError:
            # Unlike all else, this switch does not wait for others who open a new file at the same moment; a write lock does.
            cursor.execute("BEGIN IMMEDIATE")
            cursor.execute("COMMIT")
    else:
        cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A reader that turns writer halfway fails with "database is locked" however long it would wait: writers say so at once.
    immediate = connection.get_execution_options().get("patroonwacht_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


@contextmanager
def write(engine: Engine, *, head_lock: bool = True) -> Iterator[Connection]:
    """A transaction that may write: committed when the block ends well, rolled back when it raises.

    Writers take turns, on PostgreSQL by a lock on the head of the audit log, which nearly all of them extend anyway. That
    makes deadlocks impossible and costs nothing at the pace at which alerts come; no transaction here waits for a network.
    ``head_lock=False``: the block begins with what takes that lock itself.
    """
    with engine.connect().execution_options(patroonwacht_write=True) as connection, connection.begin():
        if head_lock and connection.dialect.name == "postgresql":
            connection.execute(_head_lock())
        yield connection


@contextmanager
def read(engine: Engine) -> Iterator[Connection]:
    """A transaction that only reads, and sees one state of the database from beginning to end; within ``one_view``, that one."""
    view = _VIEW.get()
    if view is not None and view[0] is engine:
        yield view[1]
        return
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            yield connection


@contextmanager
def read_once(engine: Engine) -> Iterator[Connection]:
    """For a single statement that only reads: without a beginning and an end, which would take longer than the statement."""
    if _VIEW.get() is not None or engine.dialect.name != "postgresql":
        with read(engine) as connection:
            yield connection
        return
    with engine.connect() as connection:
        yield connection.execution_options(isolation_level="AUTOCOMMIT")


@contextmanager
def one_view(engine: Engine) -> Iterator[None]:
    """Every ``read`` of this engine within the block is one transaction: quicker, and all of it of one moment.

    What is written meanwhile, even by the caller, does not show. Do not write in the block: it holds a connection already.
    """
    with read(engine) as connection:
        token = _VIEW.set((engine, connection))
        try:
            yield
        finally:
            _VIEW.reset(token)


def _head_lock() -> Select[Any]:
    from alerts.store.tables import audit_head  # noqa: PLC0415 - tables use UtcDateTime from here

    return select(audit_head.c.seq).where(audit_head.c.id == 1).with_for_update()


def migrate(engine: Engine) -> None:
    """Bring the database to this version's tables; does nothing when it is there already.

    Raises:
        StoreError: the database cannot be reached, or is of a newer version.
    """
    try:
        with engine.connect().execution_options(patroonwacht_write=True) as connection, connection.begin():
            if connection.dialect.name == "postgresql":
                # Two services that start at once must not both create the tables; the number is arbitrary and only ours.
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7206307)")
            if not _is_newest(connection):
                _upgrade(connection)
    except SQLAlchemyError as error:
        cause = str(getattr(error, "orig", error) or error).splitlines()[0]
        raise StoreError(
            f"the alerts database cannot be brought up to date ({cause}): check that it can be reached and written"
        ) from error


def _is_newest(connection: Connection) -> bool:
    """Whether there is nothing to do, as at nearly every start; asked without alembic, which takes long to load."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return False
    # The name is a constant of this module.
    return bool(connection.scalar(text(f"SELECT version_num FROM {VERSION_TABLE}")) == NEWEST)  # noqa: S608


def _upgrade(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - only where there is something to do
    from alembic.config import Config  # noqa: PLC0415 - as above

    config = Config()
    config.set_main_option("script_location", "alerts.store:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
