"""Point to area: many points at once, the finest area that holds each."""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from detector.areas.shapes import AreaShape, project_points
from detector.model import FloatArray, IntArray, Level

DEPTH = {Level.MUNICIPALITY: 0, Level.DISTRICT: 1, Level.NEIGHBOURHOOD: 2}
"""Levels that a point can be put in, coarse to fine; a postcode area is never the answer."""

SAME_M = 1e-3
"""Bounds and surfaces that agree this well (metres, or as a share) belong to an area and the union of its parts."""


class Locator:
    """The areas of one coordinate system, sorted so that points find theirs.

    A point on a border belongs to the area with the lowest code among the finest that touch it, so the answer never depends on
    the order of points or areas. Coarser areas are asked only for what no finer one holds.
    """

    def __init__(self, shapes: Sequence[AreaShape], crs: str) -> None:
        """Take the outlines of ``crs``; areas without an outline cannot be found by point."""
        usable = [shape for shape in shapes if shape.crs == crs and shape.area.level in DEPTH and not shape.geometry.is_empty]
        covered = _covered_by_parts(usable)
        usable = [shape for shape in usable if shape.area.code not in covered]
        usable.sort(key=lambda shape: (-DEPTH[shape.area.level], shape.area.code))
        self.crs = crs
        self._codes = np.array([shape.area.code for shape in usable] + [""], dtype=object)
        self._depth = np.array([DEPTH[shape.area.level] for shape in usable], dtype=np.int64)
        self._outlines = np.array([shape.geometry for shape in usable], dtype=object)
        shapely.prepare(self._outlines)
        self._bounds = shapely.bounds(self._outlines).reshape(-1, 4)

    def locate(self, x: FloatArray, y: FloatArray, crs: str) -> NDArray[np.object_]:
        """Codes of the finest areas around points given in ``crs``, shape (n,); an empty text where no area is."""
        x, y = project_points(x, y, crs, self.crs)
        found: IntArray = np.full(x.shape, -1, dtype=np.int64)
        todo = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
        for depth in sorted(set(DEPTH.values()), reverse=True):
            if todo.size:
                found[todo] = self._first_hit(np.flatnonzero(self._depth == depth), x[todo], y[todo])
                todo = todo[found[todo] < 0]
        return np.asarray(self._codes[found], dtype=np.object_)

    def _first_hit(self, rows: IntArray, x: FloatArray, y: FloatArray) -> IntArray:
        """The lowest of these rows whose outline touches each point, -1 for none.

        With the points sorted from west to east each outline's box is a slice and one comparison; a prepared outline then tests
        what is left in one call. For a million points that beats a tree, which would need a geometry object for each.
        """
        order = np.argsort(x, kind="stable")
        x, y = x[order], y[order]
        first = np.searchsorted(x, self._bounds[rows, 0], side="left")
        last = np.searchsorted(x, self._bounds[rows, 2], side="right")
        best = np.full(x.shape, -1, dtype=np.int64)
        # From the highest row down, so that the lowest has the last word.
        for position in np.flatnonzero(last > first)[::-1]:
            row, here = rows[position], slice(first[position], last[position])
            inside = (y[here] >= self._bounds[row, 1]) & (y[here] <= self._bounds[row, 3])
            points = np.flatnonzero(inside) + first[position]
            if points.size:
                best[points[shapely.intersects_xy(self._outlines[row], x[points], y[points])]] = row
        result = np.empty_like(best)
        result[order] = best
        return result


def _covered_by_parts(shapes: Sequence[AreaShape]) -> set[str]:
    """Codes of areas that are exactly the union of finer ones: asking them after those would find nothing more."""
    parts: dict[str, list[AreaShape]] = {}
    for shape in shapes:
        if shape.area.parent:
            parts.setdefault(shape.area.parent, []).append(shape)
    covered: set[str] = set()
    for shape in shapes:
        inner = [part.geometry for part in parts.get(shape.area.code, [])]
        if inner:
            surface = sum(part.area for part in inner)
            same_box = np.abs(shapely.total_bounds(np.array(inner, dtype=object)) - shape.geometry.bounds).max() <= SAME_M
            if same_box and abs(surface - shape.geometry.area) <= SAME_M * 1e-6 * surface:
                covered.add(shape.area.code)
    return covered
