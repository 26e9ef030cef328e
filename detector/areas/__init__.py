"""Nested areas: reading and fetching them, point to area, neighbours, metres."""

from detector.areas.areaset import AreaSet
from detector.areas.columns import AreaColumns
from detector.areas.error import AreaError
from detector.areas.pdok import NEWEST_KNOWN_YEAR, PDOK_URL, fetch_areas
from detector.areas.reading import read_areas
from detector.areas.rows import AreaRow

__all__ = [
    "NEWEST_KNOWN_YEAR",
    "PDOK_URL",
    "AreaColumns",
    "AreaError",
    "AreaRow",
    "AreaSet",
    "fetch_areas",
    "read_areas",
]
