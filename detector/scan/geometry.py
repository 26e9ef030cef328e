"""Which places belong together: growing circles and ellipses around every place, or a list of zones."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import pi

import numpy as np

from detector.model import FloatArray, IntArray
from detector.scan.jit import compiled

EARTH_RADIUS_M = 6_367_000.0
ELLIPSES = ((1.5, 4), (2.0, 6), (3.0, 9), (4.0, 12), (5.0, 15))
"""Shape (longest axis over shortest) and number of angles, as in SaTScan."""
_SAME = 1e-9


@dataclass(frozen=True, eq=False)
class Reaches:
    """Growing sets of places, one list per reach: nearest first.

    Reach i lists the places ``place[start[i]:start[i + 1]]``; after position k a set ends where ``ends[k]`` is true (places at
    the same distance enter together). ``radius_m[k]`` is the distance to the centre (along the shortest axis of an ellipse),
    and ``centre[i]`` the place in the middle, -1 for a zone. ``shape[i]`` and ``angle[i]`` (radians) tell the ellipse; shape 1 is
    a circle.
    """

    start: IntArray
    place: IntArray
    ends: np.ndarray[tuple[int], np.dtype[np.bool_]]
    radius_m: FloatArray
    centre: IntArray
    shape: FloatArray
    angle: FloatArray


@compiled
def _reach_planar(x: FloatArray, y: FloatArray, centre: int, radius: float) -> tuple[IntArray, FloatArray]:
    distance = np.sqrt((x - x[centre]) ** 2 + (y - y[centre]) ** 2)
    inside = np.flatnonzero(distance <= radius * (1.0 + _SAME))
    order = np.argsort(distance[inside], kind="mergesort")
    return inside[order], distance[inside][order]


@compiled
def _reach_round(latitude: FloatArray, longitude: FloatArray, centre: int, radius: float) -> tuple[IntArray, FloatArray]:
    half_chord = (
        np.sin((latitude - latitude[centre]) / 2) ** 2
        + np.cos(latitude[centre]) * np.cos(latitude) * np.sin((longitude - longitude[centre]) / 2) ** 2
    )
    distance = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(1.0, half_chord)))
    inside = np.flatnonzero(distance <= radius * (1.0 + _SAME))
    order = np.argsort(distance[inside], kind="mergesort")
    return inside[order], distance[inside][order]


def circles(x: FloatArray, y: FloatArray, *, degrees: bool, radius_m: float = np.inf, apart: bool = False) -> Reaches:
    """Circles around every place: ``x``/``y`` in metres, or longitude/latitude in ``degrees`` (great circle distances).

    Places at the same distance enter together; with ``apart`` one by one, the lesser x first and then the lesser y, which is
    what SaTScan does and what makes its p depend on how the axes lie. Places at one spot enter together either way.
    """
    if degrees:
        longitude, latitude = np.radians(x), np.radians(y)
        found = [_reach_round(latitude, longitude, i, radius_m) for i in range(x.size)]
    else:
        found = [_reach_planar(x, y, i, radius_m) for i in range(x.size)]
    spots = _spots(x, y) if apart else None
    return _joined(found, np.arange(x.size), np.ones(x.size), np.zeros(x.size), spots)


def ellipses(x: FloatArray, y: FloatArray, *, radius_m: float = np.inf, apart: bool = False) -> Reaches:
    """Circles and ellipses around every place: the shapes and numbers of angles of :data:`ELLIPSES`.

    An ellipse grows with its shape; the plane is squeezed along its longest axis until it is a circle, so that the order of
    places is that of the distances there, and the radius is that of the shortest axis. ``apart`` is as in :func:`circles`.
    """
    parts = [circles(x, y, degrees=False, radius_m=radius_m, apart=apart)]
    spots = _spots(x, y) if apart else None
    every = np.arange(x.size)
    for shape, angles in ELLIPSES:
        for turn in range(angles):
            angle = pi * turn / angles
            along = (x * np.cos(angle) + y * np.sin(angle)) / shape
            across = y * np.cos(angle) - x * np.sin(angle)
            found = [_reach_planar(along, across, i, radius_m) for i in range(x.size)]
            parts.append(_joined(found, every, np.full(x.size, shape), np.full(x.size, angle), spots))
    return _stacked(parts)


def zones(members: Sequence[IntArray]) -> Reaches:
    """Every list of places as one set of its own."""
    start = np.concatenate([[0], np.cumsum([rows.size for rows in members])]).astype(np.int64)
    ends = np.zeros(int(start[-1]), dtype=np.bool_)
    ends[start[1:] - 1] = True
    none = np.zeros(len(members))
    return Reaches(
        start, np.concatenate(members), ends, np.zeros(ends.size), np.full(len(members), -1, dtype=np.int64), none + 1.0, none
    )


def _spots(x: FloatArray, y: FloatArray) -> IntArray:
    """The rank of every place's spot by x and then y; places at one spot share it."""
    return np.unique(np.column_stack([x, y]), axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)


def _by_spot(places: IntArray, distances: FloatArray, spots: IntArray) -> tuple[IntArray, FloatArray]:
    further = np.concatenate([[0], np.cumsum(distances[1:] > distances[:-1] * (1.0 + _SAME))])
    order = np.lexsort((spots[places], further))
    return places[order], distances[order]


def _joined(
    found: list[tuple[IntArray, FloatArray]],
    centre: IntArray,
    shape: FloatArray,
    angle: FloatArray,
    spots: IntArray | None,
) -> Reaches:
    """All reaches in one; with ``spots`` every spot ends a set, in this order where distances are equal."""
    if spots is not None:
        found = [_by_spot(places, distances, spots) for places, distances in found]
    start = np.concatenate([[0], np.cumsum([places.size for places, _ in found])]).astype(np.int64)
    place = np.concatenate([places for places, _ in found]).astype(np.int64)
    distance = np.concatenate([distances for _, distances in found])
    ends = np.ones(distance.size, dtype=np.bool_)
    ends[:-1] = distance[1:] > distance[:-1] * (1.0 + _SAME) if spots is None else spots[place[1:]] != spots[place[:-1]]
    ends[start[1:] - 1] = True
    return Reaches(start, place, ends, distance, centre, shape, angle)


def _stacked(parts: list[Reaches]) -> Reaches:
    offsets = np.cumsum([0, *(part.place.size for part in parts)])
    return Reaches(
        start=np.concatenate([[0], *(part.start[1:] + offset for part, offset in zip(parts, offsets, strict=False))]),
        place=np.concatenate([part.place for part in parts]),
        ends=np.concatenate([part.ends for part in parts]),
        radius_m=np.concatenate([part.radius_m for part in parts]),
        centre=np.concatenate([part.centre for part in parts]),
        shape=np.concatenate([part.shape for part in parts]),
        angle=np.concatenate([part.angle for part in parts]),
    )
