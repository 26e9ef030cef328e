"""Rows to alerts and back; every function works in the caller's transaction."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from operator import itemgetter
from typing import Any, Final, TypeAlias

from pydantic import TypeAdapter
from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    outerjoin,
    select,
    update,
)

from alerts import pattern as patterns
from alerts.alert import (
    MUNICIPALITY_ROLES,
    Actor,
    Alert,
    AlertsError,
    Approach,
    ConflictError,
    DetectionState,
    DismissReason,
    ReviewState,
    Role,
)
from alerts.audit import Details
from alerts.pattern import Audience, Pattern, PatternKind
from alerts.policy import Told
from alerts.store import tables as t

Condition: TypeAlias = ColumnElement[bool]

_APPROACH = TypeAdapter(Approach)
_DETAILS: TypeAdapter[Mapping[str, Any]] = TypeAdapter(Mapping[str, Any])


@dataclass(frozen=True, slots=True)
class ToldRow:
    """What an audience was told last, and of which revision."""

    revision: int
    told: Told


@dataclass(frozen=True, slots=True)
class Event:
    """One line of an alert's history: what a person did, or the system saw. ``text`` is what the person wrote."""

    number: int
    at: datetime
    actor: str
    role: str
    what: str
    revision: int
    review_from: ReviewState | None
    review_to: ReviewState | None
    text: str
    details: Mapping[str, Any]


def approach_json(approach: Approach) -> str:
    """The approach as one line of JSON."""
    return _APPROACH.dump_json(approach).decode()


_FIELDS: Final = tuple(field.name for field in fields(Alert))
_STATES: Final[tuple[tuple[int, type[StrEnum]], ...]] = tuple(
    (_FIELDS.index(name), kind)
    for name, kind in (("kind", PatternKind), ("audience", Audience), ("detection", DetectionState), ("review", ReviewState))
)
_DISMISSED_AS: Final = _FIELDS.index("dismissed_as")
_AGREED: Final = _FIELDS.index("approach")


@lru_cache(maxsize=16)
def _picked(columns: tuple[str, ...]) -> Callable[[Row[Any]], tuple[Any, ...]]:
    """Takes the fields of an alert out of a row of these columns: all at once, as a list of alerts has a thousand of them."""
    return itemgetter(*(columns.index(name) for name in _FIELDS))


def to_alert(row: Row[Any]) -> Alert:
    """An alert from its row."""
    values = list(_picked(row._fields)(row))
    for at, kind in _STATES:
        values[at] = kind(values[at])
    if values[_DISMISSED_AS] is not None:
        values[_DISMISSED_AS] = DismissReason(values[_DISMISSED_AS])
    if values[_AGREED] is not None:
        values[_AGREED] = _APPROACH.validate_json(values[_AGREED])
    return Alert(*values)


def _values(alert: Alert, pattern: Pattern, look_at: datetime | None) -> dict[str, Any]:
    return {
        "pattern_key": alert.pattern_key,
        "revision": alert.revision,
        "version": alert.version,
        "municipality": alert.municipality,
        "municipality_name": alert.municipality_name,
        "kind": alert.kind,
        "audience": alert.audience,
        "community": pattern.community,
        "ground": pattern.ground,
        "domain": pattern.domain,
        "window_from": pattern.window_from,
        "window_to": pattern.window_to,
        "recurrence_interval_days": pattern.recurrence_interval_days,
        "detection": alert.detection,
        "review": alert.review,
        "in_state_since": alert.in_state_since,
        "back_revision": alert.back_revision,
        "releases": alert.releases,
        "released_by_person": alert.released_by_person,
        "dismissed_as": alert.dismissed_as,
        "approach": None if alert.approach is None else approach_json(alert.approach),
        "created_at": alert.created_at,
        "updated_at": alert.updated_at,
        "released_at": alert.released_at,
        "acknowledged_at": alert.acknowledged_at,
        "agreed_at": alert.agreed_at,
        "closed_at": alert.closed_at,
        "look_at": look_at,
    }


def find(connection: Connection, *, alert_id: str | None = None, pattern_key: str | None = None) -> Alert | None:
    """The alert of that id or of that pattern, if there is one."""
    condition = t.alert.c.id == alert_id if alert_id is not None else t.alert.c.pattern_key == pattern_key
    row = connection.execute(select(t.alert).where(condition)).one_or_none()
    return None if row is None else to_alert(row)


def add(connection: Connection, alert: Alert, pattern: Pattern) -> None:
    """Store a new alert."""
    connection.execute(insert(t.alert).values(id=alert.id, **_values(alert, pattern, None)))
    _set_areas(connection, alert.id, pattern.area_codes)
    for key in dict.fromkeys(pattern.predecessors):
        connection.execute(insert(t.alert_predecessor).values(alert_id=alert.id, predecessor_key=key))


def save(connection: Connection, alert: Alert, pattern: Pattern, *, look_at: datetime | None, read_version: int) -> None:
    """Store a changed alert, if nobody changed it since it was read.

    Raises:
        ConflictError: somebody did.
    """
    changed = connection.execute(
        update(t.alert)
        .where(t.alert.c.id == alert.id, t.alert.c.version == read_version)
        .values(_values(alert, pattern, look_at))
    )
    if changed.rowcount != 1:
        raise ConflictError(f"alert {alert.id} was changed by somebody else at the same moment: look at it again, then decide")


def set_areas(connection: Connection, alert_id: str, pattern: Pattern) -> None:
    """Bring the alert's areas, by which it is found, up to its newest revision; and remember new predecessors."""
    connection.execute(delete(t.alert_area).where(t.alert_area.c.alert_id == alert_id))
    _set_areas(connection, alert_id, pattern.area_codes)
    known = set(
        connection.scalars(select(t.alert_predecessor.c.predecessor_key).where(t.alert_predecessor.c.alert_id == alert_id))
    )
    for key in dict.fromkeys(pattern.predecessors):
        if key not in known:
            connection.execute(insert(t.alert_predecessor).values(alert_id=alert_id, predecessor_key=key))


def _set_areas(connection: Connection, alert_id: str, codes: tuple[str, ...]) -> None:
    for code in dict.fromkeys(codes):
        connection.execute(insert(t.alert_area).values(alert_id=alert_id, code=code))


def add_revision(connection: Connection, pattern: Pattern, *, now: datetime, late: bool) -> None:
    """Keep a pattern's revision as it was handed over."""
    connection.execute(
        insert(t.pattern_revision).values(
            pattern_key=pattern.key, revision=pattern.revision, body=patterns.to_json(pattern), received_at=now, late=late
        )
    )


def has_revision(connection: Connection, pattern: Pattern) -> bool:
    """Whether this revision was handed over before.

    Raises:
        AlertsError: it was, but with another content: revisions never change.
    """
    condition = (t.pattern_revision.c.pattern_key == pattern.key) & (t.pattern_revision.c.revision == pattern.revision)
    body = connection.scalar(select(t.pattern_revision.c.body).where(condition))
    if body is None:
        return False
    if patterns.from_json(body) != patterns.from_json(patterns.to_json(pattern)):
        raise AlertsError(
            f"revision {pattern.revision} of pattern {pattern.key} was handed over before with another content:"
            " give the changed pattern the next revision number"
        )
    return True


def revision(connection: Connection, pattern_key: str, number: int) -> Pattern:
    """A stored revision.

    Raises:
        AlertsError: there is none.
    """
    condition = (t.pattern_revision.c.pattern_key == pattern_key) & (t.pattern_revision.c.revision == number)
    body = connection.scalar(select(t.pattern_revision.c.body).where(condition))
    if body is None:
        raise AlertsError(f"there is no revision {number} of pattern {pattern_key}")
    return patterns.from_json(body)


def told(connection: Connection, alert_id: str, audience: Audience) -> ToldRow | None:
    """What the audience was told last."""
    condition = (t.told.c.alert_id == alert_id) & (t.told.c.audience == audience)
    row = connection.execute(select(t.told).where(condition)).one_or_none()
    return None if row is None else ToldRow(row.revision, Told(row.at, row.reminders, row.releases))


def set_told(connection: Connection, alert_id: str, audience: Audience, row: ToldRow | None) -> None:
    """Remember what the audience was told; None: forget it."""
    connection.execute(delete(t.told).where(t.told.c.alert_id == alert_id, t.told.c.audience == audience))
    if row is not None:
        connection.execute(
            insert(t.told).values(
                alert_id=alert_id,
                audience=audience,
                revision=row.revision,
                at=row.told.at,
                reminders=row.told.reminders,
                releases=row.told.releases,
            )
        )


def forget_reminders(connection: Connection, alert_id: str) -> None:
    """Count reminders from none again: somebody took the alert up."""
    connection.execute(update(t.told).where(t.told.c.alert_id == alert_id).values(reminders=0))


def add_event(
    connection: Connection,
    alert: Alert,
    what: str,
    actor: Actor,
    now: datetime,
    *,
    review_from: ReviewState | None = None,
    text: str = "",
    details: Details | None = None,
) -> None:
    """Add a line to the alert's history; ``alert`` as it is afterwards."""
    number = connection.scalar(select(func.coalesce(func.max(t.event.c.number), 0)).where(t.event.c.alert_id == alert.id))
    connection.execute(
        insert(t.event).values(
            alert_id=alert.id,
            number=(number or 0) + 1,
            at=now,
            actor=actor.name,
            role=actor.role,
            what=what,
            revision=alert.revision,
            review_from=review_from,
            review_to=None if review_from is None else alert.review,
            text=text,
            details=_DETAILS.dump_json(dict(details or {})).decode(),
        )
    )


def events(connection: Connection, alert_id: str) -> tuple[Event, ...]:
    """The alert's history, oldest first."""
    rows = connection.execute(select(t.event).where(t.event.c.alert_id == alert_id).order_by(t.event.c.number)).all()
    return tuple(
        Event(
            number=row.number,
            at=row.at,
            actor=row.actor,
            role=row.role,
            what=row.what,
            revision=row.revision,
            review_from=None if row.review_from is None else ReviewState(row.review_from),
            review_to=None if row.review_to is None else ReviewState(row.review_to),
            text=row.text,
            details=_DETAILS.validate_json(row.details),
        )
        for row in rows
    )


def for_municipality(event: Event) -> Event:
    """The event as a municipality sees it: what the service's people wrote is theirs."""
    return event if Role(event.role) in MUNICIPALITY_ROLES else replace(event, text="", details={})


def in_area(codes: tuple[str, ...]) -> Condition:
    """The condition that an alert touches one of the areas."""
    return exists().where(t.alert_area.c.alert_id == t.alert.c.id, t.alert_area.c.code.in_(codes))


def in_no_place() -> Condition:
    """The condition that an alert tells of no place but the municipality as a whole."""
    return exists().where(t.alert_area.c.alert_id == t.alert.c.id, t.alert_area.c.code == t.alert.c.municipality)


def handled_by(name: str) -> Condition:
    """The condition that somebody did something with an alert."""
    return exists().where(t.event.c.alert_id == t.alert.c.id, t.event.c.actor == name)


DISTRICT_CODE_LENGTH = len("WK030701")


def lies_in(codes: tuple[str, ...]) -> Condition:
    """The condition that one of the alert's areas is one of these or lies in one, by the areas that are known and by CBS code."""
    touched, area, parent = t.alert_area.alias(), t.area.alias(), t.area.alias()
    around = outerjoin(
        outerjoin(touched, area, and_(area.c.municipality == t.alert.c.municipality, area.c.code == touched.c.code)),
        parent,
        and_(parent.c.municipality == t.alert.c.municipality, parent.c.code == area.c.parent),
    )
    # CBS codes nest by their digits: WK030701 holds BU03070101 and so on; that holds before any areas were handed over.
    whole = [code for code in codes if code.startswith("WK") and len(code) == DISTRICT_CODE_LENGTH]
    by_digits = [touched.c.code.startswith("BU" + code[2:], autoescape=True) for code in whole]
    inside = or_(touched.c.code.in_(codes), area.c.parent.in_(codes), parent.c.parent.in_(codes), *by_digits)
    return select(literal(1)).select_from(around).where(touched.c.alert_id == t.alert.c.id, inside).correlate(t.alert).exists()


def count_states(connection: Connection) -> dict[tuple[DetectionState, ReviewState], int]:
    """How many alerts stand how."""
    query = select(t.alert.c.detection, t.alert.c.review, func.count()).group_by(t.alert.c.detection, t.alert.c.review)
    return {(DetectionState(row[0]), ReviewState(row[1])): row[2] for row in connection.execute(query)}
