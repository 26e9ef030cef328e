"""Small area files, drawn on graph paper."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
import shapely
from shapely.geometry.base import BaseGeometry

Features = Sequence[tuple[Mapping[str, object], BaseGeometry | None]]
WriteMap = Callable[..., Path]

ORIGIN = (150_000.0, 460_000.0)


@pytest.fixture
def square() -> Callable[..., BaseGeometry]:
    """A square of ``size`` metres in the Dutch grid, ``column`` and ``row`` squares of 1000 m from the origin."""

    def make(column: float, row: float, size: float = 1000.0) -> BaseGeometry:
        x, y = ORIGIN[0] + 1000 * column, ORIGIN[1] + 1000 * row
        return shapely.box(x, y, x + size, y + size)

    return make


@pytest.fixture
def write_map(tmp_path: Path) -> WriteMap:
    """Write features as GeoJSON; in the Dutch grid unless said otherwise."""

    def write(features: Features, name: str = "areas.geojson", crs: str | None = "EPSG::28992") -> Path:
        collection: dict[str, object] = {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "properties": dict(properties),
                    "geometry": None if outline is None else json.loads(shapely.to_geojson(outline)),
                }
                for properties, outline in features
            ],
        }
        if crs:
            collection["crs"] = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:{crs}"}}
        path = tmp_path / name
        path.write_text(json.dumps(collection), encoding="utf-8")
        return path

    return write
