"""The list of alerts as people read it: sorted, a page at a time, each with its newest pattern."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import CTE, Column, ColumnElement, Engine, case, func, select

from alerts.alert import Actor, Alert, ReviewState
from alerts.pattern import Pattern
from alerts.queries import EVERYTHING, Filter, matching
from alerts.shown import shown_to
from alerts.store import alerts as rows
from alerts.store import revisions
from alerts.store import tables as t
from alerts.store.engine import read

COUNTED_AT_MOST: Final = 1000
"""Beyond this many the list says *more than*: counting costs more than knowing is worth."""


class Order(StrEnum):
    """By what the list is sorted."""

    CHANGED = "changed"
    PERIOD = "period"
    STATE = "state"
    PLACE = "place"


@dataclass(frozen=True, slots=True)
class Line:
    """One alert of the list, with the newest revision of its pattern."""

    alert: Alert
    pattern: Pattern


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of the list, from the line at ``first`` (from 0) on; ``found`` counts no further than ``COUNTED_AT_MOST + 1``."""

    lines: tuple[Line, ...]
    first: int
    found: int

    @property
    def more(self) -> bool:
        """Whether there is a next page."""
        return self.first + len(self.lines) < self.found or (bool(self.lines) and self.found > COUNTED_AT_MOST)


def list_alerts(
    engine: Engine,
    actor: Actor,
    wanted: Filter = EVERYTHING,
    *,
    order: Order = Order.CHANGED,
    descending: bool = True,
    first: int = 0,
    limit: int = 50,
) -> Listing:
    """The alerts that match and that the actor may see, from the one at ``first`` on."""
    query = matching(select(t.alert), actor, wanted)
    if order is Order.PLACE and not actor.rights.sees_place:
        order = Order.CHANGED  # the order alone would tell something of where
    columns = [column.desc() if descending else column.asc() for column in (*_columns(order), t.alert.c.id)]
    counted = matching(select(t.alert.c.id), actor, wanted).limit(COUNTED_AT_MOST + 1).subquery()
    with read(engine) as connection:
        found = connection.scalar(select(func.count()).select_from(counted)) or 0
        alerts = [rows.to_alert(row) for row in connection.execute(query.order_by(*columns).offset(first).limit(limit))]
        newest = {key: shown_to(one, actor.rights) for key, one in revisions.newest(connection, alerts).items()}
    return Listing(tuple(Line(alert, newest[alert.pattern_key]) for alert in alerts), first, found)


def communities(engine: Engine, actor: Actor) -> tuple[str, ...]:
    """The communities of the alerts that the actor may see, by code: what the list can be narrowed to."""
    if not actor.rights.sees_community:
        return ()
    values = _different(t.alert.c.community, actor).c.value
    with read(engine) as connection:
        return tuple(sorted(str(code) for code in connection.scalars(select(values).where(values.is_not(None)))))


def municipalities(engine: Engine, actor: Actor) -> tuple[tuple[str, str], ...]:
    """Code and name of every municipality of which the actor may see an alert, by name."""
    c = t.alert.c
    values = _different(c.municipality, actor)
    # As the alert that changed last calls it.
    newest = matching(select(c.municipality_name), actor, EVERYTHING).order_by(c.updated_at.desc(), c.id.desc()).limit(1)
    named = select(values.c.value, newest.where(c.municipality == values.c.value).scalar_subquery())
    with read(engine) as connection:
        found = [(str(code), str(name)) for code, name in connection.execute(named.where(values.c.value.is_not(None)))]
    return tuple(sorted(found, key=lambda one: (one[1], one[0])))


def _different(column: Column[Any], actor: Actor) -> CTE:
    """The different values of a column among the alerts that the actor may see, and None, as a table with one column ``value``.

    From each value straight to the next by the column's index, where DISTINCT reads all alerts: there are few values.
    """
    least = matching(select(func.min(column)), actor, EVERYTHING)
    found = select(least.scalar_subquery().label("value")).cte("found", recursive=True)
    following = least.where(column > found.c.value).scalar_subquery()
    return found.union_all(select(following).where(found.c.value.is_not(None)))


def _columns(order: Order) -> tuple[ColumnElement[object], ...]:
    c = t.alert.c
    match order:
        case Order.CHANGED:
            return (c.updated_at,)
        case Order.PERIOD:
            return (c.window_to, c.window_from)
        case Order.STATE:
            # In the order in which an alert is handled, not by the letters of the codes.
            steps = {state.value: step for step, state in enumerate(ReviewState)}
            return (case(steps, value=c.review), c.in_state_since)
        case Order.PLACE:
            place = select(func.min(t.alert_area.c.code)).where(t.alert_area.c.alert_id == c.id).scalar_subquery()
            return (c.municipality_name, place)
