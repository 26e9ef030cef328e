"""Polygons in metres: repairing, uniting, projecting, and a point inside; the only place that knows coordinate systems."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from detector.areas.error import AreaError
from detector.model import Area, FloatArray

WGS84 = "EPSG:4326"
RD = "EPSG:28992"
"""The Dutch national grid, in metres; the default for distances."""

NOTHING: BaseGeometry = Polygon()


@dataclass(frozen=True, eq=False, slots=True)
class AreaShape:
    """An area with its outline. ``geometry`` is polygonal, in metres of ``crs``, and empty where no outline is known.

    ``derived`` marks an area that no file named by itself (a district dissolved from its neighbourhoods), ``implied`` a
    municipality of which not even the code was given. Both only matter while sets are merged; neither is stored.
    """

    area: Area
    geometry: BaseGeometry
    crs: str
    map_year: int | None = None
    derived: bool = False
    implied: bool = False


@lru_cache(maxsize=64)
def transformer(source: str, target: str) -> Transformer:
    """The way from one coordinate system to another, x (east) before y (north).

    Raises:
        AreaError: nobody knows where on earth one of them is.
    """
    try:
        return Transformer.from_crs(metric_or_any(source), metric_or_any(target), always_xy=True)
    except ProjError as error:
        message = f"There is no way from '{source[:60]}' to '{target[:60]}'; save the file in EPSG:28992, or in degrees."
        raise AreaError(message) from error


@lru_cache(maxsize=64)
def metric_or_any(name: str) -> CRS:
    """A coordinate system by name such as ``EPSG:28992``.

    Raises:
        AreaError: the name is none that PROJ knows.
    """
    try:
        return CRS.from_user_input(name)
    except CRSError as error:
        message = f"'{name}' is not a coordinate system; write it as EPSG:28992."
        raise AreaError(message) from error


def require_metric(name: str) -> None:
    """Refuse a coordinate system whose unit is not the metre.

    Raises:
        AreaError: it counts in degrees or feet, so that distances would mean nothing.
    """
    crs = metric_or_any(name)
    if not crs.is_projected or crs.axis_info[0].unit_name not in {"metre", "meter"}:
        message = f"Distances need a coordinate system in metres and '{name}' is none; use EPSG:28992, or the one of your region."
        raise AreaError(message)


def project_points(x: FloatArray, y: FloatArray, source: str, target: str) -> tuple[FloatArray, FloatArray]:
    """Points from one coordinate system in another; those that do not exist there come out as infinity."""
    if source == target:
        return x, y
    out_x, out_y = transformer(source, target).transform(x, y)
    return np.asarray(out_x, dtype=np.float64), np.asarray(out_y, dtype=np.float64)


def project_geometries(geometries: Sequence[BaseGeometry], source: str, target: str) -> list[BaseGeometry]:
    """Outlines from one coordinate system in another; third coordinates are dropped."""
    flat = shapely.force_2d(np.array(geometries, dtype=object))
    if source == target:
        return list(flat)
    coordinates = shapely.get_coordinates(flat)
    x, y = project_points(coordinates[:, 0], coordinates[:, 1], source, target)
    return list(shapely.set_coordinates(flat.copy(), np.column_stack([x, y])))


def total_bounds(geometries: Sequence[BaseGeometry]) -> FloatArray | None:
    """Least x and y and greatest x and y of all outlines, shape (4,); None where there are none."""
    filled = [geometry for geometry in geometries if not geometry.is_empty]
    return shapely.total_bounds(np.array(filled, dtype=object)) if filled else None


def polygonal(geometry: BaseGeometry) -> BaseGeometry:
    """The polygons of a geometry, as one polygon or multipolygon; lines and points left over by a repair fall away."""
    if isinstance(geometry, Polygon | MultiPolygon):
        return geometry
    parts = [part for part in shapely.get_parts(geometry) if isinstance(part, Polygon | MultiPolygon)]
    return shapely.union_all(parts) if parts else NOTHING


def unite(geometries: Iterable[BaseGeometry]) -> BaseGeometry:
    """The union of outlines; empty ones do not count."""
    known = [geometry for geometry in geometries if not geometry.is_empty]
    return polygonal(shapely.union_all(known)) if known else NOTHING


def inner_point(geometry: BaseGeometry) -> tuple[float, float]:
    """A point inside, its centroid where that lies inside; NaN for an empty outline. Metres, to the decimetre."""
    if geometry.is_empty:
        return float("nan"), float("nan")
    point = geometry.centroid
    if not geometry.contains(point):
        point = geometry.point_on_surface()
    return round(point.x, 1), round(point.y, 1)


def overlap_share(inner: BaseGeometry, outer: BaseGeometry) -> float:
    """Which share of the inner outline lies in the outer one, 0 to 1."""
    return float(inner.intersection(outer).area / inner.area) if inner.area > 0 else 0.0


def largest_overlap(inner: BaseGeometry, candidates: Sequence[AreaShape], at_least: float) -> AreaShape | None:
    """The candidate that holds most of the outline, if it holds at least that share; ties go to the lower code."""
    best: tuple[float, AreaShape] | None = None
    for candidate in candidates:
        if inner.is_empty or not inner.intersects(candidate.geometry):
            continue
        share = overlap_share(inner, candidate.geometry)
        if share >= at_least and (best is None or (-share, candidate.area.code) < (-best[0], best[1].area.code)):
            best = (share, candidate)
    return best[1] if best else None
