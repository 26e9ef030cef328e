"""The reports that count in detection as columns, for a million of them, and the window that methods look at."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from sqlalchemy import Connection, Select, String, collate, func, type_coerce

from detector.model import NOWHERE, AreaTable, FloatArray, IntArray, ReportKind, Stream, StreamKind, Window
from detector.store import tables
from detector.store.rows import from_list_text

_AT_ONCE = 50_000
_ORDINAL_OF_1970 = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, eq=False)
class Codes:
    """A rubric of several values: row i has the codes ``values[index[i]]``."""

    index: IntArray
    values: tuple[tuple[str, ...], ...]

    def members(self) -> dict[str, IntArray]:
        """Code to the rows that have it, ascending; codes ascending."""
        codes = sorted({code for value in self.values for code in value})
        has = {code: np.array([code in value for value in self.values], dtype=np.bool_) for code in codes}
        return {code: np.flatnonzero(has[code][self.index]) for code in codes}

    def take(self, order: IntArray) -> "Codes":
        """The same with rows in another order."""
        return Codes(self.index[order], self.values)


@dataclass(frozen=True, eq=False)
class ReportColumns:
    """The reports of one municipality that count: neither withdrawn nor mass, duplicate or series.

    Rows are sorted by ``received`` and then by key. ``received`` and ``occurred`` are ordinals (``date.toordinal``); ``occurred``
    is ``received`` where the report does not say. ``area[i]`` is a place in ``area_codes`` (-1 for none), ``x_m``/``y_m`` are NaN
    where the report gives no point, ``venue`` numbers the place keys (-1 for none).
    """

    keys: tuple[str, ...]
    received: IntArray
    occurred: IntArray
    area: IntArray
    area_codes: tuple[str, ...]
    x_m: FloatArray
    y_m: FloatArray
    venue: IntArray
    grounds: Codes
    communities: Codes
    domains: Codes

    @property
    def size(self) -> int:
        """Number of reports."""
        return len(self.keys)

    def window(
        self, areas: AreaTable, as_of: date, *, look_days: int, by_occurrence: bool = False, history_days: int | None = None
    ) -> Window:
        """What a method looks at on ``as_of``; reports that came in (or happened) later are left out.

        Args:
            areas: the municipality's areas; a report in an area that is not among them counts as one without a place.
            as_of: the last day.
            look_days: days between two looks.
            by_occurrence: go by the day it happened instead of the day it came in.
            history_days: how far back the window reaches, the last day included; None for all there is.
        """
        day = self.occurred if by_occurrence else self.received
        kept = (self.received <= as_of.toordinal()) & (day <= as_of.toordinal())
        earliest = None if history_days is None else as_of.toordinal() - history_days + 1
        cut = earliest is not None and bool((kept & (day < earliest)).any())
        if earliest is not None:
            kept &= day >= earliest
        order = np.flatnonzero(kept)
        if by_occurrence:
            # Rows of one day must go by key, and they came sorted by the other day: keys first, then a stable sort by day.
            by_key = np.array(sorted(order.tolist(), key=self.keys.__getitem__), dtype=np.int64)
            order = by_key[np.argsort(day[by_key], kind="stable")]
        day = day[order]
        # One place more than there are codes: index -1 finds NOWHERE there.
        row_of = np.array([*(areas.index.get(code, NOWHERE) for code in self.area_codes), NOWHERE], dtype=np.int64)
        return Window(
            municipality=areas.municipality.code,
            as_of=as_of,
            first_day=earliest if cut and earliest is not None else int(day[0]) if day.size else as_of.toordinal(),
            look_days=look_days,
            areas=areas,
            report_keys=self.keys
            if order.size == self.size and not by_occurrence
            else tuple(self.keys[i] for i in order.tolist()),
            day=day,
            area=row_of[self.area[order]],
            x_m=self.x_m[order],
            y_m=self.y_m[order],
            venue=self.venue[order],
            streams=self._streams(order),
        )

    def _streams(self, order: IntArray) -> tuple[Stream, ...]:
        streams = [Stream(StreamKind.ALL, "", np.arange(order.size, dtype=np.int64))]
        rubrics = (
            (StreamKind.COMMUNITY, self.communities),
            (StreamKind.GROUND, self.grounds),
            (StreamKind.DOMAIN, self.domains),
        )
        for kind, rubric in rubrics:
            members = rubric.take(order).members()
            streams += [Stream(kind, code, rows) for code, rows in members.items() if rows.size]
        return tuple(streams)


class _Numbering:
    """Numbers texts in the order in which they come; None is -1."""

    def __init__(self) -> None:
        self._numbers: dict[str | None, int] = {None: -1}
        self._parts: list[IntArray] = []

    def add(self, texts: tuple[str | None, ...]) -> None:
        numbers = self._numbers
        for text in set(texts):
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
