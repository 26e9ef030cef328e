"""The reports that count in detection, read as columns straight from the table: for a million of them."""

from datetime import date
from typing import Any

import numpy as np
from sqlalchemy import Connection, Select, String, collate, func, type_coerce

from detector.columns import Codes, ReportColumns
from detector.model import FloatArray, IntArray, ReportKind
from detector.store import tables
from detector.store.rows import from_list_text

_AT_ONCE = 50_000
_ORDINAL_OF_1970 = date(1970, 1, 1).toordinal()


class _Numbering:
    """Numbers texts in the order in which they come; None is -1."""

    def __init__(self) -> None:
        self._numbers: dict[str | None, int] = {None: -1}
        self._parts: list[IntArray] = []

    def add(self, texts: tuple[str | None, ...]) -> None:
        numbers = self._numbers
        for text in dict.fromkeys(texts):
            if text not in numbers:
                numbers[text] = len(numbers) - 1
        self._parts.append(np.array([numbers[text] for text in texts], dtype=np.int64))

    def index(self) -> IntArray:
        return np.concatenate(self._parts) if self._parts else np.zeros(0, dtype=np.int64)

    def texts(self) -> tuple[str, ...]:
        return tuple(text for text in self._numbers if text is not None)

    def codes(self) -> Codes:
        return Codes(self.index(), tuple(from_list_text(text) for text in self.texts()))


def _ordinals(days: tuple[Any, ...]) -> IntArray:
    # SQLite gives text, PostgreSQL dates; numpy reads both.
    return np.array(days, dtype="datetime64[D]").astype(np.int64) + _ORDINAL_OF_1970


def read_columns(connection: Connection, reports: Select[*tuple[object, ...]]) -> ReportColumns:
    """Run a selection from the table of reports and keep what counts in detection."""
    table = tables.reports.c
    key = table.source + ":" + table.report_id
    # Python's order of texts, so that equal reports make equal windows on either database.
    key_order = collate(key, "C" if connection.dialect.name == "postgresql" else "BINARY")
    occurred = func.coalesce(table.occurred_on, table.received_on)
    query = (
        reports.with_only_columns(
            key,
            type_coerce(table.received_on, String),
            type_coerce(occurred, String),
            table.x_m,
            table.y_m,
            table.area_code,
            table.place_key,
            table.grounds,
            table.communities,
            table.domains,
        )
        .where(table.withdrawn.is_(False), func.coalesce(table.marked_kind, table.kind) == ReportKind.SINGLE.value)
        .order_by(table.received_on, key_order)
    )
    keys: list[str] = []
    days: tuple[list[IntArray], list[IntArray]] = ([], [])
    points: tuple[list[FloatArray], list[FloatArray]] = ([], [])
    areas, venues, grounds, communities, domains = numberings = tuple(_Numbering() for _ in range(5))
    rows = connection.execution_options(yield_per=_AT_ONCE).execute(query)
    for part in rows.partitions():
        columns = list(zip(*part, strict=True))
        keys.extend(columns[0])
        for kept, column in zip(days, columns[1:3], strict=True):
            kept.append(_ordinals(column))
        for point, column in zip(points, columns[3:5], strict=True):
            point.append(np.array(column, dtype=np.float64))
        for numbering, column in zip(numberings, columns[5:], strict=True):
            numbering.add(column)
    return ReportColumns(
        keys=tuple(keys),
        received=_joined(days[0]),
        occurred=_joined(days[1]),
        area=areas.index(),
        area_codes=areas.texts(),
        x_m=np.concatenate([np.zeros(0), *points[0]]),
        y_m=np.concatenate([np.zeros(0), *points[1]]),
        venue=venues.index(),
        grounds=grounds.codes(),
        communities=communities.codes(),
        domains=domains.codes(),
    )


def _joined(parts: list[IntArray]) -> IntArray:
    return np.concatenate([np.zeros(0, dtype=np.int64), *parts])
