"""Who hears of it: the routing tree after Alertmanager's model, and the wall between municipalities. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from alerts.alert import ReviewState, shown_to_municipality
from alerts.message import Reason
from alerts.pattern import Audience, PatternKind
from alerts.rules import GroupKey, Matchers, Reader, Route

DEFAULT_GROUP_BY = (GroupKey.MUNICIPALITY,)
DEFAULT_GROUP_WAIT_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Facts:
    """What routes and silences can see of a message-to-be. ``reader`` is whom it is for, ``audience`` who may see at most."""

    alert_id: str
    municipality: str
    kind: PatternKind
    area_codes: tuple[str, ...]
    reason: Reason
    reader: Audience
    review: ReviewState
    audience: Audience


@dataclass(frozen=True, slots=True)
class Sending:
    """One destination that is to hear of it; what shares a ``group_key`` within ``group_wait_seconds`` becomes one message."""

    destination: str
    group_key: str
    group_wait_seconds: float


def matches(matchers: Matchers, facts: Facts) -> bool:
    """Whether every key that the matchers give has the alert's value among its own."""
    plain = (
        (matchers.municipality, facts.municipality),
        (matchers.kind, facts.kind),
        (matchers.reason, facts.reason),
        (matchers.audience, facts.reader),
        (matchers.alert, facts.alert_id),
    )
    if any(wanted is not None and value not in wanted for wanted, value in plain):
        return False
    return matchers.areas is None or any(_within(code, wanted) for code in facts.area_codes for wanted in matchers.areas)


def _within(code: str, wanted: str) -> bool:
    # CBS codes nest by their digits: WK030701 holds BU03070101 and so on.
    return code == wanted or (wanted.startswith("WK") and code.startswith("BU" + wanted[2:]))


def may_hear(destination: Reader, facts: Facts) -> bool:
    """The wall: whether the destination may hear of it at all, whatever the routes say.

    A municipality hears of its own alerts only, once released, and never of what only the service may see.
    """
    if destination.audience is not facts.reader:
        return False
    if destination.municipality is not None and destination.municipality != facts.municipality:
        return False
    if destination.audience is Audience.ADV:
        return True
    return destination.municipality is not None and shown_to_municipality(facts.review, facts.audience)


@dataclass(frozen=True, slots=True)
class _Inherited:
    destinations: tuple[str, ...] | None
    group_by: tuple[GroupKey, ...]
    group_wait_seconds: float

    def refine(self, route: Route) -> "_Inherited":
        return _Inherited(
            self.destinations if route.destinations is None else route.destinations,
            self.group_by if route.group_by is None else route.group_by,
            self.group_wait_seconds if route.group_wait_seconds is None else route.group_wait_seconds,
        )


def send_to(facts: Facts, route: Route, destinations: Mapping[str, Reader]) -> tuple[Sending, ...]:
    """Who hears of it, by name of destination; each once, as the first route that names it says."""
    found: dict[str, Sending] = {}
    for place, node in _nodes(facts, route, _Inherited(None, DEFAULT_GROUP_BY, DEFAULT_GROUP_WAIT_SECONDS), "0"):
        names = tuple(sorted(destinations)) if node.destinations is None else node.destinations
        for name in names:
            if name not in found and name in destinations and may_hear(destinations[name], facts):
                found[name] = Sending(name, _group_key(place, node.group_by, facts), node.group_wait_seconds)
    return tuple(found[name] for name in sorted(found))


def anybody(facts: Facts, destinations: Mapping[str, Reader]) -> bool:
    """Whether there is any destination that might hear of it, routes aside."""
    return any(may_hear(destination, facts) for destination in destinations.values())


def _nodes(facts: Facts, route: Route, above: _Inherited, place: str) -> Iterator[tuple[str, _Inherited]]:
    if not matches(route.match, facts):
        return
    here = above.refine(route)
    handled = False
    for number, child in enumerate(route.routes):
        below = list(_nodes(facts, child, here, f"{place}.{number}"))
        if below:
            handled = True
            yield from below
            if not child.go_on:
                break
    if not handled:
        yield place, here


def _group_key(place: str, group_by: tuple[GroupKey, ...], facts: Facts) -> str:
    values = {
        GroupKey.MUNICIPALITY: facts.municipality,
        GroupKey.KIND: facts.kind,
        GroupKey.REASON: facts.reason,
        GroupKey.ALERT: facts.alert_id,
    }
    return "/".join([place, *(f"{key}={values[key]}" for key in sorted(set(group_by)))])
