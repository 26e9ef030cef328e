"""The operator's counting rules: what they say, how they are read aloud, and which reports count for which cell."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, ClassVar

import numpy as np
from annotated_types import Ge, MinLen

from detector.model import NOWHERE, AreaTable, Family, IntArray, Level, Stream, StreamKind, Window

USUAL_DAYS = 365
"""What is usual for a cell is its own number in so many days before the window."""
LEAST_USUAL_DAYS = 180
"""With fewer days than these before the window nothing is usual yet."""


class RuleLevel(StrEnum):
    """Within what a rule counts; ``municipality`` counts all reports, also those that do not say where."""

    NEIGHBOURHOOD = "neighbourhood"
    DISTRICT = "district"
    MUNICIPALITY = "municipality"


@dataclass(frozen=True, eq=False)
class RuleCells:
    """Which reports count for which cell of a rule (a place, a community, or both).

    Report r counts for ``cell_of[start_of[r] : start_of[r + 1]]``; ``day`` is ascending; ``size[cell]`` is the number of reports.
    """

    day: IntArray
    first_day: int
    start_of: IntArray
    cell_of: IntArray
    size: IntArray


@dataclass(frozen=True, slots=True)
class Limit:
    """When a cell fires: so many reports within so many days, and so many times what is usual for it (0: no matter)."""

    min_reports: int
    within_days: int
    min_ratio: float = 0.0


@dataclass(frozen=True, slots=True)
class Rule:
    """At least ``min_reports`` within ``within_days``, in one area of ``level`` and of one code of ``stream``.

    ``codes`` limits the rule to some communities, grounds or domains. ``min_ratio`` above 0 also asks for so many times what was
    usual: the same place and stream's own number in the year before, brought back to ``within_days``.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    name: Annotated[str, MinLen(1)]
    min_reports: Annotated[int, Ge(2)]
    within_days: Annotated[int, Ge(1)]
    level: RuleLevel
    stream: StreamKind = StreamKind.ALL
    codes: tuple[str, ...] = ()
    min_ratio: Annotated[float, Ge(0)] = 0.0

    def __post_init__(self) -> None:
        if self.level is RuleLevel.MUNICIPALITY and self.stream is StreamKind.ALL:
            raise ValueError(f"rule {self.name!r} counts everything everywhere: give it a level below municipality, or a stream")
        if self.codes and self.stream is StreamKind.ALL:
            raise ValueError(
                f"rule {self.name!r} names codes but counts all reports: say which stream they belong to, or drop them"
            )

    @property
    def family(self) -> Family:
        """What kind of pattern the rule sees."""
        if self.stream is StreamKind.ALL:
            return Family.PLACE
        return Family.COMMUNITY if self.level is RuleLevel.MUNICIPALITY else Family.PLACE_COMMUNITY

    @property
    def limit(self) -> Limit:
        """When a cell of the rule fires."""
        return Limit(self.min_reports, self.within_days, self.min_ratio)


def _as_written(_: StreamKind, code: str) -> str:
    return code


def read_aloud(rule: Rule, language: str, told: Callable[[StreamKind, str], str] = _as_written) -> str:
    """The rule as one says it, in ``nl`` or ``en``; ``told`` gives the name of a code."""
    dutch = language == "nl"
    text = f"ten minste {rule.min_reports} meldingen" if dutch else f"at least {rule.min_reports} reports"
    if rule.stream is not StreamKind.ALL:
        text += (
            _ON[rule.stream][0 if dutch else 1]
            if not rule.codes
            else (" over " if dutch else " on ") + _either([told(rule.stream, code) for code in rule.codes], dutch)
        )
    if rule.level is not RuleLevel.MUNICIPALITY:
        text += _IN[rule.level][0 if dutch else 1]
    text += f" binnen {rule.within_days} dagen" if dutch else f" within {rule.within_days} days"
    if rule.min_ratio > 0:
        ratio = f"{rule.min_ratio:g}".replace(".", ",") if dutch else f"{rule.min_ratio:g}"
        text += f", en minstens {ratio} maal wat in het jaar ervoor gewoon was" if dutch else ""
        text += "" if dutch else f", and at least {ratio} times what was usual in the year before"
    return text


_ON = {
    StreamKind.COMMUNITY: (" over één gemeenschap", " on one community"),
    StreamKind.GROUND: (" over één grond", " on one ground"),
    StreamKind.DOMAIN: (" op één terrein", " in one domain"),
}
_IN = {
    RuleLevel.NEIGHBOURHOOD: (" in één buurt", " in one neighbourhood"),
    RuleLevel.DISTRICT: (" in één wijk", " in one district"),
}


def _either(codes: Sequence[str], dutch: bool) -> str:
    *first, last = codes
    return (", ".join(first) + (" of " if dutch else " or ") if first else "") + last


@dataclass(frozen=True, eq=False)
class RuleCell:
    """Of what a cell counts the reports."""

    stream: Stream
    area_row: int


def cells_of(rule: Rule, window: Window, rows: int | None = None) -> tuple[RuleCells, list[RuleCell]]:
    """The rule's cells over the first ``rows`` reports of the window (None: all); only those that could ever fire."""
    rows = window.size if rows is None else rows
    place = _rows_at(window.areas, rule.level)[window.area[:rows]]
    reports: list[IntArray] = []
    cells: list[IntArray] = []
    names: list[RuleCell] = []
    size: list[int] = []
    for stream in _streams(rule, window):
        members = stream.members[: np.searchsorted(stream.members, rows)]
        members = members[place[members] != NOWHERE]
        areas, at, counts = np.unique(place[members], return_inverse=True, return_counts=True)
        able = counts >= rule.min_reports
        number = np.cumsum(able) - 1 + len(names)
        reports.append(members[able[at]])
        cells.append(number[at[able[at]]])
        names += [RuleCell(stream, int(row)) for row in areas[able]]
        size += counts[able].tolist()
    report = np.concatenate(reports) if reports else np.zeros(0, dtype=np.int64)
    cell = np.concatenate(cells) if cells else np.zeros(0, dtype=np.int64)
    order = np.argsort(report, kind="stable")
    start_of = np.searchsorted(report[order], np.arange(rows + 1))
    return RuleCells(window.day[:rows], window.first_day, start_of, cell[order], np.array(size, dtype=np.int64)), names


def _streams(rule: Rule, window: Window) -> list[Stream]:
    return [stream for stream in window.streams if stream.kind is rule.stream and (not rule.codes or stream.code in rule.codes)]


@lru_cache(maxsize=32)
def _rows_at(areas: AreaTable, level: RuleLevel) -> IntArray:
    """For each row its own or enclosing row at the level; the last entry, for ``NOWHERE``, is the municipality or ``NOWHERE``."""
    if level is RuleLevel.MUNICIPALITY:
        return np.zeros(len(areas.areas) + 1, dtype=np.int64)
    rows = np.full(len(areas.areas) + 1, NOWHERE, dtype=np.int64)
    for i, area in enumerate(areas.areas):
        if area.level is Level(level.value):
            rows[i] = i
        elif areas.parent[i] != NOWHERE:
            rows[i] = rows[areas.parent[i]]
    return rows
