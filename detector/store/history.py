"""Which settings were in force since when, so that what a run went by can be read back from its settings hash."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, select

from detector.store import tables
from detector.store.engine import reading, writing


@dataclass(frozen=True, slots=True)
class SettingsEntry:
    """Settings that came into force at ``at`` (UTC); ``toml`` is without secrets.

    ``actor``: ``start`` or ``file``, and with a colon before it the name of the operator's own file, where there is one.
    """

    settings_hash: str
    toml: str
    at: datetime
    actor: str


class SettingsHistory:
    """Reads and writes the history; each call is one transaction and raises StoreError where it cannot be done."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def record(self, entry: SettingsEntry) -> bool:
        """Add settings that differ from the last ones; False where they are the same."""
        table = tables.settings_history.c
        with writing(self._engine) as connection:
            last = connection.execute(select(table.settings_hash, table.toml).order_by(table.id.desc()).limit(1)).first()
            # The hash names the rules only; a change of who is told, or for how long reports are kept, is one too.
            if last is not None and tuple(last) == (entry.settings_hash, entry.toml):
                return False
            values = {"settings_hash": entry.settings_hash, "toml": entry.toml, "at": entry.at, "actor": entry.actor}
            connection.execute(tables.settings_history.insert(), values)
        return True

    def list(self) -> list[SettingsEntry]:
        """All of it, oldest first."""
        table = tables.settings_history.c
        query = select(table.settings_hash, table.toml, table.at, table.actor).order_by(table.id)
        with reading(self._engine) as connection:
            return [SettingsEntry(*row) for row in connection.execute(query)]
