"""Outlines for a map of a municipality: simplified together, so that neighbours still meet, and small enough for a page."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any, Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from detector.areas.shapes import WGS84, AreaShape, overlap_share, polygonal, project_geometries, unite
from detector.model import Level

DECIMALS: Final = 5
"""Of a degree: about a metre."""

TOLERANCE_M: Final = 15.0
"""Corners that make less of a difference than a triangle of this size are left out."""

MOST_BYTES: Final = 300_000
"""Of all outlines of a municipality together, as JSON; a larger map is simplified further."""

_MADE_OF_ITS_PARTS: Final = 0.99
"""Share of an area that its parts cover for its outline to be theirs together: the two then have one border on the map."""

_TIMES: Final = 1.6
_TRIES: Final = 16
_WIDEST_LAST: Final = (Level.NEIGHBOURHOOD, Level.DISTRICT, Level.MUNICIPALITY)
_FORMAT: Final = f"1 {DECIMALS} {TOLERANCE_M} {MOST_BYTES}"


def coarse_outlines(shapes: Sequence[AreaShape], most_bytes: int = MOST_BYTES) -> dict[str, dict[str, Any]]:
    """The outlines of one municipality's areas as GeoJSON geometries in WGS84, by code; those without an outline are left out.

    Areas of a level are simplified as a coverage: a border that two share stays shared (Visvalingam and Whyatt's measure, as
    GEOS computes it). An area that its parts make up gets their outline, so that the levels fit on one another.
    """
    for attempt in count():
        outlines = _drawn(_simplified(shapes, TOLERANCE_M * _TIMES**attempt), shapes)
        if attempt == _TRIES or len(json.dumps(outlines)) <= most_bytes:
            return outlines
    raise AssertionError  # count() never ends


def source_digest(shapes: Sequence[AreaShape]) -> str:
    """Of all that the outlines, names and nesting of a municipality are made from, 64 characters."""
    found = hashlib.sha256(_FORMAT.encode())
    for shape in shapes:
        area = shape.area
        found.update(json.dumps([area.code, area.name, area.level, area.parent, shape.crs]).encode())
        found.update(shapely.to_wkb(shape.geometry))
    return found.hexdigest()


def _simplified(shapes: Sequence[AreaShape], tolerance_m: float) -> dict[str, BaseGeometry]:
    """In metres, by code, from the finest level up."""
    found: dict[str, BaseGeometry] = {}
    for level in _WIDEST_LAST:
        own: list[AreaShape] = []
        for shape in shapes:
            if shape.area.level is not level or shape.geometry.is_empty:
                continue
            together = _of_its_parts(shape, shapes, found)
            if together is None:
                own.append(shape)
            else:
                found[shape.area.code] = together
        if own:
            outlines = shapely.coverage_simplify(np.array([shape.geometry for shape in own], dtype=object), tolerance_m)
            # Where the maps of neighbours disagree by a little, what comes out can cross itself.
            repaired = [polygonal(shapely.make_valid(outline)) for outline in outlines]
            found |= {shape.area.code: outline for shape, outline in zip(own, repaired, strict=True)}
    return found


def _of_its_parts(shape: AreaShape, shapes: Sequence[AreaShape], found: Mapping[str, BaseGeometry]) -> BaseGeometry | None:
    parts = [part for part in shapes if part.area.parent == shape.area.code and part.area.code in found]
    if not parts or overlap_share(shape.geometry, unite([part.geometry for part in parts])) < _MADE_OF_ITS_PARTS:
        return None
    return unite([found[part.area.code] for part in parts])


def _drawn(outlines: Mapping[str, BaseGeometry], shapes: Sequence[AreaShape]) -> dict[str, dict[str, Any]]:
    drawn: dict[str, dict[str, Any]] = {}
    for shape in shapes:
        outline = outlines.get(shape.area.code)
        if outline is None or outline.is_empty:
            continue
        degrees = project_geometries([outline], shape.crs, WGS84)[0]
        rounded = shapely.transform(degrees, lambda xy: np.round(xy, DECIMALS))
        drawn[shape.area.code] = json.loads(shapely.to_geojson(rounded))
    return drawn
