"""Deletes reports that are past the retention period, after folding them into counts from which figures can still be made."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import product

from sqlalchemy import Connection, delete, func, select, update

from detector.model import Report, ReportKind
from detector.store import tables
from detector.store.engine import insert_into
from detector.store.errors import StoreError
from detector.store.rows import from_row

ANY = "*"
"""Stands for all values of a rubric, so that a report with two grounds counts once among all grounds."""
NONE = ""
"""Stands for a rubric that the report leaves empty."""

_Cell = tuple[date, str, str, str, str]


@dataclass(frozen=True, slots=True)
class MonthlyCount:
    """How many deleted reports of a month had this ground, domain and community; each may be ``ANY`` or ``NONE``."""

    month: date
    kind: ReportKind
    ground: str
    domain: str
    community: str
    reports: int


@dataclass(frozen=True, slots=True)
class Purged:
    """What retention did for one municipality: ``deleted`` = ``folded`` + ``withdrawn``."""

    municipality: str
    before: date
    deleted: int
    folded: int
    withdrawn: int
    first_month: date
    last_month: date


def _cells(report: Report) -> Iterator[_Cell]:
    month = report.received_on.replace(day=1)
    rubrics = ((ANY, *(set(codes) or {NONE})) for codes in (report.grounds, report.domains, report.communities))
    for ground, domain, community in product(*rubrics):
        yield month, report.kind.value, ground, domain, community


def purge(connection: Connection, before: date, at: datetime) -> list[Purged]:
    """Fold and delete, municipality by municipality, within the transaction at hand."""
    table = tables.reports.c
    old = select(table.municipality).where(table.received_on < before).distinct().order_by(table.municipality)
    done = [_purge_one(connection, code, before, at) for code in list(connection.scalars(old))]
    code, horizon = tables.municipalities.c.code, tables.municipalities.c.purged_before
    further = horizon.is_(None) | (horizon < before)
    for purged in done:
        change = update(tables.municipalities).where(code == purged.municipality, further)
        connection.execute(change.values(purged_before=before))
    return done


def _purge_one(connection: Connection, municipality: str, before: date, at: datetime) -> Purged:
    table = tables.reports.c
    old = (table.municipality == municipality, table.received_on < before)
    cells: Counter[_Cell] = Counter()
    folded = withdrawn = 0
    months: set[date] = set()
    for row in connection.execute(select(tables.reports).where(*old)).mappings():
        report = from_row(row)
        months.add(report.received_on.replace(day=1))
        if report.withdrawn:
            withdrawn += 1
        else:
            folded += 1
            cells.update(_cells(report))
    before_sum = _total(connection, municipality)
    _add(connection, municipality, cells)
    key = table.source + ":" + table.report_id
    for column in (tables.pattern_members.c.report_key, tables.kind_changes.c.report_key):
        connection.execute(delete(column.table).where(column.in_(select(key).where(*old))))
    deleted = connection.execute(delete(tables.reports).where(*old)).rowcount
    counted = _total(connection, municipality) - before_sum
    if not (counted == folded and deleted == folded + withdrawn):
        raise StoreError(
            f"retention for {municipality}: {deleted} reports would go, {counted} of {folded} were counted; nothing was deleted"
        )
    result = Purged(municipality, before, deleted, folded, withdrawn, min(months), max(months))
    _log(connection, result, at)
    return result


def _add(connection: Connection, municipality: str, cells: Counter[_Cell]) -> None:
    if not cells:
        return
    insert = insert_into(connection, tables.monthly_counts)
    change = insert.on_conflict_do_update(
        index_elements=["municipality", "month", "kind", "ground", "domain", "community"],
        set_={"reports": tables.monthly_counts.c.reports + insert.excluded.reports},
    )
    names = ("month", "kind", "ground", "domain", "community")
    rows = [{"municipality": municipality, **dict(zip(names, cell, strict=True)), "reports": n} for cell, n in cells.items()]
    connection.execute(change, rows)


def _total(connection: Connection, municipality: str) -> int:
    table = tables.monthly_counts.c
    all_of_it = (table.municipality == municipality, table.ground == ANY, table.domain == ANY, table.community == ANY)
    return connection.scalar(select(func.coalesce(func.sum(table.reports), 0)).where(*all_of_it)) or 0


def _log(connection: Connection, purged: Purged, at: datetime) -> None:
    entry = {
        "municipality": purged.municipality,
        "before": purged.before,
        "at": at,
        "deleted": purged.deleted,
        "folded": purged.folded,
        "withdrawn": purged.withdrawn,
        "first_month": purged.first_month,
        "last_month": purged.last_month,
    }
    connection.execute(tables.retention_log.insert(), entry)


def monthly_counts(connection: Connection, municipality: str) -> list[MonthlyCount]:
    """The counts of one municipality, by month and cell."""
    table = tables.monthly_counts.c
    columns = (table.month, table.kind, table.ground, table.domain, table.community)
    query = select(*columns, table.reports).where(table.municipality == municipality).order_by(*columns)
    return [
        MonthlyCount(month, ReportKind(kind), ground, domain, community, reports)
        for month, kind, ground, domain, community, reports in connection.execute(query)
    ]
