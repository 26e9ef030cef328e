"""A municipality that does not exist: an irregular town in the IJsselmeer, cut into districts and neighbourhoods."""

import numpy as np
import shapely
from shapely import MultiPoint, Point, Polygon
from shapely.geometry.base import BaseGeometry

from detector.areas import AreaSet
from detector.areas.borders import neighbours_of
from detector.areas.nesting import Around, Draft, nest
from detector.areas.shapes import RD, AreaShape
from detector.model import Area, FloatArray, IntArray, Level
from detector.simulate.names import MUNICIPALITY, invented_names

CODE = "GM9999"
CENTRE_M = (147_000.0, 533_000.0)
"""Open water in the Dutch grid, so that no report can seem to come from a real street."""
RADIUS_M = 4_000.0
MEDIAN_INHABITANTS = 1_100.0
SPREAD = 0.75
EMPTY_SHARE = 0.05
SMALL_SHARE = 0.1


def made_up_areas(seed: int, districts: int = 8, neighbourhoods: int = 40) -> AreaSet:
    """Nested areas that tile a town, with codes in the CBS manner (GM9999, WK9999.., BU9999....) and invented names.

    Inhabitants are lognormal, in fives; about one neighbourhood in twenty has none and one in ten fewer than 200.
    """
    rng = np.random.default_rng([seed, 1])
    cells = _cells(neighbourhoods, rng)
    district_of = _districts(cells, districts)
    inhabitants = _inhabitants(neighbourhoods, rng)
    district_names = [f"Oud-{MUNICIPALITY}", *invented_names(districts - 1, rng)]
    names = [name for name in invented_names(neighbourhoods + districts, rng) if name not in district_names]
    drafts: list[Draft] = []
    for district in range(districts):
        for number, cell in enumerate(np.flatnonzero(district_of == district)):
            code = f"BU9999{district:02d}{number:02d}"
            drafts.append(
                Draft(
                    code=code,
                    name=names[len(drafts)],
                    level=Level.NEIGHBOURHOOD,
                    inhabitants=int(inhabitants[cell]),
                    geometry=cells[cell],
                )
            )
    around = Around(
        names={CODE: MUNICIPALITY, **{f"WK9999{i:02d}": name for i, name in enumerate(district_names)}},
        municipality_code=CODE,
        municipality_name=MUNICIPALITY,
        implied=False,
    )
    shapes, _ = nest(drafts, RD, around)
    return AreaSet.of(shapes, ())


def _outline(rng: np.random.Generator) -> Polygon:
    """A round town with bays: a circle whose radius swings a few times."""
    angle = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    radius = np.full(angle.shape, RADIUS_M)
    for waves in (2, 3, 5, 8):
        radius += RADIUS_M * 0.25 / waves * np.sin(waves * angle + rng.uniform(0, 2 * np.pi))
    return Polygon(np.round(np.column_stack([CENTRE_M[0] + radius * np.cos(angle), CENTRE_M[1] + radius * np.sin(angle)])))


def _cells(count: int, rng: np.random.Generator) -> list[BaseGeometry]:
    """The town cut into as many cells, smaller towards the centre; the first is the one around the centre."""
    outline = _outline(rng)
    seeds: list[tuple[float, float]] = [CENTRE_M]
    while len(seeds) < count:
        # The best of a few candidates keeps cells apart; distances count for less far out, so that cells grow outwards.
        candidates = _points_within(outline, 12, rng)
        gap = [
            min(np.hypot(x - sx, y - sy) for sx, sy in seeds) / (0.35 + np.hypot(x - CENTRE_M[0], y - CENTRE_M[1]) / RADIUS_M)
            for x, y in candidates
        ]
        x, y = candidates[int(np.argmax(gap))]
        seeds.append((float(x), float(y)))
    if count == 1:
        return [outline]
    cells = shapely.get_parts(shapely.voronoi_polygons(MultiPoint(seeds), extend_to=outline.buffer(RADIUS_M)))
    tree = shapely.STRtree(cells)
    # The order of the cells that the library returns is its own; the seed in each tells which is which.
    order = [int(tree.query(Point(seed), predicate="within")[0]) for seed in seeds]
    # A bay can cut a cell in two; the smaller piece is water.
    pieces = [shapely.get_parts(shapely.intersection(cells[row], outline)) for row in order]
    return [max(parts, key=lambda part: part.area) for parts in pieces]


def _points_within(outline: Polygon, count: int, rng: np.random.Generator) -> FloatArray:
    found = np.zeros((0, 2))
    low_x, low_y, high_x, high_y = outline.bounds
    while len(found) < count:
        points = rng.uniform((low_x, low_y), (high_x, high_y), size=(4 * count, 2))
        inside = shapely.contains_xy(outline, points[:, 0], points[:, 1])
        found = np.concatenate([found, points[inside]])
    return np.asarray(found[:count], dtype=np.float64)


def _districts(cells: list[BaseGeometry], count: int) -> IntArray:
    """District of each cell: regions that grow from cells far apart, the smallest first, so that each is in one piece."""
    middles = np.array([(cell.centroid.x, cell.centroid.y) for cell in cells])
    starts = [0]
    while len(starts) < count:
        gap = np.min(np.hypot(*(middles[:, None, :] - middles[None, starts, :]).transpose(2, 0, 1)), axis=1)
        starts.append(int(np.argmax(gap)))
    beside = neighbours_of([_bare(i, cell) for i, cell in enumerate(cells)])
    district = np.full(len(cells), -1)
    district[starts] = np.arange(count)
    while (district < 0).any():
        for region in sorted(range(count), key=lambda number: (int((district == number).sum()), number)):
            open_cells = {other for cell in np.flatnonzero(district == region) for other in beside[cell] if district[other] < 0}
            if open_cells:
                start = middles[starts[region]]
                district[min(open_cells, key=lambda cell: (float(np.hypot(*(middles[cell] - start))), cell))] = region
                break
        else:
            # Cells that a bay cuts off from all others join the district that started nearest.
            for cell in np.flatnonzero(district < 0):
                district[cell] = int(np.argmin(np.hypot(*(middles[starts] - middles[cell]).T)))
    return district


def _bare(number: int, cell: BaseGeometry) -> AreaShape:
    code = str(number)
    return AreaShape(Area(code, code, Level.NEIGHBOURHOOD, None, CODE, cell.centroid.x, cell.centroid.y), cell, RD)


def _inhabitants(count: int, rng: np.random.Generator) -> FloatArray:
    people = rng.lognormal(np.log(MEDIAN_INHABITANTS), SPREAD, count)
    people = np.maximum(people, 250)
    # Not the first cell: a town's centre is lived in.
    special = 1 + rng.permutation(count - 1) if count > 1 else np.zeros(0, dtype=np.int64)
    empty, small = round(EMPTY_SHARE * count), round(SMALL_SHARE * count)
    people[special[:empty]] = 0
    people[special[empty : empty + small]] = rng.uniform(15, 195, len(special[empty : empty + small]))
    return np.round(people / 5) * 5
