"""Nested areas: reading them, point to area, neighbours, metres; ``pdok`` fetches them, and loads its client for it."""

from detector.areas.areaset import AreaSet
from detector.areas.columns import AreaColumns
from detector.areas.error import AreaError
from detector.areas.reading import read_areas
from detector.areas.rows import AreaRow

__all__ = ["AreaColumns", "AreaError", "AreaRow", "AreaSet", "read_areas"]
