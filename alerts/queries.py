"""Reading alerts: one, many, their patterns and their history, each only as far as the reader may see it."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Final

from sqlalchemy import Connection, Engine, Select, and_, bindparam, false, literal_column, or_, select

from alerts import audit
from alerts.alert import (
    MUNICIPALITY_ROLES,
    SEES_NO_ALERT,
    SHOWN_STATES,
    Action,
    Actor,
    Alert,
    DetectionState,
    ReviewState,
    Rights,
    Role,
    UnknownAlertError,
    may_see,
)
from alerts.pattern import Audience, Pattern, PatternKind
from alerts.shown import shown_to
from alerts.store import alerts as rows
from alerts.store import revisions as stored
from alerts.store import tables as t
from alerts.store.engine import read

MUNICIPALITY_HISTORY = frozenset({Action.RELEASE, Action.ACKNOWLEDGE, Action.AGREE, Action.CLOSE, Action.REOPEN, Action.LAPSE})
"""What a municipality sees of an alert's history, beside what its own people wrote: not what the service weighed before."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which alerts; what is left out matches everything. ``window_from`` and ``window_to``: the pattern's weeks touch them.

    ``no_place``: only patterns that tell of no place within their municipality. ``handled_by``: somebody who did something with
    the alert.
    """

    municipality: str | None = None
    review: tuple[ReviewState, ...] = ()
    detection: DetectionState | None = None
    kinds: tuple[PatternKind, ...] = ()
    audience: Audience | None = None
    area_codes: tuple[str, ...] = ()
    community: str | None = None
    window_from: date | None = None
    window_to: date | None = None
    updated_since: datetime | None = None
    no_place: bool = False
    handled_by: str | None = None


EVERYTHING = Filter()


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ended: the last alert's ``updated_at`` and id."""

    updated_at: datetime
    alert_id: str


@dataclass(frozen=True, slots=True)
class Page:
    """Alerts, the last changed first; ``next_page`` None: there are no more."""

    alerts: tuple[Alert, ...]
    next_page: Cursor | None


@dataclass(frozen=True, slots=True)
class Told:
    """An alert, its newest pattern, and the alerts it came from and led to: all as far as its reader may see."""

    alert: Alert
    pattern: Pattern
    before: tuple[Alert, ...]
    after: tuple[Alert, ...]


@dataclass(frozen=True, slots=True)
class Dossier:
    """All of an alert that its reader may see: how it is told now, every telling so far, and what happened, oldest first."""

    told: Told
    revisions: tuple[Pattern, ...]
    events: tuple[rows.Event, ...]


def find_alerts(
    engine: Engine, actor: Actor, wanted: Filter = EVERYTHING, *, limit: int = 100, after: Cursor | None = None
) -> Page:
    """The alerts that match and that the actor may see."""
    query = matching(select(t.alert), actor, wanted)
    if after is not None:
        query = query.where(
            or_(
                t.alert.c.updated_at < after.updated_at,
                and_(t.alert.c.updated_at == after.updated_at, t.alert.c.id < after.alert_id),
            )
        )
    query = query.order_by(t.alert.c.updated_at.desc(), t.alert.c.id.desc()).limit(limit + 1)
    with read(engine) as connection:
        found = tuple(rows.to_alert(row) for row in connection.execute(query))
    shown = found[:limit]
    return Page(shown, Cursor(shown[-1].updated_at, shown[-1].id) if len(found) > limit else None)


def matching(query: Select[tuple[object, ...]], actor: Actor, wanted: Filter) -> Select[tuple[object, ...]]:
    """A query of alerts, narrowed to those that match and that the actor may see."""
    query = _restrict(query, actor)
    for condition in _conditions(wanted):
        query = query.where(condition)
    hidden = (wanted.community is not None and not actor.rights.sees_community) or (
        (wanted.area_codes or wanted.no_place) and not actor.rights.sees_place
    )
    if hidden:
        # Who may not see it may not find it out by asking for one after the other either.
        query = query.where(false())
    if wanted.no_place:
        query = query.where(rows.in_no_place())
    if wanted.handled_by is not None:
        query = query.where(rows.handled_by(wanted.handled_by))
    return query


_SHOWN: Final = and_(
    # Written out in the query, as in the indexes of what is shown: by a parameter the database could not know them again.
    t.alert.c.audience == literal_column(f"'{Audience.MUNICIPALITY}'"),
    t.alert.c.review.in_([literal_column(f"'{state}'") for state in sorted(SHOWN_STATES)]),
)


def _restrict(query: Select[tuple[object, ...]], actor: Actor) -> Select[tuple[object, ...]]:
    """The one rule of who sees which alert: ``may_see``, and own districts, for which an alert's areas must be known."""
    if actor.role in SEES_NO_ALERT:
        query = query.where(false())
    if actor.municipality is not None or actor.role in MUNICIPALITY_ROLES:
        # Of no municipality, and yet in one's role: sees nothing.
        query = query.where(t.alert.c.municipality == actor.municipality)
    if actor.role in MUNICIPALITY_ROLES:
        query = query.where(_SHOWN)
    if actor.rights.area_codes:
        query = query.where(rows.lies_in(actor.rights.area_codes))
    return query


def _conditions(wanted: Filter) -> Iterator[rows.Condition]:
    c = t.alert.c
    for column, value in (
        (c.municipality, wanted.municipality),
        (c.detection, wanted.detection),
        (c.audience, wanted.audience),
        (c.community, wanted.community),
    ):
        if value is not None:
            yield column == value
    if wanted.review:
        yield c.review.in_(wanted.review)
    if wanted.kinds:
        yield c.kind.in_(wanted.kinds)
    if wanted.area_codes:
        yield rows.in_area(wanted.area_codes)
    if wanted.window_from is not None:
        yield c.window_to >= wanted.window_from
    if wanted.window_to is not None:
        yield c.window_from <= wanted.window_to
    if wanted.updated_since is not None:
        yield c.updated_at >= wanted.updated_since


@lru_cache(1000)
def _one(role: Role, municipality: str | None, area_codes: tuple[str, ...]) -> Select[tuple[object, ...]]:
    """The alert of the id ``wanted``, for such an actor; kept, as it takes longer to write than to ask."""
    actor = Actor("", role, municipality, Rights(area_codes))
    return _restrict(select(t.alert).where(t.alert.c.id == bindparam("wanted")), actor)


def visible(connection: Connection, alert_id: str, actor: Actor) -> Alert:
    """The alert, in the caller's transaction, if the actor may see it. Raises as ``get`` does."""
    query = _one(actor.role, actor.municipality, actor.rights.area_codes)
    row = connection.execute(query, {"wanted": alert_id}).one_or_none()
    alert = None if row is None else rows.to_alert(row)
    # Asked twice, in the database and here, so that a slip in either is not enough to show what is not for this actor.
    if alert is None or not may_see(actor, alert):
        raise UnknownAlertError(f"there is no alert {alert_id}")
    return alert


def visible_among(engine: Engine, ids: Collection[str], actor: Actor) -> frozenset[str]:
    """Those of the ids that are alerts which the actor may see."""
    query = _restrict(select(t.alert.c.id).where(t.alert.c.id.in_(ids)), actor)
    with read(engine) as connection:
        return frozenset(row.id for row in connection.execute(query))


def get(engine: Engine, alert_id: str, actor: Actor) -> Alert:
    """One alert.

    Raises:
        UnknownAlertError: there is none, or not for this actor.
    """
    with read(engine) as connection:
        return visible(connection, alert_id, actor)


def current_pattern(engine: Engine, alert_id: str, actor: Actor) -> Pattern:
    """The newest revision of the alert's pattern. Raises as ``get`` does."""
    with read(engine) as connection:
        alert = visible(connection, alert_id, actor)
        return shown_to(stored.newest(connection, [alert])[alert.pattern_key], actor.rights)


def revisions(engine: Engine, alert_id: str, actor: Actor) -> tuple[Pattern, ...]:
    """All revisions of the alert's pattern that the actor may see, oldest first. Raises as ``get`` does."""
    with read(engine) as connection:
        alert = visible(connection, alert_id, actor)
        return _shown(stored.all_of(connection, alert.pattern_key), actor)


def history(engine: Engine, alert_id: str, actor: Actor) -> tuple[rows.Event, ...]:
    """What happened to the alert, oldest first, as far as it is the actor's business. Raises as ``get`` does."""
    with read(engine) as connection:
        visible(connection, alert_id, actor)
        return _told_of(rows.events(connection, alert_id), actor)


def own_events(engine: Engine, alert_id: str, actor: Actor) -> tuple[rows.Event, ...]:
    """What the actor did with the alert, oldest first; also where it led out of the actor's sight."""
    with read(engine) as connection:
        return tuple(each for each in rows.events(connection, alert_id) if each.actor == actor.name)


def told(engine: Engine, alert_id: str, actor: Actor) -> Told:
    """One alert with its newest pattern and its kin, in one transaction. Raises as ``get`` does."""
    with read(engine) as connection:
        alert = visible(connection, alert_id, actor)
        pattern = shown_to(stored.newest(connection, [alert])[alert.pattern_key], actor.rights)
        return Told(alert, pattern, *_kin(connection, alert, actor))


def dossier(engine: Engine, alert_id: str, actor: Actor) -> Dossier:
    """All that there is of one alert, in one transaction. Raises as ``get`` does."""
    with read(engine) as connection:
        alert = visible(connection, alert_id, actor)
        found = stored.all_of(connection, alert.pattern_key)
        events = rows.events(connection, alert_id)
        before, after = _kin(connection, alert, actor)
    newest = {each.revision: each for each in found}[alert.revision]
    told_now = Told(alert, shown_to(newest, actor.rights), before, after)
    return Dossier(told_now, _shown(found, actor), _told_of(events, actor))


def _shown(found: Iterable[Pattern], actor: Actor) -> tuple[Pattern, ...]:
    return tuple(
        shown_to(each, actor.rights)
        for each in found
        if actor.role not in MUNICIPALITY_ROLES or each.audience is Audience.MUNICIPALITY
    )


def _told_of(events: tuple[rows.Event, ...], actor: Actor) -> tuple[rows.Event, ...]:
    if actor.role in MUNICIPALITY_ROLES:
        events = tuple(
            rows.for_municipality(each) for each in events if each.what in MUNICIPALITY_HISTORY or each.role in MUNICIPALITY_ROLES
        )
    if actor.rights.sees_place and actor.rights.sees_community:
        return events
    # People write for who sees what they see: a note may name the very place or community that this reader may not know.
    return tuple(each if each.actor == actor.name else replace(each, text="") for each in events)


def predecessors(engine: Engine, alert_id: str, actor: Actor) -> tuple[str, ...]:
    """Ids of the alerts that this one was merged from or split off, as far as the actor may see them. Raises as ``get``."""
    with read(engine) as connection:
        return tuple(each.id for each in _kin(connection, visible(connection, alert_id, actor), actor)[0])


def successors(engine: Engine, alert_id: str, actor: Actor) -> tuple[str, ...]:
    """Ids of the alerts that name this one as their predecessor. Raises as ``get`` does."""
    with read(engine) as connection:
        return tuple(each.id for each in _kin(connection, visible(connection, alert_id, actor), actor)[1])


def _kin(connection: Connection, alert: Alert, actor: Actor) -> tuple[tuple[Alert, ...], tuple[Alert, ...]]:
    """The alerts that this one was merged from or split off, and those that name this one so, by id."""
    links = connection.execute(_LINKS, {"id": alert.id, "key": alert.pattern_key}).all()
    if not links:  # as of nearly every alert
        return (), ()
    keys = {link.predecessor_key for link in links if link.alert_id == alert.id}
    ids = {link.alert_id for link in links if link.predecessor_key == alert.pattern_key}
    kin = or_(t.alert.c.pattern_key.in_(keys), t.alert.c.id.in_(ids))
    query = _restrict(select(t.alert).where(kin), actor).order_by(t.alert.c.id)
    found = [each for each in map(rows.to_alert, connection.execute(query)) if may_see(actor, each)]
    return tuple(each for each in found if each.pattern_key in keys), tuple(each for each in found if each.id in ids)


_LINKS: Final = select(t.alert_predecessor).where(
    or_(t.alert_predecessor.c.alert_id == bindparam("id"), t.alert_predecessor.c.predecessor_key == bindparam("key"))
)


def record_view(engine: Engine, alert_id: str, actor: Actor, now: datetime) -> None:
    """Write into the audit log that the actor saw the alert. Raises as ``get`` does."""
    # Looked up before it is written down: who writes lets all other writers wait.
    note_view(engine, get(engine, alert_id, actor), actor, now)


def note_view(engine: Engine, alert: Alert, actor: Actor, now: datetime) -> None:
    """The same of an alert that was looked up for the actor already, before anything of it is shown."""
    details: audit.Details = {"revision": alert.revision, "role": actor.role}
    audit.record(engine, at=now, actor=actor.name, event="alert_viewed", subject=alert.id, details=details)


def counts(engine: Engine) -> dict[tuple[DetectionState, ReviewState], int]:
    """How many alerts stand how; for the operator and for metrics."""
    with read(engine) as connection:
        return rows.count_states(connection)
