"""Tables for the ``scan`` command: analysts' files of cases, places, controls and zones, by the column names they use."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from detector.model import FloatArray, IntArray
from detector.scan.study import Data, Model, Time
from detector.service.scan_text import column_of, day_of, text_table
from detector.service.terminal import CommandError

_METRES = (("x_m", "y_m"), ("x", "y"), ("x_wg", "y_wg"))
_DEGREES = tuple((east, north) for east in ("longitude", "long", "lon", "lng") for north in ("latitude", "lat"))
_DATES = ("date", "received_on", "occurred_on", "day", "datum")
_WEIGHTS = (("expected", "verwacht"), ("population", "pop", "inhabitants", "inwoners"))
_DECIMAL_COMMA = re.compile(r"\s*[-+]?\d+,\d+\s*")
_NAMED = 5
_MOST_DEGREES = (180.0, 90.0)


@dataclass(frozen=True, eq=False)
class Tables:
    """What the files say: the data for the scan, and the names behind its row numbers."""

    data: Data
    place_ids: tuple[str, ...]
    zone_ids: tuple[str, ...]
    notes: tuple[str, ...]


def read_tables(
    cases: Path, places: Path | None, controls: Path | None, zones: Path | None, model: Model, *, case_column: str | None
) -> Tables:
    """Read and join the files.

    Raises:
        CommandError: a file is missing, a column or a value cannot be used; the message says which and what would be right.
    """
    case_table = text_table(cases)
    place_table = text_table(places) if places is not None else None
    ids = _ids(place_table if place_table is not None else case_table)
    if place_table is not None and ids.duplicated().any():
        raise CommandError(f"{places}: {ids[ids.duplicated()].iloc[0]!r} stands there twice: give every place one line")
    names = tuple(dict.fromkeys(ids.tolist()))
    number = {name: i for i, name in enumerate(names)}
    counts, notes = _counts(case_table, cases, case_column or "cases", exact=case_column is not None)
    case_place = np.repeat(_rows(_ids(case_table), number, cases), counts)
    days = _days(case_table, cases)
    x, y, degrees = _coordinates(place_table, places)
    weight = _weight(place_table, places) if model is Model.POISSON else None
    if weight is not None and bool((weight[case_place] == 0).any()):
        name = names[int(case_place[weight[case_place] == 0][0])]
        raise CommandError(f"{places}: {name!r} has cases but nobody lives there: correct its number, or leave out its cases")
    zone_ids, members = _zones(zones, number) if zones is not None else ((), None)
    data = Data(
        places=len(names),
        case_place=case_place,
        case_day=np.repeat(days, counts) if days is not None else None,
        x=x,
        y=y,
        degrees=degrees,
        weight=weight,
        controls=_controls(controls, number) if controls is not None else None,
        zones=members,
    )
    return Tables(data, names, zone_ids, notes)


def usual_time(data: Data, model: Model) -> Time:
    """The scan that is meant when none is named: by place for cases and controls or without dates, else up to now."""
    return Time.SPATIAL if model is Model.BERNOULLI or (data.case_day is None and model is Model.POISSON) else Time.PROSPECTIVE


def _ids(table: pd.DataFrame) -> "pd.Series[str]":
    return table.iloc[:, 0].str.strip()


def _rows(ids: Iterable[str], number: dict[str, int], path: Path) -> IntArray:
    unknown = list(dict.fromkeys(name for name in ids if name not in number))
    if unknown:
        shown = ", ".join(unknown[:_NAMED]) + (", ..." if len(unknown) > _NAMED else "")
        number_of = "1 place is" if len(unknown) == 1 else f"{len(unknown)} places are"
        raise CommandError(f"{path}: {number_of} not in the file of places: {shown}; add them, or leave them out")
    return np.array([number[name] for name in ids], dtype=np.int64)


def _counts(table: pd.DataFrame, path: Path, column: str, *, exact: bool) -> tuple[IntArray, tuple[str, ...]]:
    """Whole numbers of a column (1 each where it is absent); where it has fractions, of its first whole-numbered sister."""
    found = column_of(table, column)
    if found is None:
        if exact:
            raise CommandError(f"{path} has no column {column!r}; it has: {', '.join(table.columns)}")
        return np.ones(len(table), dtype=np.int64), ()
    sisters = [] if exact else [name for name in table.columns if name.lower().startswith(f"{column}_")]
    for name in (found, *sisters):
        values = _numbers(table, name, path)
        if bool((values == np.floor(values)).all()) and bool((values >= 0).all()):
            notes = () if name == found else (f"{path}: {found!r} has fractions, so {name!r} is counted",)
            return values.astype(np.int64), notes
    hint = "; name another column with --case-column" if column != "controls" else ""
    raise CommandError(f"{path}: {found!r} has to hold whole numbers of 0 or more{hint}")


def _numbers(table: pd.DataFrame, column: str, path: Path) -> FloatArray:
    """Numbers, with a point or (as Dutch spreadsheets write them) a comma before the fraction."""
    text = table[column].map(lambda value: value.replace(",", ".") if _DECIMAL_COMMA.fullmatch(value) else value)
    values = pd.to_numeric(text, errors="coerce").to_numpy(dtype=np.float64)
    wrong = np.flatnonzero(~np.isfinite(values))
    if wrong.size:
        value = str(table[column].iloc[int(wrong[0])])
        raise CommandError(f"{path}, line {int(wrong[0]) + 2}: {value!r} in column {column!r} is no number")
    return values


def _days(table: pd.DataFrame, path: Path) -> IntArray | None:
    column = next((name for name in table.columns if name.lower() in _DATES), None)
    if column is None:
        return None
    ordinals: dict[str, int] = {}
    for text in table[column].unique().tolist():
        found = day_of(text)
        if found is None:
            raise CommandError(f"{path}: {text!r} in column {column!r} is no day; write it as 2026-03-01")
        ordinals[text] = found.toordinal()
    return np.array([ordinals[text] for text in table[column].tolist()], dtype=np.int64)


def _coordinates(table: pd.DataFrame | None, path: Path | None) -> tuple[FloatArray | None, FloatArray | None, bool]:
    if table is None or path is None:
        return None, None, False
    by_name = {name.lower(): name for name in table.columns}
    for pairs, degrees in ((_METRES, False), (_DEGREES, True)):
        for east, north in pairs:
            if east in by_name and north in by_name:
                x, y = _numbers(table, by_name[east], path), _numbers(table, by_name[north], path)
                if degrees and bool(((np.abs(x) > _MOST_DEGREES[0]) | (np.abs(y) > _MOST_DEGREES[1])).any()):
                    raise CommandError(f"{path}: longitude lies within 180 and latitude within 90 degrees; are they metres?")
                return x, y, degrees
    return None, None, False


def _weight(table: pd.DataFrame | None, path: Path | None) -> FloatArray | None:
    if table is None or path is None:
        return None
    for names in _WEIGHTS:
        column = column_of(table, *names)
        if column is not None:
            weight = _numbers(table, column, path)
            if bool((weight < 0).any()) or weight.sum() <= 0:
                raise CommandError(f"{path}: {column!r} has to hold numbers of 0 or more, not all 0")
            return weight
    return None


def _controls(path: Path, number: dict[str, int]) -> IntArray:
    table = text_table(path)
    counts, _ = _counts(table, path, "controls", exact=False)
    return np.bincount(_rows(_ids(table), number, path), weights=counts, minlength=len(number)).astype(np.int64)


def _zones(path: Path, number: dict[str, int]) -> tuple[tuple[str, ...], list[IntArray]]:
    table = text_table(path)
    column = column_of(table, "zone")
    if column is None:
        raise CommandError(f"{path} needs a column 'zone' beside the place's id; a place may have several lines")
    rows = _rows(_ids(table), number, path)
    names = table[column].str.strip()
    kept = tuple(dict.fromkeys(name for name in names.tolist() if name))
    if not kept:
        raise CommandError(f"{path} names no zone")
    return kept, [np.unique(rows[(names == name).to_numpy()]) for name in kept]
