"""``GET /v1/alerts/{alert}``, its revisions and its history."""

from collections.abc import Callable
from typing import Annotated, TypeVar

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response
from sqlalchemy import Engine

from alerts import queries
from alerts.alert import Actor, possible_actions
from alerts.console.api import features
from alerts.console.api.access import Reader, secured
from alerts.console.api.answers import responses, told
from alerts.console.api.listing import CrsParameter
from alerts.console.api.negotiation import GEOJSON, JSON, crs_of, href, media_of
from alerts.console.api.pattern_shapes import PatternDetail
from alerts.console.api.seen import Seen, known
from alerts.console.api.shape import Link
from alerts.console.api.shapes import AlertDetail, EventShape, History, RevisionList, alert_fields
from alerts.console.people import Services
from alerts.console.services import ConsoleServices
from alerts.tokens import Scope, Token

router = APIRouter(prefix="/v1", tags=["alerts"])
T = TypeVar("T")

AlertId = Annotated[str, Path(pattern="^[0-9a-f]{32}$", description="The alert's id.")]
_DETAIL = responses(AlertDetail, "The alert.", 400, 403, 404)
_DETAIL[200]["content"] = {GEOJSON: {"schema": features.FEATURE_SCHEMA}}
_READS = secured(Scope.ALERTS_READ)


@router.get("/alerts/{alert}", operation_id="getAlert", responses=_DETAIL, openapi_extra=_READS)
def get_alert(
    request: Request, token: Reader, services: Services, alert: AlertId, crs: Annotated[CrsParameter, Query()] = None
) -> Response:
    """One alert: how it stands, what is seen, and what this token can do with it now; as JSON, or as a GeoJSON feature."""
    media = media_of(request, JSON, GEOJSON)
    system = crs_of(request, crs) if media == GEOJSON else None
    engine, actor = services.engine, token.actor
    with known():
        found = queries.told(engine, alert, actor)
        queries.note_view(engine, found.alert, actor, services.clock())
    links = _links(request, alert)
    if system is not None:
        return features.feature_answer(features.alert_feature(Seen(found.alert, found.pattern), actor, system), links, system)
    can = possible_actions(found.alert, actor) if Scope.ALERTS_ACT in token.scopes else ()
    return told(
        AlertDetail(
            **alert_fields(found.alert),
            pattern=PatternDetail.of(found.pattern, actor),
            possible_actions=can,
            predecessors=tuple(each.id for each in found.before),
            successors=tuple(each.id for each in found.after),
            links=links,
        )
    )


@router.get(
    "/alerts/{alert}/revisions",
    operation_id="getRevisions",
    responses=responses(RevisionList, "The revisions, oldest first.", 400, 403, 404),
    openapi_extra=_READS,
)
def get_revisions(request: Request, token: Reader, services: Services, alert: AlertId) -> Response:
    """Every revision of the alert's pattern, as it was handed over."""
    media_of(request, JSON)
    found = _viewed(services, token, alert, queries.revisions)
    shapes = (PatternDetail.of(pattern, token.actor) for pattern in found)
    return told(RevisionList(revisions=tuple(shapes), links=_links(request, alert, "/revisions")))


@router.get(
    "/alerts/{alert}/history",
    operation_id="getHistory",
    responses=responses(History, "The history, oldest first.", 400, 403, 404),
    openapi_extra=_READS,
)
def get_history(request: Request, token: Reader, services: Services, alert: AlertId) -> Response:
    """What people did with the alert, and what the system saw."""
    media_of(request, JSON)
    found = _viewed(services, token, alert, queries.history)
    return told(History(events=tuple(map(EventShape.of, found)), links=_links(request, alert, "/history")))


def _viewed(services: ConsoleServices, token: Token, alert: str, ask: Callable[[Engine, str, Actor], T]) -> T:
    """What ``ask`` tells of the alert, once it is written down that the token saw it."""
    with known():
        queries.record_view(services.engine, alert, token.actor, services.clock())
        return ask(services.engine, alert, token.actor)


def _links(request: Request, alert: str, part: str = "") -> tuple[Link, ...]:
    """Addresses of the alert and its parts; ``part`` is the one at hand."""
    parts = (("", "alert"), ("/revisions", "revisions"), ("/history", "history"), ("/actions", "actions"))
    return tuple(
        Link(rel="self" if each == part else name, href=href(request, f"/alerts/{alert}{each}"), type=JSON)
        for each, name in parts
    )
