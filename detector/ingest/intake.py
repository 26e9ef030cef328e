"""Intake: files and posted records become reports, each row accounted for; what is not anonymous or right goes to quarantine."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from detector.ingest.errors import IntakeError
from detector.ingest.guard import Guard
from detector.ingest.outcome import Batch, Counts, IntakeResult, Refused, ReportSink, UpsertCounts
from detector.ingest.places import AreaLookup, NoAreas
from detector.ingest.profile import SourceProfile
from detector.ingest.readers import read_table
from detector.ingest.table import RawBatch, Records
from detector.ingest.translate import Translator
from detector.model import Report
from detector.problems.problem import Problem
from detector.problems.rows import RowReason

__all__ = [
    "AreaLookup",
    "Batch",
    "IntakeError",
    "IntakeResult",
    "NoAreas",
    "Refused",
    "ReportSink",
    "UpsertCounts",
    "ingest_file",
    "ingest_records",
    "read_reports",
]

POSTED = "(posted)"
"""What stands for the file's name where reports came in by request."""

MOVED = Problem(RowReason.OTHER_MUNICIPALITY)


def read_reports(path: Path, profile: SourceProfile, areas: AreaLookup, now: datetime | None = None) -> Iterator[Batch]:
    """The reports of a file in batches, with the rows that were refused; without ``now`` no day lies in the future.

    Raises:
        IntakeError: nothing of the file can be read. Where it breaks off later, the last batch says so as a refused row.
    """
    yield from _translated(read_table(path, profile), Translator(profile, areas, now))


def _translated(table: Iterator[RawBatch], translator: Translator) -> Iterator[Batch]:
    last = 0
    while True:
        try:
            raw = next(table)
            batch = translator.batch(raw)
        except StopIteration:
            return
        except IntakeError as error:
            if last == 0:
                raise
            broken = Problem(RowReason.UNREADABLE_REST, why=error.problem)
            yield Batch([], [], [Refused.because(last + 1, broken)])
            return
        last = max([last, *raw.rows[-1:], *(row for row, _ in raw.refused[-1:])])
        yield batch


@dataclass
class _FileMemory:
    """Stands in for a store on a dry run: what the file itself says about its ids."""

    _seen: dict[str, tuple[str, int]] = field(default_factory=dict)

    def upsert(self, reports: Sequence[Report]) -> Counts:
        """Count as a store that knows nothing but this file."""
        accepted = updated = unchanged = 0
        refused: list[tuple[int, Problem]] = []
        for place, report in enumerate(reports):
            now = (report.municipality, hash(report))
            before = self._seen.setdefault(report.report_id, now)
            if before is now:
                accepted += 1
            elif before == now:
                unchanged += 1
            elif before[0] != now[0]:
                refused.append((place, MOVED))
            else:
                updated += 1
                self._seen[report.report_id] = now
        return UpsertCounts(accepted, updated, unchanged, refused)

    def quarantine(self, source: str, file: str, refused: Sequence[Refused], at: datetime) -> None:
        """A dry run keeps nothing."""
        del source, file, refused, at


def _ingest(
    batches: Iterator[Batch],
    profile: SourceProfile,
    file: str,
    sink: ReportSink | None,
    now: datetime,
    *,
    progress: Callable[[int], None] | None = None,
) -> IntakeResult:
    store: ReportSink = _FileMemory() if sink is None else sink
    read = accepted = updated = unchanged = 0
    all_refused: list[Refused] = []
    warnings: dict[Problem, None] = {}
    for batch in batches:
        refused = batch.refused
        if batch.reports:
            counts = store.upsert(batch.reports)
            accepted, updated, unchanged = accepted + counts.accepted, updated + counts.updated, unchanged + counts.unchanged
            refused = refused + [Refused.because(batch.rows[place], problem) for place, problem in counts.refused]
        if refused:
            store.quarantine(profile.source, file, refused, now)
        read += batch.read
        all_refused += refused
        warnings.update(dict.fromkeys(batch.warnings))
        if progress is not None:
            progress(read)
    all_refused.sort(key=lambda one: one.row)
    return IntakeResult(read, accepted, updated, unchanged, tuple(all_refused), tuple(warnings))


def ingest_file(  # noqa: PLR0917 - progress is last and the callers of this seam name it
    path: Path,
    profile: SourceProfile,
    areas: AreaLookup,
    sink: ReportSink | None,
    now: datetime,
    progress: Callable[[int], None] | None = None,
) -> IntakeResult:
    """Take in a file; ``sink`` None is a dry run that writes nothing. ``progress`` hears how many rows were read so far.

    Raises:
        IntakeError: nothing of the file can be read.
    """
    # A name such as that of a person's case would otherwise stand in quarantine.
    name = Guard(profile.phone_region).shown(path.name)
    return _ingest(read_reports(path, profile, areas, now), profile, name, sink, now, progress=progress)


def ingest_records(
    records: Sequence[Mapping[str, object]],
    profile: SourceProfile,
    areas: AreaLookup,
    sink: ReportSink | None,
    now: datetime,
) -> IntakeResult:
    """Take in posted records (field to value), by the same rules as a file.

    Raises:
        IntakeError: the records have no fields that the profile maps.
    """
    translator = Translator(profile, areas, now)
    return _ingest(_translated(_raw_records(records), translator), profile, POSTED, sink, now)


def _raw_records(records: Sequence[Mapping[str, object]]) -> Iterator[RawBatch]:
    pile = Records()
    for record in records:
        pile.add(record)
        if pile.full:
            yield from pile.take()
    yield from pile.take()
