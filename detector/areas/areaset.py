"""The areas that the service knows: immutable, of one or many municipalities, asked by code, point or postcode."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import isnan
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from detector.areas.borders import area_table
from detector.areas.error import AreaError
from detector.areas.locator import DEPTH, Locator
from detector.areas.merging import merged
from detector.areas.postcodes import POSTCODE_PREFIX, plain_postcode
from detector.areas.rows import AreaRow, shape_from_row, shape_to_row
from detector.areas.shapes import RD, WGS84, AreaShape, project_geometries, project_points, unite
from detector.model import NOWHERE, Area, AreaTable, FloatArray, Level

OUTLINE_DECIMALS = 5
"""Of a degree: about a metre, finer than any outline that is shown."""


@dataclass(frozen=True, eq=False)
class AreaSet:
    """Nested areas with their outlines.

    ``shapes`` are sorted by municipality, then coarse to fine, then by code; ``warnings`` say in words what was assumed or
    repaired while they were read. Two sets are joined with :meth:`merge`.
    """

    shapes: tuple[AreaShape, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def known(self) -> bool:
        """Whether any area is loaded at all."""
        return bool(self.shapes)

    @cached_property
    def areas(self) -> tuple[Area, ...]:
        """All areas, coarse before fine within a municipality; postcode areas last."""
        return tuple(shape.area for shape in self.shapes)

    @cached_property
    def municipalities(self) -> tuple[str, ...]:
        """Codes of the municipalities, ascending."""
        return tuple(sorted(area.code for area in self.areas if area.level is Level.MUNICIPALITY))

    @cached_property
    def by_code(self) -> Mapping[str, AreaShape]:
        """Area with outline by code."""
        return {shape.area.code: shape for shape in self.shapes}

    def crs_of(self, municipality: str) -> str:
        """The metric coordinate system of a municipality, such as ``EPSG:28992``.

        Raises:
            AreaError: no such municipality is loaded.
        """
        return self._municipality(municipality).crs

    def geometry(self, code: str) -> BaseGeometry:
        """The outline of an area in metres of its municipality's coordinate system; empty where none is known.

        Raises:
            AreaError: no such area is loaded.
        """
        shape = self.by_code.get(code)
        if shape is None:
            message = f"No area with code '{code}' is loaded; see `areas load`."
            raise AreaError(message)
        return shape.geometry

    def outline_lonlat(self, codes: Sequence[str], tolerance_m: float = 25) -> dict[str, object]:
        """A coarse outline around areas together, as a GeoJSON geometry in WGS84 with five decimals.

        Codes that are not loaded, or have no outline, add nothing: what was told of them in an earlier year stays readable. With
        none left the geometry is an empty ``GeometryCollection``.
        """
        by_crs: dict[str, list[BaseGeometry]] = {}
        for code in dict.fromkeys(codes):
            shape = self.by_code.get(code)
            if shape is not None and not shape.geometry.is_empty:
                by_crs.setdefault(shape.crs, []).append(shape.geometry)
        coarse: list[BaseGeometry] = []
        for crs, outlines in sorted(by_crs.items()):
            coarse += project_geometries([unite(outlines).simplify(tolerance_m)], crs, WGS84)
        if not coarse:
            return {"type": "GeometryCollection", "geometries": []}
        outline = shapely.transform(unite(coarse), lambda xy: np.round(xy, OUTLINE_DECIMALS))
        geometry: dict[str, object] = json.loads(shapely.to_geojson(outline))
        return geometry

    def table(self, municipality: str) -> AreaTable:
        """The nested areas of one municipality; row 0 is the municipality, parents stand before children.

        Raises:
            AreaError: no such municipality is loaded.
        """
        cached = self._tables.get(municipality)
        if cached is None:
            around = self._municipality(municipality)
            cached = area_table([shape for shape in self.shapes if shape.area.municipality == municipality], around)
            self._tables[municipality] = cached
        return cached

    def table_or_alone(self, municipality: str) -> AreaTable:
        """Like :meth:`table`; a municipality that is not loaded stands alone, and its communities can still be watched."""
        if municipality in self.municipalities:
            return self.table(municipality)
        alone = Area(municipality, municipality, Level.MUNICIPALITY, None, municipality, 0.0, 0.0)
        return AreaTable((alone,), np.array([NOWHERE], dtype=np.int64), (np.array([], dtype=np.int64),))

    def locate(self, x_m: FloatArray, y_m: FloatArray, crs: str | None = None) -> NDArray[np.object_]:
        """The finest area around each point, shape (n,); an empty text where there is none or a coordinate is no number.

        ``crs`` is the coordinate system of the points; it may be left out where all municipalities share one. A point on a border
        belongs to the area with the lowest code among the finest that touch it.

        Raises:
            AreaError: ``crs`` is missing although the municipalities do not share one.
        """
        x, y = np.asarray(x_m, dtype=np.float64), np.asarray(y_m, dtype=np.float64)
        found: NDArray[np.object_] = np.full(x.shape, "", dtype=object)
        if crs is None and len(self._locators) > 1:
            message = f"Say in which coordinate system the points are; the areas use {', '.join(sorted(self._locators))}."
            raise AreaError(message)
        for name, locator in sorted(self._locators.items()):
            rows = np.flatnonzero(found == "")
            found[rows] = locator.locate(x[rows], y[rows], crs or name)
        return found

    def project(self, lon: FloatArray, lat: FloatArray, municipality: str) -> tuple[FloatArray, FloatArray]:
        """WGS84 degrees as metres of the municipality's coordinate system, both shape (n,); not finite where there is none."""
        return project_points(
            np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64), WGS84, self.crs_of(municipality)
        )

    def municipality_of(self, code: str) -> str | None:
        """The municipality that an area lies in (or is), None for a code that is not loaded."""
        shape = self.by_code.get(code)
        return shape.area.municipality if shape else None

    def resolve(self, text: str) -> str | None:
        """The code of the area that a text means: a code, with or without leading zeros, or a name that only one area bears.

        Where a neighbourhood and the area around it share a name, the name means the coarser of the two.
        """
        wanted = text.strip()
        if wanted in self.by_code:
            return wanted
        return self._spellings.get(_spelling(wanted))

    def by_postcode(self, postcode: str) -> str | None:
        """The finest area that a postcode (``3811 AB`` or ``3811``) lies in, None if it is not known.

        A postcode of six signs that is not in the table falls back to its four figures; four figures that only the table of six
        signs knows give the finest area around all of those.
        """
        plain = plain_postcode(postcode)
        if plain is None:
            return None
        return self._postcodes.get(plain) or self._postcodes.get(plain[:4])

    def merge(self, other: "AreaSet") -> "AreaSet":
        """This set with the areas of another: by code, where the other says something it replaces what stood here.

        A set without outlines (a table of inhabitants) keeps the outlines that stood here; areas are nested again where the two
        together know more levels than each alone.

        Raises:
            AreaError: one code means areas in two municipalities.
        """
        shapes, warnings = merged(self.shapes, other.shapes)
        return AreaSet.of(shapes, (*self.warnings, *other.warnings, *warnings))

    def without(self, municipalities: Collection[str]) -> "AreaSet":
        """The same without the areas of some municipalities."""
        return AreaSet.of((shape for shape in self.shapes if shape.area.municipality not in municipalities), ())

    def to_rows(self) -> list[AreaRow]:
        """The set as rows for the store, outlines as WKB.

        Raises:
            AreaError: areas have no place, as in a table of inhabitants that was not merged into a map.
        """
        return [shape_to_row(shape) for shape in self.shapes]

    @classmethod
    def from_rows(cls, rows: Iterable[Mapping[str, Any]]) -> "AreaSet":
        """The set that :meth:`to_rows` wrote."""
        return cls.of([shape_from_row(row) for row in rows], ())

    @classmethod
    def of(cls, shapes: Iterable[AreaShape], warnings: Iterable[str]) -> "AreaSet":
        """A set in its lasting order."""
        depth = {**DEPTH, Level.POSTCODE: len(DEPTH)}
        ordered = sorted(shapes, key=lambda shape: (shape.area.municipality, depth[shape.area.level], shape.area.code))
        return cls(tuple(_placed(ordered)), tuple(dict.fromkeys(warnings)))

    def _municipality(self, code: str) -> AreaShape:
        shape = self.by_code.get(code)
        if shape is None or shape.area.level is not Level.MUNICIPALITY:
            message = f"No municipality with code '{code}' is loaded; loaded are: {', '.join(self.municipalities) or 'none'}."
            raise AreaError(message)
        return shape

    @cached_property
    def _tables(self) -> dict[str, AreaTable]:
        return {}

    @cached_property
    def _locators(self) -> Mapping[str, Locator]:
        systems = sorted({shape.crs for shape in self.shapes if not shape.geometry.is_empty})
        return {crs: Locator(self.shapes, crs) for crs in systems or [RD]}

    @cached_property
    def _spellings(self) -> Mapping[str, str | None]:
        found: dict[str, str | None] = {}
        for area in self.areas:
            found.setdefault(_spelling(area.code), area.code)
        names: dict[str, str | None] = {}
        for area in self.areas:
            if area.level is Level.POSTCODE:
                continue
            name = _spelling(area.name)
            first = names.setdefault(name, area.code)
            if first is not None and first != area.code and not self._lies_in(area.code, first):
                names[name] = None
        return {**names, **found}

    def _lies_in(self, code: str, around: str) -> bool:
        step: str | None = code
        while step is not None and step != around:
            shape = self.by_code.get(step)
            step = shape.area.parent if shape else None
        return step == around

    @cached_property
    def _postcodes(self) -> Mapping[str, str]:
        found: dict[str, str] = {}
        fours: dict[str, list[str]] = {}
        for area in self.areas:
            if area.level is Level.POSTCODE and area.parent:
                postcode = area.code.removeprefix(POSTCODE_PREFIX)
                found[postcode] = area.parent
                fours.setdefault(postcode[:4], []).append(area.parent)
        for four, parents in fours.items():
            common = self._common(parents)
            if four not in found and common:
                found[four] = common
        return found

    def _common(self, codes: Sequence[str]) -> str | None:
        """The finest area around all of these."""
        paths: list[list[str]] = []
        for code in sorted(set(codes)):
            path: list[str] = []
            step: str | None = code
            while step is not None and step in self.by_code:
                path.append(step)
                step = self.by_code[step].area.parent
            paths.append(path)
        shared = set(paths[0]).intersection(*paths[1:]) if paths else set[str]()
        return next((code for code in paths[0] if code in shared), None) if paths else None


def _placed(shapes: Sequence[AreaShape]) -> list[AreaShape]:
    """Areas without an outline stand where the area around them does: roughly there beats nowhere."""
    found: dict[str, AreaShape] = {}
    for shape in shapes:
        around = found.get(shape.area.parent or "")
        if isnan(shape.area.x_m) and around is not None:
            area = replace(shape.area, x_m=around.area.x_m, y_m=around.area.y_m)
            found[shape.area.code] = replace(shape, area=area)
        else:
            found[shape.area.code] = shape
    return list(found.values())


def _spelling(text: str) -> str:
    """A text as it is compared: no capitals, single spaces, and a number without leading zeros."""
    folded = " ".join(text.casefold().split())
    return folded.lstrip("0") or folded if folded.isdigit() else folded
