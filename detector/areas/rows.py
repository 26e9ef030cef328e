"""An area as a flat row, as the store keeps it."""

from math import isnan
from typing import TypedDict

import shapely

from detector.areas.shapes import AreaShape
from detector.model import Area, Level


class AreaRow(TypedDict):
    """One area; ``x_m``/``y_m`` are None and ``geometry_wkb`` an empty polygon where no outline is known."""

    code: str
    name: str
    level: str
    parent: str | None
    municipality: str
    inhabitants: int | None
    x_m: float | None
    y_m: float | None
    crs: str
    map_year: int | None
    geometry_wkb: bytes


def shape_to_row(shape: AreaShape) -> AreaRow:
    """A shape as a row; SQL has no NaN that every database keeps, so an unknown place is None."""
    area = shape.area
    placed = not isnan(area.x_m)
    return {
        "code": area.code,
        "name": area.name,
        "level": area.level.value,
        "parent": area.parent,
        "municipality": area.municipality,
        "inhabitants": area.inhabitants,
        "x_m": area.x_m if placed else None,
        "y_m": area.y_m if placed else None,
        "crs": shape.crs,
        "map_year": shape.map_year,
        "geometry_wkb": shapely.to_wkb(shape.geometry),
    }


def shape_from_row(row: AreaRow) -> AreaShape:
    """The shape that :func:`shape_to_row` wrote."""
    unknown = float("nan")
    return AreaShape(
        area=Area(
            code=row["code"],
            name=row["name"],
            level=Level(row["level"]),
            parent=row["parent"],
            municipality=row["municipality"],
            x_m=unknown if row["x_m"] is None else row["x_m"],
            y_m=unknown if row["y_m"] is None else row["y_m"],
            inhabitants=row["inhabitants"],
        ),
        geometry=shapely.from_wkb(bytes(row["geometry_wkb"])),
        crs=row["crs"],
        map_year=row["map_year"],
    )
