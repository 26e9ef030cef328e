"""The shapes of alerts that go out: what the description promises, made from alerts as far as the caller may see them."""

from datetime import date, datetime
from typing import Any, Self

from pydantic import ConfigDict

from alerts.alert import (
    Action,
    Alert,
    Approach,
    ApproachKind,
    DetectionState,
    DismissReason,
    ReviewState,
    Role,
)
from alerts.console.api.pattern_shapes import PatternDetail, PatternSummary
from alerts.console.api.shape import Link, Shape
from alerts.pattern import Audience, PatternKind
from alerts.store.alerts import Event


class Municipality(Shape):
    """A municipality by its code."""

    code: str
    name: str


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
