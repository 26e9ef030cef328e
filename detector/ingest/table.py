"""What every reader hands on: some rows of a file as columns of text, whatever the format was."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal

from detector.ingest.errors import IntakeError
from detector.ingest.fields import LIST_SEPARATOR
from detector.problems.files import FileReason
from detector.problems.problem import Problem
from detector.problems.rows import RowReason

BATCH_ROWS = 5_000
MAX_COLUMNS = 1_000
MAX_ROW_CHARACTERS = 1_000_000

TOO_MANY_COLUMNS = Problem(RowReason.TOO_MANY_CELLS, most=MAX_COLUMNS)
NESTED = Problem(RowReason.NESTED)


@dataclass(frozen=True)
class RawBatch:
    """Rows as text: ``cells[c][i]`` is the cell of column c in row ``rows[i]`` (1 is the first), empty for no value."""

    columns: tuple[str, ...]
    rows: Sequence[int]
    cells: Sequence[Sequence[str]]
    refused: Sequence[tuple[int, Problem]] = ()
    warnings: tuple[Problem, ...] = ()


def text_of(value: object) -> str | Problem:
    """A cell's value as text: numbers without an idle ``.0``, days as YYYY-MM-DD, lists joined; empty for nothing."""
    if isinstance(value, str):
        return value
    if value is None or value != value:  # noqa: PLR0124 - not-a-number of any library is not equal to itself
        return ""
    if isinstance(value, list | tuple):
        parts = [NESTED if isinstance(part, list | tuple) else text_of(part) for part in value]
        texts = [part for part in parts if isinstance(part, str)]
        return LIST_SEPARATOR.join(texts) if len(texts) == len(parts) else NESTED
    return _text_of_scalar(value)


def _text_of_scalar(value: object) -> str | Problem:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float | Decimal):
        return _text_of_number(float(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time(0) and value.tzinfo is None else value.isoformat()
    return str(value) if isinstance(value, date | time | int) else NESTED


def _text_of_number(value: float) -> str:
    if not math.isfinite(value):
        return ""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)  # noqa: PLR2004 - exact integers


@dataclass
class Records:
    """Gathers records (field to value) into batches of columns; fields may differ from record to record."""

    first_row: int = 1
    _rows: list[int] = field(default_factory=list)
    _records: list[dict[str, str]] = field(default_factory=list)
    _refused: list[tuple[int, Problem]] = field(default_factory=list)
    _row: int = 0

    def add(self, record: object) -> None:
        """Take one record; what is no record of plain values is refused."""
        self._row += 1
        row = self._row + self.first_row - 1
        if not isinstance(record, Mapping):
            self._refused.append((row, Problem(RowReason.NO_RECORD)))
            return
        if len(record) > MAX_COLUMNS:
            self._refused.append((row, TOO_MANY_COLUMNS))
            return
        texts: dict[str, str] = {}
        for name, value in record.items():
            text = text_of(value)
            if isinstance(text, Problem):
                self._refused.append((row, text))
                return
            texts[str(name).strip()] = text
        self._rows.append(row)
        self._records.append(texts)

    def refuse(self, problem: Problem) -> None:
        """Count one record that could not be read."""
        self._row += 1
        self._refused.append((self._row + self.first_row - 1, problem))

    @property
    def started(self) -> bool:
        """Whether any record was taken or refused before."""
        return self._row > 0

    @property
    def full(self) -> bool:
        """Whether there is a batch to take."""
        return len(self._rows) + len(self._refused) >= BATCH_ROWS

    def take(self) -> Iterator[RawBatch]:
        """The batch gathered so far, if any."""
        if not self._rows and not self._refused:
            return
        names: dict[str, None] = {}
        for record in self._records:
            names.update(dict.fromkeys(record))
        if len(names) > MAX_COLUMNS:
            raise IntakeError(Problem(FileReason.TOO_MANY_FIELDS, most=MAX_COLUMNS))
        cells = [[record.get(name, "") for record in self._records] for name in names]
        yield RawBatch(tuple(names), self._rows, cells, self._refused)
        self._rows, self._records, self._refused = [], [], []
