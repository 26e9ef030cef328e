"""Alerts and areas as GeoJSON features, in the coordinate system that was asked for."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any, Final

import numpy as np
import shapely
from pyproj import Transformer
from shapely.geometry import shape
from starlette.responses import Response

from alerts.alert import Actor
from alerts.areas import Area
from alerts.console.api.access import sees_community, sees_place
from alerts.console.api.negotiation import GEOJSON, Crs
from alerts.console.api.seen import Seen
from alerts.console.api.shape import Link
from alerts.kept import Drawn

_DECIMALS: Final[Mapping[Crs, int]] = {Crs.CRS84: 6, Crs.ETRS89: 6, Crs.RD: 1}
"""About a decimetre; outlines are coarser."""

_KEPT: Final = 2_000
"""Geometries of patterns that are kept as they go out, in each coordinate system."""

_FEATURE: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["type", "id", "geometry", "properties"],
    "properties": {
        "type": {"const": "Feature"},
        "id": {"type": "string"},
        "geometry": {"type": ["object", "null"], "description": "A GeoJSON geometry; null where none may be told."},
        "properties": {"type": "object"},
    },
}
FEATURE_SCHEMA: Final = {**_FEATURE, "properties": {**_FEATURE["properties"], "links": {"type": "array"}}}
COLLECTION_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["type", "features", "links", "numberReturned", "timeStamp"],
    "properties": {
        "type": {"const": "FeatureCollection"},
        "features": {"type": "array", "items": _FEATURE},
        "links": {"type": "array", "items": {"$ref": "#/components/schemas/Link"}},
        "numberReturned": {"type": "integer", "minimum": 0},
        "timeStamp": {"type": "string", "format": "date-time"},
    },
}

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Feature:
    """A feature on its way out; ``geometry`` is JSON already."""

    id: str
    geometry: str
    properties: Mapping[str, Any]

    def text(self, **more: object) -> str:
        """The feature as JSON, with ``more`` members."""
        head = _json({"type": "Feature", "id": self.id, **more})
        return f'{head[:-1]},"geometry":{self.geometry},"properties":{_json(self.properties)}}}'


@cache
def _transformer(source: Crs, target: Crs) -> Transformer:
    names = {Crs.CRS84: "OGC:CRS84", Crs.RD: "EPSG:28992", Crs.ETRS89: "EPSG:4258"}
    return Transformer.from_crs(names[source], names[target], always_xy=True)


def converted(geometry: Mapping[str, Any] | None, crs: Crs) -> dict[str, Any] | None:
    """A GeoJSON geometry in longitude and latitude, in this coordinate system; axes as its definition orders them."""
    if geometry is None:
        return None
    if crs is Crs.CRS84:
        return dict(geometry)
    if geometry["type"] == "GeometryCollection":  # what has no outline is an empty one
        return {"type": geometry["type"], "geometries": [converted(each, crs) for each in geometry["geometries"]]}
    coordinates = geometry["coordinates"]
    points = np.array(list(_points(coordinates)), dtype=np.float64).reshape(-1, 2)
    first, second = _transformer(Crs.CRS84, crs).transform(points[:, 0], points[:, 1])
    # EPSG:4258 has latitude first, and that is how its URI orders the axes.
    pair = (second, first) if crs is Crs.ETRS89 else (first, second)
    moved = iter(np.round(np.column_stack(pair), _DECIMALS[crs]).tolist())
    return {"type": geometry["type"], "coordinates": _in_place_of(coordinates, moved)}


def _points(coordinates: Any) -> Iterator[tuple[float, float]]:  # noqa: ANN401 - GeoJSON nests as deep as its type says
    if coordinates and isinstance(coordinates[0], (int, float)):
        yield coordinates[0], coordinates[1]
        return
    for each in coordinates:
        yield from _points(each)


def _in_place_of(coordinates: Any, points: Iterator[list[float]]) -> Any:  # noqa: ANN401 - as above
    if coordinates and isinstance(coordinates[0], (int, float)):
        return next(points)
    return [_in_place_of(each, points) for each in coordinates]


def box_in_crs84(box: Box, crs: Crs) -> Box:
    """A box of this coordinate system, as one in longitude and latitude that holds it."""
    if crs is Crs.CRS84:
        return box
    left, bottom, right, top = (box[1], box[0], box[3], box[2]) if crs is Crs.ETRS89 else box
    moved: Box = _transformer(crs, Crs.CRS84).transform_bounds(left, bottom, right, top)
    return moved


def touches(geometry: Mapping[str, Any] | None, box: Box | None) -> bool:
    """Whether a geometry lies in the box, in part at least; one without place is in no box."""
    if box is None:
        return True
    return geometry is not None and bool(shape(dict(geometry)).intersects(shapely.box(*box)))


def alert_feature(seen: Seen, actor: Actor, crs: Crs) -> Feature:
    """An alert as a feature, as far as the actor may see it; its properties are flat, for programs that show them in a table."""
    alert, pattern, band = seen.alert, seen.pattern, seen.pattern.observed
    place, subject = sees_place(actor), sees_community(actor)
    properties: dict[str, Any] = {
        "version": alert.version,
        "municipalityCode": alert.municipality,
        "municipalityName": alert.municipality_name,
        "kind": alert.kind,
        "detection": alert.detection,
        "review": alert.review,
        "inStateSince": _moment(alert.in_state_since),
        "createdAt": _moment(alert.created_at),
        "updatedAt": _moment(alert.updated_at),
        "revision": pattern.revision,
        "level": pattern.level if place else None,
        "areaCodes": ", ".join(pattern.area_codes) if place else None,
        "areaNames": ", ".join(pattern.area_names) if place else None,
        "community": pattern.community if subject else None,
        "ground": pattern.ground if subject else None,
        "domain": pattern.domain if subject else None,
        "windowFrom": pattern.window_from.isoformat(),
        "windowTo": pattern.window_to.isoformat(),
        "observedLow": None if band is None else band.low,
        "observedHigh": None if band is None else band.high,
        "expected": pattern.expected,
        "recurrenceIntervalDays": pattern.recurrence_interval_days,
    }
    geometry = _OF_PATTERNS[crs](pattern.geometry) if place and pattern.geometry is not None else "null"
    return Feature(alert.id, geometry, properties)


def area_feature(area: Area, crs: Crs) -> Feature:
    """An area as a feature."""
    properties = {
        "code": area.code,
        "name": area.name,
        "level": area.level,
        "parent": area.parent,
        "municipalityCode": area.municipality,
    }
    return Feature(area.code, _json(converted(area.outline, crs)), properties)


def alerts_answer(seen: Sequence[Seen], actor: Actor, links: Sequence[Link], crs: Crs, now: datetime) -> Response:
    """A page of alerts as a feature collection."""
    return collection_answer([alert_feature(each, actor, crs) for each in seen], links, crs, now)


def collection_answer(features: Sequence[Feature], links: Sequence[Link], crs: Crs, now: datetime) -> Response:
    """Features as a collection."""
    around = {
        "type": "FeatureCollection",
        **_named(crs),
        "numberReturned": len(features),
        "timeStamp": _moment(now),
        "links": linked(links),
    }
    inside = ",".join(feature.text() for feature in features)
    return _answer(f'{_json(around)[:-1]},"features":[{inside}]}}', crs)


def feature_answer(feature: Feature, links: Sequence[Link], crs: Crs) -> Response:
    """One feature."""
    return _answer(feature.text(**_named(crs), links=linked(links)), crs)


def linked(links: Sequence[Link]) -> list[dict[str, Any]]:
    """Links as they go out."""
    return [link.model_dump(by_alias=True, exclude_none=True) for link in links]


def _named(crs: Crs) -> dict[str, Any]:
    # GeoJSON itself knows CRS84 alone; this older member is what GIS programs read where the header is not at hand.
    return {} if crs is Crs.CRS84 else {"crs": {"type": "name", "properties": {"name": _urn(crs)}}}


def _urn(crs: Crs) -> str:
    return f"urn:ogc:def:crs:EPSG::{crs.rpartition('/')[2]}"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _drawn(crs: Crs, geometry: Mapping[str, Any]) -> str:
    return _json(converted(geometry, crs))


_OF_PATTERNS: Final[Mapping[Crs, Drawn[Mapping[str, Any], str]]] = {crs: Drawn(partial(_drawn, crs), _KEPT) for crs in Crs}
"""The geometry of a pattern as JSON. Patterns are kept as they were read, and this costs more than all else of an answer."""


def _answer(text: str, crs: Crs) -> Response:
    return Response(text, media_type=GEOJSON, headers={"Content-Crs": f"<{crs}>"})


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
