"""From an area file to a set of areas: recognise, repair, project, nest."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import shapely
from pyproj.aoi import AreaOfInterest
from pyproj.database import query_utm_crs_info
from shapely.geometry.base import BaseGeometry

from detector.areas.areaset import AreaSet
from detector.areas.columns import AreaColumns, Recognised, level_word, recognise
from detector.areas.error import AreaError
from detector.areas.files import MAP_ENDINGS, TABLE_ENDINGS, Cell, Layer, read_layers, table_rows
from detector.areas.nesting import Around, Draft, cbs_level, nest
from detector.areas.postcodes import postcode_area_code
from detector.areas.shapes import (
    RD,
    WGS84,
    metric_or_any,
    polygonal,
    project_geometries,
    project_points,
    require_metric,
    total_bounds,
)
from detector.areas.tables import postcode_drafts, table_layer
from detector.model import FloatArray, Level

_CBS_DIGITS: Mapping[Level, tuple[str, int]] = {
    Level.NEIGHBOURHOOD: ("BU", 8),
    Level.DISTRICT: ("WK", 6),
    Level.MUNICIPALITY: ("GM", 4),
}


def read_areas(path: Path | str, columns: AreaColumns | None = None, default_level: Level | str | None = None) -> AreaSet:
    """Read areas from GeoJSON or GeoPackage, or figures and postcodes from CSV.

    Columns of CBS and PDOK files are recognised without being named. Districts and municipalities that the file only mentions are
    dissolved from what lies in them; where it mentions no municipality, one around all is taken from the file's name, and the
    set's ``warnings`` say so. A CSV of inhabitants, or of postcodes with the neighbourhoods they lie in, has no outlines: merge
    it into a set that has them.

    Args:
        path: the file; a GeoPackage may hold several levels, one a table.
        columns: names of columns that are not recognised, the municipality, and the coordinate system for distances.
        default_level: the level of areas whose file does not tell; neighbourhood if not given.

    Raises:
        AreaError: the file cannot be used; the message says which columns there are and what to do.
    """
    path, columns = Path(path), columns or AreaColumns()
    level = level_word(default_level) if default_level is not None else Level.NEIGHBOURHOOD
    if not path.is_file():
        message = f"There is no area file {path.name} at that place."
        raise AreaError(message)
    ending = path.suffix.casefold()
    if ending in TABLE_ENDINGS:
        return _read_table(path, columns, level)
    if ending not in MAP_ENDINGS:
        message = f"{path.name}: areas are read from GeoJSON (.geojson, .json), GeoPackage (.gpkg) and CSV, not from '{ending}'."
        raise AreaError(message)
    return areas_from_layers(read_layers(path), columns, level, path.stem, path.name)


def areas_from_layers(layers: Sequence[Layer], columns: AreaColumns, level: Level, stem: str, where: str) -> AreaSet:
    """One set from the tables of a source; ``stem`` is what a municipality without a name is called after.

    Raises:
        AreaError: none of the tables holds areas.
    """
    found: AreaSet | None = None
    problem: AreaError | None = None
    for layer in layers:
        try:
            areas = _from_layer(layer, columns, level, stem, where)
        except AreaError as error:
            # A GeoPackage may hold other tables beside the areas; only if none will do is that worth an error.
            problem = problem or error
            continue
        found = areas if found is None else found.merge(areas)
    if found is None:
        raise problem or AreaError(f"{where} holds no areas.")
    return found


def _from_layer(layer: Layer, columns: AreaColumns, level: Level, stem: str, where: str) -> AreaSet:
    known = recognise(list(layer.columns), columns, where)
    if columns.municipality_code and known.municipality is None:
        known = replace(known, municipality_name=None)
    outlines, warnings = _repaired(layer.geometries, where)
    crs, crs_warnings = _target_crs(layer, columns.crs)
    outlines = project_geometries(outlines, layer.crs, crs)
    if not np.isfinite(shapely.get_coordinates(np.array(outlines, dtype=object))).all():
        message = f"{where}: the areas do not lie where {crs} is valid; name the coordinate system (in metres) of your region."
        raise AreaError(message)
    drafts, draft_warnings = _drafts(layer, outlines, known, level=level, stem=stem, where=where)
    shapes, nest_warnings = nest(drafts, crs, _around(layer, known, columns, stem))
    return AreaSet.of(shapes, [*layer.warnings, *warnings, *crs_warnings, *draft_warnings, *nest_warnings])


def _read_table(path: Path, columns: AreaColumns, level: Level) -> AreaSet:
    header, rows = table_rows(path)
    drafts = postcode_drafts(header, rows, path.name)
    crs = columns.crs or RD
    if drafts is None:
        layer = table_layer(header, rows, path.stem)
        known = recognise(header, columns, path.name)
        found, warnings = _drafts(layer, layer.geometries, known, level=level, stem=path.stem, where=path.name)
        shapes, more = nest(found, crs, _around(layer, known, columns, path.stem))
        return AreaSet.of(shapes, [*warnings, *more])
    shapes, warnings = nest(drafts, crs, _named_after(columns, path.stem, {}))
    return AreaSet.of([shape for shape in shapes if shape.area.level is Level.POSTCODE], warnings)


def _drafts(
    layer: Layer, outlines: Sequence[BaseGeometry], known: Recognised, *, level: Level, stem: str, where: str
) -> tuple[list[Draft], list[str]]:
    """A draft for each row with a code; water and rows without a code are left out, and said to be."""
    year = re.search(r"(?:19|20)\d\d", stem)
    drafts: list[Draft] = []
    water = nameless = 0
    for row, outline in enumerate(outlines):
        cells = {column: values[row] for column, values in layer.columns.items()}
        raw = _text(cells, known.code)
        if _text(cells, known.water).casefold() in {"ja", "yes", "true", "j"}:
            water += 1
        elif not raw:
            nameless += 1
        else:
            own = level_word(_text(cells, known.level)) if _text(cells, known.level) else known.fixed_level
            own = own or cbs_level(raw) or level
            code = _code(raw, own, where)
            drafts.append(
                Draft(
                    code=code,
                    name=_text(cells, known.name) or raw,
                    level=own,
                    parent=_parent(cells, known, own),
                    municipality=_municipality(cells, known) if own is not Level.MUNICIPALITY else code,
                    inhabitants=_count(cells.get(known.inhabitants or ""), f"{where}, area {raw}"),
                    geometry=outline,
                    map_year=_year(cells, known) or (int(year[0]) if year else None),
                )
            )
    if not drafts:
        message = f"{where}: no row has a code in column '{known.code}'. The columns are: {', '.join(layer.columns)}."
        raise AreaError(message)
    warnings = [f"{where}: {water} areas of water were left out."] if water else []
    if nameless:
        warnings.append(f"{where}: {nameless} rows without a code in '{known.code}' were left out.")
    return drafts, warnings


def _code(raw: str, level: Level, where: str) -> str:
    """The area's code; CBS numbers without their letters get them, postcodes get PC."""
    if level is Level.POSTCODE:
        code = postcode_area_code(raw)
        if code is None:
            message = f"{where}: '{raw}' is not a postcode of four figures, or four figures and two letters."
            raise AreaError(message)
        return code
    return raw


def cbs_code(text: str, level: Level) -> str:
    """``03070100`` as ``BU03070100``; anything else as it is."""
    letters, digits = _CBS_DIGITS.get(level, ("", 0))
    return letters + text.zfill(digits) if letters and text.isdigit() and len(text) in {digits, digits - 1} else text


def _parent(cells: Mapping[str, Cell], known: Recognised, level: Level) -> str | None:
    if level is Level.MUNICIPALITY:
        return None
    parent = _text(cells, known.parent)
    if not parent and level is Level.NEIGHBOURHOOD:
        parent = cbs_code(_text(cells, known.district), Level.DISTRICT)
    return parent or None


def _municipality(cells: Mapping[str, Cell], known: Recognised) -> str | None:
    return cbs_code(_text(cells, known.municipality), Level.MUNICIPALITY) or _text(cells, known.municipality_name) or None


def _around(layer: Layer, known: Recognised, columns: AreaColumns, stem: str) -> Around:
    names: dict[str, str] = {}
    for row in range(len(layer.geometries)):
        cells = {column: values[row] for column, values in layer.columns.items()}
        for level, code, name in (
            (Level.DISTRICT, known.district, known.district_name),
            (Level.MUNICIPALITY, known.municipality, known.municipality_name),
        ):
            if _text(cells, code) and _text(cells, name):
                names.setdefault(cbs_code(_text(cells, code), level), _text(cells, name))
    only_names = known.municipality is None and known.municipality_name is not None
    return replace(_named_after(columns, stem, names), only_names=only_names)


def _named_after(columns: AreaColumns, stem: str, names: Mapping[str, str]) -> Around:
    code = columns.municipality_code or columns.municipality_name or stem
    name = columns.municipality_name or columns.municipality_code or stem.replace("_", " ").strip()
    if columns.municipality_code or columns.municipality_name:
        return Around(names, code, name, implied=columns.municipality_code is None)
    warning = f"The areas name no municipality; they were put in one called '{name}' after the file. Name it to change that."
    return Around(names, code, name, implied=True, warning=warning)


def _text(cells: Mapping[str, Cell], column: str | None) -> str:
    value = cells.get(column) if column else None
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


def _year(cells: Mapping[str, Cell], known: Recognised) -> int | None:
    match = re.match(r"(?:19|20)\d\d", _text(cells, known.year))
    return int(match[0]) if match else None


def _count(value: Cell, where: str) -> int | None:
    """Inhabitants as a number; CBS writes what it does not tell as -99997 and the like.

    Raises:
        AreaError: it is no number.
    """
    text = "" if value is None else str(value).strip()
    if text.casefold() in {"", ".", "-", "nan", "null", "none", "x"}:
        return None
    try:
        number = float(text)
    except ValueError as error:
        message = f"{where}: '{text[:20]}' is not a number of inhabitants; write figures only."
        raise AreaError(message) from error
    return round(number) if 0 <= number < float("inf") else None


def _repaired(outlines: Sequence[BaseGeometry], where: str) -> tuple[list[BaseGeometry], list[str]]:
    """Polygons that do not cross themselves; points and lines are refused."""
    flat = shapely.force_2d(np.array(list(outlines), dtype=object))
    wrong = sorted(
        {outline.geom_type for outline in flat if outline.geom_type in {"Point", "LineString", "MultiPoint", "MultiLineString"}}
    )
    if wrong:
        message = f"{where}: an area needs a polygon, and here is a {wrong[0]}."
        raise AreaError(message)
    warnings: list[str] = []
    broken = int((~shapely.is_valid(flat)).sum())
    if broken:
        warnings.append(f"{where}: {broken} outlines crossed themselves and were repaired.")
        flat = shapely.make_valid(flat)
    empty = int(shapely.is_empty(flat).sum())
    if empty:
        warnings.append(f"{where}: {empty} areas have no outline; no point will be found in them.")
    return [polygonal(outline) for outline in flat], warnings


def _target_crs(layer: Layer, wanted: str | None) -> tuple[str, tuple[str, ...]]:
    """The coordinate system for distances: the one asked for, the Dutch grid in the Netherlands, else the UTM zone."""
    bounds = total_bounds(layer.geometries)
    if bounds is None:
        return wanted or RD, ()
    lon, lat = _middle(bounds, layer.crs)
    if wanted is not None:
        require_metric(wanted)
        use = metric_or_any(wanted).area_of_use
        # Two degrees of grace: a zone is still good a little beside itself.
        if use and not (use.west - 2 <= lon <= use.east + 2 and use.south - 2 <= lat <= use.north + 2):
            message = f"{wanted} is for {use.name}, and the areas lie around longitude {lon:.2f}, latitude {lat:.2f}."
            raise AreaError(message)
        return wanted, ()
    use = metric_or_any(RD).area_of_use
    if use and use.west <= lon <= use.east and use.south <= lat <= use.north:
        return RD, ()
    zones = query_utm_crs_info("WGS 84", AreaOfInterest(lon, lat, lon, lat))
    if not zones:
        message = f"No coordinate system in metres is known for longitude {lon:.2f}, latitude {lat:.2f}; name one."
        raise AreaError(message)
    crs = f"EPSG:{zones[0].code}"
    return crs, (f"The areas lie outside the Netherlands; distances are measured in {crs}. Name another if you want it.",)


def _middle(bounds: FloatArray, crs: str) -> tuple[float, float]:
    x, y = project_points(
        np.array([(bounds[0] + bounds[2]) / 2]), np.array([(bounds[1] + bounds[3]) / 2]), metric_or_any(crs).to_string(), WGS84
    )
    return float(x[0]), float(y[0])
