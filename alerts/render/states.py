"""The words for how an alert stands and for what people do with it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from alerts.alert import Action, ApproachKind, DetectionState, DismissReason, ReviewState, Role
from alerts.pattern import PatternKind
from alerts.render.catalogue import catalogue, marked

REVIEW: Final[Mapping[StrEnum, str]] = {
    ReviewState.NEW: marked("New"),
    ReviewState.IN_REVIEW: marked("In review"),
    ReviewState.RELEASED: marked("Released"),
    ReviewState.HELD: marked("Held back"),
    ReviewState.DISMISSED: marked("Dismissed"),
    ReviewState.ACKNOWLEDGED: marked("Acknowledged"),
    ReviewState.APPROACH_AGREED: marked("Approach agreed"),
    ReviewState.CLOSED: marked("Closed"),
    ReviewState.REOPENED: marked("Reopened"),
}

DETECTION: Final[Mapping[StrEnum, str]] = {
    DetectionState.ACTIVE: marked("goes on"),
    DetectionState.QUIET: marked("quiet now"),
}

KIND: Final[Mapping[StrEnum, str]] = {
    PatternKind.PLACE: marked("In one place"),
    PatternKind.COMMUNITY: marked("About one group or subject"),
    PatternKind.PLACE_COMMUNITY: marked("In one place, about one group or subject"),
}

ACTION: Final[Mapping[StrEnum, str]] = {
    Action.REVIEW: marked("Take into review"),
    Action.RELEASE: marked("Release to the municipality"),
    Action.HOLD: marked("Hold back"),
    Action.DISMISS: marked("Dismiss"),
    Action.ACKNOWLEDGE: marked("Acknowledge"),
    Action.AGREE: marked("Record the approach"),
    Action.CLOSE: marked("Close with outcome"),
    Action.REOPEN: marked("Reopen"),
    Action.NOTE: marked("Add a note"),
    Action.LAPSE: marked("Let the acknowledgement lapse"),
}

DONE: Final[Mapping[StrEnum, str]] = {
    Action.REVIEW: marked("Taken into review"),
    Action.RELEASE: marked("Released to the municipality"),
    Action.HOLD: marked("Held back"),
    Action.DISMISS: marked("Dismissed"),
    Action.ACKNOWLEDGE: marked("Acknowledged"),
    Action.AGREE: marked("Approach recorded"),
    Action.CLOSE: marked("Closed"),
    Action.REOPEN: marked("Reopened"),
    Action.NOTE: marked("Note"),
    Action.LAPSE: marked("The acknowledgement lapsed, as no approach followed"),
}

SEEN: Final[Mapping[str, str]] = {
    "created": marked("Pattern seen for the first time"),
    "revised": marked("Pattern told anew: something about it changed"),
    "quiet": marked("Pattern quiet: recent looks no longer see it"),
    "back": marked("Pattern back after being quiet"),
}
"""What the service itself notes in an alert's history."""

DISMISSED: Final[Mapping[StrEnum, str]] = {
    DismissReason.MASS_REPORT: marked("Many reports on one utterance or event"),
    DismissReason.OUTREACH: marked("Explained by outreach"),
    DismissReason.DUPLICATE_REPORTS: marked("The same thing reported more than once"),
    DismissReason.KNOWN: marked("Known already, and being dealt with"),
    DismissReason.COINCIDENCE: marked("Coincidence: the reports have nothing in common"),
    DismissReason.DATA_ERROR: marked("Something is wrong with the data"),
    DismissReason.OTHER: marked("Another reason"),
}

APPROACH: Final[Mapping[StrEnum, str]] = {
    ApproachKind.COMMUNITY_DIALOGUE: marked("Conversation with the community"),
    ApproachKind.AREA_BASED: marked("Work in the area"),
    ApproachKind.BOTH: marked("Both: conversation and work in the area"),
    ApproachKind.OTHER: marked("Something else"),
    ApproachKind.NONE: marked("No approach for now"),
}

ROLES: Final[Mapping[StrEnum, str]] = {
    Role.SYSTEM: marked("Patroonwacht itself"),
    Role.CASE_WORKER: marked("Case worker"),
    Role.AREA_MANAGER: marked("Area manager"),
    Role.POLICY_ADVISER: marked("Policy adviser"),
    Role.OPERATOR: marked("Operator"),
    Role.AUDITOR: marked("Auditor"),
    Role.ADMINISTRATOR: marked("Administrator"),
}


def review_words(state: ReviewState, lang: str) -> str:
    """How far the handling is."""
    return catalogue(lang).gettext(REVIEW[state])


def detection_words(state: DetectionState, lang: str) -> str:
    """Whether runs still see the pattern."""
    return catalogue(lang).gettext(DETECTION[state])


def kind_words(kind: PatternKind, lang: str) -> str:
    """What the reports share, in few words."""
    return catalogue(lang).gettext(KIND[kind])


def action_words(action: Action, lang: str) -> str:
    """What a person can do, as a button says it."""
    return catalogue(lang).gettext(ACTION[action])


def done_words(what: str, lang: str) -> str:
    """What was done or seen, as the history says it; what this version does not know is shown as it is written."""
    known = {**{str(action): text for action, text in DONE.items()}, **SEEN}
    return catalogue(lang).gettext(known[what]) if what in known else what.replace("_", " ")


def dismiss_words(reason: DismissReason, lang: str) -> str:
    """Why a pattern needs nobody's attention."""
    return catalogue(lang).gettext(DISMISSED[reason])


def approach_words(kind: ApproachKind, lang: str) -> str:
    """What was agreed."""
    return catalogue(lang).gettext(APPROACH[kind])


def role_words(role: Role, lang: str) -> str:
    """What somebody does here."""
    return catalogue(lang).gettext(ROLES[role])
