"""``GET /v1/areas``: the areas of a municipality, by which alerts say where."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import ConfigDict, Field

from alerts import areas
from alerts.alert import Actor
from alerts.console.api import features
from alerts.console.api.access import Reader, secured
from alerts.console.api.answers import responses, told
from alerts.console.api.filters import Code
from alerts.console.api.listing import CrsParameter
from alerts.console.api.negotiation import GEOJSON, JSON, crs_of, href, media_of
from alerts.console.api.shape import Link, Shape
from alerts.console.people import Services
from alerts.console.problems import ProblemError
from alerts.tokens import Scope

router = APIRouter(prefix="/v1", tags=["areas"])

Level = Literal["municipality", "district", "neighbourhood"]


class AreaShape(Shape):
    """An area; `parent` is the code of the one around it."""

    model_config = ConfigDict(title="Area")

    code: str
    name: str
    level: str
    parent: str | None


class AreaList(Shape):
    """The areas of a municipality, wider ones first."""

    municipality: str
    areas: tuple[AreaShape, ...]
    links: tuple[Link, ...]


class AreaQuery(Shape):
    """Which areas."""

    municipality: Annotated[
        Code | None, Field(description="Code of the municipality; may be left out where the token is for one.")
    ] = None
    level: Annotated[Level | None, Field(description="Only of this level.")] = None
    crs: CrsParameter = None


_AREAS = responses(AreaList, "The areas.", 400, 403, 404)
_AREAS[200]["content"] = {GEOJSON: {"schema": features.COLLECTION_SCHEMA}}


@router.get("/areas", operation_id="getAreas", responses=_AREAS, openapi_extra=secured(Scope.ALERTS_READ))
def get_areas(request: Request, token: Reader, services: Services, wanted: Annotated[AreaQuery, Query()]) -> Response:
    """The areas of a municipality: as JSON without outlines, or with `Accept: application/geo+json` with them."""
    media = media_of(request, JSON, GEOJSON)
    crs = crs_of(request, wanted.crs) if media == GEOJSON else None
    code = municipality_for(token.actor, wanted.municipality)
    query = [("municipality", code), *([("level", wanted.level)] if wanted.level else [])]
    links = (Link(rel="self", href=href(request, "/areas", query), type=media),)
    if crs is not None:
        found = areas.areas_of(services.engine, code, wanted.level)
        _some(found)
        shown = [features.area_feature(area, crs) for area in found]
        return features.collection_answer(shown, links, crs, services.clock())
    named = areas.names_of(services.engine, code, wanted.level)
    _some(named)
    shapes = (AreaShape(code=area.code, name=area.name, level=area.level, parent=area.parent) for area in named)
    return told(AreaList(municipality=code, areas=tuple(shapes), links=links))


def municipality_for(actor: Actor, asked: str | None) -> str:
    """The municipality whose areas are meant.

    Raises:
        ProblemError: 400 where it must be named; 404 where it is not the caller's.
    """
    if asked is None and actor.municipality is None:
        told_errors = ["query.municipality: name it, as the token is for several"]
        raise ProblemError(400, "The request is not right", "See the errors.", told_errors)
    if asked is not None and actor.municipality not in {None, asked}:
        raise _unknown()
    return asked or str(actor.municipality)


def _some(found: tuple[areas.Area, ...]) -> None:
    if not found:
        raise _unknown()


def _unknown() -> ProblemError:
    return ProblemError(404, "Not Found", "No areas of this municipality are known here.")
