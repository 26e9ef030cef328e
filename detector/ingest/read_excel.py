"""Excel: read row by row, and only after a look at what the file would unpack to."""

import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.workbook import Workbook

from detector.ingest.errors import IntakeError
from detector.ingest.profile import SourceProfile
from detector.ingest.table import BATCH_ROWS, MAX_COLUMNS, TOO_MANY_COLUMNS, RawBatch, text_of
from detector.ingest.words import fold
from detector.problems.files import FileReason
from detector.problems.notices import Notice
from detector.problems.problem import Problem
from detector.problems.rows import RowReason

MAX_UNPACKED_BYTES = 1 << 30
MAX_PART_BYTES = 200 << 20
"""Of any part but a sheet: those are read as a whole."""
MAX_RATIO = 150
RATIO_FROM_BYTES = 10 << 20
MAX_PARTS = 5_000
BEYOND = Problem(RowReason.CELLS_BESIDE)
_BROKEN_XML = (SyntaxError, zlib.error)
"""What the XML parser and the unpacking raise on a damaged part; the parser's error is a SyntaxError."""
_PROLOGUE_BYTES = 1 << 16
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
_DTD = re.compile(r"<!\s*(?:doctype|entity)", re.IGNORECASE)


def check_package(path: Path) -> None:
    """Refuse a file that unpacks to too much or defines XML entities.

    The sizes that the package declares are what unpacking keeps to: the library stops there and fails on the checksum.
    """
    try:
        with zipfile.ZipFile(path) as package:
            parts = package.infolist()
            sizes = sum(part.file_size for part in parts)
            heavy = any(
                part.file_size > RATIO_FROM_BYTES and part.file_size > MAX_RATIO * max(part.compress_size, 1) for part in parts
            )
            large = any(part.file_size > MAX_PART_BYTES and not _SHEET.fullmatch(part.filename) for part in parts)
            if len(parts) > MAX_PARTS or sizes > MAX_UNPACKED_BYTES or heavy or large:
                raise IntakeError(Problem(FileReason.OVERLOADS))
            for part in parts:
                if part.filename.casefold().endswith((".xml", ".rels", ".vml")):
                    _check_prologue(package, part)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error) as error:
        raise IntakeError(_unreadable(path, error)) from None


def _unreadable(path: Path, error: Exception) -> Problem:
    with path.open("rb") as file:
        old = file.read(4) == b"\xd0\xcf\x11\xe0"
    if old or (isinstance(error, RuntimeError) and "encrypted" in str(error)):
        return Problem(FileReason.OLD_EXCEL)
    return Problem(FileReason.NO_EXCEL)


def _check_prologue(package: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    with package.open(part) as file:
        start = file.read(_PROLOGUE_BYTES)
    if _DTD.search(start.replace(b"\x00", b"").decode("latin-1")):
        raise IntakeError(Problem(FileReason.XML_DEFINITIONS))


def read_excel(path: Path, profile: SourceProfile) -> Iterator[RawBatch]:
    """The rows of one sheet; the first row that holds anything names the columns."""
    check_package(path)
    with path.open("rb") as file:
        try:
            with _quietly():
                workbook = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
        except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, TypeError, AttributeError, *_BROKEN_XML) as error:
            raise IntakeError(_unreadable(path, error)) from None
        try:
            yield from _sheet(workbook, profile)
        finally:
            workbook.close()


@contextmanager
def _quietly() -> Iterator[None]:
    """The library's warnings tell of cells, values included; they belong in no log."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _sheet(workbook: Workbook, profile: SourceProfile) -> Iterator[RawBatch]:
    sheets = [sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible"] or workbook.worksheets
    if profile.sheet is not None:
        sheets = [sheet for sheet in workbook.worksheets if fold(sheet.title) == fold(profile.sheet)]
        if not sheets:
            raise IntakeError(Problem(FileReason.NO_SUCH_SHEET, sheet=profile.sheet))
    if not sheets:
        raise IntakeError(Problem(FileReason.NO_SHEET))
    said = () if profile.sheet or len(sheets) == 1 else (Problem(Notice.FIRST_SHEET, sheets=len(sheets)),)
    sheets[0].reset_dimensions()
    rows = enumerate(sheets[0].iter_rows(values_only=True))
    try:
        header, first = _header(rows)
        while taken := _next(rows):
            yield _batch(taken, header, first, said)
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, EOFError, *_BROKEN_XML) as error:
        raise IntakeError(Problem(FileReason.BROKEN_SHEET), type(error).__name__) from None
    yield RawBatch(header, [], [()] * len(header), warnings=said)


Rows = Iterator[tuple[int, tuple[object, ...]]]


def _next(rows: Rows) -> list[tuple[int, tuple[object, ...]]]:
    with _quietly():
        return list(islice(rows, BATCH_ROWS))


def _header(rows: Rows) -> tuple[tuple[str, ...], int]:
    with _quietly():
        for number, cells in rows:
            names = [text_of(cell) for cell in cells]
            header = [name.strip() if isinstance(name, str) else "" for name in names]
            while header and not header[-1]:
                header.pop()
            if len(header) > MAX_COLUMNS:
                raise IntakeError(Problem(FileReason.WIDE_SHEET, most=MAX_COLUMNS))
            if header:
                return tuple(header), number
    raise IntakeError(Problem(FileReason.EMPTY_SHEET))


def _batch(
    rows: list[tuple[int, tuple[object, ...]]], header: tuple[str, ...], first: int, said: tuple[Problem, ...]
) -> RawBatch:
    width = len(header)
    taken: list[list[str]] = []
    numbers: list[int] = []
    refused: list[tuple[int, Problem]] = []
    for number, cells in rows:
        texts = [text_of(cell) for cell in cells]
        if not any(texts):
            continue
        problem = next((text for text in texts if isinstance(text, Problem)), None)
        if problem is None and any(texts[width:]):
            problem = TOO_MANY_COLUMNS if len(texts) > MAX_COLUMNS else BEYOND
        if problem is not None:
            refused.append((number - first, problem))
        else:
            plain = [text for text in texts[:width] if isinstance(text, str)]
            taken.append(plain + [""] * (width - len(plain)))
            numbers.append(number - first)
    return RawBatch(header, numbers, list(zip(*taken, strict=True)) or [()] * width, refused, said)
