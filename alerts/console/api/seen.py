"""What the API reads: alerts with their newest patterns, and a line in the audit log on who saw them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from alerts import audit
from alerts.alert import Actor, Alert, UnknownAlertError
from alerts.console.problems import ProblemError
from alerts.pattern import Pattern
from alerts.queries import Cursor, Filter, find_alerts
from alerts.shown import shown_to
from alerts.store import revisions
from alerts.store.engine import one_view, read


@dataclass(frozen=True, slots=True)
class Seen:
    """An alert with the newest revision of its pattern."""

    alert: Alert
    pattern: Pattern


def page_of(
    engine: Engine, actor: Actor, wanted: Filter, now: datetime, *, limit: int, after: Cursor | None
) -> tuple[tuple[Seen, ...], Cursor | None]:
    """A page of alerts as the actor may see them, with where the next one begins; that they were seen goes into the audit log."""
    with one_view(engine):
        page = find_alerts(engine, actor, wanted, limit=limit, after=after)
        with read(engine) as connection:
            newest = revisions.newest(connection, page.alerts)
    if page.alerts:
        details: audit.Details = {"alerts": len(page.alerts), "role": actor.role}
        audit.record(engine, at=now, actor=actor.name, event="alerts_listed", subject="alerts", details=details)
    seen = (Seen(alert, shown_to(newest[alert.pattern_key], actor.rights)) for alert in page.alerts)
    return tuple(seen), page.next_page


@contextmanager
def known() -> Iterator[None]:
    """Tell of an alert that there is not, or not for this caller, in the same words."""
    try:
        yield
    except UnknownAlertError as error:
        raise ProblemError(404, "Not Found", "There is no such alert.") from error
