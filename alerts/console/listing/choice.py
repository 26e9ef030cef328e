"""What somebody chose to see in the list of alerts; kept in their session, never in an address."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from typing import Final, TypeVar

from alerts.alert import MUNICIPALITY_ROLES, SETTLED_STATES, ReviewState, Role
from alerts.console.times import day_of
from alerts.pattern import PatternKind
from alerts.queries import Filter

OPEN: Final = "open"
WAITING: Final = "waiting"
NO_PLACE: Final = "none"
MINE: Final = "yes"
LONGEST: Final = 200

_E = TypeVar("_E", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen, each as the form says it; empty means no choice.

    ``area`` can be ``NO_PLACE``, ``state`` ``OPEN`` or ``WAITING``.
    """

    state: str = ""
    kind: str = ""
    municipality: str = ""
    area: str = ""
    community: str = ""
    first: str = ""
    last: str = ""
    mine: str = ""

    def __bool__(self) -> bool:
        """Whether anything was chosen."""
        return self != NOTHING

    @property
    def body(self) -> dict[str, str]:
        """As it is kept: only what was chosen."""
        return {name: value for name, value in asdict(self).items() if value}


NOTHING: Final = Choice()


def choice_of(given: Mapping[str, object]) -> Choice:
    """What a form or a session holds, without what makes no sense."""
    texts = {field.name: given.get(field.name) for field in fields(Choice)}
    choice = Choice(**{name: text.strip()[:LONGEST] for name, text in texts.items() if isinstance(text, str)})
    return replace(
        choice,
        state=choice.state if choice.state in {OPEN, WAITING} or _member(ReviewState, choice.state) else "",
        kind=choice.kind if _member(PatternKind, choice.kind) else "",
        first=choice.first if day_of(choice.first) else "",
        last=choice.last if day_of(choice.last) else "",
        mine=MINE if choice.mine else "",
    )


def filter_of(choice: Choice, person: str, role: Role, areas_within: Callable[[str], frozenset[str]]) -> Filter:
    """The filter that a choice of this person means. ``areas_within`` gives an area and all in it."""
    kind = _member(PatternKind, choice.kind)
    place = choice.area not in {"", NO_PLACE}
    return Filter(
        municipality=choice.municipality or None,
        review=_states(choice.state, role),
        kinds=() if kind is None else (kind,),
        area_codes=tuple(sorted(areas_within(choice.area))) if place else (),
        community=choice.community or None,
        window_from=day_of(choice.first),
        window_to=day_of(choice.last),
        no_place=choice.area == NO_PLACE,
        handled_by=person if choice.mine else None,
    )


def waiting_for(role: Role) -> tuple[ReviewState, ...]:
    """The states in which an alert waits for somebody in this role."""
    if role in MUNICIPALITY_ROLES:
        return (ReviewState.RELEASED, ReviewState.ACKNOWLEDGED)
    return (ReviewState.NEW, ReviewState.IN_REVIEW, ReviewState.REOPENED)


def _states(state: str, role: Role) -> tuple[ReviewState, ...]:
    if state == WAITING:
        return waiting_for(role)
    if state == OPEN:
        return tuple(each for each in ReviewState if each not in SETTLED_STATES)
    one = _member(ReviewState, state)
    return () if one is None else (one,)


def _member(kind: type[_E], text: str) -> _E | None:
    return kind(text) if text in set(kind) else None
