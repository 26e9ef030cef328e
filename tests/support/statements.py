"""Compiled statements that all engines of a process share, for tests that make a new engine for every run."""

from typing import Any

from sqlalchemy import Connection, Engine, event


class Statements(dict[Any, Any]):
    """What SQLAlchemy has compiled, by kind of database and statement; by itself every engine does all of it anew."""

    @staticmethod
    def _key(key: tuple[Any, ...]) -> tuple[Any, ...]:
        # SQLAlchemy puts the engine's dialect first. Those of one name are equal here, and only their statements matter.
        dialect, *asked = key
        return dialect.name, *asked

    def get(self, key: tuple[Any, ...], default: Any = None) -> Any:
        return super().get(self._key(key), default)

    def __setitem__(self, key: tuple[Any, ...], compiled: Any) -> None:
        super().__setitem__(self._key(key), compiled)


def share_statements() -> None:
    """From now on, in this process and in those forked from it."""
    shared = Statements()

    def look_there(connection: Connection) -> None:
        connection.execution_options(compiled_cache=shared)

    event.listen(Engine, "engine_connect", look_there)
