"""The words of the detecting side: reports, areas, what a method looks at and what it finds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

NOWHERE = -1
"""Index of the area of a report that does not say where."""


class ReportKind(StrEnum):
    """Whether a report counts as one more; only ``single`` does in detection."""

    SINGLE = "single"
    MASS = "mass"
    DUPLICATE = "duplicate"
    SERIES = "series"


class PlaceKind(StrEnum):
    """What kind of place a report names; a private one never leaves the service."""

    PUBLIC = "public"
    PRIVATE = "private"


class Level(StrEnum):
    """Levels of area that the service tells apart, widest first; ``postcode`` areas only help to find the others."""

    MUNICIPALITY = "municipality"
    DISTRICT = "district"
    NEIGHBOURHOOD = "neighbourhood"
    POSTCODE = "postcode"


class StreamKind(StrEnum):
    """By what a stream cuts the reports."""

    ALL = "all"
    COMMUNITY = "community"
    GROUND = "ground"
    DOMAIN = "domain"


class Family(StrEnum):
    """What kind of pattern a finding speaks of; each family has its own null distribution and share of the budget."""

    PLACE = "place"
    COMMUNITY = "community"
    PLACE_COMMUNITY = "place_community"


@dataclass(frozen=True, slots=True)
class Report:
    """One anonymised record of what somebody reported, after intake.

    ``x_m``/``y_m`` are metres in the municipality's coordinate system, both or neither. ``area_code`` is the finest area
    that the report says or that its point lies in. ``received_on`` is the day it came in, ``occurred_on`` the day it happened.
    """

    source: str
    report_id: str
    municipality: str
    received_on: date
    occurred_on: date | None = None
    x_m: float | None = None
    y_m: float | None = None
    area_code: str | None = None
    place_key: str | None = None
    place_kind: PlaceKind | None = None
    grounds: tuple[str, ...] = ()
    communities: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    nature: str | None = None
    kind: ReportKind = ReportKind.SINGLE
    withdrawn: bool = False

    @property
    def key(self) -> str:
        """The report's name inside the service: unique over all sources."""
        return f"{self.source}:{self.report_id}"


@dataclass(frozen=True, slots=True)
class Area:
    """One area. ``x_m``/``y_m`` is a point inside it, metres; ``inhabitants`` is None where unknown."""

    code: str
    name: str
    level: Level
    parent: str | None
    municipality: str
    x_m: float
    y_m: float
    inhabitants: int | None = None


@dataclass(frozen=True, eq=False)
class AreaTable:
    """The nested areas of one municipality as columns; row 0 is the municipality itself.

    ``parent[i]`` is the row of the area around row i (``NOWHERE`` for row 0), always smaller than i.
    ``neighbours[i]`` are the rows of areas of the same level that share a border with row i, or, where none does, are nearest.
    """

    areas: tuple[Area, ...]
    parent: IntArray
    neighbours: tuple[IntArray, ...]
    index: Mapping[str, int] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "index", {area.code: i for i, area in enumerate(self.areas)})

    @property
    def municipality(self) -> Area:
        """The area around all others."""
        return self.areas[0]

    def at_level(self, level: Level) -> IntArray:
        """Rows of the areas of one level, ascending."""
        return np.array([i for i, area in enumerate(self.areas) if area.level is level], dtype=np.int64)

    def ancestors(self, row: int) -> list[int]:
        """Row and the rows around it, innermost first."""
        rows = []
        while row != NOWHERE:
            rows.append(row)
            row = int(self.parent[row])
        return rows


@dataclass(frozen=True, eq=False)
class Stream:
    """A cut through the reports: all of them, or those of one community, ground or domain.

    ``members`` are row numbers of a :class:`Window`, ascending. ``code`` is empty for all reports.
    """

    kind: StreamKind
    code: str
    members: IntArray

    @property
    def name(self) -> str:
        """``all``, or kind and code as in ``community:moslims``."""
        return self.kind.value if self.kind is StreamKind.ALL else f"{self.kind.value}:{self.code}"


@dataclass(frozen=True, eq=False)
class Window:
    """What a method looks at: the reports of one municipality that count and had come in by the end of ``as_of``.

    Rows are sorted by day, then by report key; ``day`` is the proleptic ordinal (``date.toordinal``) on the axis of detection.
    ``area`` is the row of the finest area in ``areas`` (``NOWHERE`` if none). ``x_m``/``y_m`` are NaN where the report gives no
    point. ``venue`` numbers the place keys (-1 for none). ``first_day`` is where history starts; ``look_days`` how many days lie
    between two looks, for recurrence intervals. Mass reports, duplicates, series and withdrawn reports are not in it.
    """

    municipality: str
    as_of: date
    first_day: int
    look_days: int
    areas: AreaTable
    report_keys: tuple[str, ...]
    day: IntArray
    area: IntArray
    x_m: FloatArray
    y_m: FloatArray
    venue: IntArray
    streams: tuple[Stream, ...]

    @property
    def size(self) -> int:
        """Number of reports."""
        return len(self.report_keys)

    @property
    def last_day(self) -> int:
        """``as_of`` as ordinal."""
        return self.as_of.toordinal()


@dataclass(frozen=True, slots=True)
class Region:
    """Where a finding is: rows of no table but area codes, and a circle where the method drew one (metres)."""

    area_codes: tuple[str, ...] = ()
    x_m: float | None = None
    y_m: float | None = None
    radius_m: float | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What one method saw in one run.

    ``window_from``/``window_to`` are the first and last day, both included. ``score`` is the method's own statistic (its name in
    ``score_name``), ``p`` the Monte Carlo p-value of its family's maximum, ``recurrence_interval_days`` how often chance alone
    would do as much. ``members`` are report keys.
    """

    method: str
    family: Family
    stream_kind: StreamKind
    stream_code: str
    region: Region
    window_from: date
    window_to: date
    observed: int
    expected: float
    score_name: str
    score: float
    p: float
    recurrence_interval_days: float
    members: frozenset[str]
    detail: str = ""

    @property
    def stream(self) -> str:
        """``all``, or kind and code as in ``community:moslims``."""
        return self.stream_kind.value if self.stream_kind is StreamKind.ALL else f"{self.stream_kind.value}:{self.stream_code}"


@dataclass(frozen=True, slots=True)
class Campaign:
    """Outreach that raises reporting for a while; a pattern that coincides with one says so.

    No ``area_codes`` means the whole municipality, no ``communities`` means all of them.
    """

    name: str
    starts_on: date
    ends_on: date
    area_codes: tuple[str, ...] = ()
    communities: tuple[str, ...] = ()

    def overlaps(self, first: date, last: date) -> bool:
        """Whether any day from first to last, both included, lies in the campaign."""
        return self.starts_on <= last and first <= self.ends_on


def days_between(first: date, last: date) -> Sequence[date]:
    """All days from first to last, both included."""
    return [first + timedelta(days=i) for i in range((last - first).days + 1)]
