"""Marks of case workers: which reports do not count as one more, who says so and why; they go before what the source says."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from detector.model import Report, ReportKind
from detector.store import tables
from detector.store.errors import StoreError
from detector.store.news import add_news
from detector.store.rows import from_row
from detector.store.upsert import one_of


@dataclass(frozen=True, slots=True)
class Marking:
    """What somebody says of some reports of one municipality, all at once.

    ``id`` names this act for good: the same one twice is done once. ``keys`` are report keys. ``kind`` None takes a mark away, so
    that the report is again what its source says.
    """

    id: str
    municipality: str
    keys: frozenset[str]
    kind: ReportKind | None
    reason: str
    actor: str


@dataclass(frozen=True, slots=True)
class KindChange:
    """One change that a mark made to one report."""

    report_key: str
    before: ReportKind
    after: ReportKind
    reason: str
    actor: str
    at: datetime
    marking: str


@dataclass(frozen=True, slots=True)
class MarkedReport:
    """A report as it counts, beside what its source says of its kind and what a case worker last changed."""

    report: Report
    source_kind: ReportKind
    marked_kind: ReportKind | None
    last_change: KindChange | None = None


def mark(connection: Connection, marking: Marking, at: datetime) -> frozenset[str]:
    """Do what a marking says, within the transaction at hand; gives the keys of the reports that it changed.

    Raises:
        StoreError: one of the reports is not there, or belongs to another municipality; nothing may be kept.
    """
    rows = _rows(connection, marking.municipality, marking.keys)
    if rows.keys() != marking.keys:
        raise StoreError("one of these reports is not there any more; open the list again, and mark what is there now")
    if _done_before(connection, marking.id):
        return frozenset()
    changed = frozenset(key for key, row in rows.items() if row["marked_kind"] != marking.kind)
    wanted = None if marking.kind is None else marking.kind.value
    for key in sorted(changed):
        source, _, report_id = key.partition(":")
        here = (tables.reports.c.source == source, tables.reports.c.report_id == report_id)
        connection.execute(update(tables.reports).where(*here).values(marked_kind=wanted))
        row = rows[key]
        entry = {
            "report_key": key,
            "kind_before": row["marked_kind"] or row["kind"],
            "kind_after": wanted or row["kind"],
            "actor": marking.actor,
            "at": at,
            "reason": marking.reason,
            "marking": marking.id,
        }
        connection.execute(tables.kind_changes.insert(), entry)
    add_news(connection, {marking.municipality} if changed else ())
    return changed


def marked_reports(connection: Connection, municipality: str, keys: Collection[str]) -> list[MarkedReport]:
    """The reports of these keys that are still there, with their marks, by day of receipt and then by key."""
    rows = _rows(connection, municipality, keys)
    changes = _last_changes(connection, rows.keys())
    found = [
        MarkedReport(
            from_row(row),
            ReportKind(row["kind"]),
            row["marked_kind"] and ReportKind(row["marked_kind"]),
            changes.get(key),
        )
        for key, row in rows.items()
    ]
    return sorted(found, key=lambda one: (one.report.received_on, one.report.key))


def _rows(connection: Connection, municipality: str, keys: Collection[str]) -> dict[str, Mapping[Any, Any]]:
    if not keys:
        return {}
    ids = sorted({key.partition(":")[2] for key in keys})
    table = tables.reports.c
    query = select(tables.reports).where(table.municipality == municipality, one_of(connection, table.report_id, ids))
    rows = {f"{row['source']}:{row['report_id']}": row for row in connection.execute(query).mappings()}
    return {key: row for key, row in rows.items() if key in keys}


def _done_before(connection: Connection, marking: str) -> bool:
    query = select(tables.kind_changes.c.id).where(tables.kind_changes.c.marking == marking).limit(1)
    return connection.execute(query).first() is not None


def _last_changes(connection: Connection, keys: Collection[str]) -> dict[str, KindChange]:
    if not keys:
        return {}
    table = tables.kind_changes.c
    query = select(tables.kind_changes).where(one_of(connection, table.report_key, sorted(keys))).order_by(table.id)
    # The last one stays.
    return {
        row.report_key: KindChange(
            report_key=row.report_key,
            before=ReportKind(row.kind_before),
            after=ReportKind(row.kind_after),
            reason=row.reason,
            actor=row.actor,
            at=row.at,
            marking=row.marking,
        )
        for row in connection.execute(query)
    }
