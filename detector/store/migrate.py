"""Brings a reports database up to the tables of this version; runs at every start."""

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from detector.store.engine import database_name, writing
from detector.store.errors import StoreError

VERSION_TABLE = "reports_version"
"""Not alembic's own name, so that the alerting side's tables can stand in the same PostgreSQL database."""


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "detector.store:migrations")
    config.set_main_option("path_separator", "os")
    return config


def _version(connection: Connection) -> str | None:
    return MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE}).get_current_revision()


def migrate(engine: Engine) -> None:
    """Make or upgrade the tables, in one transaction; a second process that starts meanwhile waits and finds it done.

    Raises:
        StoreError: the database is of a newer version than this program, or cannot be reached.
    """
    config = _config()
    scripts = ScriptDirectory.from_config(config)
    known = {script.revision for script in scripts.walk_revisions()}
    with writing(engine) as connection:
        current = _version(connection)
        if current is not None and current not in known:
            raise StoreError(
                f"reports database {database_name(engine)} is of version {current!r}, which this program does not know: "
                "a newer Patroonwacht made it. Install that version again, or put back the backup from before the upgrade"
            )
        if current != scripts.get_current_head():
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
