"""Nested areas: reading and fetching them, point to area, neighbours, metres."""

from detector.areas.areaset import AreaSet
from detector.areas.columns import AreaColumns
from detector.areas.error import AreaError
from detector.areas.reading import read_areas
from detector.areas.rows import AreaRow

__all__ = ["AreaColumns", "AreaError", "AreaRow", "AreaSet", "read_areas"]
