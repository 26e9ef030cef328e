"""Brings a reports database up to the tables of this version; runs at every start."""

from sqlalchemy import Engine, inspect, text

from detector.store.engine import database_name, reading, writing
from detector.store.errors import StoreError

VERSION_TABLE = "reports_version"
"""Not alembic's own name, so that the alerting side's tables can stand in the same PostgreSQL database."""


NEWEST = "0003"
"""The version that this program makes: the last of ``migrations/versions``."""


def migrate(engine: Engine) -> None:
    """Make or upgrade the tables, in one transaction; a second process that starts meanwhile waits and finds it done.

    Raises:
        StoreError: the database is of a newer version than this program, or cannot be reached.
    """
    if not _is_newest(engine):
        _upgrade(engine)


def _is_newest(engine: Engine) -> bool:
    """Whether there is nothing to do, as at nearly every start; asked without alembic, which takes long to load."""
    with reading(engine) as connection:
        if not inspect(connection).has_table(VERSION_TABLE):
            return False
        # The name is a constant of this module.
        return bool(connection.scalar(text(f"SELECT version_num FROM {VERSION_TABLE}")) == NEWEST)  # noqa: S608


def _upgrade(engine: Engine) -> None:
    from alembic import command  # noqa: PLC0415 - only where there is something to do
    from alembic.config import Config  # noqa: PLC0415 - as above
    from alembic.migration import MigrationContext  # noqa: PLC0415 - as above
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - as above

    config = Config()
    config.set_main_option("script_location", "detector.store:migrations")
    config.set_main_option("path_separator", "os")
    scripts = ScriptDirectory.from_config(config)
    known = {script.revision for script in scripts.walk_revisions()}
    with writing(engine) as connection:
        current = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE}).get_current_revision()
        if current is not None and current not in known:
            raise StoreError(
                f"reports database {database_name(engine)} is of version {current!r}, which this program does not know: "
                "a newer Patroonwacht made it. Install that version again, or put back the backup from before the upgrade"
            )
        if current != scripts.get_current_head():
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
