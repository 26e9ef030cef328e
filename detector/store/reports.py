"""The reports of all municipalities: intake writes them, the cycle reads them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Engine, Select, func, select

from detector.columns import ReportColumns
from detector.model import Report
from detector.store import tables
from detector.store.columns import read_columns
from detector.store.engine import reading, writing
from detector.store.marking import MarkedReport, Marking, mark, marked_reports
from detector.store.news import set_read, unread_news
from detector.store.quarantine import Quarantined, RefusedRow, quarantined, write_quarantine
from detector.store.retention import MonthlyCount, Purged, monthly_counts, purge
from detector.store.rows import from_row
from detector.store.upsert import Preview, UpsertCounts, one_of, upsert


@dataclass(frozen=True, slots=True)
class ReportCounts:
    """How much the store holds of one municipality; ``withdrawn`` are among ``reports``."""

    municipality: str
    reports: int
    withdrawn: int
    first_received_on: date
    last_received_on: date


class ReportStore:
    """Reads and writes reports; every call is one transaction and raises StoreError where it cannot be done."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def upsert(self, reports: Sequence[Report]) -> UpsertCounts:
        """Take in a batch: all of it, or, on an error, nothing.

        The id of a source's report is its name for good: the same id with other words updates, with the same words does
        nothing, and with another municipality is refused. The same id twice in the batch: the later row updates the earlier.
        """
        with writing(self._engine) as connection:
            return upsert(connection, reports)

    def preview(self) -> Preview:
        """What :meth:`upsert` would do, for a dry run; it reads only."""
        return Preview(self._engine)

    def load(self, municipality: str, as_of: date | None = None) -> list[Report]:
        """The municipality's reports, withdrawn ones included, by day of receipt and then by key.

        Args:
            municipality: its code.
            as_of: only what had come in by the end of that day, by ``received_on``; None for all.
        """
        with reading(self._engine) as connection:
            rows = connection.execute(_of(municipality, as_of)).mappings()
            reports = [from_row(row) for row in rows]
        return sorted(reports, key=lambda report: (report.received_on, report.key))

    def load_columns(self, municipality: str, as_of: date | None = None) -> ReportColumns:
        """What :meth:`load` gives, as columns: for a million reports, and without those that do not count in detection."""
        with reading(self._engine) as connection:
            return read_columns(connection, _of(municipality, as_of))

    def by_key(self, municipality: str, keys: Collection[str]) -> dict[str, Report]:
        """The reports of these keys that are still there, by key."""
        if not keys:
            return {}
        ids = sorted({key.partition(":")[2] for key in keys})
        with reading(self._engine) as connection:
            query = select(tables.reports).where(
                tables.reports.c.municipality == municipality, one_of(connection, tables.reports.c.report_id, ids)
            )
            reports = (from_row(row) for row in connection.execute(query).mappings())
            return {report.key: report for report in reports if report.key in keys}

    def municipalities(self) -> list[str]:
        """Codes of the municipalities that ever had a report, ascending."""
        with reading(self._engine) as connection:
            return list(connection.scalars(select(tables.municipalities.c.code).order_by(tables.municipalities.c.code)))

    def counts(self) -> list[ReportCounts]:
        """What the store holds, by municipality."""
        table = tables.reports.c
        first, last = func.min(table.received_on), func.max(table.received_on)
        withdrawn = func.count().filter(table.withdrawn)
        query = select(table.municipality, func.count(), withdrawn, first, last).group_by(table.municipality)
        with reading(self._engine) as connection:
            return [ReportCounts(*row) for row in connection.execute(query.order_by(table.municipality))]

    def unread_news(self) -> dict[str, int]:
        """Municipality to the number of its newest change, where no finished run has read it.

        Ask before reading the reports and hand the number to the run's end: what comes in meanwhile has a higher number, and
        stays unread.
        """
        with reading(self._engine) as connection:
            return unread_news(connection)

    def set_read(self, municipality: str, read_up_to: int) -> None:
        """Say that a run has read the reports up to a change; the end of a run does so by itself."""
        with writing(self._engine) as connection:
            set_read(connection, municipality, read_up_to)

    def mark(self, marking: Marking, at: datetime) -> frozenset[str]:
        """Mark reports as a case worker sees them, or take marks away: all of them or, on an error, none.

        A mark holds for good: what the source says later does not change it, and holds again when the mark is taken away.

        Returns:
            Keys of the reports that this changed; none where the same marking was done before.

        Raises:
            StoreError: one of the reports is not there, or belongs to another municipality.
        """
        with writing(self._engine) as connection:
            return mark(connection, marking, at)

    def marked(self, municipality: str, keys: Collection[str]) -> list[MarkedReport]:
        """The reports of these keys that are still there, with what was marked, by day of receipt and then by key."""
        with reading(self._engine) as connection:
            return marked_reports(connection, municipality, keys)

    def quarantine(self, source: str, file: str, refused: Sequence[RefusedRow], at: datetime) -> None:
        """Note the rows of a file that were refused, with place and reason; the same file read again adds none."""
        with writing(self._engine) as connection:
            write_quarantine(connection, source, file, refused, at)

    def quarantined(self, since: datetime | None = None, *, limit: int | None = None, skip: int = 0) -> list[Quarantined]:
        """Refused rows that were last seen at ``since`` or later, latest first; ``limit`` of them at most, after ``skip``."""
        with reading(self._engine) as connection:
            return quarantined(connection, since, limit, skip)

    def purge(self, before: date, at: datetime) -> list[Purged]:
        """Fold the reports received before a day into monthly counts and delete them, in one transaction.

        Returns:
            What was done, by municipality; the same stands in the retention log.
        """
        with writing(self._engine) as connection:
            return purge(connection, before, at)

    def monthly_counts(self, municipality: str) -> list[MonthlyCount]:
        """What remains of the reports that retention has deleted."""
        with reading(self._engine) as connection:
            return monthly_counts(connection, municipality)


def _of(municipality: str, as_of: date | None) -> Select[*tuple[object, ...]]:
    table = tables.reports.c
    query = select(tables.reports).where(table.municipality == municipality)
    if as_of is not None:
        query = query.where(table.received_on <= as_of)
    return query
