"""JSON, JSON Lines and GeoJSON: read piece by piece, so that a long list never stands in memory as a whole."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TextIO

from detector.ingest.encoding import text_encoding
from detector.ingest.errors import BrokenOffError, IntakeError
from detector.ingest.plan import POINT_COLUMNS
from detector.ingest.profile import ReportField, SourceProfile
from detector.ingest.table import MAX_ROW_CHARACTERS, RawBatch, Records
from detector.problems.files import FileReason
from detector.problems.problem import Problem
from detector.problems.rows import RowReason

_LISTS = frozenset({"features", "reports", "records", "rows", "data", "meldingen"})
_CHUNK = 1 << 18
_DEGREES = ("CRS84", "EPSG::4326", "EPSG:4326")
_NO_OBJECT = Problem(RowReason.NO_RECORD_ON_LINE)
_NO_POINT = Problem(RowReason.NO_POINT)
Convert = Callable[[object], object]


def read_json_lines(path: Path, profile: SourceProfile) -> Iterator[RawBatch]:
    """The records of a file with one JSON object a line."""
    pile = Records()
    with path.open(encoding=text_encoding(path, profile.encoding)) as file:
        while line := file.readline(MAX_ROW_CHARACTERS):
            if not line.strip():
                continue
            if len(line) == MAX_ROW_CHARACTERS:
                yield from pile.take()
                raise IntakeError(Problem(FileReason.LONG_JSON_LINE, most=MAX_ROW_CHARACTERS))
            try:
                pile.add(json.loads(line))
            except (ValueError, RecursionError):
                pile.refuse(_NO_OBJECT)
            if pile.full:
                yield from pile.take()
    yield from pile.take()


def read_json(path: Path, profile: SourceProfile) -> Iterator[RawBatch]:
    """The records of a JSON list, or of the list in an object; a GeoJSON collection is read as such."""
    pile = Records()
    with path.open(encoding=text_encoding(path, profile.encoding)) as file:
        stream = _Stream(file)
        convert: Convert = _same
        try:
            for item in stream.items():
                if not pile.started and isinstance(item, Mapping) and item.get("type") == "Feature":
                    convert = _feature
                record = convert(item)
                if isinstance(record, Problem):
                    pile.refuse(record)
                else:
                    pile.add(record)
                if pile.full:
                    yield from pile.take()
        except BrokenOffError:
            # Only this: of a file in the wrong coordinate system no record is good.
            yield from pile.take()
            raise
        _check_crs(stream.members)
    yield from pile.take()


def _same(item: object) -> object:
    return item


def _feature(item: object) -> object:
    """A feature as a record: its properties, and the point as longitude and latitude."""
    if not isinstance(item, Mapping):
        return item
    properties = item.get("properties") or {}
    if not isinstance(properties, Mapping):
        return _NO_POINT
    record: dict[str, object] = dict(properties)
    geometry = item.get("geometry")
    if geometry is None:
        return record
    point = geometry.get("coordinates") if isinstance(geometry, Mapping) and geometry.get("type") == "Point" else None
    if not isinstance(point, list) or len(point) not in {2, 3} or not all(isinstance(part, int | float) for part in point):
        return _NO_POINT
    for name, part in zip((ReportField.LONGITUDE, ReportField.LATITUDE), point[:2], strict=True):
        record[POINT_COLUMNS[name]] = part
    return record


def _check_crs(members: Mapping[str, object]) -> None:
    named = members.get("crs")
    if named is not None and not any(name in json.dumps(named) for name in _DEGREES):
        raise IntakeError(Problem(FileReason.NO_DEGREES))


class _Stream:
    """The items of the one list in a JSON text, decoded one at a time from a window that moves along."""

    def __init__(self, file: TextIO) -> None:
        self.members: dict[str, object] = {}
        self._file = file
        self._decoder = json.JSONDecoder()
        self._text = ""
        self._at = 0
        self._before = 0
        self._ended = False

    def items(self) -> Iterator[object]:
        """Every item of the list; other members of an object around it end up in ``members``."""
        opening = self._next_mark()
        if opening == "[":
            yield from self._list()
        elif opening == "{":
            yield from self._object()
        else:
            raise self._broken()
        if self._peek():
            raise self._broken()

    def _broken(self) -> BrokenOffError:
        return BrokenOffError(Problem(FileReason.BROKEN_JSON, at=self._before + self._at))

    def _more(self) -> bool:
        """Take in another piece of the file; what was read is let go."""
        piece = self._file.read(_CHUNK)
        self._before += self._at
        self._text = self._text[self._at :] + piece
        self._at = 0
        self._ended = not piece
        return not self._ended

    def _peek(self) -> str:
        """The next character that is no blank, empty at the end."""
        while True:
            while self._at < len(self._text):
                if self._text[self._at] not in " \t\r\n\ufeff":
                    return self._text[self._at]
                self._at += 1
            if not self._more():
                return ""

    def _next_mark(self) -> str:
        mark = self._peek()
        self._at += 1
        return mark

    def _value(self) -> object:
        self._peek()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
            except RecursionError:
                raise self._broken() from None
            except ValueError:
                if len(self._text) - self._at > MAX_ROW_CHARACTERS or not self._more():
                    raise self._broken() from None
                continue
            if end == len(self._text) and not self._ended and not isinstance(value, dict | list | str):
                # A number at the edge of the window may go on behind it.
                self._more()
                continue
            self._at = end
            return value

    def _list(self) -> Iterator[object]:
        if self._peek() == "]":
            self._at += 1
            return
        while True:
            yield self._value()
            mark = self._next_mark()
            if mark == "]":
                return
            if mark != ",":
                raise self._broken()

    def _object(self) -> Iterator[object]:
        found = False
        if self._peek() == "}":
            self._at += 1
        else:
            mark = ","
            while mark == ",":
                name = self._value()
                if not isinstance(name, str) or self._next_mark() != ":":
                    raise self._broken()
                if not found and name in _LISTS and self._peek() == "[":
                    found = True
                    self._at += 1
                    yield from self._list()
                else:
                    self.members[name] = self._value()
                if name == "crs":
                    _check_crs(self.members)
                mark = self._next_mark()
            if mark != "}":
                raise self._broken()
        if not found:
            raise IntakeError(Problem(FileReason.NO_LIST, names=tuple(sorted(_LISTS))))
