"""An area as a flat row, as the store keeps it."""

from collections.abc import Mapping
from math import isnan
from typing import Any, TypedDict

import shapely

from detector.areas.error import AreaError
from detector.areas.shapes import NOTHING, AreaShape
from detector.model import Area, Level


class AreaRow(TypedDict):
    """One area; ``geometry_wkb`` is an empty polygon where no outline is known."""

    code: str
    name: str
    level: str
    parent: str | None
    municipality: str
    inhabitants: int | None
    x_m: float
    y_m: float
    crs: str
    map_year: int | None
    geometry_wkb: bytes


def shape_to_row(shape: AreaShape) -> AreaRow:
    """A shape as a row.

    Raises:
        AreaError: nobody knows where the area is; a detector could do nothing with it.
    """
    area = shape.area
    if isnan(area.x_m) or isnan(area.y_m):
        message = f"Area {area.code} has no outline, nor has any area around it. Load a map of the areas first, then this table."
        raise AreaError(message)
    return {
        "code": area.code,
        "name": area.name,
        "level": area.level.value,
        "parent": area.parent,
        "municipality": area.municipality,
        "inhabitants": area.inhabitants,
        "x_m": area.x_m,
        "y_m": area.y_m,
        "crs": shape.crs,
        "map_year": shape.map_year,
        "geometry_wkb": shapely.to_wkb(shape.geometry),
    }


def shape_from_row(row: Mapping[str, Any]) -> AreaShape:
    """The shape that :func:`shape_to_row` wrote; a database hands rows back as mappings of whatever its driver makes."""
    return AreaShape(
        area=Area(
            code=row["code"],
            name=row["name"],
            level=Level(row["level"]),
            parent=row["parent"],
            municipality=row["municipality"],
            x_m=float(row["x_m"]),
            y_m=float(row["y_m"]),
            inhabitants=row["inhabitants"],
        ),
        geometry=shapely.from_wkb(bytes(row["geometry_wkb"])) if row["geometry_wkb"] else NOTHING,
        crs=row["crs"],
        map_year=row["map_year"],
    )
