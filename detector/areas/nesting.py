"""Which area lies in which: by the prefix of CBS codes, by what the file says, else by where most of it lies."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from detector.areas.error import AreaError
from detector.areas.locator import DEPTH
from detector.areas.shapes import NOTHING, AreaShape, inner_point, largest_overlap, overlap_share, unite
from detector.model import Area, Level

_NEIGHBOURHOOD = re.compile(r"BU(\d{4})(\d{2})\d{2}")
_DISTRICT = re.compile(r"WK(\d{4})\d{2}")
_MUNICIPALITY = re.compile(r"GM\d{4}")

MOST = 0.5
"""Share of an area that has to lie in another before it is taken to be a part of it."""
WITHIN = 0.8
"""Share of a postcode area that has to lie in an area before the postcode may stand for it."""


@dataclass(frozen=True, eq=False)
class Draft:
    """An area as a file gives it, before it has its place among the others."""

    code: str
    name: str
    level: Level
    parent: str | None = None
    municipality: str | None = None
    inhabitants: int | None = None
    geometry: BaseGeometry = field(default_factory=lambda: NOTHING)
    map_year: int | None = None


@dataclass(frozen=True)
class Around:
    """What is said of the areas around those in a file: their names by code, and the municipality where the file names none.

    ``implied``: that municipality's code is no more than a guess. ``only_names``: the file names municipalities without codes.
    """

    names: Mapping[str, str]
    municipality_code: str
    municipality_name: str
    implied: bool
    warning: str = ""
    only_names: bool = False


def cbs_level(code: str) -> Level | None:
    """The level that a CBS code tells, None for any other code."""
    if _NEIGHBOURHOOD.fullmatch(code):
        return Level.NEIGHBOURHOOD
    if _DISTRICT.fullmatch(code):
        return Level.DISTRICT
    return Level.MUNICIPALITY if _MUNICIPALITY.fullmatch(code) else None


def cbs_parent(code: str) -> str | None:
    """``WK030701`` for ``BU03070100``, ``GM0307`` for that; None where the code does not tell."""
    match = _NEIGHBOURHOOD.fullmatch(code)
    if match:
        return f"WK{match[1]}{match[2]}"
    match = _DISTRICT.fullmatch(code)
    return f"GM{match[1]}" if match else None


def cbs_municipality(code: str) -> str | None:
    """``GM0307`` for any CBS code in it; None for any other code."""
    return f"GM{code[2:6]}" if cbs_level(code) else None


def nest(drafts: Sequence[Draft], crs: str, around: Around) -> tuple[list[AreaShape], list[str]]:
    """Areas with their parents, and the districts and municipalities that the file only implied, dissolved from their parts.

    Returns the shapes and, in words, what had to be assumed.
    """
    warnings: list[str] = []
    by_code = _one_each(drafts, warnings)
    coarse = [draft for draft in by_code.values() if draft.level in {Level.DISTRICT, Level.MUNICIPALITY}]
    by_code = {code: _with_parent(draft, coarse) for code, draft in by_code.items()}
    by_code = {code: _with_municipality(draft, by_code) for code, draft in by_code.items()}
    homeless = [draft for draft in by_code.values() if draft.municipality is None]
    if homeless:
        if around.warning:
            warnings.append(around.warning)
        by_code |= {draft.code: replace(draft, municipality=around.municipality_code) for draft in homeless}
    shapes = {draft.code: _shape(draft, crs) for draft in by_code.values()}
    _add_implied(shapes, list(by_code.values()), crs, around)
    for shape in shapes.values():
        _check_parent(shape, shapes)
    return renest(shapes.values()), warnings


def _add_implied(shapes: dict[str, AreaShape], drafts: Sequence[Draft], crs: str, around: Around) -> None:
    """Add the districts and municipalities that are mentioned and not described."""
    inside: dict[str, list[Draft]] = {}
    for draft in drafts:
        if draft.level is Level.NEIGHBOURHOOD and draft.parent and draft.parent != draft.municipality:
            inside.setdefault(draft.parent, []).append(draft)
    for code, parts in inside.items():
        if code not in shapes:
            shapes[code] = _dissolved(code, Level.DISTRICT, parts, crs, around)
    inside = {}
    for draft in drafts:
        inside.setdefault(draft.municipality or draft.code, []).append(draft)
    for code, parts in inside.items():
        if code not in shapes:
            shapes[code] = _dissolved(code, Level.MUNICIPALITY, parts, crs, around)


def _check_parent(shape: AreaShape, shapes: Mapping[str, AreaShape]) -> None:
    """Refuse an area that lies in one of its own level or a finer one.

    Raises:
        AreaError: it does.
    """
    area = shape.area
    around = shapes[area.municipality].area
    if around.level is not Level.MUNICIPALITY:
        message = f"'{around.code}' is named as a municipality and also stands in the file as a {around.level.value}."
        raise AreaError(message)
    parent = shapes.get(area.parent or "")
    if parent is not None and DEPTH.get(area.level, len(DEPTH)) <= DEPTH.get(parent.area.level, len(DEPTH)):
        message = (
            f"Area '{area.code}', a {area.level.value}, is said to lie in '{parent.area.code}', a {parent.area.level.value}. "
            "Check the levels and the column with the area around it."
        )
        raise AreaError(message)


def renest(shapes: Iterable[AreaShape]) -> list[AreaShape]:
    """Put each neighbourhood in a district and each postcode area in the finest area around it, where outlines tell.

    A neighbourhood that already has a district keeps it; one whose parent is the municipality gets the district that most of it
    lies in. A postcode area stands for the finest area that holds nearly all of it, else for the municipality with most of it.
    """
    known = list(shapes)
    districts = _Holders([shape for shape in known if shape.area.level is Level.DISTRICT])
    result: list[AreaShape] = []
    for shape in known:
        area = shape.area
        if area.level is Level.NEIGHBOURHOOD and area.parent == area.municipality:
            around = districts.around(shape, MOST, municipality=area.municipality)
            result.append(replace(shape, area=replace(area, parent=around.area.code)) if around else shape)
        else:
            result.append(shape)
    if not any(shape.area.level is Level.POSTCODE and not shape.geometry.is_empty for shape in result):
        return result
    return _nest_postcodes(result, districts)


def _nest_postcodes(shapes: Sequence[AreaShape], districts: "_Holders") -> list[AreaShape]:
    neighbourhoods = _Holders([shape for shape in shapes if shape.area.level is Level.NEIGHBOURHOOD])
    municipalities = _Holders([shape for shape in shapes if shape.area.level is Level.MUNICIPALITY])
    result: list[AreaShape] = []
    for shape in shapes:
        around = None
        if shape.area.level is Level.POSTCODE and not shape.geometry.is_empty:
            around = (
                neighbourhoods.around(shape, WITHIN)
                or districts.around(shape, WITHIN)
                or municipalities.around(shape, at_least=0)
            )
        if around is None:
            result.append(shape)
        else:
            area = replace(shape.area, parent=around.area.code, municipality=around.area.municipality)
            result.append(replace(shape, area=area))
    return result


class _Holders:
    """Areas that others may lie in, by spatial index."""

    def __init__(self, shapes: Sequence[AreaShape]) -> None:
        self._shapes = [shape for shape in shapes if not shape.geometry.is_empty]
        self._tree = shapely.STRtree(np.array([shape.geometry for shape in self._shapes], dtype=object))

    def around(self, shape: AreaShape, at_least: float, municipality: str | None = None) -> AreaShape | None:
        """The area that holds most of a shape and at least that share, of one municipality if it is named."""
        if shape.geometry.is_empty:
            return None
        near = [self._shapes[row] for row in self._tree.query(shape.geometry)]
        fitting = [
            other
            for other in near
            if other.crs == shape.crs and (municipality is None or other.area.municipality == municipality)
        ]
        return largest_overlap(shape.geometry, fitting, at_least)


def _one_each(drafts: Sequence[Draft], warnings: list[str]) -> dict[str, Draft]:
    """One draft a code: an area in several rows is one area in several pieces."""
    rows: dict[str, list[Draft]] = {}
    for draft in drafts:
        rows.setdefault(draft.code, []).append(draft)
    several = sorted(code for code, same in rows.items() if len(same) > 1)
    if several:
        warnings.append(f"{len(several)} areas stand in several rows and were put together, among them {several[0]}.")
    result = {}
    for code, same in rows.items():
        if {draft.level for draft in same} != {same[0].level}:
            message = f"Code '{code}' is used for areas of different levels; codes have to be unique."
            raise AreaError(message)
        known = [draft.inhabitants for draft in same if draft.inhabitants is not None]
        # Each row of a multi-part area repeats the figure of the whole area.
        result[code] = replace(
            same[0],
            geometry=unite(draft.geometry for draft in same) if len(same) > 1 else same[0].geometry,
            inhabitants=max(known, default=None),
        )
    return result


def _with_parent(draft: Draft, coarse: Sequence[Draft]) -> Draft:
    if draft.level is Level.MUNICIPALITY:
        return replace(draft, parent=None, municipality=draft.code)
    if draft.parent:
        return draft
    return replace(draft, parent=cbs_parent(draft.code) or _container(draft, coarse))


def _container(draft: Draft, coarse: Sequence[Draft]) -> str | None:
    """The area of the next level up in the same file that holds most of this one."""
    for level in (Level.DISTRICT, Level.MUNICIPALITY):
        if draft.level is level:
            continue
        best, most = None, MOST
        for other in coarse:
            if other.level is level and draft.geometry.intersects(other.geometry):
                share = overlap_share(draft.geometry, other.geometry)
                if share >= most:
                    best, most = other.code, share
        if best:
            return best
    return None


def _with_municipality(draft: Draft, by_code: Mapping[str, Draft]) -> Draft:
    code = draft.municipality or cbs_municipality(draft.code)
    step, seen = draft, {draft.code}
    while code is None and step.parent and step.parent in by_code and step.parent not in seen:
        step = by_code[step.parent]
        seen.add(step.code)
        code = step.municipality or cbs_municipality(step.code)
        if step.level is Level.MUNICIPALITY:
            code = step.code
    return replace(draft, municipality=code)


def _shape(draft: Draft, crs: str) -> AreaShape:
    x_m, y_m = inner_point(draft.geometry)
    municipality = draft.municipality or draft.code
    area = Area(
        code=draft.code,
        name=draft.name,
        level=draft.level,
        parent=None if draft.level is Level.MUNICIPALITY else draft.parent or municipality,
        municipality=municipality,
        x_m=x_m,
        y_m=y_m,
        inhabitants=draft.inhabitants,
    )
    return AreaShape(area, draft.geometry, crs, draft.map_year)


def sum_of_known(parts: Iterable[int | None]) -> int | None:
    """The inhabitants of the parts whose figure is known: a lower bound where some are not, None where none is."""
    known = [part for part in parts if part is not None]
    return sum(known) if known else None


def _dissolved(code: str, level: Level, parts: Sequence[Draft], crs: str, around: Around) -> AreaShape:
    """An area that no row describes, put together from those in it (one level of them, so that nobody counts twice)."""
    finest = [part for part in parts if part.level is not Level.POSTCODE] or list(parts)
    levels = {part.level for part in finest}
    pieces = [part for part in finest if part.level is (Level.DISTRICT if Level.DISTRICT in levels else finest[0].level)]
    draft = Draft(
        code=code,
        name=around.names.get(code) or (around.municipality_name if code == around.municipality_code else code),
        level=level,
        parent=None if level is Level.MUNICIPALITY else parts[0].municipality,
        municipality=parts[0].municipality,
        inhabitants=sum_of_known(part.inhabitants for part in pieces),
        geometry=unite(part.geometry for part in finest),
        map_year=max((part.map_year for part in parts if part.map_year), default=None),
    )
    implied = level is Level.MUNICIPALITY and (around.only_names or (around.implied and code == around.municipality_code))
    return replace(_shape(draft, crs), derived=True, implied=implied)
