"""Rows that intake refused: where they stood and why, never what stood in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection, select

from detector.store import tables
from detector.store.engine import insert_into


class RefusedRow(Protocol):
    """What intake says of a row that it refused."""

    @property
    def row(self) -> int:
        """Its place in the file, from 1."""
        ...

    @property
    def reason(self) -> str:
        """Why, without a value of the row."""
        ...

    @property
    def told(self) -> str:
        """The same as text from which it can be told in other languages."""
        ...

    @property
    def column(self) -> str | None:
        """The column it is about, None for the whole row."""
        ...


@dataclass(frozen=True, slots=True)
class Quarantined:
    """One refused row; ``times`` says how often the same file was read with it.

    ``told`` is as intake gave it, empty where the row was refused before that was kept.
    """

    source: str
    file: str
    row: int
    column: str | None
    reason: str
    first_at: datetime
    last_at: datetime
    times: int
    told: str = ""


def write_quarantine(connection: Connection, source: str, file: str, refused: Sequence[RefusedRow], at: datetime) -> None:
    """Add the refused rows of one file, or, where they stand there already, say that they were seen again."""
    rows = {
        (entry.row, entry.column or "", entry.reason): {
            "source": source,
            "file": file,
            "row": entry.row,
            "field": entry.column or "",
            "reason": entry.reason,
            "told": entry.told,
            "first_at": at,
            "last_at": at,
            "times": 1,
        }
        for entry in refused
    }
    if not rows:
        return
    insert = insert_into(connection, tables.quarantine)
    change = insert.on_conflict_do_update(
        index_elements=["source", "file", "row", "field", "reason"],
        set_={"told": insert.excluded.told, "last_at": insert.excluded.last_at, "times": tables.quarantine.c.times + 1},
    )
    connection.execute(change, list(rows.values()))


def quarantined(connection: Connection, since: datetime | None, limit: int | None = None, skip: int = 0) -> list[Quarantined]:
    """Refused rows that were last seen at ``since`` or later, latest first; ``limit`` of them at most, after ``skip``."""
    table = tables.quarantine.c
    query = select(
        table.source, table.file, table.row, table.field, table.reason, table.first_at, table.last_at, table.times, table.told
    ).order_by(table.last_at.desc(), table.id)
    if since is not None:
        query = query.where(table.last_at >= since)
    if limit is not None:
        query = query.limit(limit).offset(skip)
    return [
        Quarantined(source, file, row, field or None, reason, first_at, last_at, times, told)
        for source, file, row, field, reason, first_at, last_at, times, told in connection.execute(query)
    ]
