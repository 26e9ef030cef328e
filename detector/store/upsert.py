"""Takes a batch of reports into the table: new ones, changed ones, and those that say nothing new."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Text, any_, bindparam, func, select, update
from sqlalchemy.dialects import postgresql

from detector.model import Report
from detector.store import tables
from detector.store.news import add_news
from detector.store.rows import digest, known_on, to_row

_LOOK_UP_AT_ONCE = 20_000
_UPDATE_OF = {"at_source": "source", "at_report_id": "report_id"}


@dataclass(frozen=True, slots=True)
class UpsertCounts:
    """What became of a batch: ``accepted`` + ``updated`` + ``unchanged`` + the refused = its length.

    ``refused`` holds the place in the batch (from 0) and why, without any value of the row.
    """

    accepted: int
    updated: int
    unchanged: int
    refused: tuple[tuple[int, str], ...]


@dataclass(slots=True)
class _Known:
    """What the store has under an id: enough to tell whether a row is news."""

    digest: bytes
    municipality: str
    known_on: date | None


def one_of(connection: Connection, column: ColumnElement[str], values: Sequence[str]) -> ColumnElement[bool]:
    """``column`` is one of ``values``, however many, as one parameter."""
    if connection.dialect.name == "postgresql":
        return column == any_(bindparam(None, list(values), type_=postgresql.ARRAY(Text)))
    from json import dumps  # noqa: PLC0415 - only SQLite takes the list as JSON

    each = func.json_each(dumps(list(values))).table_valued("value")
    return column.in_(select(each.c.value))


def _look_up(connection: Connection, reports: Sequence[Report]) -> dict[tuple[str, str], _Known]:
    ids: dict[str, list[str]] = defaultdict(list)
    for report in reports:
        ids[report.source].append(report.report_id)
    table = tables.reports.c
    found: dict[tuple[str, str], _Known] = {}
    for source, all_ids in ids.items():
        for start in range(0, len(all_ids), _LOOK_UP_AT_ONCE):
            wanted = one_of(connection, table.report_id, all_ids[start : start + _LOOK_UP_AT_ONCE])
            query = select(table.report_id, table.digest, table.municipality, table.known_on)
            for row in connection.execute(query.where(table.source == source, wanted)):
                found[source, row.report_id] = _Known(row.digest, row.municipality, row.known_on)
    return found


def _unfit(report: Report, said: str, purged: dict[str, date]) -> str | None:
    """Why a report cannot be kept at all, or None."""
    before = purged.get(report.municipality)
    if before is not None and report.received_on < before:
        return f"received_on lies before {before}: reports that old are past the retention period and were counted already"
    if ":" in report.source:
        return "the source's name holds a colon; give the profile a name without one"
    # A quick look at the text first; the strings themselves decide, as a backslash in them reads the same there.
    odd = "\\x00" in said or "\\ud" in said or not report.report_id.isprintable()
    if odd and any(_unstorable(value) for value in _strings(report)):
        return "a value holds a character that no database keeps (NUL or half a surrogate pair); export the file again as UTF-8"
    return None


def _strings(report: Report) -> list[str]:
    single = (report.report_id, report.municipality, report.area_code, report.place_key, report.nature)
    return [*(value for value in single if value), *report.grounds, *report.communities, *report.domains]


def _unstorable(value: str) -> bool:
    return "\0" in value or any("\ud800" <= char <= "\udfff" for char in value)


def upsert(connection: Connection, reports: Sequence[Report], today: date) -> UpsertCounts:
    """Take in a batch within the transaction at hand; see :meth:`detector.store.reports.ReportStore.upsert`."""
    known = _look_up(connection, reports)
    horizon = select(tables.municipalities.c.code, tables.municipalities.c.purged_before)
    purged = {row.code: row.purged_before for row in connection.execute(horizon) if row.purged_before is not None}
    inserts: dict[tuple[str, str], dict[str, Any]] = {}
    updates: dict[tuple[str, str], dict[str, Any]] = {}
    refused: list[tuple[int, str]] = []
    updated = unchanged = 0
    for place, report in enumerate(reports):
        key = (report.source, report.report_id)
        report_digest, said = digest(report)
        old = known.get(key)
        if old is not None and old.digest == report_digest:
            unchanged += 1
            continue
        reason = _unfit(report, said, purged)
        if reason is None and old is not None and old.municipality != report.municipality:
            reason = "this report_id belongs to another municipality already; withdraw the old report and send a new id"
        if reason is not None:
            refused.append((place, reason))
        elif old is None:
            first_known = known_on(report, today)
            known[key] = _Known(report_digest, report.municipality, first_known)
            inserts[key] = to_row(report, first_known, report_digest)
        else:
            updated += 1
            old.digest = report_digest
            (inserts if key in inserts else updates)[key] = to_row(report, old.known_on, report_digest)
    _write(connection, inserts, updates)
    return UpsertCounts(len(inserts), updated, unchanged, tuple(refused))


def _write(
    connection: Connection,
    inserts: dict[tuple[str, str], dict[str, Any]],
    updates: dict[tuple[str, str], dict[str, Any]],
) -> None:
    if inserts:
        connection.execute(tables.reports.insert(), list(inserts.values()))
    if updates:
        table = tables.reports.c
        change = update(tables.reports).where(
            table.source == bindparam("at_source"), table.report_id == bindparam("at_report_id")
        )
        rows = [{**row, **{at: row[name] for at, name in _UPDATE_OF.items()}} for row in updates.values()]
        connection.execute(change, rows)
    add_news(connection, {row["municipality"] for row in (*inserts.values(), *updates.values())})
