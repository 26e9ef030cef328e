"""Which areas lie beside each other, and the nested areas of one municipality as a table."""

from collections.abc import Sequence

import numpy as np
import shapely

from detector.areas.locator import DEPTH
from detector.areas.shapes import AreaShape
from detector.model import NOWHERE, AreaTable, IntArray

SNAP_M = 1.0
"""Outlines that were simplified or rounded apart by no more than this still touch."""
SHORTEST_BORDER_M = 10.0
"""A shorter common border is a corner where areas meet."""


def area_table(shapes: Sequence[AreaShape], municipality: AreaShape) -> AreaTable:
    """The municipality and the areas in it as columns, coarse levels first and codes ascending in a level."""
    inner = [shape for shape in shapes if shape.area.level in DEPTH and shape.area.code != municipality.area.code]
    inner.sort(key=lambda shape: (DEPTH[shape.area.level], shape.area.code))
    rows = [municipality, *inner]
    index = {shape.area.code: row for row, shape in enumerate(rows)}
    parent = np.zeros(len(rows), dtype=np.int64)
    parent[0] = NOWHERE
    for row, shape in enumerate(inner, start=1):
        parent[row] = index.get(shape.area.parent or "", 0)
    neighbours: list[IntArray] = [np.zeros(0, dtype=np.int64) for _ in rows]
    for depth in sorted(set(DEPTH.values())):
        members = [row for row, shape in enumerate(rows) if DEPTH[shape.area.level] == depth]
        for row, beside in zip(members, neighbours_of([rows[row] for row in members]), strict=True):
            neighbours[row] = np.array([members[other] for other in beside], dtype=np.int64)
    return AreaTable(areas=tuple(shape.area for shape in rows), parent=parent, neighbours=tuple(neighbours))


def neighbours_of(shapes: Sequence[AreaShape]) -> list[list[int]]:
    """For each area the rows of those that share a border with it; where none does, the nearest one. Symmetric, ascending."""
    beside: list[set[int]] = [set() for _ in shapes]
    placed = [row for row, shape in enumerate(shapes) if not shape.geometry.is_empty]
    if len(placed) < 2:  # noqa: PLR2004 - a neighbour takes two
        return [[] for _ in shapes]
    outlines = np.array([shapes[row].geometry for row in placed], dtype=object)
    tree = shapely.STRtree(outlines)
    left, right = tree.query(outlines, predicate="dwithin", distance=SNAP_M)
    ascending = left < right
    left, right = left[ascending], right[ascending]
    # The border of the one that lies within reach of the other: a corner alone gives about twice the reach.
    common = shapely.intersection(shapely.boundary(outlines[left]), shapely.buffer(outlines[right], 2 * SNAP_M))
    touching = shapely.length(common) >= SHORTEST_BORDER_M
    for a, b in zip(left[touching], right[touching], strict=True):
        beside[placed[a]].add(placed[b])
        beside[placed[b]].add(placed[a])
    for position, row in enumerate(placed):
        if not beside[row]:
            distance = shapely.distance(outlines, outlines[position])
            distance[position] = np.inf
            nearest = placed[int(np.argmin(distance))]
            beside[row].add(nearest)
            beside[nearest].add(row)
    return [sorted(rows) for rows in beside]
