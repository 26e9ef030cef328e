"""The shape of a pattern as it goes out, in short and in full, as far as the caller may see it."""

from datetime import date, datetime
from typing import Any, Self

from pydantic import ConfigDict, Field

from alerts import pattern as patterns
from alerts.alert import Actor
from alerts.console.api.access import sees_community, sees_place
from alerts.console.api.shape import Shape
from alerts.pattern import Pattern


class AreaName(Shape):
    """An area by its code."""

    code: str
    name: str


class Band(Shape):
    """A count told as a range, both ends included; `high` null means open."""

    low: int
    high: int | None

    @classmethod
    def of(cls, band: patterns.Band | None) -> Self | None:
        """The band, unless it may not be told."""
        return None if band is None else cls(low=band.low, high=band.high)


class PatternSummary(Shape):
    """What is seen.

    `areas` null: the token may not see where. `community`, `ground`, `domain` null: not disclosed, or not for this token.
    `observed` null: the count may not be told.
    """

    revision: int
    state: str
    level: str | None = Field(description="municipality, district or neighbourhood")
    areas: tuple[AreaName, ...] | None
    community: str | None
    ground: str | None
    domain: str | None
    window_from: date
    window_to: date
    observed: Band | None
    expected: float
    relative_risk: float | None
    recurrence_interval_days: float
    first_seen: date
    last_seen: date

    @classmethod
    def of(cls, pattern: Pattern, actor: Actor) -> Self:
        """The pattern, as far as the actor may see it."""
        return cls(**_summary(pattern, actor))


def _summary(pattern: Pattern, actor: Actor) -> dict[str, Any]:
    place, subject = sees_place(actor), sees_community(actor)
    named = zip(pattern.area_codes, pattern.area_names, strict=False)
    return {
        "revision": pattern.revision,
        "state": pattern.state.value,
        "level": pattern.level if place else None,
        "areas": tuple(AreaName(code=code, name=name) for code, name in named) if place else None,
        "community": pattern.community if subject else None,
        "ground": pattern.ground if subject else None,
        "domain": pattern.domain if subject else None,
        "window_from": pattern.window_from,
        "window_to": pattern.window_to,
        "observed": Band.of(pattern.observed),
        "expected": pattern.expected,
        "relative_risk": pattern.relative_risk,
        "recurrence_interval_days": pattern.recurrence_interval_days,
        "first_seen": pattern.first_seen,
        "last_seen": pattern.last_seen,
    }


class Week(Shape):
    """The count so far at the end of a week, beside what was expected so far. Weeks start on Monday."""

    week_from: date
    observed: Band | None
    expected: float


class CellShape(Shape):
    """One line of a breakdown; `band` null is suppressed."""

    model_config = ConfigDict(title="Cell")

    code: str
    band: Band | None


class BreakdownShape(Shape):
    """The pattern's reports by one rubric."""

    model_config = ConfigDict(title="Breakdown")

    rubric: str
    cells: tuple[CellShape, ...]


class Method(Shape):
    """A method that sees the pattern, and how often chance alone would do as much."""

    method: str
    recurrence_interval_days: float


class Campaign(Shape):
    """Outreach in the same weeks and place, which may explain a rise."""

    name: str
    starts_on: date
    ends_on: date


class Rule(Shape):
    """Which rules said so."""

    settings_hash: str
    code_version: str


class PatternDetail(PatternSummary):
    """What is seen, in full. `breakdowns` null: not for this token."""

    weekly: tuple[Week, ...]
    breakdowns: tuple[BreakdownShape, ...] | None
    methods: tuple[Method, ...]
    campaigns: tuple[Campaign, ...] | None
    rule: Rule
    recorded_at: datetime

    @classmethod
    def of(cls, pattern: Pattern, actor: Actor) -> Self:
        """The pattern, as far as the actor may see it."""
        weekly = (
            Week(week_from=each.week_from, observed=Band.of(each.observed), expected=each.expected) for each in pattern.weekly
        )
        methods = (Method(method=each.method, recurrence_interval_days=each.recurrence_interval_days) for each in pattern.methods)
        campaigns = (Campaign(name=each.name, starts_on=each.starts_on, ends_on=each.ends_on) for each in pattern.campaigns)
        return cls(
            **_summary(pattern, actor),
            weekly=tuple(weekly),
            breakdowns=tuple(map(_breakdown, pattern.breakdowns)) if sees_community(actor) else None,
            methods=tuple(methods),
            # Their names can tell where and for whom they were.
            campaigns=tuple(campaigns) if sees_community(actor) and sees_place(actor) else None,
            rule=Rule(settings_hash=pattern.rule.settings_hash, code_version=pattern.rule.code_version),
            recorded_at=pattern.recorded_at,
        )


def _breakdown(breakdown: patterns.Breakdown) -> BreakdownShape:
    cells = (CellShape(code=cell.code, band=Band.of(cell.band)) for cell in breakdown.cells)
    return BreakdownShape(rubric=breakdown.rubric, cells=tuple(cells))
