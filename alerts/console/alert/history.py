"""The history of an alert: what people did, what the service saw, and how the pattern was told each time. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter, ValidationError

from alerts.alert import SYSTEM, Approach, DismissReason, Role
from alerts.pattern import Audience, Pattern, PatternState
from alerts.render.catalogue import catalogue
from alerts.render.states import approach_words, dismiss_words, done_words, role_words
from alerts.render.words import areas_words, band_words, date_words, moment_words
from alerts.store.alerts import Event

_APPROACH = TypeAdapter(Approach)


@dataclass(frozen=True, slots=True)
class EventLine:
    """One line of what happened; ``text`` is what a person wrote, ``said`` what the action carried."""

    number: int
    at: str
    moment: str
    who: str
    what: str
    said: tuple[str, ...]
    text: str
    by_person: bool


@dataclass(frozen=True, slots=True)
class RevisionLine:
    """One telling of the pattern. ``changed``: in words, what differs from the one before."""

    revision: int
    at: str
    moment: str
    changed: tuple[str, ...]


def event_lines(events: Sequence[Event], zone: ZoneInfo, lang: str) -> tuple[EventLine, ...]:
    """The history, newest first."""
    return tuple(_event_line(event, zone, lang) for event in reversed(events))


def _event_line(event: Event, zone: ZoneInfo, lang: str) -> EventLine:
    by_person = event.actor != SYSTEM.name
    who = f"{event.actor} ({role_words(Role(event.role), lang)})" if by_person else role_words(Role.SYSTEM, lang)
    return EventLine(
        number=event.number,
        at=event.at.isoformat(),
        moment=moment_words(event.at, zone, lang),
        who=who,
        what=done_words(event.what, lang),
        said=tuple(_said(event, lang)),
        text=event.text,
        by_person=by_person,
    )


def _said(event: Event, lang: str) -> list[str]:
    translations = catalogue(lang)
    said = []
    reason = event.details.get("dismissed_as")
    if reason in set(DismissReason):
        said.append(translations.gettext("Reason: %(reason)s") % {"reason": dismiss_words(DismissReason(reason), lang)})
    agreed = event.details.get("agreed")
    if isinstance(agreed, str):
        try:
            approach = _APPROACH.validate_json(agreed)
        except ValidationError:
            return said
        line = translations.gettext("%(kind)s, led by %(owner)s")
        said.append(line % {"kind": approach_words(approach.kind, lang), "owner": approach.owner})
        if approach.outcome:
            said.append(translations.gettext("What came of it: %(outcome)s") % {"outcome": approach.outcome})
    return said


def revision_lines(revisions: Sequence[Pattern], zone: ZoneInfo, lang: str) -> tuple[RevisionLine, ...]:
    """How the pattern was told, newest first, each with what had changed."""
    lines = []
    before: Pattern | None = None
    for pattern in revisions:
        lines.append(
            RevisionLine(
                pattern.revision,
                pattern.recorded_at.isoformat(),
                moment_words(pattern.recorded_at, zone, lang),
                _changed(before, pattern, lang),
            )
        )
        before = pattern
    return tuple(reversed(lines))


def _changed(before: Pattern | None, pattern: Pattern, lang: str) -> tuple[str, ...]:
    """What differs; of the first telling, how it stood."""
    translations = catalogue(lang)
    was = {} if before is None else _told(before, lang)
    found = [f"{name}: {words}" for name, words in _told(pattern, lang).items() if was.get(name) != words]
    if before is not None and not found:
        found.append(translations.gettext("Breakdown, methods or chance changed"))
    return tuple(found)


def _told(pattern: Pattern, lang: str) -> dict[str, str]:
    translations = catalogue(lang)
    return {
        translations.gettext("Reports"): band_words(pattern.observed, lang),
        translations.gettext("Where"): where_words(pattern, lang),
        translations.gettext("Until the week that ends on"): date_words(pattern.window_to, lang),
        translations.gettext("State"): _state(pattern, lang),
        translations.gettext("For"): _audience(pattern, lang),
    }


def where_words(pattern: Pattern, lang: str) -> str:
    """Where the pattern is, for somebody who may see that."""
    return areas_words(pattern.area_names, pattern.level, lang) if pattern.area_names else catalogue(lang).gettext("not shown")


def _state(pattern: Pattern, lang: str) -> str:
    translations = catalogue(lang)
    return translations.gettext("goes on") if pattern.state is PatternState.ACTIVE else translations.gettext("quiet now")


def _audience(pattern: Pattern, lang: str) -> str:
    translations = catalogue(lang)
    if pattern.audience is Audience.ADV:
        return translations.gettext("the anti-discrimination service alone")
    return translations.gettext("the municipality too, once released")
