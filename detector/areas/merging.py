"""Two sets of areas become one: by code, without losing an outline or a figure that only one of them has."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from shapely.geometry.base import BaseGeometry

from detector.areas.error import AreaError
from detector.areas.nesting import MOST, renest, sum_of_known
from detector.areas.shapes import AreaShape, inner_point, largest_overlap, project_geometries
from detector.model import Area, Level

SAME_SHARE = 1e-3
"""An outline whose surface differs by less from its parts' together is made of those parts."""


def merged(ours: Sequence[AreaShape], theirs: Sequence[AreaShape]) -> tuple[list[AreaShape], list[str]]:
    """Our areas with theirs, and in words what was left out.

    Raises:
        AreaError: one code means areas in two municipalities.
    """
    if not ours or not theirs:
        return list(ours or theirs), []
    warnings: list[str] = []
    ours = _rehomed(ours, theirs)
    theirs = _in_our_metres(_rehomed(theirs, ours), ours)
    theirs = _worth_adding(ours, theirs, warnings)
    result = {shape.area.code: shape for shape in ours}
    united, summed = _made_of_parts(ours)
    for shape in theirs:
        code = shape.area.code
        old = result.get(code)
        result[code] = _combined(old, shape, fresh_outline=code in united) if old else shape
    nested = renest(_pruned(result, warnings))
    stated = {shape.area.code for shape in theirs if not shape.derived and shape.area.inhabitants is not None}
    return _summed(nested, summed - stated), warnings


def _rehomed(shapes: Sequence[AreaShape], others: Sequence[AreaShape]) -> Sequence[AreaShape]:
    """Areas of a municipality that was only assumed, put in the real one that the other set knows: by name, else by place."""
    assumed = {shape.area.code: shape for shape in shapes if shape.implied}
    real = [shape for shape in others if shape.area.level is Level.MUNICIPALITY and not shape.implied]
    if not assumed or not real:
        return shapes
    by_name = {shape.area.name.casefold(): shape for shape in real}
    home: dict[str, AreaShape] = {}
    for shape in shapes:
        around = assumed.get(shape.area.municipality)
        if around is None or shape.implied:
            continue
        named = by_name.get(around.area.name.casefold())
        fitting = [other for other in real if other.crs == shape.crs]
        found = named or largest_overlap(shape.geometry, fitting, MOST)
        if found:
            home[shape.area.code] = found
    left = {shape.area.municipality for shape in shapes if not shape.implied and shape.area.code not in home}
    result: list[AreaShape] = []
    for shape in shapes:
        area, found = shape.area, home.get(shape.area.code)
        if found:
            parent = found.area.code if area.parent in assumed else area.parent
            result.append(replace(shape, area=replace(area, municipality=found.area.code, parent=parent)))
        elif not shape.implied or area.code in left:
            result.append(shape)
    return result


def _in_our_metres(theirs: Sequence[AreaShape], ours: Sequence[AreaShape]) -> list[AreaShape]:
    """Their areas in the coordinate system that we already use for the municipality."""
    systems = {shape.area.municipality: shape.crs for shape in ours if shape.area.level is Level.MUNICIPALITY}
    result: list[AreaShape] = []
    for shape in theirs:
        crs = systems.get(shape.area.municipality, shape.crs)
        if crs != shape.crs:
            outline = project_geometries([shape.geometry], shape.crs, crs)[0]
            shape = _with_outline(replace(shape, crs=crs), outline)  # noqa: PLW2901 - the same area, in other metres
        result.append(shape)
    return result


def _worth_adding(ours: Sequence[AreaShape], theirs: Sequence[AreaShape], warnings: list[str]) -> list[AreaShape]:
    """Theirs without rows that neither have an outline nor update one of ours: a table of a whole region, say."""
    placed = any(not shape.geometry.is_empty for shape in ours)
    known = {shape.area.code: shape for shape in ours}
    kept: list[AreaShape] = []
    left_out: list[str] = []
    for shape in theirs:
        area, old = shape.area, known.get(shape.area.code)
        if old and old.area.municipality != area.municipality and area.level is not Level.POSTCODE:
            message = (
                f"Code '{area.code}' is an area in {old.area.municipality} and in {area.municipality}. "
                "Name the right municipality, or give the areas codes that are unique over all municipalities."
            )
            raise AreaError(message)
        if placed and old is None and shape.geometry.is_empty and area.level is not Level.POSTCODE:
            if not shape.derived:
                left_out.append(area.code)
        else:
            kept.append(shape)
    if left_out:
        warnings.append(
            f"{len(left_out)} areas without an outline are not among the loaded ones and were left out: {_some(left_out)}."
        )
    return kept


def _pruned(result: Mapping[str, AreaShape], warnings: list[str]) -> list[AreaShape]:
    """Without postcodes that lie in no loaded area."""
    kept: list[AreaShape] = []
    left_out: list[str] = []
    for code, shape in result.items():
        if shape.area.level is Level.POSTCODE and shape.geometry.is_empty and shape.area.parent not in result:
            left_out.append(code)
        else:
            kept.append(shape)
    if left_out:
        warnings.append(f"{len(left_out)} postcodes lie in no loaded area and were left out: {_some(left_out)}.")
    return kept


def _some(codes: Sequence[str]) -> str:
    return ", ".join(codes[:3]) + (", ..." if len(codes) > 3 else "")  # noqa: PLR2004 - three are enough to see what it is


def _combined(old: AreaShape, new: AreaShape, *, fresh_outline: bool) -> AreaShape:
    """One area from what both sets say of it; the new one has the last word unless it was only derived."""
    named = new.area.name != new.area.code and (not new.derived or old.area.name == old.area.code)
    inhabitants = new.area.inhabitants
    if inhabitants is None or (new.derived and old.area.inhabitants is not None):
        inhabitants = old.area.inhabitants
    # A row that names only the municipality does not undo a finer parent.
    keeps_parent = new.derived or new.area.parent in {None, new.area.municipality}
    area = Area(
        code=old.area.code,
        name=new.area.name if named else old.area.name,
        level=new.area.level,
        parent=old.area.parent if keeps_parent and old.area.parent else new.area.parent,
        municipality=new.area.municipality,
        x_m=old.area.x_m,
        y_m=old.area.y_m,
        inhabitants=inhabitants,
    )
    shape = replace(
        old,
        area=area,
        map_year=new.map_year or old.map_year,
        derived=old.derived and new.derived,
        implied=old.implied and new.implied,
    )
    takes_outline = not new.geometry.is_empty and (old.geometry.is_empty or not new.derived or fresh_outline)
    return _with_outline(replace(shape, crs=new.crs), new.geometry) if takes_outline else shape


def _with_outline(shape: AreaShape, outline: BaseGeometry) -> AreaShape:
    x_m, y_m = inner_point(outline)
    return replace(shape, geometry=outline, area=replace(shape.area, x_m=x_m, y_m=y_m))


def _children(shapes: Iterable[AreaShape]) -> dict[str, list[AreaShape]]:
    children: dict[str, list[AreaShape]] = {}
    for shape in shapes:
        if shape.area.parent and shape.area.level is not Level.POSTCODE:
            children.setdefault(shape.area.parent, []).append(shape)
    return children


def _made_of_parts(shapes: Sequence[AreaShape]) -> tuple[set[str], set[str]]:
    """Codes of areas whose outline is the union of their parts, and of those whose inhabitants are their sum (or unknown)."""
    children = _children(shapes)
    united: set[str] = set()
    summed: set[str] = set()
    for shape in shapes:
        parts = children.get(shape.area.code, [])
        surface = shape.geometry.area
        if parts and abs(surface - sum(part.geometry.area for part in parts)) <= SAME_SHARE * surface:
            united.add(shape.area.code)
        if shape.area.inhabitants in {None, sum_of_known(part.area.inhabitants for part in parts)}:
            summed.add(shape.area.code)
    return united, summed


def _summed(shapes: Sequence[AreaShape], codes: set[str]) -> list[AreaShape]:
    """Figures that were the sum of their parts stay so: districts first, then municipalities."""
    result = {shape.area.code: shape for shape in shapes}
    for level in (Level.DISTRICT, Level.MUNICIPALITY):
        children = _children(result.values())
        for code, shape in list(result.items()):
            parts = children.get(code, [])
            total = sum_of_known(part.area.inhabitants for part in parts)
            if shape.area.level is level and total is not None and (code in codes or shape.derived):
                result[code] = replace(shape, area=replace(shape.area, inhabitants=total))
    return list(result.values())
