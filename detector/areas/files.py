"""Area files as plain tables: GeoJSON and GeoPackage by way of GDAL, tables without outlines as CSV."""

import codecs
import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from shapely.errors import ShapelyError
from shapely.geometry.base import BaseGeometry

from detector.areas.error import AreaError
from detector.areas.shapes import NOTHING, RD, WGS84, metric_or_any, total_bounds

TABLE_ENDINGS = frozenset({".csv", ".txt", ".tsv"})
MAP_ENDINGS = frozenset({".geojson", ".json", ".gpkg", ".fgb", ".shp"})
RD_X_M = (-10_000.0, 300_000.0)
RD_Y_M = (300_000.0, 640_000.0)

Cell = str | int | float | None


@dataclass(frozen=True, eq=False)
class Layer:
    """One table of a file: its columns, equally long, and the outline of each row in ``crs``."""

    name: str
    columns: Mapping[str, Sequence[Cell]]
    geometries: Sequence[BaseGeometry]
    crs: str
    warnings: tuple[str, ...] = ()


def read_layers(path: Path) -> list[Layer]:
    """All tables with outlines in a map file.

    Raises:
        AreaError: it is no map, or none of its tables has outlines, or nobody can tell in which coordinate system they are.
    """
    # Takes pandas along: seconds and memory that no process of the nightly run should spend, as it reads areas from the store.
    import pyogrio  # noqa: PLC0415 - for that reason
    from pyogrio.errors import DataLayerError, DataSourceError  # noqa: PLC0415 - the same

    try:
        listed = [(str(name), kind) for name, kind in pyogrio.list_layers(path)]
        layers = [_read_layer(path, name) for name, kind in listed if kind]
    except (DataSourceError, DataLayerError, ShapelyError) as error:
        message = f"{path.name} cannot be read as a map ({_one_line(error)}); give a GeoJSON or GeoPackage file."
        raise AreaError(message) from error
    filled = [layer for layer in layers if layer.geometries]
    if not filled:
        message = f"{path.name} has no table with outlines in it."
        raise AreaError(message)
    return filled


def _read_layer(path: Path, name: str) -> Layer:
    import pyogrio.raw  # noqa: PLC0415 - as above

    meta, _, outlines, fields = pyogrio.raw.read(path, layer=name)
    columns = {str(column): [_cell(value) for value in values] for column, values in zip(meta["fields"], fields, strict=True)}
    geometries = [NOTHING if outline is None else outline for outline in shapely.from_wkb(outlines)]
    crs, warnings = checked_crs(None if meta["crs"] is None else str(meta["crs"]), geometries, f"{path.name} ({name})")
    return Layer(name, columns, geometries, crs, warnings)


def _cell(value: object) -> Cell:
    """A value as text or number; GDAL's missing numbers are NaN."""
    if value is None or (isinstance(value, float | np.floating) and np.isnan(value)):
        return None
    if isinstance(value, np.generic):
        item = value.item()
        return item if isinstance(item, int | float | str) else str(item)
    return value if isinstance(value, int | float | str) else str(value)


def checked_crs(crs: str | None, geometries: Sequence[BaseGeometry], where: str) -> tuple[str, tuple[str, ...]]:
    """The coordinate system that the numbers bear out, with a warning where the file says something else.

    Raises:
        AreaError: the file says nothing, or something that its numbers contradict, and the numbers do not tell either.
    """
    bounds = total_bounds(geometries)
    if bounds is None:
        return crs or WGS84, ()
    min_x, min_y, max_x, max_y = (float(value) for value in bounds)
    degrees = -180 <= min_x <= max_x <= 180 and -90 <= min_y <= max_y <= 90  # noqa: PLR2004 - degrees on the globe
    metres = RD_X_M[0] <= min_x <= max_x <= RD_X_M[1] and RD_Y_M[0] <= min_y <= max_y <= RD_Y_M[1]
    says_degrees = crs is not None and _in_degrees(crs)
    if crs is not None and says_degrees == degrees:
        return crs, ()
    told = WGS84 if degrees else RD if metres else None
    if told is None:
        message = (
            f"{where} does not say in which coordinate system it is, or its numbers do not fit what it says: they run from "
            f"({min_x:g}, {min_y:g}) to ({max_x:g}, {max_y:g}). Save it with its coordinate system, or as GeoJSON in degrees."
        )
        raise AreaError(message)
    said = f"says {crs}" if crs else "does not say its coordinate system"
    looks = "longitude and latitude" if told == WGS84 else "metres of the Dutch grid"
    return told, (f"{where} {said}, but its numbers are {looks}; it was read as {told}.",)


def _in_degrees(crs: str) -> bool:
    return metric_or_any(crs).is_geographic


def table_rows(path: Path) -> tuple[list[str], Iterator[dict[str, str]]]:
    """Header and rows of a text table; encoding (UTF-8 or Windows) and separator are found out.

    Raises:
        AreaError: it is empty, or no text.
    """
    with path.open("rb") as file:
        head = file.read(65_536)
    if b"\x00" in head or not head.strip():
        message = f"{path.name} is empty or no text; give a CSV file with a header."
        raise AreaError(message)
    encoding = _encoding(path)
    first = head.decode(encoding, errors="replace").splitlines()[0]
    separator = max(";,\t|", key=first.count)

    def rows() -> Iterator[dict[str, str]]:
        try:
            with path.open(encoding=encoding, newline="") as file:
                for row in csv.DictReader(file, delimiter=separator, restval=""):
                    yield {key: value for key, value in row.items() if isinstance(key, str) and isinstance(value, str)}
        except (UnicodeDecodeError, csv.Error) as error:
            message = f"{path.name} cannot be read as a table ({_one_line(error)}); save it as CSV in UTF-8."
            raise AreaError(message) from error

    return next(csv.reader([first], delimiter=separator)), rows()


def _encoding(path: Path) -> str:
    """UTF-8 if all of the file is, else what spreadsheets on Windows write."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    try:
        with path.open("rb") as file:
            while chunk := file.read(1 << 20):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
