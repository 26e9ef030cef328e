"""The areas of all municipalities as plain rows; ``detector.areas`` makes tables of them."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlalchemy import Connection, Engine, Table, delete, select

from detector.store import tables
from detector.store.engine import insert_into, reading, writing
from detector.store.errors import StoreError

_VERSION: Final = "areas"

AreaRow = Mapping[str, Any]
"""One area, by the names of the table's columns."""


class AreaStore:
    """Reads and writes areas; each call is one transaction and raises StoreError where it cannot be done."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def replace(self, rows: Iterable[AreaRow]) -> int:
        """Keep these areas and no others.

        Args:
            rows: ``code``, ``name``, ``level``, ``parent``, ``municipality``, ``inhabitants``, ``x_m``, ``y_m``, ``crs``,
                ``map_year``, ``geometry_wkb``; what may be empty may be left out.

        Returns:
            The number of areas written.
        """
        complete = {row["code"]: _complete(tables.areas, row) for row in rows}
        with writing(self._engine) as connection:
            connection.execute(delete(tables.areas))
            if complete:
                connection.execute(tables.areas.insert(), list(complete.values()))
            _grow(connection)
        return len(complete)

    def load(self) -> list[AreaRow]:
        """All areas, by code."""
        with reading(self._engine) as connection:
            return [dict(row) for row in connection.execute(select(tables.areas).order_by(tables.areas.c.code)).mappings()]

    def version(self) -> int:
        """A number that grows with every change, so that who keeps areas in memory knows when to read again; 0 for none yet."""
        table = tables.counters.c
        with reading(self._engine) as connection:
            return connection.scalar(select(table.value).where(table.name == _VERSION)) or 0


def _complete(table: Table, row: AreaRow) -> dict[str, Any]:
    unknown = row.keys() - {column.name for column in table.columns}
    missing = {column.name for column in table.columns if not column.nullable and row.get(column.name) is None}
    if unknown or missing:
        raise StoreError(f"a row for {table.name} cannot be kept: missing {sorted(missing)}, unknown {sorted(unknown)}")
    return {column.name: row.get(column.name) for column in table.columns}


def _grow(connection: Connection) -> None:
    insert = insert_into(connection, tables.counters)
    change = insert.on_conflict_do_update(index_elements=["name"], set_={"value": tables.counters.c.value + 1})
    connection.execute(change, {"name": _VERSION, "value": 1})
