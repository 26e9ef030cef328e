"""Where in a municipality reports come from: unevenly, with a busy centre, a station, schools and other venues."""

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely

from detector.areas import AreaSet
from detector.model import Area, AreaTable, FloatArray, IntArray, Level
from detector.simulate.plan import SimulationError

CENTRE_FACTOR = 4.0
STATION_FACTOR = 2.0
SCHOOL_EVERY = 4_000
"""Inhabitants to one school."""

VENUE_KINDS: dict[str, str] = {
    "onderwijs": "school",
    "horeca_amusement": "cafe",
    "sport_recreatie": "club",
    "collectieve_voorzieningen": "counter",
    "commerciele_dienstverlening": "shop",
    "openbare_ruimte": "station",
}
"""Which kind of venue reports in a domain may name."""


@dataclass(frozen=True, slots=True)
class Venue:
    """A place that several reports may name. ``row`` is its area in the table; NaN where the area has no outline."""

    key: str
    kind: str
    row: int
    x_m: float
    y_m: float


@dataclass(frozen=True, eq=False)
class Town:
    """The municipality as a source of reports.

    ``rows`` are the finest areas, as rows of ``table``; ``weights`` how likely a report comes from each, summing to one.
    """

    areas: AreaSet
    table: AreaTable
    rows: IntArray
    weights: FloatArray
    venues: tuple[Venue, ...]

    def area(self, row: int) -> Area:
        """The area of a row."""
        return self.table.areas[row]

    def draw_row(self, rng: np.random.Generator) -> int:
        """One of the finest areas, by weight."""
        position = bisect_right(self._steps, rng.random())
        return int(self.rows[min(position, len(self.rows) - 1)])

    @cached_property
    def _steps(self) -> list[float]:
        steps: list[float] = np.cumsum(self.weights).tolist()
        return steps

    def point_in(self, row: int, rng: np.random.Generator) -> tuple[float, float] | None:
        """A point in an area, to the metre; None where it has no outline."""
        return point_in(self.areas, self.table.areas[row].code, rng)


def point_in(areas: AreaSet, code: str, rng: np.random.Generator) -> tuple[float, float] | None:
    """A point in an area, to the metre and so that rounding does not carry it across the border; None without an outline."""
    outline = areas.geometry(code)
    if outline.is_empty:
        return None
    low_x, low_y, high_x, high_y = outline.bounds
    for _ in range(200):
        x, y = np.round(rng.uniform((low_x, low_y), (high_x, high_y), size=(16, 2))).T
        inside = np.flatnonzero(shapely.contains_xy(outline, x, y))
        if inside.size:
            return float(x[inside[0]]), float(y[inside[0]])
    # An area so thin that chance misses it.
    point = outline.point_on_surface()
    return float(point.x), float(point.y)


def build_town(areas: AreaSet, municipality: str, rng: np.random.Generator) -> Town:
    """Weights and venues for a municipality.

    Raises:
        SimulationError: it has no areas inside it.
    """
    table = areas.table(municipality)
    rows = next((found for level in (Level.NEIGHBOURHOOD, Level.DISTRICT) if (found := table.at_level(level)).size), None)
    if rows is None:
        message = f"Municipality {municipality} has no districts or neighbourhoods to simulate reports in; load them first."
        raise SimulationError(message)
    people = np.array([table.areas[row].inhabitants or 0 for row in rows], dtype=np.float64)
    typical = float(np.median(people[people > 0])) if (people > 0).any() else 1.0
    # Some reports come from where nobody lives: parks, offices, a ring road.
    weights = (people + 0.1 * typical) ** 0.8 * rng.lognormal(0, 0.3, len(rows))
    centre = _centre(table, rows, people)
    beside = [position for position, row in enumerate(rows) if row in set(table.neighbours[rows[centre]].tolist())]
    station = beside[int(rng.integers(len(beside)))] if beside else centre
    weights[centre] = CENTRE_FACTOR * max(weights[centre], float(np.median(weights)))
    weights[station] *= STATION_FACTOR
    weights /= weights.sum()
    venues = _venues(areas, table, rows, weights, people, station=station, rng=rng)
    return Town(areas=areas, table=table, rows=rows, weights=weights, venues=venues)


def _centre(table: AreaTable, rows: IntArray, people: FloatArray) -> int:
    """The area nearest to the middle of where people live."""
    x = np.array([table.areas[row].x_m for row in rows])
    y = np.array([table.areas[row].y_m for row in rows])
    known = np.isfinite(x) & np.isfinite(y)
    if not known.any():
        return int(np.argmax(people))
    share = np.where(known, people + 1.0, 0.0)
    middle_x, middle_y = np.average(np.nan_to_num(x), weights=share), np.average(np.nan_to_num(y), weights=share)
    return int(np.argmin(np.where(known, np.hypot(np.nan_to_num(x) - middle_x, np.nan_to_num(y) - middle_y), np.inf)))


def _venues(
    areas: AreaSet,
    table: AreaTable,
    rows: IntArray,
    weights: FloatArray,
    people: FloatArray,
    *,
    station: int,
    rng: np.random.Generator,
) -> tuple[Venue, ...]:
    counts = {
        "school": max(2, round(float(people.sum()) / SCHOOL_EVERY)),
        "cafe": max(4, len(rows) // 3),
        "club": max(2, len(rows) // 6),
        "counter": max(2, len(rows) // 10),
        "shop": max(4, len(rows) // 3),
    }
    where = [("station", station)]
    for kind, count in counts.items():
        # Schools stand where people live, the rest where people go.
        share = (people + 1.0) / (people + 1.0).sum() if kind == "school" else weights
        where += [(kind, int(position)) for position in rng.choice(len(rows), size=count, p=share)]
    keys = rng.permutation(9_000)[: len(where)] + 1_000
    venues = []
    for key, (kind, position) in zip(keys, where, strict=True):
        row = int(rows[position])
        x, y = point_in(areas, table.areas[row].code, rng) or (float("nan"), float("nan"))
        venues.append(Venue(f"L{key}", kind, row, x, y))
    return tuple(venues)
