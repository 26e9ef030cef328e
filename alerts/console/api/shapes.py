"""The shapes that go out: what the description promises, made from alerts and patterns as far as the caller may see them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from alerts import pattern as patterns
from alerts.alert import (
    Action,
    Actor,
    Alert,
    Approach,
    ApproachKind,
    DetectionState,
    DismissReason,
    ReviewState,
    Role,
)
from alerts.console.api.access import sees_community, sees_place
from alerts.pattern import Audience, Pattern, PatternKind
from alerts.store.alerts import Event


class Shape(BaseModel):
    """Field names go out in camelCase."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True, extra="forbid")


class Link(Shape):
    """An address, and what it is to this answer."""

    rel: str
    href: str
    type: str | None = None
    title: str | None = None


class Municipality(Shape):
    """A municipality by its code."""

    code: str
    name: str


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


class ApproachShape(Shape):
    """The agreed approach."""

    model_config = ConfigDict(title="Approach")

    kind: ApproachKind
    owner: str
    partners: tuple[str, ...]
    review_on: date | None
    actions: str
    outcome: str

    @classmethod
    def of(cls, approach: Approach | None) -> Self | None:
        """The approach, if one was agreed."""
        if approach is None:
            return None
        return cls(
            kind=approach.kind,
            owner=approach.owner,
            partners=approach.partners,
            review_on=approach.review_on,
            actions=approach.actions,
            outcome=approach.outcome,
        )


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


class AlertFields(Shape):
    """How an alert stands. `version` grows with every change; an action names the one that it was decided upon."""

    id: str
    version: int
    municipality: Municipality
    kind: PatternKind
    audience: Audience
    detection: DetectionState
    review: ReviewState
    in_state_since: datetime
    dismissed_as: DismissReason | None
    approach: ApproachShape | None
    created_at: datetime
    updated_at: datetime
    released_at: datetime | None
    acknowledged_at: datetime | None
    agreed_at: datetime | None
    closed_at: datetime | None


class AlertSummary(AlertFields):
    """An alert in a list."""

    pattern: PatternSummary
    links: tuple[Link, ...]


class AlertDetail(AlertFields):
    """An alert, with what can be done now, and the alerts that it came from and that came from it."""

    pattern: PatternDetail
    possible_actions: tuple[Action, ...]
    predecessors: tuple[str, ...]
    successors: tuple[str, ...]
    links: tuple[Link, ...]


def alert_fields(alert: Alert) -> dict[str, Any]:
    """How the alert stands, by field name."""
    return {
        "id": alert.id,
        "version": alert.version,
        "municipality": Municipality(code=alert.municipality, name=alert.municipality_name),
        "kind": alert.kind,
        "audience": alert.audience,
        "detection": alert.detection,
        "review": alert.review,
        "in_state_since": alert.in_state_since,
        "dismissed_as": alert.dismissed_as,
        "approach": ApproachShape.of(alert.approach),
        "created_at": alert.created_at,
        "updated_at": alert.updated_at,
        "released_at": alert.released_at,
        "acknowledged_at": alert.acknowledged_at,
        "agreed_at": alert.agreed_at,
        "closed_at": alert.closed_at,
    }


class AlertList(Shape):
    """A page of alerts, the last changed first; where there are more, `links` has one with `rel` `next`."""

    alerts: tuple[AlertSummary, ...]
    links: tuple[Link, ...]


class RevisionList(Shape):
    """All revisions of an alert's pattern that the token may see, oldest first."""

    revisions: tuple[PatternDetail, ...]
    links: tuple[Link, ...]


class EventShape(Shape):
    """What a person did, or the system saw. `actor` and `text` are empty where they are not the token's business."""

    model_config = ConfigDict(title="Event")

    number: int
    at: datetime
    actor: str
    role: Role
    what: str
    revision: int
    review_from: ReviewState | None
    review_to: ReviewState | None
    text: str

    @classmethod
    def of(cls, event: Event) -> Self:
        """The event, as the queries gave it: they know what is whose business."""
        return cls(
            number=event.number,
            at=event.at,
            actor=event.actor,
            role=Role(event.role),
            what=event.what,
            revision=event.revision,
            review_from=event.review_from,
            review_to=event.review_to,
            text=event.text,
        )


class History(Shape):
    """What happened to an alert, oldest first."""

    events: tuple[EventShape, ...]
    links: tuple[Link, ...]


class ActionResult(Shape):
    """Where the action led. `repeated`: this very action had been carried out before, and nothing was done again."""

    alert_id: str
    review: ReviewState
    version: int
    repeated: bool
    links: tuple[Link, ...]


class Problem(BaseModel):
    """What is wrong with a request (RFC 9457); `errors` has all of it at once."""

    class Error(BaseModel):
        """One thing that is wrong, and where."""

        model_config = ConfigDict(title="ProblemError")

        detail: str

    status: int
    title: str
    detail: str
    errors: Sequence[Error] = ()
