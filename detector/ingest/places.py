"""From what rows say about where to area, municipality and metres: point before area, area before postcode."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from pyproj import Transformer

from detector.areas.error import AreaError
from detector.ingest.errors import IntakeError
from detector.model import BoolArray, FloatArray
from detector.problems.files import FileReason
from detector.problems.notices import Notice
from detector.problems.problem import Problem
from detector.problems.rows import RowReason

WGS84 = "EPSG:4326"
DISAGREE_M = 250.0
"""Two points that a row gives for one place may differ by this much (metres) before they contradict each other."""
_FURTHEST_M = 2e7
_CBS_CODE = re.compile(r"(?:BU|WK|GM)([0-9]{4})(?:[0-9]{2}){0,2}")
_POSTCODE = re.compile(r"[1-9][0-9]{3}\s?(?:[A-Za-z]{2})?")

HALF_POINT = Problem(RowReason.HALF_POINT)
BAD_POINT = Problem(RowReason.NO_PLACE_ON_EARTH)
OUTSIDE = Problem(RowReason.OUTSIDE_AREAS)
TWO_POINTS = Problem(RowReason.PLACE_CONFLICT, metres=round(DISAGREE_M))
UNKNOWN_AREA = Problem(RowReason.UNKNOWN_AREA)
UNKNOWN_MUNICIPALITY = Problem(RowReason.UNKNOWN_MUNICIPALITY)
OTHER_MUNICIPALITY = Problem(RowReason.MUNICIPALITY_CONFLICT)
NO_MUNICIPALITY = Problem(RowReason.NO_MUNICIPALITY)
BAD_POSTCODE = Problem(RowReason.BAD_POSTCODE)
TOO_LONG = Problem(RowReason.TEXT_AS_AREA)
MAX_AREA_LENGTH = 80
MAX_MUNICIPALITY_LENGTH = 40
"""What every table has room for; no code is longer, and where areas are loaded a name becomes a code."""


class AreaLookup(Protocol):
    """What intake asks of the areas; ``detector.areas.AreaSet`` answers it."""

    @property
    def known(self) -> bool:
        """False when no area is loaded."""
        ...

    def locate(self, x_m: FloatArray, y_m: FloatArray, crs: str | None) -> NDArray[np.object_]:
        """Finest area code per point, empty where there is none; ``crs`` None is the areas' own metric system."""
        ...

    def project(self, lon: FloatArray, lat: FloatArray, municipality: str) -> tuple[FloatArray, FloatArray]:
        """Metres in the municipality's coordinate system."""
        ...

    def municipality_of(self, code: str) -> str | None:
        """The municipality around an area, None for an unknown code."""
        ...

    def resolve(self, text: str) -> str | None:
        """The code of the area that a code or name means."""
        ...

    def by_postcode(self, postcode: str) -> str | None:
        """The area of a postcode of four or six signs."""
        ...


@dataclass(frozen=True)
class NoAreas:
    """What stands in where no area is loaded."""

    known: bool = False

    def locate(self, x_m: FloatArray, y_m: FloatArray, crs: str | None) -> NDArray[np.object_]:
        """Nowhere."""
        del y_m, crs
        return np.full(len(x_m), "", dtype=object)

    def project(self, lon: FloatArray, lat: FloatArray, municipality: str) -> tuple[FloatArray, FloatArray]:
        """No metres."""
        del lat, municipality
        nothing = np.full(len(lon), np.nan)
        return nothing, nothing

    def municipality_of(self, code: str) -> str | None:
        """None."""
        del code
        return None

    def resolve(self, text: str) -> str | None:
        """None."""
        del text
        return None

    def by_postcode(self, postcode: str) -> str | None:
        """None."""
        del postcode
        return None


@dataclass(frozen=True)
class Said:
    """What the rows of a batch say about where, one entry a row; NaN and empty where they are silent."""

    x: FloatArray
    y: FloatArray
    longitude: FloatArray
    latitude: FloatArray
    area: Sequence[str]
    postcode: Sequence[str]
    municipality: Sequence[str]


@dataclass
class Places:
    """Where the rows of a batch are; ``problems`` by row."""

    x_m: list[float | None]
    y_m: list[float | None]
    area: list[str | None]
    municipality: list[str]
    problems: dict[int, Problem] = field(default_factory=dict)
    warnings: dict[Problem, None] = field(default_factory=dict)


@dataclass
class Locator:
    """Finds the places of batches of one source; remembers what areas and postcodes mean."""

    areas: AreaLookup
    crs: str | None
    municipality: str | None
    normalise: Callable[[str], str]
    _meanings: dict[tuple[str, str, str], tuple[str | None, str] | Problem] = field(default_factory=dict)
    _warned: dict[Problem, None] = field(default_factory=dict)

    def places(self, said: Said) -> Places:
        """Area, municipality and metres of every row."""
        rows = len(said.area)
        found = Places([None] * rows, [None] * rows, [None] * rows, [""] * rows)
        has_point = self._points(said, found) if self._any_point(said) else np.zeros(rows, dtype=np.bool_)
        for row, pointed in enumerate(has_point.tolist()):
            if row in found.problems or pointed:
                continue
            key = (said.area[row], said.postcode[row], said.municipality[row])
            meaning = self._meanings.get(key)
            if meaning is None:
                meaning = self._mean(*key)
                if len(self._meanings) > 100_000:  # noqa: PLR2004 - a bound on memory, no setting
                    self._meanings.clear()
                self._meanings[key] = meaning
            if isinstance(meaning, Problem):
                found.problems[row] = meaning
            else:
                found.area[row], found.municipality[row] = meaning
        found.warnings = self._warned
        self._warned = {}
        return found

    @staticmethod
    def _any_point(said: Said) -> bool:
        return any(not np.isnan(column).all() for column in (said.x, said.y, said.longitude, said.latitude))

    def _mean(self, area: str, postcode: str, municipality: str) -> tuple[str | None, str] | Problem:
        """Area and municipality of a row without a point."""
        code: str | None = None
        if area:
            if len(area) > MAX_AREA_LENGTH:
                return TOO_LONG
            code = self.normalise(area)
            if self.areas.known:
                code = self.areas.resolve(code)
                if code is None:
                    return UNKNOWN_AREA
        elif postcode:
            if not _POSTCODE.fullmatch(postcode):
                return BAD_POSTCODE
            code = self.areas.by_postcode(postcode)
            if code is None:
                self._warned[Problem(Notice.OTHER_POSTCODES)] = None
        return self._with_municipality(code, municipality)

    def _with_municipality(self, code: str | None, given: str) -> tuple[str | None, str] | Problem:
        lies_in = self.areas.municipality_of(code) if code else None
        if lies_in is None and code and not self.areas.known:
            match = _CBS_CODE.fullmatch(code)
            lies_in = f"GM{match.group(1)}" if match else None
        if given:
            if len(given) > MAX_AREA_LENGTH:
                return TOO_LONG
            meant = self.areas.resolve(given) if self.areas.known else given
            if meant is None:
                return UNKNOWN_MUNICIPALITY
            meant = self.areas.municipality_of(meant) or meant
            if len(meant) > MAX_MUNICIPALITY_LENGTH:
                return TOO_LONG
            return OTHER_MUNICIPALITY if lies_in is not None and lies_in != meant else (code, meant)
        municipality = lies_in or self.municipality
        return (code, municipality) if municipality else NO_MUNICIPALITY

    def _points(self, said: Said, found: Places) -> BoolArray:
        metric = ~(np.isnan(said.x) | np.isnan(said.y))
        degrees = ~(np.isnan(said.longitude) | np.isnan(said.latitude))
        half = (np.isnan(said.x) != np.isnan(said.y)) | (np.isnan(said.longitude) != np.isnan(said.latitude))
        bad = metric & ((np.abs(said.x) > _FURTHEST_M) | (np.abs(said.y) > _FURTHEST_M))
        bad |= degrees & ((np.abs(said.longitude) > 180) | (np.abs(said.latitude) > 90))  # noqa: PLR2004 - degrees
        found.problems.update(dict.fromkeys(np.flatnonzero(half).tolist(), HALF_POINT))
        found.problems.update(dict.fromkeys(np.flatnonzero(bad & ~half).tolist(), BAD_POINT))
        metric &= ~(half | bad)
        degrees &= ~(half | bad)
        if not self.areas.known:
            return self._without_areas(said, found, metric, degrees)
        codes: NDArray[np.object_] = np.full(len(metric), "", dtype=object)
        only_degrees = degrees & ~metric
        codes[metric] = self._locate(said.x[metric], said.y[metric], self.crs)
        codes[only_degrees] = self._locate(said.longitude[only_degrees], said.latitude[only_degrees], WGS84)
        self._municipalities(said, found, codes, metric | degrees)
        self._metres(said, found, metric, degrees)
        return metric | degrees

    def _locate(self, x: FloatArray, y: FloatArray, crs: str | None) -> NDArray[np.object_]:
        if not len(x):
            return np.empty(0, dtype=object)
        try:
            return self.areas.locate(x, y, crs)
        except AreaError as error:
            raise IntakeError(Problem(FileReason.NO_CRS), str(error)) from None

    def _without_areas(self, said: Said, found: Places, metric: BoolArray, degrees: BoolArray) -> BoolArray:
        """Metres are kept as they are; degrees cannot become metres before areas say in which system."""
        if self.crs is None:
            for row in np.flatnonzero(metric).tolist():
                found.x_m[row], found.y_m[row] = float(said.x[row]), float(said.y[row])
            metric = np.zeros_like(metric)
        if (metric | degrees).any():
            self._warned[Problem(Notice.NO_AREAS)] = None
        return np.zeros_like(metric)

    def _municipalities(self, said: Said, found: Places, codes: NDArray[np.object_], pointed: BoolArray) -> None:
        meanings: dict[tuple[str, str], tuple[str | None, str] | Problem] = {}
        for row in np.flatnonzero(pointed).tolist():
            code = codes[row]
            if not code:
                found.problems[row] = OUTSIDE
                continue
            key = (code, said.municipality[row])
            if key not in meanings:
                meanings[key] = self._with_municipality(*key)
            meaning = meanings[key]
            if isinstance(meaning, Problem):
                found.problems[row] = meaning
            else:
                found.area[row], found.municipality[row] = meaning

    def _metres(self, said: Said, found: Places, metric: BoolArray, degrees: BoolArray) -> None:
        """Metres in each row's municipality, and whether two points of one row agree."""
        lon, lat = said.longitude.copy(), said.latitude.copy()
        if self.crs is not None and metric.any():
            to_degrees = Transformer.from_crs(self.crs, WGS84, always_xy=True)
            both = metric & degrees
            lon_x, lat_x = to_degrees.transform(said.x[metric], said.y[metric])
            given = (lon[both], lat[both])
            lon[metric], lat[metric] = lon_x, lat_x
            far = (
                np.hypot((lon[both] - given[0]) * 111_320 * np.cos(np.radians(given[1])), (lat[both] - given[1]) * 110_574)
                > DISAGREE_M
            )
            found.problems.update(dict.fromkeys(np.flatnonzero(both)[far].tolist(), TWO_POINTS))
        located = np.array([bool(name) for name in found.municipality], dtype=np.bool_)
        for row in np.flatnonzero(metric & located).tolist() if self.crs is None else ():
            found.x_m[row], found.y_m[row] = float(said.x[row]), float(said.y[row])
        wanted = located & (degrees if self.crs is None else metric | degrees)
        names = np.array(found.municipality, dtype=object)
        for name in sorted(set(names[wanted].tolist())):
            rows = np.flatnonzero(wanted & (names == name))
            x_m, y_m = self.areas.project(lon[rows], lat[rows], name)
            for row, x, y in zip(rows.tolist(), np.round(x_m, 2).tolist(), np.round(y_m, 2).tolist(), strict=True):
                said_x, said_y = found.x_m[row], found.y_m[row]
                if said_x is None or said_y is None:
                    found.x_m[row], found.y_m[row] = x, y
                elif np.hypot(said_x - x, said_y - y) > DISAGREE_M:
                    found.problems[row] = TWO_POINTS
