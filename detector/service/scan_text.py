"""Text tables as analysts have them: commas, semicolons, tabs or spaces between the columns, in any usual encoding."""

import codecs
import re
import warnings
from datetime import date
from io import StringIO
from pathlib import Path

import pandas as pd

from detector.service.terminal import CommandError

_SEPARATORS = (",", ";", "\t")
_SPACES = r"\s+"
_QUOTED = re.compile(r'"[^"]*"')
_NUMBER = re.compile(r"[-+]?\d+([.,]\d+)?")
_DAY = re.compile(r"(\d{4})([-/])(\d{1,2})\2(\d{1,2})([T ].*)?")


def text_table(path: Path) -> pd.DataFrame:
    """A file with a header line, every value as text without spaces around it; lines without any value are left out.

    Raises:
        CommandError: it cannot be read as such; the message says why.
    """
    text = _text(path)
    header = next((line for line in text.splitlines() if line.strip()), None)
    if header is None:
        raise CommandError(f"{path} is empty: give it a line with the names of its columns, and a line for every row")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            table = pd.read_csv(
                StringIO(text), sep=_separator(header), dtype=str, keep_default_na=False, skipinitialspace=True, index_col=False
            )
    except (pd.errors.ParserError, pd.errors.ParserWarning) as error:
        raise CommandError(f"{path} cannot be read: a line has more values than the first names columns ({error})") from error
    table = table.fillna("")  # lines that end early
    table.columns = table.columns.str.strip()
    if any(_NUMBER.fullmatch(name) or day_of(name) for name in table.columns.tolist()):
        raise CommandError(f"{path} begins with values: give it a first line with the names of its columns, the place's id first")
    table = table.apply(lambda column: column.str.strip())
    kept: pd.DataFrame = table[(table != "").any(axis=1)].reset_index(drop=True)
    return kept


def column_of(table: pd.DataFrame, *names: str) -> str | None:
    """The column with one of these names, in capitals or not; the first name that is there."""
    by_name = {str(name).lower(): str(name) for name in table.columns}
    return next((by_name[name.lower()] for name in names if name.lower() in by_name), None)


def day_of(text: str) -> date | None:
    """The day of ``2026-03-01``, ``2026/3/1`` or one of these with a time behind it; None if it is none of them."""
    found = _DAY.fullmatch(text.strip())
    if found is None:
        return None
    try:
        return date(int(found[1]), int(found[3]), int(found[4]))
    except ValueError:
        return None


def _text(path: Path) -> str:
    """UTF-8 or UTF-16 by its mark; what is no UTF-8 comes from Windows."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error}") from error
    try:
        if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return raw.decode("utf-16")
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def _separator(header: str) -> str:
    bare = _QUOTED.sub("", header)
    counts = {separator: bare.count(separator) for separator in _SEPARATORS}
    best = max(counts, key=lambda separator: counts[separator])
    if counts[best]:
        return best
    return _SPACES if re.search(r"\S\s+\S", bare.strip()) else ","
