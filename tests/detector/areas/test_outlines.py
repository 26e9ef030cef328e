import json
from typing import Any

import numpy as np
import shapely
from shapely import Polygon
from shapely.geometry import shape as shapely_shape

from detector.areas.outlines import MOST_BYTES, coarse_outlines, source_digest
from detector.areas.shapes import RD, AreaShape
from detector.model import Area, Level

SIDE = 13
X0, Y0 = 150_000.0, 460_000.0


def wiggly_line(rng: np.random.Generator, start: tuple[float, float], end: tuple[float, float], steps: int) -> list[Any]:
    along = np.linspace(0, 1, steps + 1)[:-1]
    points = np.outer(1 - along, start) + np.outer(along, end)
    points[1:] += rng.normal(0, 0.7, points[1:].shape)
    return [tuple(point) for point in points]


def municipality(steps: int) -> list[AreaShape]:
    """169 neighbourhoods in 13 districts, whose shared borders wander as real ones do."""
    rng = np.random.default_rng(3)
    corners = {(i, j): (X0 + 300.0 * i, Y0 + 300.0 * j) for i in range(SIDE + 1) for j in range(SIDE + 1)}
    across = {(i, j): wiggly_line(rng, corners[i, j], corners[i + 1, j], steps) for i in range(SIDE) for j in range(SIDE + 1)}
    up = {(i, j): wiggly_line(rng, corners[i, j], corners[i, j + 1], steps) for i in range(SIDE + 1) for j in range(SIDE)}
    shapes = []
    for i in range(SIDE):
        for j in range(SIDE):
            top = [corners[i + 1, j + 1], *across[i, j + 1][:0:-1]]
            left = [corners[i, j + 1], *up[i, j][:0:-1]]
            outline = Polygon([*across[i, j], *up[i + 1, j], *top, *left])
            area = Area(f"BU{i:02}{j:02}", f"Buurt {i}.{j}", Level.NEIGHBOURHOOD, f"WK{i:02}", "GM", 0.0, 0.0)
            shapes.append(AreaShape(area, outline, RD))
    districts = [
        AreaShape(
            Area(f"WK{i:02}", f"Wijk {i}", Level.DISTRICT, "GM", "GM", 0.0, 0.0),
            shapely.union_all([shape.geometry for shape in shapes if shape.area.parent == f"WK{i:02}"]),
            RD,
        )
        for i in range(SIDE)
    ]
    whole = Area("GM", "Testum", Level.MUNICIPALITY, None, "GM", 0.0, 0.0)
    return [AreaShape(whole, shapely.union_all([shape.geometry for shape in districts]), RD), *districts, *shapes]


def test_a_municipality_of_many_neighbourhoods_stays_small_and_whole() -> None:
    shapes = municipality(steps=60)
    outlines = coarse_outlines(shapes)
    assert set(outlines) == {shape.area.code for shape in shapes}
    assert len(json.dumps(outlines)) <= MOST_BYTES
    drawn = {code: shapely_shape(outline) for code, outline in outlines.items()}
    assert all(outline.is_valid for outline in drawn.values())
    hoods = [outline for code, outline in drawn.items() if code.startswith("BU")]
    whole = drawn["GM"].area
    # Neighbours neither overlap nor leave a gap, and the levels fit on one another.
    assert np.isclose(sum(hood.area for hood in hoods), whole, rtol=1e-9)
    assert np.isclose(shapely.union_all(hoods).area, whole, rtol=1e-9)
    assert np.isclose(shapely.union_all(hoods).intersection(drawn["GM"]).area, whole, rtol=1e-9)


def test_too_much_to_draw_is_simplified_further() -> None:
    shapes = municipality(steps=60)
    assert len(json.dumps(coarse_outlines(shapes, most_bytes=60_000))) <= 60_000


def test_an_area_that_its_parts_do_not_fill_keeps_its_own_outline() -> None:
    whole = Area("GM", "Testum", Level.MUNICIPALITY, None, "GM", 0.0, 0.0)
    part = Area("WK", "Wijk", Level.DISTRICT, "GM", "GM", 0.0, 0.0)
    nowhere = Area("WK2", "Onbekend", Level.DISTRICT, "GM", "GM", 0.0, 0.0)
    square = shapely.box(X0, Y0, X0 + 4000, Y0 + 4000)
    corner = shapely.box(X0, Y0, X0 + 1000, Y0 + 1000)
    outlines = coarse_outlines([AreaShape(whole, square, RD), AreaShape(part, corner, RD), AreaShape(nowhere, Polygon(), RD)])
    assert set(outlines) == {"GM", "WK"}
    assert shapely_shape(outlines["GM"]).area > 15 * shapely_shape(outlines["WK"]).area


def test_the_digest_follows_names_and_outlines() -> None:
    area = Area("WK", "Wijk", Level.DISTRICT, "GM", "GM", 0.0, 0.0)
    renamed = Area("WK", "Buitenwijk", Level.DISTRICT, "GM", "GM", 0.0, 0.0)
    one, other = shapely.box(X0, Y0, X0 + 9, Y0 + 9), shapely.box(X0, Y0, X0 + 9, Y0 + 8)
    digests = {
        source_digest([shape]) for shape in (AreaShape(area, one, RD), AreaShape(renamed, one, RD), AreaShape(area, other, RD))
    }
    assert len(digests) == 3
    assert source_digest([AreaShape(area, one, RD)]) in digests
