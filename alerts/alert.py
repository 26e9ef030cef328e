"""An alert: its three states, who may change them, and the table of everything that is allowed. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType

from alerts.pattern import Audience, PatternKind


class AlertsError(Exception):
    """Something about an alert cannot be done; the text says what can."""


class TransitionError(AlertsError):
    """The action is not possible in this state, or not for this role."""


class ConflictError(AlertsError):
    """Somebody else changed the alert since it was looked at."""


class UnknownAlertError(AlertsError):
    """There is no such alert for this reader; whether it exists for others is not told."""


class DetectionState(StrEnum):
    """The system's: whether runs still see the pattern."""

    ACTIVE = "active"
    QUIET = "quiet"


class ReviewState(StrEnum):
    """People's: how far the handling is."""

    NEW = "new"
    IN_REVIEW = "in_review"
    RELEASED = "released"
    HELD = "held"
    DISMISSED = "dismissed"
    ACKNOWLEDGED = "acknowledged"
    APPROACH_AGREED = "approach_agreed"
    CLOSED = "closed"
    REOPENED = "reopened"


class DeliveryState(StrEnum):
    """Of one message to one destination."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    DEAD = "dead"


class Action(StrEnum):
    """What a person, or in one place the system, can do with an alert."""

    REVIEW = "review"
    RELEASE = "release"
    HOLD = "hold"
    DISMISS = "dismiss"
    ACKNOWLEDGE = "acknowledge"
    AGREE = "agree"
    CLOSE = "close"
    REOPEN = "reopen"
    NOTE = "note"
    LAPSE = "lapse"


class Role(StrEnum):
    """Who somebody is here; ``SYSTEM`` is the service itself, acting on its settings."""

    SYSTEM = "system"
    CASE_WORKER = "case_worker"
    AREA_MANAGER = "area_manager"
    POLICY_ADVISER = "policy_adviser"
    OPERATOR = "operator"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class DismissReason(StrEnum):
    """Why a pattern needs nobody's attention."""

    MASS_REPORT = "mass_report"
    OUTREACH = "outreach"
    DUPLICATE_REPORTS = "duplicate_reports"
    KNOWN = "known"
    COINCIDENCE = "coincidence"
    DATA_ERROR = "data_error"
    OTHER = "other"


class ApproachKind(StrEnum):
    """What was agreed."""

    COMMUNITY_DIALOGUE = "community_dialogue"
    AREA_BASED = "area_based"
    BOTH = "both"
    OTHER = "other"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Approach:
    """The agreed approach: who leads it, with whom, what is done, and when it is looked at again."""

    kind: ApproachKind
    owner: str
    partners: tuple[str, ...] = ()
    review_on: date | None = None
    actions: str = ""
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Rights:
    """How far somebody may see. ``area_codes``: own districts, all if empty; where, and which community, are rights apart."""

    area_codes: tuple[str, ...] = ()
    sees_place: bool = True
    sees_community: bool = True


ALL_RIGHTS = Rights()


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. ``municipality`` (a code) restricts them to it; None is the anti-discrimination service, which serves all."""

    name: str
    role: Role
    municipality: str | None = None
    rights: Rights = ALL_RIGHTS


SYSTEM = Actor("system", Role.SYSTEM)


@dataclass(frozen=True, slots=True)
class Alert:
    """A pattern told to somebody, with its handling, as it stands.

    ``version`` grows with every change, by the system or by a person: what was decided upon an older version is refused.
    ``releases`` counts how often it was released; ``back_revision`` is the revision with which a quiet pattern returned.
    """

    id: str
    pattern_key: str
    revision: int
    version: int
    municipality: str
    municipality_name: str
    kind: PatternKind
    audience: Audience
    detection: DetectionState
    review: ReviewState
    in_state_since: datetime
    back_revision: int | None
    releases: int
    released_by_person: bool
    dismissed_as: DismissReason | None
    approach: Approach | None
    created_at: datetime
    updated_at: datetime
    released_at: datetime | None
    acknowledged_at: datetime | None
    agreed_at: datetime | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Transition:
    """Where an action leads, and for whom it is."""

    target: ReviewState
    roles: frozenset[Role]


_WORKER = frozenset({Role.CASE_WORKER})
_SYSTEM = frozenset({Role.SYSTEM})
# The case worker too: a municipality that gets its alerts in its own system has nobody who signs in here.
_MUNICIPALITY = frozenset({Role.AREA_MANAGER, Role.POLICY_ADVISER, Role.CASE_WORKER})
_S = ReviewState
_A = Action

TRANSITIONS: Mapping[tuple[ReviewState, Action], Transition] = MappingProxyType(
    {
        (_S.NEW, _A.REVIEW): Transition(_S.IN_REVIEW, _WORKER),
        (_S.NEW, _A.RELEASE): Transition(_S.RELEASED, _SYSTEM),
        (_S.IN_REVIEW, _A.RELEASE): Transition(_S.RELEASED, _WORKER),
        (_S.IN_REVIEW, _A.HOLD): Transition(_S.HELD, _WORKER),
        (_S.IN_REVIEW, _A.DISMISS): Transition(_S.DISMISSED, _WORKER),
        (_S.HELD, _A.REVIEW): Transition(_S.IN_REVIEW, _WORKER),
        (_S.HELD, _A.RELEASE): Transition(_S.RELEASED, _WORKER),
        (_S.HELD, _A.DISMISS): Transition(_S.DISMISSED, _WORKER),
        # Taken back: most place patterns are released by the rule, and the case worker may see that this one was a mistake.
        (_S.RELEASED, _A.REVIEW): Transition(_S.IN_REVIEW, _WORKER),
        (_S.RELEASED, _A.ACKNOWLEDGE): Transition(_S.ACKNOWLEDGED, _MUNICIPALITY),
        (_S.ACKNOWLEDGED, _A.REVIEW): Transition(_S.IN_REVIEW, _WORKER),
        (_S.ACKNOWLEDGED, _A.AGREE): Transition(_S.APPROACH_AGREED, _MUNICIPALITY),
        (_S.ACKNOWLEDGED, _A.LAPSE): Transition(_S.RELEASED, _SYSTEM),
        (_S.APPROACH_AGREED, _A.AGREE): Transition(_S.APPROACH_AGREED, _MUNICIPALITY),
        (_S.APPROACH_AGREED, _A.CLOSE): Transition(_S.CLOSED, _MUNICIPALITY),
        (_S.CLOSED, _A.REOPEN): Transition(_S.REOPENED, _MUNICIPALITY | _SYSTEM),
        (_S.DISMISSED, _A.REOPEN): Transition(_S.REOPENED, _WORKER | _SYSTEM),
        (_S.REOPENED, _A.REVIEW): Transition(_S.IN_REVIEW, _WORKER),
        (_S.REOPENED, _A.RELEASE): Transition(_S.RELEASED, _SYSTEM),
        **{(state, _A.NOTE): Transition(state, _MUNICIPALITY) for state in ReviewState},
    }
)
"""Every allowed transition; what is not in it is refused."""

SHOWN_STATES = frozenset({_S.RELEASED, _S.ACKNOWLEDGED, _S.APPROACH_AGREED, _S.CLOSED})
"""The review states in which a municipality sees an alert, if its audience allows."""

SETTLED_STATES = frozenset({_S.DISMISSED, _S.CLOSED})
"""The review states in which nobody is expected to do anything."""

MUNICIPALITY_ROLES = frozenset({Role.AREA_MANAGER, Role.POLICY_ADVISER})
"""The roles at the municipality: they see only what was released, and only their own."""


SEES_NO_ALERT = frozenset({Role.OPERATOR, Role.ADMINISTRATOR})
"""The roles that keep the service and its accounts in order: they need no alert for that, and for them there is none."""


def shown_to_municipality(review: ReviewState, audience: Audience) -> bool:
    """Whether the municipality may see an alert that stands so."""
    return review in SHOWN_STATES and audience is Audience.MUNICIPALITY


def may_see(actor: Actor, alert: Alert) -> bool:
    """Whether the actor may see the alert at all; for who may not, it does not exist.

    By role, municipality and state: own districts are looked up where the alert's areas are known, in ``alerts.queries``.
    """
    if actor.role in SEES_NO_ALERT or (actor.municipality is not None and actor.municipality != alert.municipality):
        return False
    if actor.role in MUNICIPALITY_ROLES:
        return actor.municipality is not None and shown_to_municipality(alert.review, alert.audience)
    return True


def possible_actions(alert: Alert, actor: Actor) -> tuple[Action, ...]:
    """What the actor can do with the alert now, in the order of ``Action``."""
    return tuple(action for action in Action if _refusal(alert, action, actor) is None)


def next_state(alert: Alert, action: Action, actor: Actor) -> ReviewState:
    """Where the action leads.

    Raises:
        TransitionError: it is not possible; the text says what is.
    """
    refusal = _refusal(alert, action, actor)
    if refusal is not None:
        possible = ", ".join(possible_actions(alert, actor)) or "none"
        raise TransitionError(f"{refusal}; possible now for {actor.role}: {possible}")
    return TRANSITIONS[alert.review, action].target


def _refusal(alert: Alert, action: Action, actor: Actor) -> str | None:
    transition = TRANSITIONS.get((alert.review, action))
    if transition is None:
        return f"an alert that is {alert.review} has no action {action}"
    if not may_see(actor, alert):
        return "there is no such alert"
    if actor.role not in transition.roles:
        return f"{action} of an alert that is {alert.review} is not for {actor.role}"
    if action is Action.RELEASE and alert.audience is not Audience.MUNICIPALITY:
        return (
            "this pattern cannot be released: a figure in it is still under its floor, so only the anti-discrimination"
            " service may see it; it can be once a later run finds enough reports"
        )
    return None
