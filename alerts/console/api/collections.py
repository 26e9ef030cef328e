"""Alerts and areas in the manner of OGC API Features, which QGIS and GDAL read by themselves."""

import re
from datetime import date
from enum import StrEnum
from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response
from pydantic import Field

from alerts import areas, queries
from alerts.console.api import features
from alerts.console.api.access import AnyToken, Reader, require, secured
from alerts.console.api.answers import responses, told
from alerts.console.api.areas import municipality_for
from alerts.console.api.filters import LARGEST_PAGE, PAGE, AlertQuery, Code, cursor_from, cursor_text
from alerts.console.api.listing import CrsParameter
from alerts.console.api.negotiation import GEOJSON, JSON, Crs, crs_of, href, media_of
from alerts.console.api.seen import Seen, known, page_of
from alerts.console.api.shape import Link, Shape
from alerts.console.people import Services
from alerts.console.problems import ProblemError
from alerts.tokens import Scope

router = APIRouter(prefix="/v1", tags=["features"])

_CLASSES: Final = (
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
)
_EVER: Final = ("..", "")
_ASKED_AT_MOST: Final = 100_000
"""What GDAL and QGIS ask for is more than a page can hold; the standard wants that to be lowered, not refused."""

_CORNERS: Final = 4
_CORNERS_IN_SPACE: Final = 6


class CollectionId(StrEnum):
    """What there are features of."""

    ALERTS = "alerts"
    AREAS = "areas"


_SAID: Final = {
    CollectionId.ALERTS: (
        "Alerts",
        "Patterns in reports of discrimination, told to who may know. No alert means no more than that.",
    ),
    CollectionId.AREAS: ("Areas", "Municipalities, districts and neighbourhoods, with coarse outlines."),
}


class Collection(Shape):
    """Features of one kind, and the coordinate systems that they can be had in."""

    id: CollectionId
    title: str
    description: str
    item_type: str = "feature"
    crs: tuple[str, ...] = tuple(Crs)
    storage_crs: str = Crs.CRS84.value
    links: tuple[Link, ...]


class Collections(Shape):
    """All collections."""

    collections: tuple[Collection, ...]
    crs: tuple[str, ...] = tuple(Crs)
    links: tuple[Link, ...]


class Conformance(Shape):
    """The standards that are kept."""

    conforms_to: tuple[str, ...]


class LandingPage(Shape):
    """Where to begin."""

    title: str
    description: str
    links: tuple[Link, ...]


class ItemQuery(AlertQuery):
    """Which features. ``municipality`` alone is for areas; the rest of the filter is for alerts."""

    limit: Annotated[
        int, Field(ge=1, le=_ASKED_AT_MOST, description=f"Features on a page; more than {LARGEST_PAGE} are that many.")
    ] = PAGE
    bbox: Annotated[str | None, Field(max_length=200, description="West, south, east and north, with commas between.")] = None
    bbox_crs: Annotated[
        str | None, Field(alias="bbox-crs", max_length=200, description="Coordinate system of bbox; CRS84 if left out.")
    ] = None
    datetime: Annotated[
        str | None,
        Field(max_length=80, description="A day, or two with / between and .. for an open end: the pattern's weeks touch it."),
    ] = None
    crs: CrsParameter = None


_ITEMS = responses(None, "A page of features.", 400, 403, 404, **{GEOJSON: {"schema": features.COLLECTION_SCHEMA}})
_ITEM = responses(None, "The feature.", 400, 403, 404, **{GEOJSON: {"schema": features.FEATURE_SCHEMA}})
_READS = secured(Scope.ALERTS_READ)
ACollection = Annotated[CollectionId, Path(description="alerts or areas")]


# Its path is that of the server itself, for which a description of paths below it has no words.
@router.get("", include_in_schema=False)
def get_landing_page(request: Request, _: AnyToken) -> Response:
    """Where a program that looks around begins."""
    media_of(request, JSON)
    parts = (
        ("self", "", JSON),
        ("service-desc", "/openapi.json", "application/vnd.oai.openapi+json;version=3.1"),
        ("conformance", "/conformance", JSON),
        ("data", "/collections", JSON),
    )
    links = (Link(rel=rel, href=href(request, path), type=media) for rel, path, media in parts)
    return told(
        LandingPage(title="Patroonwacht", description="Alerts of patterns in reports of discrimination.", links=tuple(links))
    )


@router.get(
    "/conformance", operation_id="getConformance", responses=responses(Conformance, "The standards."), openapi_extra=secured()
)
def get_conformance(request: Request, _: AnyToken) -> Response:
    """The standards that are kept."""
    media_of(request, JSON)
    return told(Conformance(conforms_to=_CLASSES))


@router.get(
    "/collections", operation_id="getCollections", responses=responses(Collections, "All collections."), openapi_extra=secured()
)
def get_collections(request: Request, _: AnyToken) -> Response:
    """What there are features of, and in which coordinate systems."""
    media_of(request, JSON)
    links = (Link(rel="self", href=href(request, "/collections"), type=JSON),)
    return told(Collections(collections=tuple(_collection(request, each) for each in CollectionId), links=links))


@router.get(
    "/collections/{collection}",
    operation_id="getCollection",
    responses=responses(Collection, "The collection.", 400),
    openapi_extra=secured(),
)
def get_collection(request: Request, _: AnyToken, collection: ACollection) -> Response:
    """One collection."""
    media_of(request, JSON)
    return told(_collection(request, collection))


@router.get("/collections/{collection}/items", operation_id="getFeatures", responses=_ITEMS, openapi_extra=_READS)
def get_features(
    request: Request, token: Reader, services: Services, collection: ACollection, wanted: Annotated[ItemQuery, Query()]
) -> Response:
    """Features, a page at a time.

    A page can have fewer than `limit` where `bbox` leaves some out; the `next` link tells of more.
    """
    media_of(request, GEOJSON, JSON)
    crs = crs_of(request, wanted.crs)
    box = _box(request, wanted)
    path = f"/collections/{collection}/items"
    if collection is CollectionId.AREAS:
        code = municipality_for(token.actor, wanted.municipality)
        found = [area for area in areas.areas_of(services.engine, code) if features.touches(area.outline, box)]
        links = [Link(rel="self", href=href(request, path, [("municipality", code)]), type=GEOJSON)]
        shown = [features.area_feature(area, crs) for area in found]
        return features.collection_answer(shown, links, crs, services.clock())
    if wanted.area_code or box is not None:
        require(token, Scope.PLACES_READ)
    after, wanted_alerts = cursor_from(wanted.cursor), _within(wanted)
    seen, following = page_of(
        services.engine,
        token.actor,
        wanted_alerts.as_filter(),
        services.clock(),
        limit=min(wanted.limit, LARGEST_PAGE),
        after=after,
    )
    links = [Link(rel="self", href=href(request, path, wanted.as_query(wanted.cursor)), type=GEOJSON)]
    if following is not None:
        links.append(Link(rel="next", href=href(request, path, wanted.as_query(cursor_text(following))), type=GEOJSON))
    inside = [each for each in seen if features.touches(each.pattern.geometry, box)]
    return features.alerts_answer(inside, token.actor, links, crs, services.clock())


@router.get("/collections/{collection}/items/{feature}", operation_id="getFeature", responses=_ITEM, openapi_extra=_READS)
def get_feature(
    request: Request,
    token: Reader,
    services: Services,
    *,
    collection: ACollection,
    feature: Annotated[Code, Path(description="The alert's id, or the area's code.")],
    municipality: Annotated[Code | None, Query(description="Whose area; may be left out where the token is for one.")] = None,
    crs: Annotated[CrsParameter, Query()] = None,
) -> Response:
    """One feature."""
    media_of(request, GEOJSON, JSON)
    system = crs_of(request, crs)
    above = Link(rel="collection", href=href(request, f"/collections/{collection}"), type=JSON)
    links = (Link(rel="self", href=href(request, f"/collections/{collection}/items/{feature}"), type=GEOJSON), above)
    if collection is CollectionId.AREAS:
        code = municipality_for(token.actor, municipality)
        found = next((area for area in areas.areas_of(services.engine, code) if area.code == feature), None)
        if found is None:
            raise ProblemError(404, "Not Found", "There is no such area.")
        return features.feature_answer(features.area_feature(found, system), links, system)
    with known():
        queries.record_view(services.engine, feature, token.actor, services.clock())
        alert = queries.get(services.engine, feature, token.actor)
        pattern = queries.current_pattern(services.engine, feature, token.actor)
    return features.feature_answer(features.alert_feature(Seen(alert, pattern), token.actor, system), links, system)


def _collection(request: Request, collection_id: CollectionId) -> Collection:
    title, words = _SAID[collection_id]
    path = f"/collections/{collection_id}"
    links = (
        Link(rel="self", href=href(request, path), type=JSON),
        Link(rel="items", href=href(request, f"{path}/items"), type=GEOJSON, title=title),
    )
    return Collection(id=collection_id, title=title, description=words, links=links)


def _box(request: Request, wanted: ItemQuery) -> features.Box | None:
    """The box that was asked for, in longitude and latitude.

    Raises:
        ProblemError: 400.
    """
    crs = crs_of(request, wanted.bbox_crs, name="bbox-crs")
    if wanted.bbox is None:
        return None
    parts = wanted.bbox.split(",")
    if len(parts) not in {_CORNERS, _CORNERS_IN_SPACE} or not all(
        re.fullmatch(r"-?\d{1,9}(\.\d{1,12})?", part) for part in parts
    ):
        raise _wrong("query.bbox: four numbers with commas between are needed")
    numbers = [float(part) for part in parts]
    west, south, east, north = numbers if len(numbers) == _CORNERS else (*numbers[:2], *numbers[3:5])
    return features.box_in_crs84((west, south, east, north), crs)


def _within(wanted: ItemQuery) -> AlertQuery:
    """The filter with the days of ``datetime``.

    Raises:
        ProblemError: 400.
    """
    if wanted.datetime is None:
        return wanted
    first, slash, last = wanted.datetime.partition("/")
    try:
        starts, ends = (None if part in _EVER else date.fromisoformat(part[:10]) for part in (first, last if slash else first))
    except ValueError as error:
        raise _wrong("query.datetime: a day as 2026-03-01, or two with / between") from error
    return wanted.model_copy(update={"window_from": starts or wanted.window_from, "window_to": ends or wanted.window_to})


def _wrong(words: str) -> ProblemError:
    return ProblemError(400, "The request is not right", "See the errors, and the description at /v1/openapi.json.", [words])
