"""Which places belong together: growing circles and ellipses around every place, or a list of zones."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import pi

import numpy as np

from detector.model import BoolArray, FloatArray, IntArray
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
    ends: BoolArray
    radius_m: FloatArray
    centre: IntArray
    shape: FloatArray
    angle: FloatArray


@compiled
def _distance(x: FloatArray, y: FloatArray, one: int, other: int, degrees: bool) -> float:
    """Metres; ``x`` and ``y`` are longitude and latitude in radians where ``degrees``."""
    if not degrees:
        return float(np.sqrt((x[other] - x[one]) ** 2 + (y[other] - y[one]) ** 2))
    half_chord = np.sin((y[other] - y[one]) / 2) ** 2 + np.cos(y[one]) * np.cos(y[other]) * np.sin((x[other] - x[one]) / 2) ** 2
    return float(2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(min(1.0, half_chord))))


@compiled
def _near(x: FloatArray, y: FloatArray, radius: float, degrees: bool) -> tuple[IntArray, IntArray, FloatArray]:
    """First position of every place's reach (and the end), the places in it, nearest first, and their distances.

    Places are looked for along the second coordinate, in which no two lie further apart than they are.
    """
    places = x.shape[0]
    limit = radius * (1.0 + _SAME)
    by_y = np.argsort(y, kind="mergesort")
    sorted_y = y[by_y]
    widest = limit * (1.0 + _SAME) / (EARTH_RADIUS_M if degrees else 1.0) + 1e-12 * np.abs(y).max()
    start = np.zeros(places + 1, np.int64)
    place = np.empty(16 * places, np.int64)
    distance = np.empty(16 * places, np.float64)
    number = 0
    for centre in range(places):
        low = np.searchsorted(sorted_y, y[centre] - widest)
        high = np.searchsorted(sorted_y, y[centre] + widest, side="right")
        if number + high - low > place.shape[0]:
            more = max(2 * place.shape[0], number + high - low)
            place = np.concatenate((place[:number], np.empty(more - number, np.int64)))
            distance = np.concatenate((distance[:number], np.empty(more - number, np.float64)))
        begin = number
        for i in range(low, high):
            far = _distance(x, y, centre, by_y[i], degrees)
            if far <= limit:
                place[number], distance[number] = by_y[i], far
                number += 1
        _sort(place[begin:number], distance[begin:number])
        start[centre + 1] = number
    return start, place[:number].copy(), distance[:number].copy()


@compiled
def _sort(place: IntArray, distance: FloatArray) -> None:
    """By distance, and of equals by number."""
    order = np.argsort(distance)
    place[:], distance[:] = place[order], distance[order]
    begin = 0
    for end in range(1, place.shape[0] + 1):
        if end == place.shape[0] or distance[end] > distance[begin]:
            if end > begin + 1:
                place[begin:end] = np.sort(place[begin:end])
            begin = end


def circles(x: FloatArray, y: FloatArray, *, degrees: bool, radius_m: float = np.inf, apart: bool = False) -> Reaches:
    """Circles around every place: ``x``/``y`` in metres, or longitude/latitude in ``degrees`` (great circle distances).

    Places at the same distance enter together; with ``apart`` one by one, the lesser x first and then the lesser y, which is
    what SaTScan does and what makes its p depend on how the axes lie. Places at one spot enter together either way.
    """
    found = _near(np.radians(x), np.radians(y), radius_m, True) if degrees else _near(x, y, radius_m, False)  # noqa: FBT003 - a compiled function's
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
            found = _near(along, across, radius_m, False)  # noqa: FBT003 - as above
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
    found: tuple[IntArray, IntArray, FloatArray],
    centre: IntArray,
    shape: FloatArray,
    angle: FloatArray,
    spots: IntArray | None,
) -> Reaches:
    """All reaches in one; with ``spots`` every spot ends a set, in this order where distances are equal."""
    start, place, distance = found
    if spots is not None:
        parts = [_by_spot(place[a:b], distance[a:b], spots) for a, b in pairwise(start.tolist())]
        place, distance = (np.concatenate(part) for part in zip(*parts, strict=True))
    ends = np.ones(distance.size, dtype=np.bool_)
    ends[:-1] = distance[1:] > distance[:-1] * (1.0 + _SAME) if spots is None else spots[place[1:]] != spots[place[:-1]]
    ends[start[1:] - 1] = True
    return Reaches(start, place, ends, distance, centre, shape, angle)


def within(reaches: Reaches, weight: FloatArray, most: float) -> Reaches:
    """The reaches as far as their sets hold no more than ``most`` of the ``weight`` of places."""
    cut = _within(reaches.start, reaches.place, reaches.ends, reaches.radius_m, weight, most)
    return Reaches(*cut, reaches.centre, reaches.shape, reaches.angle)


@compiled
def _within(
    start: IntArray, place: IntArray, ends: BoolArray, radius_m: FloatArray, weight: FloatArray, most: float
) -> tuple[IntArray, IntArray, BoolArray, FloatArray]:
    cut = np.zeros(start.shape[0], np.int64)
    for reach in range(start.shape[0] - 1):
        held, final = 0.0, start[reach]
        for k in range(start[reach], start[reach + 1]):
            held += weight[place[k]]
            if held > most:
                break
            if ends[k]:
                final = k + 1
        cut[reach + 1] = cut[reach] + final - start[reach]
    size = cut[-1]
    kept_place, kept_ends, kept_radius = np.empty(size, np.int64), np.empty(size, np.bool_), np.empty(size, np.float64)
    for reach in range(start.shape[0] - 1):
        first, number = start[reach], cut[reach + 1] - cut[reach]
        kept_place[cut[reach] : cut[reach + 1]] = place[first : first + number]
        kept_ends[cut[reach] : cut[reach + 1]] = ends[first : first + number]
        kept_radius[cut[reach] : cut[reach + 1]] = radius_m[first : first + number]
    return cut, kept_place, kept_ends, kept_radius


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
