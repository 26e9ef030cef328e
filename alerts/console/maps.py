"""What a map on a page shows: outlines of areas, and patterns as shapes with their counts in bands; data for ``map.js``."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import shapely
from shapely.geometry import mapping, shape

from alerts.areas import MUNICIPALITY
from alerts.console.assets import asset
from alerts.kept import Drawn
from alerts.pattern import Band

POINTS_AT_MOST: Final = 400
"""Corners that a shape has at most: the page carries them all, and the map is no survey."""

_TOLERANCES_DEG: Final = (0.0002, 0.0005, 0.001, 0.002, 0.005)
_DECIMALS: Final = 5
_OUTLINES_KEPT: Final = 2_000
_SECOND_BAND_FROM: Final = 6
_THIRD_BAND_FROM: Final = 11


@dataclass(frozen=True, slots=True)
class Shape:
    """A pattern on the map: the alert it belongs to, its areas as GeoJSON, its count, and what it is called aloud."""

    alert_id: str
    geometry: Mapping[str, Any]
    observed: Band | None
    title: str


@dataclass(frozen=True, slots=True)
class Tiles:
    """A background from elsewhere: a URL with ``{z}``, ``{x}`` and ``{y}``, and whom to name for it."""

    url: str
    attribution: str

    @property
    def origin(self) -> str:
        """The host that pages must be allowed to load from."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"


@dataclass(frozen=True, slots=True)
class MapView:
    """A map for a page. ``data`` is JSON for the script; ``title`` what a screen reader calls it; ``small``: on a narrow page."""

    data: str
    title: str
    shapes: int
    small: bool = False


def map_view(
    shapes: Sequence[Shape],
    municipalities: Sequence[str],
    title: str,
    *,
    tiles: Tiles | None = None,
    around_shapes: bool = False,
    only_outlines: bool = False,
    small: bool = False,
) -> MapView:
    """The map of these patterns in these municipalities.

    ``around_shapes``: it opens on the patterns, not on the whole municipality. ``only_outlines``: of the areas it shows the
    municipalities alone, as for many of them at once.
    """
    level = f"?level={MUNICIPALITY}" if only_outlines else ""
    data = {
        "title": title,
        "worker": asset("map-worker.js"),
        "areas": [f"/areas/{code}{level}" for code in municipalities],
        "fit": "shapes" if around_shapes else "areas",
        "tiles": None if tiles is None else {"url": tiles.url, "attribution": tiles.attribution},
    }
    features = ",".join(map(_feature, shapes))
    return MapView(f'{_for_a_page(data)[:-1]},"shapes":[{features}]}}', title, len(shapes), small)


def band_class(band: Band | None) -> str:
    """The class of colour of a count: ``1`` few, ``2``, ``3`` many; ``unknown`` where it may not be told."""
    if band is None:
        return "unknown"
    return "3" if band.low >= _THIRD_BAND_FROM else "2" if band.low >= _SECOND_BAND_FROM else "1"


def band_sign(band: Band | None) -> str:
    """A count as short as it goes: ``3–5``, ``>10``, ``?``."""
    if band is None:
        return "?"
    if band.high is None:
        return f">{band.low - 1}"
    return str(band.low) if band.low == band.high else f"{band.low}–{band.high}"


def coarse(geometry: Mapping[str, Any]) -> dict[str, Any]:
    """The same outline with fewer corners, coordinates to about a metre."""
    coordinates = geometry.get("coordinates")
    if coordinates and _corners(coordinates) <= POINTS_AT_MOST:
        return {"type": geometry["type"], "coordinates": _rounded(coordinates)}
    drawn = shape(dict(geometry))
    for tolerance in _TOLERANCES_DEG:
        if shapely.get_num_coordinates(drawn) <= POINTS_AT_MOST:
            break
        drawn = drawn.simplify(tolerance)
    rounded: dict[str, Any] = mapping(shapely.set_precision(drawn, 10**-_DECIMALS, mode="pointwise"))
    return rounded


def _corners(coordinates: Any) -> int:  # noqa: ANN401 - GeoJSON nests as deep as its type says
    if not coordinates or isinstance(coordinates[0], (int, float)):
        return 1
    return sum(map(_corners, coordinates))


def _rounded(coordinates: Any) -> Any:  # noqa: ANN401 - as above
    if coordinates and isinstance(coordinates[0], (int, float)):
        return [round(number, _DECIMALS) for number in coordinates]
    return [_rounded(each) for each in coordinates]


def _feature(each: Shape) -> str:
    properties = {
        "key": each.alert_id,
        "band": band_class(each.observed),
        "count": band_sign(each.observed),
        "title": each.title,
    }
    return f'{{"type":"Feature","properties":{_for_a_page(properties)},"geometry":{_outline(each.geometry)}}}'


def _for_a_page(data: Mapping[str, Any]) -> str:
    """JSON that can stand in a page: nothing in it ends the element around it."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _drawn(geometry: Mapping[str, Any]) -> str:
    return _for_a_page(coarse(geometry))


_outline: Final = Drawn(_drawn, _OUTLINES_KEPT)
"""The outline as it stands in a page. Patterns are kept as they were read, and this costs more than all else of a list."""
