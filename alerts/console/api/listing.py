"""``GET /v1/alerts`` and ``POST /v1/alerts/_search``: a page of alerts, as JSON or as GeoJSON."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from alerts.alert import Actor
from alerts.console.api import features
from alerts.console.api.access import Reader, require, secured
from alerts.console.api.answers import problem, responses, told
from alerts.console.api.bodies import read_json
from alerts.console.api.filters import AlertQuery, AlertSearch, cursor_from, cursor_text
from alerts.console.api.negotiation import GEOJSON, JSON, crs_of, href, media_of
from alerts.console.api.pattern_shapes import PatternSummary
from alerts.console.api.seen import Seen, page_of
from alerts.console.api.shape import Link
from alerts.console.api.shapes import AlertList, AlertSummary, alert_fields
from alerts.console.people import Services
from alerts.console.problems import ProblemError
from alerts.tokens import Scope, Token

router = APIRouter(prefix="/v1", tags=["alerts"])

CrsParameter = Annotated[
    str | None,
    Query(max_length=200, description="Coordinate system of the geometry; see /v1/collections. Or the header Accept-Crs."),
]
_LIST = responses(AlertList, "A page of alerts, the last changed first.", 400, 403)
_LIST[200]["content"] = {GEOJSON: {"schema": features.COLLECTION_SCHEMA}}


class ListQuery(AlertQuery):
    """What the list can be asked; ``crs`` is for GeoJSON."""

    crs: CrsParameter = None


@router.get("/alerts", operation_id="getAlerts", responses=_LIST, openapi_extra=secured(Scope.ALERTS_READ))
def get_alerts(request: Request, token: Reader, services: Services, wanted: Annotated[ListQuery, Query()]) -> Response:
    """Alerts, the last changed first: as JSON, or with `Accept: application/geo+json` as a GeoJSON feature collection.

    A community cannot be asked for here, as it would stand in the address; `POST /v1/alerts/_search` can.
    """
    media = media_of(request, JSON, GEOJSON)
    check_scopes(token, wanted)
    crs = crs_of(request, wanted.crs) if media == GEOJSON else None
    after = cursor_from(wanted.cursor)
    seen, following = page_of(services.engine, token.actor, wanted.as_filter(), services.clock(), limit=wanted.limit, after=after)
    links = [Link(rel="self", href=href(request, "/alerts", wanted.as_query(wanted.cursor)), type=media)]
    if following is not None:
        links.append(Link(rel="next", href=href(request, "/alerts", wanted.as_query(cursor_text(following))), type=media))
    if crs is not None:
        return features.alerts_answer(seen, token.actor, links, crs, services.clock())
    return told(_page(request, seen, token.actor, links))


@router.post(
    "/alerts/_search",
    operation_id="searchAlerts",
    responses={
        **responses(AlertList, "A page of alerts, the last changed first.", 400, 403),
        413: problem(413),
        415: problem(415),
    },
    openapi_extra={
        **secured(Scope.ALERTS_READ),
        "requestBody": {"required": True, "content": {JSON: {"schema": {"$ref": "#/components/schemas/AlertSearch"}}}},
    },
)
async def search_alerts(request: Request, token: Reader, services: Services) -> Response:
    """The same as `GET /v1/alerts`, by a community too; the body holds the filter.

    The next page: the same body with the `cursor` of this answer's `next` link.
    """
    media_of(request, JSON)
    body = await read_json(request)
    try:
        wanted = AlertSearch.model_validate(body)
    except ValidationError as error:
        raise invalid(error) from error
    check_scopes(token, wanted)
    if wanted.community is not None:
        require(token, Scope.COMMUNITIES_READ)
    after = cursor_from(wanted.cursor, "body")

    def search() -> Response:
        seen, following = page_of(
            services.engine, token.actor, wanted.as_filter(wanted.community), services.clock(), limit=wanted.limit, after=after
        )
        links = [Link(rel="self", href=href(request, "/alerts/_search"))]
        if following is not None:
            links.append(Link(rel="next", href=href(request, "/alerts/_search", [("cursor", cursor_text(following))])))
        return told(_page(request, seen, token.actor, links))

    return await run_in_threadpool(search)


@router.get("/alerts/_search", include_in_schema=False)
def no_search_by_address() -> Response:
    """Refuse to search by address, in place of the path of one alert, which looks the same."""
    raise HTTPException(405, headers={"Allow": "POST"})


def check_scopes(token: Token, wanted: AlertQuery) -> None:
    """Refuse a filter that would tell what the token may not see, with 403."""
    if wanted.area_code:
        require(token, Scope.PLACES_READ)


def invalid(error: ValidationError) -> ProblemError:
    """A body that is not right, as a problem with all that is wrong; without the values that were sent."""
    errors = [f"{'.'.join(str(part) for part in ('body', *one['loc']))}: {one['msg']}" for one in error.errors()]
    return ProblemError(400, "The request is not right", "See the errors, and the description at /v1/openapi.json.", errors)


def _page(request: Request, seen: tuple[Seen, ...], actor: Actor, links: list[Link]) -> AlertList:
    alerts = (
        AlertSummary(
            **alert_fields(each.alert),
            pattern=PatternSummary.of(each.pattern, actor),
            links=(Link(rel="self", href=href(request, f"/alerts/{each.alert.id}"), type=JSON),),
        )
        for each in seen
    )
    return AlertList(alerts=tuple(alerts), links=tuple(links))
