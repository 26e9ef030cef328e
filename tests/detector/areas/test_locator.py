"""Point in area, against the plainest way to ask it."""

from collections.abc import Callable

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from detector.areas import AreaError, AreaSet
from detector.areas.shapes import RD, WGS84, AreaShape, project_points
from detector.model import Area, Level
from detector.simulate import made_up_areas


def by_hand(areas: AreaSet, x: float, y: float) -> str:
    """Ask every area, finest level and lowest code first."""
    point = shapely.Point(x, y)
    for level in (Level.NEIGHBOURHOOD, Level.DISTRICT, Level.MUNICIPALITY):
        hits = sorted(shape.area.code for shape in areas.shapes if shape.area.level is level and shape.geometry.intersects(point))
        if hits:
            return hits[0]
    return ""


@settings(max_examples=25)
@given(seed=st.integers(0, 1_000), points=st.integers(0, 60))
def test_many_at_once_equal_one_by_one(seed: int, points: int) -> None:
    areas = made_up_areas(seed, districts=3, neighbourhoods=12)
    rng = np.random.default_rng(seed)
    low_x, low_y, high_x, high_y = areas.geometry("GM9999").bounds
    x, y = rng.uniform((low_x - 500, low_y - 500), (high_x + 500, high_y + 500), size=(points, 2)).T
    # Corners of areas are the points that are most easily got wrong.
    corners = shapely.get_coordinates([shape.geometry for shape in areas.shapes])[:: 1 + seed % 7]
    x, y = np.concatenate([x, corners[:, 0]]), np.concatenate([y, corners[:, 1]])
    found = areas.locate(x, y)
    assert found.tolist() == [by_hand(areas, *point) for point in zip(x, y, strict=True)]


def test_answer_does_not_depend_on_the_order_of_points() -> None:
    areas = made_up_areas(3)
    rng = np.random.default_rng(3)
    low_x, low_y, high_x, high_y = areas.geometry("GM9999").bounds
    x, y = rng.uniform((low_x, low_y), (high_x, high_y), size=(2_000, 2)).T
    order = rng.permutation(len(x))
    assert areas.locate(x, y)[order].tolist() == areas.locate(x[order], y[order]).tolist()


def test_border_belongs_to_the_lower_code_and_outside_to_nobody(square: Callable[..., BaseGeometry]) -> None:
    shapes = [
        AreaShape(Area(code, code, Level.NEIGHBOURHOOD, "M", "M", 0, 0), square(column, 0), RD)
        for code, column in (("B", 0), ("A", 1))
    ]
    areas = AreaSet.of(shapes, ())
    x = np.array([151_000.0, 150_500.0, 151_500.0, 149_000.0, np.nan, np.inf])
    y = np.array([460_500.0, 460_500.0, 460_500.0, 460_500.0, 460_500.0, 460_500.0])
    assert areas.locate(x, y).tolist() == ["A", "B", "A", "", "", ""]


def test_point_between_neighbourhoods_falls_to_the_district(square: Callable[..., BaseGeometry]) -> None:
    shapes = [
        AreaShape(Area("N", "N", Level.NEIGHBOURHOOD, "D", "M", 0, 0), square(0, 0, 400), RD),
        AreaShape(Area("D", "D", Level.DISTRICT, "M", "M", 0, 0), square(0, 0), RD),
        AreaShape(Area("M", "M", Level.MUNICIPALITY, None, "M", 0, 0), square(0, 0, 2_000), RD),
        AreaShape(Area("PC3811", "3811", Level.POSTCODE, "M", "M", 0, 0), square(0, 0, 3_000), RD),
    ]
    areas = AreaSet.of(shapes, ())
    x = np.array([150_100.0, 150_700.0, 151_700.0, 152_500.0])
    y = np.full(4, 460_100.0)
    assert areas.locate(x, y).tolist() == ["N", "D", "M", ""]


def test_points_may_come_in_another_coordinate_system() -> None:
    areas = made_up_areas(1)
    inner = [area for area in areas.areas if area.level is Level.NEIGHBOURHOOD]
    x, y = np.array([area.x_m for area in inner]), np.array([area.y_m for area in inner])
    from_degrees = areas.locate(*project_points(x, y, RD, WGS84), crs=WGS84)
    assert from_degrees.tolist() == [area.code for area in inner]


def test_two_coordinate_systems_need_one_to_be_named(square: Callable[..., BaseGeometry]) -> None:
    dutch = AreaShape(Area("M", "M", Level.MUNICIPALITY, None, "M", 0, 0), square(0, 0), RD)
    other = AreaShape(
        Area("T", "T", Level.MUNICIPALITY, None, "T", 0, 0), shapely.box(630_000, 4_830_000, 640_000, 4_840_000), "EPSG:26917"
    )
    areas = AreaSet.of([dutch, other], ())
    with pytest.raises(AreaError, match="EPSG:26917, EPSG:28992"):
        areas.locate(np.array([150_500.0]), np.array([460_500.0]))
    assert areas.locate(np.array([150_500.0]), np.array([460_500.0]), crs=RD).tolist() == ["M"]
    assert areas.locate(np.array([635_000.0]), np.array([4_835_000.0]), crs="EPSG:26917").tolist() == ["T"]


def test_nothing_loaded_finds_nothing() -> None:
    areas = AreaSet()
    assert not areas.known
    assert areas.locate(np.array([1.0]), np.array([2.0])).tolist() == [""]
    assert areas.municipality_of("GM0307") is None
    assert areas.by_postcode("3811AB") is None
