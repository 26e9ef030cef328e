"""Takes a batch of reports into the table: new ones, changed ones, and those that say nothing new."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Engine, Text, any_, bindparam, func, select
from sqlalchemy.dialects import postgresql

from detector.model import Report
from detector.problems.problem import Problem
from detector.problems.rows import RowReason
from detector.store import tables
from detector.store.engine import reading
from detector.store.news import add_news
from detector.store.quarantine import RefusedRow
from detector.store.rows import SAID, Said, as_it_is, digest, iso, said

_LOOK_UP_AT_ONCE: Final = 20_000
_Key = tuple[str, str]
_Known = tuple[bytes, str]
_OTHER_MUNICIPALITY: Final = Problem(RowReason.OTHER_MUNICIPALITY)


class Fate(StrEnum):
    """What becomes of one report of a batch."""

    ACCEPTED = "accepted"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class UpsertCounts:
    """What became of a batch: ``accepted`` + ``updated`` + ``unchanged`` + the refused = its length.

    ``refused`` holds the place in the batch (from 0) and what is wrong, without any value of the row; ``fates`` has one for each
    report.
    """

    accepted: int
    updated: int
    unchanged: int
    refused: tuple[tuple[int, Problem], ...]
    fates: tuple[Fate, ...] = ()


def one_of(connection: Connection, column: ColumnElement[str], values: Sequence[str]) -> ColumnElement[bool]:
    """``column`` is one of ``values``, however many, as one parameter."""
    if connection.dialect.name == "postgresql":
        return column == any_(bindparam(None, list(values), type_=postgresql.ARRAY(Text)))
    each = func.json_each(json.dumps(list(values))).table_valued("value")
    return column.in_(select(each.c.value))


def _look_up(connection: Connection, reports: Sequence[Report]) -> dict[_Key, _Known]:
    """Digest and municipality of those reports that the store has."""
    ids: dict[str, list[str]] = defaultdict(list)
    for report in reports:
        ids[report.source].append(report.report_id)
    table = tables.reports.c
    found: dict[_Key, _Known] = {}
    for source, all_ids in ids.items():
        for start in range(0, len(all_ids), _LOOK_UP_AT_ONCE):
            # PostgreSQL refuses a NUL even in a question; such an id is refused further on.
            wanted = one_of(connection, table.report_id, [i for i in all_ids[start : start + _LOOK_UP_AT_ONCE] if _storable(i)])
            query = select(table.report_id, table.digest, table.municipality).where(table.source == source, wanted)
            rows = connection.execute(query).all()
            found.update({(source, report_id): (old, municipality) for report_id, old, municipality in rows})
    return found


def _storable(value: str) -> bool:
    return value.isprintable() or not any(char == "\0" or "\ud800" <= char <= "\udfff" for char in value)


def _unfit(report: Report, text: str, purged: dict[str, date]) -> Problem | None:
    """Why a report cannot be kept at all, or None; ``text`` is what the digest is made of."""
    before = purged.get(report.municipality)
    if before is not None and report.received_on < before:
        return Problem(RowReason.PAST_RETENTION, before=before)
    if ":" in report.source:
        return Problem(RowReason.SOURCE_NAME)
    # repr escapes what no database keeps; the strings themselves decide, as a backslash in them looks the same.
    odd = "\\" in text or not (report.report_id.isprintable() and report.source.isprintable())
    if odd and not all(_storable(value) for value in _strings(report)):
        return Problem(RowReason.UNSTORABLE)
    return None


def _strings(report: Report) -> list[str]:
    single = (report.source, report.report_id, report.municipality, report.area_code, report.place_key, report.nature)
    return [*(value for value in single if value), *report.grounds, *report.communities, *report.domains]


@dataclass(slots=True)
class _Sorted:
    """What a batch comes to: rows to insert and to update, by key, and what becomes of the others."""

    inserts: dict[_Key, tuple[Any, ...]] = field(default_factory=dict)
    updates: dict[_Key, tuple[Any, ...]] = field(default_factory=dict)
    news: set[str] = field(default_factory=set)
    refused: list[tuple[int, Problem]] = field(default_factory=list)
    fates: list[Fate] = field(default_factory=list)
    updated: int = 0
    unchanged: int = 0

    def counts(self) -> UpsertCounts:
        return UpsertCounts(len(self.inserts), self.updated, self.unchanged, tuple(self.refused), tuple(self.fates))


def _sort(connection: Connection, reports: Sequence[Report], known: dict[_Key, _Known]) -> _Sorted:
    """Compare a batch with what is known of its keys; ``known`` learns what is new."""
    day = iso if connection.dialect.name == "sqlite" else as_it_is
    purged = _purged(connection)
    result = _Sorted()
    inserts, updates, fates = result.inserts, result.updates, result.fates
    # Looked up once: doing so for every row shows.
    accepted, updated, unchanged, refused = Fate.ACCEPTED, Fate.UPDATED, Fate.UNCHANGED, Fate.REFUSED
    for place, report in enumerate(reports):
        key = (report.source, report.report_id)
        row: Said = said(report, day)
        text = repr((row if day is iso else said(report, iso))[2:])
        row_digest = digest(text)
        old = known.get(key)
        if old is not None and old[0] == row_digest:
            result.unchanged += 1
            fates.append(unchanged)
            continue
        reason = _unfit(report, text, purged)
        if reason is None and old is not None and old[1] != report.municipality:
            reason = _OTHER_MUNICIPALITY
        if reason is not None:
            result.refused.append((place, reason))
            fates.append(refused)
            continue
        known[key] = (row_digest, report.municipality)
        result.news.add(report.municipality)
        result.updated += old is not None
        fates.append(accepted if old is None else updated)
        if old is None or key in inserts:
            inserts[key] = (*row, row_digest)
        else:
            updates[key] = (*row[2:], row_digest, *key)
    return result


def _purged(connection: Connection) -> dict[str, date]:
    horizon = select(tables.municipalities.c.code, tables.municipalities.c.purged_before)
    return {code: before for code, before in connection.execute(horizon) if before is not None}


def upsert(connection: Connection, reports: Sequence[Report]) -> UpsertCounts:
    """Take in a batch within the transaction at hand; see :meth:`detector.store.reports.ReportStore.upsert`."""
    batch = _sort(connection, reports, _look_up(connection, reports))
    _write(connection, list(batch.inserts.values()), list(batch.updates.values()))
    add_news(connection, batch.news)
    return batch.counts()


class Preview:
    """Says what would become of batches, one after the other, and only reads: a dry run that holds up nobody."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._learned: dict[_Key, _Known] = {}

    def upsert(self, reports: Sequence[Report]) -> UpsertCounts:
        """Count as the store would after taking in the batches before this one."""
        with reading(self._engine) as connection:
            known = _look_up(connection, reports)
            keys = [(report.source, report.report_id) for report in reports]
            known.update({key: self._learned[key] for key in keys if key in self._learned})
            batch = _sort(connection, reports, known)
        self._learned.update({key: known[key] for key in (*batch.inserts, *batch.updates)})
        return batch.counts()

    def quarantine(self, source: str, file: str, refused: Sequence[RefusedRow], at: datetime) -> None:
        """A dry run keeps nothing."""


def _write(connection: Connection, inserts: list[tuple[Any, ...]], updates: list[tuple[Any, ...]]) -> None:
    # Straight to the driver: SQLAlchemy's own handling of the parameters takes longer than the database does.
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    if inserts:
        columns = (*SAID, "digest")
        marks = ", ".join([mark] * len(columns))
        # The names are constants of this package, and the values are parameters.
        connection.exec_driver_sql(f"INSERT INTO reports ({', '.join(columns)}) VALUES ({marks})", inserts)  # noqa: S608
    if updates:
        changes = ", ".join(f"{column} = {mark}" for column in (*SAID[2:], "digest"))
        update = f"UPDATE reports SET {changes} WHERE source = {mark} AND report_id = {mark}"  # noqa: S608 - as above
        connection.exec_driver_sql(update, updates)
