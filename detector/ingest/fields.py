"""From one cell to one field: dates, numbers, codes and the fixed words, each with the reason when it cannot be."""

import math
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from detector.ingest.marks import is_moment
from detector.ingest.words import fold
from detector.problems.problem import Problem
from detector.problems.rows import RowReason

LIST_SEPARATOR = "\x1f"
"""Stands between the values of a list in a cell; readers of formats that have lists write it."""
FIRST_YEAR = 1900
MAX_CODE_LENGTH = 80
MAX_CODE_WORDS = 8
MAX_CODES = 40
_EXAMPLE = date(2026, 12, 31)
"""Shows how a day is written: its parts cannot be mistaken for each other."""
_SHOWN = 40

_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ISO_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}.*")
_SERIAL_DAY = re.compile(r"[1-9][0-9]{4}(?:\.[0-9]+)?")
_NOT_SLUG = re.compile(r"[^a-z0-9_]+")
_LONG_NUMBER = re.compile(r"[0-9]{7}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,12}(?:[.,][0-9]{1,20})?(?:[eE][+-]?[0-9]{1,2})?")


def slug(value: str) -> str:
    """A value as a code: lower case without accents, other marks than ``_`` as ``-``."""
    text = unicodedata.normalize("NFKD", value.casefold())
    bare = "".join(c for c in text if not unicodedata.combining(c)).replace("ß", "ss").replace("+", "-plus")
    return _NOT_SLUG.sub("-", bare).strip("-")


def code_from(value: str) -> str | Problem:
    """The code of a value that no value map knows; a sentence is no code."""
    if len(value) > MAX_CODE_LENGTH or value.count(" ") >= MAX_CODE_WORDS or "\n" in value:
        return Problem(RowReason.TEXT_AS_CODE, most=MAX_CODE_LENGTH)
    if _LONG_NUMBER.search(value) or is_moment(value):
        return Problem(RowReason.NUMBER_AS_CODE)
    code = slug(value)
    return code or Problem(RowReason.NO_CODE)


def day_parser(formats: Sequence[str], zone: ZoneInfo, today: date | None) -> Callable[[str], date | Problem | None]:
    """A function from text to a day: ISO 8601, or one of the formats; moments with an offset become days in ``zone``."""
    unreadable = Problem(RowReason.BAD_DATE, known=tuple(_EXAMPLE.strftime(form) for form in ("%Y-%m-%d", *formats)))
    serial, future = Problem(RowReason.SERIAL_DATE), Problem(RowReason.FUTURE_DATE)
    early = Problem(RowReason.EARLY_DATE, year=str(FIRST_YEAR))
    last = date.max if today is None or today == date.max else today + timedelta(days=1)

    def parse(text: str) -> date | Problem | None:
        text = text.strip()
        if not text:
            return None
        day = _day(text, formats, zone)
        if day is None:
            return serial if _SERIAL_DAY.fullmatch(text) else unreadable
        if day.year < FIRST_YEAR:
            return early
        return future if day > last else day

    return parse


def _day(text: str, formats: Sequence[str], zone: ZoneInfo) -> date | None:
    try:
        if _ISO_DAY.fullmatch(text):
            return date.fromisoformat(text)
        if _ISO_MOMENT.fullmatch(text):
            moment = datetime.fromisoformat(text)
            return (moment if moment.tzinfo is None else moment.astimezone(zone)).date()
    except (ValueError, OverflowError):
        return None
    for form in formats:
        try:
            return datetime.strptime(text, form).replace(tzinfo=zone).date()
        except ValueError:
            continue
    return None


NOT_A_NUMBER = Problem(RowReason.NO_COORDINATE)


def number(text: str) -> float | Problem:
    """A coordinate without blanks around it, with point or comma; an empty cell is NaN."""
    if not text:
        return math.nan
    if not _NUMBER.fullmatch(text):
        return NOT_A_NUMBER
    return float(text.replace(",", ".") if "," in text else text)


Word = TypeVar("Word")


def word_parser(words: Mapping[str, Word], otherwise: RowReason) -> Callable[[str], Word | Problem]:
    """A function that knows the fixed words of a field, in Dutch and English, and what is wrong with any other."""
    unknown = Problem(otherwise, words=tuple(words))

    def parse(text: str) -> Word | Problem:
        return words.get(fold(text), unknown)

    return parse


@dataclass(frozen=True)
class CodeBook:
    """The value map of one field: cells to codes, splitting cells that hold several."""

    words: Mapping[str, tuple[str, ...]]
    separators: tuple[str, ...]
    nulls: frozenset[str]
    case_sensitive: bool
    strict: bool
    several: bool

    def codes(self, cell: str) -> tuple[str, ...] | Problem:
        """The codes of a cell: the whole cell if the map knows it, else each of its parts; empty for none."""
        text = cell.strip()
        if self._fold(text) in self.nulls:
            return ()
        known = self.words.get(self._fold(text))
        if known is not None:
            return known
        found: dict[str, None] = {}
        for part in self._split(text):
            codes = self._one(part)
            if isinstance(codes, Problem):
                return codes
            found.update(dict.fromkeys(codes))
        if len(found) > MAX_CODES:
            return Problem(RowReason.TOO_MANY_CODES, most=MAX_CODES)
        return tuple(found)

    def _fold(self, text: str) -> str:
        return fold(text, case_sensitive=self.case_sensitive)

    def _split(self, text: str) -> list[str]:
        parts = [text]
        if self.several:
            for separator in (LIST_SEPARATOR, *self.separators):
                parts = [piece for part in parts for piece in part.split(separator)]
        return [part.strip() for part in parts if self._fold(part) not in self.nulls]

    def _one(self, part: str) -> tuple[str, ...] | Problem:
        known = self.words.get(self._fold(part))
        if known is not None:
            return known
        if self.strict:
            return Problem(RowReason.UNKNOWN_VALUE, words=tuple(sorted(self.words)[:_SHOWN]))
        code = code_from(part)
        return code if isinstance(code, Problem) else (code,)
