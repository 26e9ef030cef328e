"""The first page: what waits for this person."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Request
from starlette.responses import Response

from alerts import queries
from alerts.alert import MUNICIPALITY_ROLES, Alert, ReviewState, Role
from alerts.console.groups import NavEntry, PageGroup
from alerts.console.people import Services, SignedIn
from alerts.console.rendering import page
from alerts.render.catalogue import marked

router = APIRouter()

_WAITING: Mapping[bool, frozenset[ReviewState]] = {
    True: frozenset({ReviewState.RELEASED, ReviewState.ACKNOWLEDGED}),
    False: frozenset({ReviewState.NEW, ReviewState.IN_REVIEW, ReviewState.REOPENED}),
}
AT_MOST = 100


@dataclass(frozen=True, slots=True)
class HomeView:
    """What the first page shows: how many alerts wait for somebody of this role, and how many are new to this person."""

    waiting: int
    new: int
    more: bool


def home_view(alerts: tuple[Alert, ...], role: Role, last_visit_at: datetime | None, *, more: bool) -> HomeView:
    """Count what waits, among the alerts that changed last."""
    waiting = _WAITING[role in MUNICIPALITY_ROLES]
    new = sum(last_visit_at is None or alert.updated_at > last_visit_at for alert in alerts)
    return HomeView(sum(alert.review in waiting for alert in alerts), new, more)


@router.get("/")
def home(request: Request, person: SignedIn, services: Services) -> Response:
    """The first page."""
    found = queries.find_alerts(services.engine, person.actor, limit=AT_MOST)
    view = home_view(found.alerts, person.role, person.session.last_visit_at, more=found.next_page is not None)
    return page(request, "home.html", view=view)


GROUP = PageGroup(router, nav=(NavEntry("/", marked("Overview"), frozenset(Role) - {Role.SYSTEM}, order=0),))
