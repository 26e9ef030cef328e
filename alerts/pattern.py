"""Pattern: all that the alerting side ever knows of the reports, and the only thing that crosses over."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from pydantic import TypeAdapter

SCHEMA = 1
"""Version of the shape below; it travels with every pattern so that the two sides can be upgraded apart."""


class PatternKind(StrEnum):
    """What the reports of a pattern share: a place, a community, or both."""

    PLACE = "place"
    COMMUNITY = "community"
    PLACE_COMMUNITY = "place_community"


class PatternState(StrEnum):
    """Whether runs still see the pattern."""

    ACTIVE = "active"
    QUIET = "quiet"


class Audience(StrEnum):
    """The widest circle that may see a pattern. ``ADV``: the service only, because a cell is still under its floor."""

    ADV = "adv"
    MUNICIPALITY = "municipality"


@dataclass(frozen=True, slots=True)
class Band:
    """A count told as a range, both ends included; ``high`` None means open."""

    low: int
    high: int | None

    def __str__(self) -> str:
        """``3-5``, or ``>10`` for an open band."""
        return f">{self.low - 1}" if self.high is None else f"{self.low}-{self.high}"


@dataclass(frozen=True, slots=True)
class Cell:
    """One line of a breakdown; ``band`` None is suppressed (too small, or it would give another away)."""

    code: str
    band: Band | None


@dataclass(frozen=True, slots=True)
class Breakdown:
    """The pattern's reports by one rubric: ``ground``, ``domain``, ``nature``."""

    rubric: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class WeekPoint:
    """The count so far at the end of a week, as a band, beside what was expected so far. Weeks start on Monday."""

    week_from: date
    observed: Band | None
    expected: float


@dataclass(frozen=True, slots=True)
class MethodSays:
    """One method that sees the pattern, and how often chance alone would do as much."""

    method: str
    recurrence_interval_days: float
    detail: str = ""


@dataclass(frozen=True, slots=True)
class WhyPart:
    """One part of the why-sentence: the name of a message in the catalogue, and its figures and names."""

    message: str
    values: dict[str, str | int | float]


@dataclass(frozen=True, slots=True)
class CampaignOverlap:
    """Outreach in the same weeks and place, which may explain a rise."""

    name: str
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class RuleVersion:
    """Which rules said so."""

    settings_hash: str
    code_version: str


@dataclass(frozen=True, slots=True)
class Pattern:
    """What the findings mean together, as far as it may be told; followed from run to run under one ``key``.

    No report ids, no point of a private place, no cell under its floor. ``geometry`` is GeoJSON in longitude and latitude
    (coarse: outlines of areas). ``window_from``/``window_to`` are days, widened to whole weeks. ``observed`` None means that
    the count may not be told. ``relative_risk`` speaks of the band, never of the exact count. ``predecessors`` are the keys
    that this pattern was merged from or split off. ``recorded_at`` is UTC.
    """

    key: str
    revision: int
    kind: PatternKind
    state: PatternState
    audience: Audience
    municipality: str
    municipality_name: str
    level: str
    area_codes: tuple[str, ...]
    area_names: tuple[str, ...]
    geometry: dict[str, Any] | None
    community: str | None
    ground: str | None
    domain: str | None
    window_from: date
    window_to: date
    observed: Band | None
    expected: float
    relative_risk: float | None
    recurrence_interval_days: float
    weekly: tuple[WeekPoint, ...]
    breakdowns: tuple[Breakdown, ...]
    why: tuple[WhyPart, ...]
    methods: tuple[MethodSays, ...]
    campaigns: tuple[CampaignOverlap, ...]
    rule: RuleVersion
    first_seen: date
    last_seen: date
    recorded_at: datetime
    predecessors: tuple[str, ...] = ()
    schema: int = SCHEMA


_ADAPTER = TypeAdapter(Pattern)


def to_json(pattern: Pattern) -> str:
    """The pattern as one line of JSON."""
    return _ADAPTER.dump_json(pattern).decode()


def from_json(text: str | bytes) -> Pattern:
    """Read a pattern back.

    Raises:
        ValueError: the text is no pattern of a schema that this version knows.
    """
    pattern = _ADAPTER.validate_json(text)
    if pattern.schema > SCHEMA:
        raise ValueError(
            f"pattern {pattern.key} has schema {pattern.schema}; this version reads up to {SCHEMA}: upgrade this side first"
        )
    return pattern
