"""The forms of the page: which there are for this reader, what they say, and what stands in them. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from zoneinfo import ZoneInfo

from alerts.alert import Action, Actor, Alert, ApproachKind, DismissReason, ReviewState, possible_actions
from alerts.console.alert.acting import Typed, approach_values
from alerts.console.alert.history import EventLine, event_lines
from alerts.render.catalogue import catalogue, marked
from alerts.render.states import action_words, approach_words, dismiss_words
from alerts.render.words import moment_words
from alerts.silences import MAY_SILENCE, Silence
from alerts.store.alerts import Event

_EXPLAINED: Final[Mapping[Action, str]] = {
    Action.REVIEW: marked("The service looks at it; as long as it does, the municipality does not see it."),
    Action.RELEASE: marked(
        "The municipality sees this alert from now on. Messages go to the destinations that are set up for it."
    ),
    Action.HOLD: marked("It stays with the service for now; the municipality does not see it."),
    Action.DISMISS: marked("It needs nobody's attention. It comes back if it grows clearly."),
    Action.ACKNOWLEDGE: marked("You take it up. If no approach follows, this lapses after a while."),
    Action.AGREE: marked("Record what was agreed. From then on the page shows what happens to the reports."),
    Action.CLOSE: marked("The approach is done. The reports go on being followed."),
    Action.REOPEN: marked("It needs attention again, and goes back to the service for review."),
    Action.NOTE: marked("For yourself and colleagues who may see this alert."),
}
_NEXT: Final[Mapping[ReviewState, Action]] = {
    ReviewState.NEW: Action.REVIEW,
    ReviewState.IN_REVIEW: Action.RELEASE,
    ReviewState.HELD: Action.RELEASE,
    ReviewState.RELEASED: Action.ACKNOWLEDGE,
    ReviewState.ACKNOWLEDGED: Action.AGREE,
    ReviewState.APPROACH_AGREED: Action.CLOSE,
    ReviewState.REOPENED: Action.REVIEW,
}
"""What mostly comes next: the button that stands out."""


@dataclass(frozen=True, slots=True)
class ActionForm:
    """One action; ``values`` stand in its fields, ``errors`` are pairs of a field's id and what is wrong."""

    action: str
    label: str
    explained: str
    primary: bool
    open: bool
    values: Mapping[str, str] = field(default_factory=dict)
    errors: tuple[tuple[str, str], ...] = ()
    reasons: tuple[tuple[str, str], ...] = ()
    approaches: tuple[tuple[str, str], ...] = ()

    def value(self, name: str) -> str:
        """What stands in a field."""
        return self.values.get(name, "")


@dataclass(frozen=True, slots=True)
class SilenceView:
    """A silence that holds for this alert."""

    id: str
    until: str
    comment: str
    author: str
    may_end: bool


@dataclass(frozen=True, slots=True)
class Conflict:
    """What others did since the page was opened, and whether what was asked is still possible."""

    action: str
    happened: tuple[EventLine, ...]
    still_possible: bool


def action_forms(alert: Alert, actor: Actor, typed: Typed, lang: str) -> tuple[ActionForm, ...]:
    """A form for each action that is possible now, what mostly comes next first, the note last."""
    possible = [action for action in possible_actions(alert, actor) if action is not Action.LAPSE]
    usual = _NEXT.get(alert.review)
    possible.sort(key=lambda action: (action is not usual, action is Action.NOTE))
    return tuple(_form(action, alert, typed, primary=action is usual, lang=lang) for action in possible)


def _form(action: Action, alert: Alert, typed: Typed, *, primary: bool, lang: str) -> ActionForm:
    mine = typed.action == action
    values = typed.values if mine else approach_values(alert.approach)
    ids = {"text": f"text-{action}"}
    return ActionForm(
        action=action.value,
        label=action_words(action, lang),
        explained=catalogue(lang).gettext(_EXPLAINED[action]),
        primary=primary,
        open=mine,
        values=values,
        errors=tuple((ids.get(name, name), text) for name, text in typed.errors.items()) if mine else (),
        reasons=tuple((reason.value, dismiss_words(reason, lang)) for reason in DismissReason),
        approaches=tuple((kind.value, approach_words(kind, lang)) for kind in ApproachKind),
    )


def may_silence(actor: Actor) -> bool:
    """Whether the reader can keep messages back."""
    return actor.role in MAY_SILENCE and actor.municipality is None


def silence_views(silences: Sequence[Silence], alert_id: str, actor: Actor, zone: ZoneInfo, lang: str) -> tuple[SilenceView, ...]:
    """The silences of this very alert, for those who can make them."""
    if not may_silence(actor):
        return ()
    return tuple(
        SilenceView(each.id, moment_words(each.ends_at, zone, lang), each.comment, each.author, may_end=True)
        for each in silences
        if each.matchers.alert is not None and alert_id in each.matchers.alert
    )


def conflict_of(typed: Typed, happened: Sequence[Event], possible: Sequence[Action], zone: ZoneInfo, lang: str) -> Conflict:
    """What ``happened`` since the reader's page was made; ``possible`` now are these actions."""
    action = Action(typed.action)
    return Conflict(action_words(action, lang), event_lines(happened, zone, lang), action in possible)
