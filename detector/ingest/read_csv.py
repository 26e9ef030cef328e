"""CSV: separators found by looking, quotes taken strictly, one broken row never taking the next with it."""

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

from detector.ingest.encoding import text_encoding
from detector.ingest.errors import BrokenOffError, IntakeError
from detector.ingest.profile import SourceProfile
from detector.ingest.table import BATCH_ROWS, MAX_COLUMNS, MAX_ROW_CHARACTERS, TOO_MANY_COLUMNS, RawBatch
from detector.ingest.words import fold
from detector.problems.files import FileReason
from detector.problems.notices import Notice
from detector.problems.problem import Problem, lines
from detector.problems.rows import RowReason

_DELIMITERS = (",", ";", "\t", "|")


def read_csv(path: Path, profile: SourceProfile) -> Iterator[RawBatch]:
    """The rows of a CSV file in batches."""
    encoding = text_encoding(path, profile.encoding)
    with path.open(encoding=encoding, newline="") as file:
        lines = _lines(file)
        header_line, delimiter = _header_line(lines, profile)
        try:
            reader = csv.reader(_chained(header_line, lines), delimiter=delimiter, strict=True)
            header = [name.strip().lstrip("\ufeff") for name in next(reader)]
        except csv.Error as error:
            raise IntakeError(Problem(FileReason.HEADER), str(error)) from None
        if len(header) > MAX_COLUMNS:
            raise IntakeError(Problem(FileReason.TOO_MANY_COLUMNS, columns=len(header), most=MAX_COLUMNS))
        yield from _batches(reader, lambda: reader.line_num, tuple(header))


def _lines(file: TextIO) -> Iterator[str]:
    """Lines, none longer than a row can be: a file without line ends must not fill the memory."""
    while line := file.readline(MAX_ROW_CHARACTERS):
        if len(line) == MAX_ROW_CHARACTERS:
            raise BrokenOffError(Problem(FileReason.LONG_LINE, most=MAX_ROW_CHARACTERS))
        yield line


def _chained(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _header_line(lines: Iterator[str], profile: SourceProfile) -> tuple[str, str]:
    """The line with the column names and the delimiter that fits it best."""
    delimiter = profile.delimiter
    for line in lines:
        bare = line.strip("\r\n").lstrip("\ufeff")
        if not bare.strip():
            continue
        if bare[:4].casefold() == "sep=" and len(bare) == 5:  # noqa: PLR2004 - Excel's own first line, "sep=;"
            delimiter = delimiter or bare[4]
            continue
        return line, delimiter or _sniff(line, profile)
    raise IntakeError(Problem(FileReason.EMPTY))


def _sniff(line: str, profile: SourceProfile) -> str:
    known = {fold(name) for name in profile.mapped_columns | set(profile.ignore)}

    def fit(delimiter: str) -> tuple[int, int]:
        names = next(csv.reader([line], delimiter=delimiter), [])
        return sum(fold(name.lstrip("\ufeff")) in known for name in names), len(names)

    return max(_DELIMITERS, key=fit)


def _shape_problem(cells: int, width: int) -> Problem:
    if cells > MAX_COLUMNS:
        return TOO_MANY_COLUMNS
    return Problem(RowReason.MORE_CELLS if cells > width else RowReason.FEWER_CELLS, cells=cells, columns=width)


def _batches(reader: Iterator[list[str]], line_number: Callable[[], int], header: tuple[str, ...]) -> Iterator[RawBatch]:
    pile = _Pile(header)
    number = 0
    before = line_number()
    while True:
        try:
            for row in reader:
                number += 1
                pile.add(number, row)
                before = line_number()
                if pile.full:
                    yield pile.take()
            break
        except csv.Error as error:
            number += 1
            pile.refuse(number, _unreadable(error, before + 1, line_number()))
            before = line_number()
        except BrokenOffError:
            yield pile.take()
            raise
    if number == 0:
        yield RawBatch(header, [], [()] * len(header), warnings=(Problem(Notice.NO_ROWS),))
    else:
        yield pile.take()


class _Pile:
    """Rows waiting to be handed on together."""

    def __init__(self, header: tuple[str, ...]) -> None:
        self._header = header
        self._start()

    def _start(self) -> None:
        self._rows: list[list[str]] = []
        self._numbers: list[int] = []
        self._refused: list[tuple[int, Problem]] = []

    def add(self, number: int, row: list[str]) -> None:
        """Take a row; an empty one is none, and empty cells behind the last column are nothing."""
        width = len(self._header)
        if not any(row):
            return
        if len(row) == width or (len(row) > width and not any(row[width:])):
            self._rows.append(row[:width])
            self._numbers.append(number)
        else:
            self.refuse(number, _shape_problem(len(row), width))

    def refuse(self, number: int, problem: Problem) -> None:
        """Count a row that cannot be read."""
        self._refused.append((number, problem))

    @property
    def full(self) -> bool:
        """Whether there is a batch to take."""
        return len(self._rows) + len(self._refused) >= BATCH_ROWS

    def take(self) -> RawBatch:
        """The rows as columns, and a new pile."""
        cells = list(zip(*self._rows, strict=True)) or [()] * len(self._header)
        batch = RawBatch(self._header, self._numbers, cells, self._refused)
        self._start()
        return batch


def _unreadable(error: csv.Error, first: int, last: int) -> Problem:
    if "field limit" in str(error):
        return Problem(RowReason.LONG_CELL, most=csv.field_size_limit(), where=lines(first, last))
    return Problem(RowReason.QUOTING, where=lines(first, last))
