"""Zones: the sets of areas, recognisable to people, in which the nightly scan counts."""

import math
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np

from detector.model import NOWHERE, AreaTable, BoolArray, FloatArray, IntArray, Level, Region

_LEAST_PART_OF_MEAN = 0.1
"""An area counts as having at least this part of the mean number of inhabitants: people report from shops and stations too."""

_MOST_AROUND = 12
"""An area with more neighbours than this (a park, a ring road) says nothing together with them."""


class ZoneKind(StrEnum):
    """Which sets of areas are zones."""

    NEIGHBOURHOOD = "neighbourhood"
    DISTRICT = "district"
    NEAREST_1 = "nearest_1"
    NEAREST_2 = "nearest_2"
    NEAREST_3 = "nearest_3"
    AROUND = "around"
    VENUE = "venue"
    CIRCLE = "circle"


_NEAREST = {ZoneKind.NEAREST_1: 1, ZoneKind.NEAREST_2: 2, ZoneKind.NEAREST_3: 3}


@dataclass(frozen=True, eq=False)
class Zones:
    """Zones over an area table.

    ``regions[z]`` says where zone z is; ``share[z]`` is its part of the inhabitants, above 0; ``containing[row]`` are the zones
    that a report in that row of the area table lies in, ascending.
    """

    regions: tuple[Region, ...]
    share: FloatArray
    containing: tuple[IntArray, ...]

    def holding(self, rows: IntArray) -> tuple[IntArray, IntArray]:
        """Which zones reports in these rows of the area table (``NOWHERE`` in none) lie in: report and zone of every pair."""
        begin, zone = self._listed
        many = np.where(rows == NOWHERE, 0, np.diff(begin)[rows])
        report = np.repeat(np.arange(rows.size), many)
        return report, zone[np.arange(report.size) + np.repeat(begin[rows] - np.cumsum(many) + many, many)]

    @cached_property
    def zoned(self) -> BoolArray:
        """The rows of the area table that lie in any zone."""
        return np.diff(self._listed[0]) > 0

    @cached_property
    def _listed(self) -> tuple[IntArray, IntArray]:
        """``containing`` one after the other: the first position of every row, and the end; and the zones."""
        begin = np.cumsum([0, *(zones.size for zones in self.containing)])
        return begin, np.concatenate(self.containing)


def build_zones(areas: AreaTable, kinds: Collection[ZoneKind], max_radius_m: float, max_share: float) -> Zones:
    """Zones of the given kinds, each set of areas once.

    Args:
        areas: the nested areas; without neighbourhoods, its districts take their place.
        kinds: which zones; ``VENUE`` is ignored here, venues depend on the reports.
        max_radius_m: largest distance from a circle's centre to the areas in it, metres.
        max_share: largest part of the inhabitants that a circle may hold.
    """
    base = areas.at_level(Level.NEIGHBOURHOOD)
    if base.size == 0:
        base = areas.at_level(Level.DISTRICT)
    weight = _shares(areas, base)
    inner = _inside(areas, base)
    rows_of: list[tuple[list[int], Region]] = []
    if ZoneKind.NEIGHBOURHOOD in kinds:
        rows_of += [([row], _region(areas, [row])) for row in base.tolist()]
    if ZoneKind.DISTRICT in kinds:
        rows_of += [(inner[row], _region(areas, [row])) for row in areas.at_level(Level.DISTRICT).tolist() if inner[row]]
    for row in base.tolist():
        nearest = _by_distance(areas, row, [i for i in areas.neighbours[row].tolist() if i in weight])
        if ZoneKind.AROUND in kinds and 0 < len(nearest) <= _MOST_AROUND:
            rows_of.append(([row, *nearest], _region(areas, [row, *nearest])))
        unions = [[row, *nearest[:number]] for kind, number in _NEAREST.items() if kind in kinds and len(nearest) >= number]
        rows_of += [(rows, _region(areas, rows)) for rows in unions]
    if ZoneKind.CIRCLE in kinds:
        for row in base.tolist():
            rows_of += _circles(areas, row, base, weight, max_radius_m=max_radius_m, max_share=max_share)
    found: dict[frozenset[int], Region] = {}
    for rows, region in rows_of:
        found.setdefault(frozenset(rows), region)
    return _zones(areas, found, weight, inner)


def _zones(areas: AreaTable, found: dict[frozenset[int], Region], weight: dict[int, float], inner: list[list[int]]) -> Zones:
    containing: list[list[int]] = [[] for _ in areas.areas]
    index = {rows: z for z, rows in enumerate(found)}
    for z, rows in enumerate(found):
        for row in rows:
            containing[row].append(z)
    for row, area in enumerate(areas.areas):
        if row in weight or area.level is Level.MUNICIPALITY:
            continue
        inherits = next((above for above in areas.ancestors(row) if above in weight), None)
        if inherits is not None:  # finer than the base: a postcode inside a neighbourhood
            containing[row] = list(containing[inherits])
        elif frozenset(inner[row]) in index:  # a report that only names its district
            containing[row] = [index[frozenset(inner[row])]]
    return Zones(
        regions=tuple(found.values()),
        share=np.array([sum(weight[row] for row in rows) for rows in found], dtype=np.float64),
        containing=tuple(np.array(zones, dtype=np.int64) for zones in containing),
    )


def _shares(areas: AreaTable, base: IntArray) -> dict[int, float]:
    known = [float(n) for row in base.tolist() if (n := areas.areas[row].inhabitants) is not None]
    mean = sum(known) / len(known) if known and sum(known) > 0 else 1.0
    counts = {
        row: max(
            _LEAST_PART_OF_MEAN * mean, mean if areas.areas[row].inhabitants is None else float(areas.areas[row].inhabitants or 0)
        )
        for row in base.tolist()
    }
    total = sum(counts.values())
    return {row: count / total for row, count in counts.items()}


def _inside(areas: AreaTable, base: IntArray) -> list[list[int]]:
    inner: list[list[int]] = [[] for _ in areas.areas]
    for row in base.tolist():
        for above in areas.ancestors(row):
            if above != NOWHERE:
                inner[above].append(row)
    return inner


def _by_distance(areas: AreaTable, row: int, others: list[int]) -> list[int]:
    return sorted((i for i in others if i != row), key=lambda i: (_distance(areas, row, i), areas.areas[i].code))


def _distance(areas: AreaTable, one: int, other: int) -> float:
    a, b = areas.areas[one], areas.areas[other]
    return math.hypot(a.x_m - b.x_m, a.y_m - b.y_m)


def _circles(
    areas: AreaTable, row: int, base: IntArray, weight: dict[int, float], *, max_radius_m: float, max_share: float
) -> list[tuple[list[int], Region]]:
    """Growing circles around one area, from two areas on; areas at equal distance enter together."""
    rows: list[int] = []
    circles: list[tuple[list[int], Region]] = []
    centre = areas.areas[row]
    by_distance = _by_distance(areas, row, base.tolist())
    for i, other in enumerate(by_distance):
        radius = _distance(areas, row, other)
        rows.append(other)
        if radius > max_radius_m or weight[row] + sum(weight[r] for r in rows) > max_share:
            break
        if i + 1 == len(by_distance) or _distance(areas, row, by_distance[i + 1]) > radius:
            inside = [row, *rows]
            circles.append((inside, _region(areas, inside, (centre.x_m, centre.y_m, radius))))
    return circles


def _region(areas: AreaTable, rows: list[int], circle: tuple[float, float, float] | None = None) -> Region:
    codes = tuple(sorted(areas.areas[row].code for row in rows))
    if circle is None:
        return Region(area_codes=codes)
    return Region(area_codes=codes, x_m=circle[0], y_m=circle[1], radius_m=circle[2])
