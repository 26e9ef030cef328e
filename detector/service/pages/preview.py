"""What would become of a file, row by row, before anything of it is taken in."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from detector.ingest.intake import read_reports
from detector.ingest.outcome import Batch
from detector.ingest.places import AreaLookup
from detector.ingest.profile import SourceProfile
from detector.model import Report
from detector.problems.problem import Problem
from detector.store.upsert import Fate, Preview

ROWS_ON_A_PAGE = 100


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number in the file, what would become of it, and the report it would be or what is wrong with it."""

    number: int
    fate: Fate
    report: Report | None = None
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Previewed:
    """A page of rows, and how many of all rows would become what."""

    counts: dict[Fate, int]
    rows: tuple[Row, ...]
    warnings: tuple[Problem, ...]
    matching: int

    @property
    def read(self) -> int:
        """All rows of the file."""
        return sum(self.counts.values())


def preview(
    path: Path,
    profile: SourceProfile,
    areas: AreaLookup,
    store: Preview,
    now: datetime,
    *,
    only: Fate | None = None,
    page: int = 1,
) -> Previewed:
    """Read the whole file and say what the store would do with it; nothing is written.

    Args:
        path: the file.
        profile: how it is read.
        areas: the areas in the store.
        store: answers for this file alone: it learns from batch to batch.
        now: UTC.
        only: show only rows of this fate.
        page: which page of rows, from 1.

    Raises:
        IntakeError: nothing of the file can be read.
        StoreError: the database failed.
    """
    counts: Counter[Fate] = Counter()
    shown: list[Row] = []
    warnings: dict[Problem, None] = {}
    matching = 0
    first = (page - 1) * ROWS_ON_A_PAGE
    for batch in read_reports(path, profile, areas, now):
        warnings.update(dict.fromkeys(batch.warnings))
        for row in _rows(batch, store):
            counts[row.fate] += 1
            if only is None or row.fate is only:
                if first <= matching < first + ROWS_ON_A_PAGE:
                    shown.append(row)
                matching += 1
    return Previewed(dict(counts), tuple(shown), tuple(warnings), matching)


def _rows(batch: Batch, store: Preview) -> Iterator[Row]:
    done = store.upsert(batch.reports)
    problems = dict(done.refused)
    fates = zip(batch.rows, batch.reports, done.fates, strict=True)
    rows = [
        Row(number, fate, None, problems[place]) if fate is Fate.REFUSED else Row(number, fate, report)
        for place, (number, report, fate) in enumerate(fates)
    ]
    rows += [Row(one.row, Fate.REFUSED, None, one.problem) for one in batch.refused]
    yield from sorted(rows, key=lambda row: row.number)
