"""What people do on the page: from a filled-in form to an action, with everything they typed kept when it cannot be done."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from alerts.alert import Action, Approach, ApproachKind, DismissReason
from alerts.console.times import day_of
from alerts.render.catalogue import catalogue, marked

TEXT_AT_MOST: Final = 4000
LINE_AT_MOST: Final = 300
FIELDS: Final = ("text", "dismiss_reason", "kind", "owner", "partners", "review_on", "actions", "outcome", "until")
SILENCE: Final = "silence"
DAYS_OF_SILENCE_AT_MOST: Final = 366

_TOO_LONG: Final = marked("This is too long: use at most %(count)s characters.")


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody filled in, and what is wrong with it, by field. ``action`` is an ``Action`` or ``silence``."""

    action: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)

    def value(self, action: str, name: str, otherwise: str = "") -> str:
        """What stands in a field of that action's form."""
        return self.values.get(name, "") if self.action == action else otherwise

    def error(self, action: str, name: str) -> str:
        """What is wrong with it, if anything."""
        return self.errors.get(name, "") if self.action == action else ""

    @property
    def kept(self) -> tuple[str, ...]:
        """The texts that somebody would be sorry to lose."""
        return tuple(value for name, value in self.values.items() if value and name not in {"dismiss_reason", "kind"})


NOTHING_TYPED: Final = Typed()


@dataclass(frozen=True, slots=True)
class Asked:
    """An action with what it needs, checked."""

    action: Action
    text: str
    dismiss_reason: DismissReason | None = None
    approach: Approach | None = None


@dataclass(frozen=True, slots=True)
class AskedSilence:
    """A silence of this alert, with its reason and its end."""

    comment: str
    ends_at: datetime


class FormError(Exception):
    """The form cannot be acted upon; ``errors`` says by field what to put right."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(", ".join(errors))
        self.errors = dict(errors)


def read_action(action: Action, values: Mapping[str, str], current: Approach | None, today: date, lang: str) -> Asked:
    """The action that a form asks for. ``current`` is the approach in force, to which closing adds an outcome.

    Raises:
        FormError: something is missing or cannot be read.
    """
    errors = _lengths(values, lang)
    translations = catalogue(lang)
    asked = Asked(action, values.get("text", ""))
    match action:
        case Action.NOTE if not values.get("text"):
            errors["text"] = translations.gettext("Write the note.")
        case Action.DISMISS:
            reason = values.get("dismiss_reason", "")
            if reason in set(DismissReason):
                asked = Asked(action, asked.text, dismiss_reason=DismissReason(reason))
            else:
                errors["dismiss_reason"] = translations.gettext("Choose a reason.")
        case Action.AGREE:
            asked = Asked(action, asked.text, approach=_approach(values, current, errors, today, lang))
        case Action.CLOSE:
            if not values.get("outcome"):
                errors["outcome"] = translations.gettext("Say what came of it, also when that is nothing.")
            if current is not None:
                asked = Asked(action, asked.text, approach=_with_outcome(current, values.get("outcome", "")))
        case _:
            pass
    if errors:
        raise FormError(errors)
    return asked


def read_silence(values: Mapping[str, str], now: datetime, zone: ZoneInfo, lang: str) -> AskedSilence:
    """The silence that a form asks for; it lasts through the day named.

    Raises:
        FormError: something is missing or cannot be read.
    """
    errors = _lengths(values, lang)
    translations = catalogue(lang)
    if not values.get("text"):
        errors["text"] = translations.gettext("Say why.")
    today = now.astimezone(zone).date()
    until = day_of(values.get("until", ""))
    if until is None or not today <= until <= today + timedelta(days=DAYS_OF_SILENCE_AT_MOST):
        errors["until"] = translations.gettext("Give a day from today on, within a year.")
    if errors or until is None:
        raise FormError(errors)
    return AskedSilence(values["text"], datetime.combine(until + timedelta(days=1), time(), zone))


def _approach(
    values: Mapping[str, str], current: Approach | None, errors: dict[str, str], today: date, lang: str
) -> Approach | None:
    translations = catalogue(lang)
    kind, owner, review_on = values.get("kind", ""), values.get("owner", ""), values.get("review_on", "")
    if kind not in set(ApproachKind):
        errors["kind"] = translations.gettext("Choose what was agreed.")
    if not owner:
        errors["owner"] = translations.gettext("Say who leads it.")
    day = day_of(review_on)
    if review_on and day is None:
        errors["review_on"] = translations.gettext("This is no day: write it as 2026-09-01.")
    elif day is not None and day < today and (current is None or day != current.review_on):
        errors["review_on"] = translations.gettext("This day has passed. Give one that is still to come, or none.")
    if errors:
        return None
    partners = [line.strip() for line in values.get("partners", "").replace(";", "\n").replace(",", "\n").splitlines()]
    return Approach(
        kind=ApproachKind(kind),
        owner=owner,
        partners=tuple(dict.fromkeys(partner for partner in partners if partner)),
        review_on=day,
        actions=values.get("actions", ""),
        outcome="" if current is None else current.outcome,
    )


def _with_outcome(approach: Approach, outcome: str) -> Approach:
    return Approach(approach.kind, approach.owner, approach.partners, approach.review_on, approach.actions, outcome)


def _lengths(values: Mapping[str, str], lang: str) -> dict[str, str]:
    errors = {}
    for name in FIELDS:
        most = LINE_AT_MOST if name in {"owner", "partners"} else TEXT_AT_MOST
        if len(values.get(name, "")) > most:
            errors[name] = catalogue(lang).gettext(_TOO_LONG) % {"count": most}
    return errors


def approach_values(approach: Approach | None) -> dict[str, str]:
    """The approach in force as the fields of its form, to be changed."""
    if approach is None:
        return {}
    return {
        "kind": approach.kind.value,
        "owner": approach.owner,
        "partners": ", ".join(approach.partners),
        "review_on": "" if approach.review_on is None else approach.review_on.isoformat(),
        "actions": approach.actions,
        "outcome": approach.outcome,
    }
