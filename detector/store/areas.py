"""The areas of all municipalities, and where postcodes lie, as plain rows; ``detector.areas`` makes tables of them."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlalchemy import Connection, Engine, Table, delete, select

from detector.store import tables
from detector.store.engine import insert_into, reading, writing
from detector.store.errors import StoreError

_VERSION: Final = "areas"

AreaRow = Mapping[str, Any]
"""One area or postcode, by the names of the table's columns."""


class AreaStore:
    """Reads and writes areas; each call is one transaction and raises StoreError where it cannot be done."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def save(self, rows: Iterable[AreaRow], *, replace: bool = False) -> int:
        """Add areas, or change those whose code is there already.

        Args:
            rows: ``code``, ``name``, ``level``, ``parent``, ``municipality``, ``inhabitants``, ``x_m``, ``y_m``, ``crs``,
                ``map_year``, ``geometry_wkb``; what may be empty may be left out.
            replace: first take away all areas of the municipalities that the rows speak of, for a new year's map.

        Returns:
            The number of areas written.
        """
        return self._save(tables.areas, rows, replace=replace)

    def save_postcodes(self, rows: Iterable[AreaRow], *, replace: bool = False) -> int:
        """Add or change where postcodes lie: ``postcode``, ``municipality``, ``area_code``, ``x_m``, ``y_m``."""
        return self._save(tables.postcodes, rows, replace=replace)

    def load(self, municipality: str | None = None) -> list[AreaRow]:
        """All areas, or those of one municipality, by code."""
        return self._load(tables.areas, municipality)

    def load_postcodes(self, municipality: str | None = None) -> list[AreaRow]:
        """All postcodes, or those of one municipality."""
        return self._load(tables.postcodes, municipality)

    def version(self) -> int:
        """A number that grows with every change, so that who keeps areas in memory knows when to read again; 0 for none yet."""
        table = tables.counters.c
        with reading(self._engine) as connection:
            return connection.scalar(select(table.value).where(table.name == _VERSION)) or 0

    def _load(self, table: Table, municipality: str | None) -> list[AreaRow]:
        query = select(table).order_by(*table.primary_key.columns)
        if municipality is not None:
            query = query.where(table.c.municipality == municipality)
        with reading(self._engine) as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    def _save(self, table: Table, rows: Iterable[AreaRow], *, replace: bool) -> int:
        key = next(iter(table.primary_key.columns)).name
        complete = {row[key]: _complete(table, row) for row in rows}
        if not complete:
            return 0
        with writing(self._engine) as connection:
            if replace:
                codes = {row["municipality"] for row in complete.values()}
                connection.execute(delete(table).where(table.c.municipality.in_(codes)))
            insert = insert_into(connection, table)
            others = {column.name: insert.excluded[column.name] for column in table.columns if column.name != key}
            connection.execute(insert.on_conflict_do_update(index_elements=[key], set_=others), list(complete.values()))
            _grow(connection)
        return len(complete)


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
