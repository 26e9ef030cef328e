"""The table of one municipality: nesting and neighbours."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from detector.areas import AreaError, AreaSet
from detector.areas.shapes import NOTHING, RD, AreaShape
from detector.model import NOWHERE, Area, Level
from detector.simulate import made_up_areas


def neighbourhood(code: str, outline: BaseGeometry) -> AreaShape:
    return AreaShape(Area(code, code, Level.NEIGHBOURHOOD, "M", "M", 0, 0), outline, RD)


@pytest.fixture
def town() -> AreaShape:
    return AreaShape(Area("M", "M", Level.MUNICIPALITY, None, "M", 0, 0), NOTHING, RD)


@settings(max_examples=20)
@given(st.integers(0, 1_000))
def test_parents_stand_first_and_neighbours_are_mutual(seed: int) -> None:
    table = made_up_areas(seed, districts=4, neighbourhoods=15).table("GM9999")
    assert table.parent[0] == NOWHERE
    assert (table.parent[1:] < np.arange(1, len(table.areas))).all()
    assert (table.parent[1:] >= 0).all()
    for row, beside in enumerate(table.neighbours):
        assert row not in beside
        assert list(beside) == sorted(set(beside.tolist()))
        if row:
            assert len(beside) > 0
        for other in beside:
            assert table.areas[other].level is table.areas[row].level
            assert row in table.neighbours[other]


@settings(max_examples=10)
@given(st.integers(0, 1_000))
def test_children_lie_in_their_parents_and_add_up(seed: int) -> None:
    areas = made_up_areas(seed, districts=4, neighbourhoods=15)
    table = areas.table("GM9999")
    for row, area in enumerate(table.areas):
        children = [table.areas[i] for i in np.flatnonzero(table.parent == row)]
        if children:
            assert area.inhabitants == sum(child.inhabitants or 0 for child in children)
            surfaces = sum(areas.geometry(child.code).area for child in children)
            assert surfaces == pytest.approx(areas.geometry(area.code).area, rel=1e-9)


def test_a_border_makes_neighbours_and_a_corner_does_not(town: AreaShape, square: Callable[..., BaseGeometry]) -> None:
    shapes = [town, *(neighbourhood(f"{column}{row}", square(column, row)) for column in range(2) for row in range(2))]
    table = AreaSet.of(shapes, ()).table("M")
    names = {area.code: {table.areas[i].code for i in table.neighbours[row]} for row, area in enumerate(table.areas)}
    assert names == {"M": set(), "00": {"01", "10"}, "01": {"00", "11"}, "10": {"00", "11"}, "11": {"01", "10"}}


def test_who_shares_no_border_has_the_nearest_beside_it(town: AreaShape, square: Callable[..., BaseGeometry]) -> None:
    shapes = [town, neighbourhood("A", square(0, 0)), neighbourhood("B", square(1, 0)), neighbourhood("C", square(4, 0))]
    table = AreaSet.of(shapes, ()).table("M")
    names = {area.code: {table.areas[i].code for i in table.neighbours[row]} for row, area in enumerate(table.areas)}
    assert names == {"M": set(), "A": {"B"}, "B": {"A", "C"}, "C": {"B"}}


def test_unknown_municipality_says_which_are_loaded() -> None:
    areas = made_up_areas(1)
    with pytest.raises(AreaError, match="loaded are: GM9999"):
        areas.table("GM0307")
    with pytest.raises(AreaError, match="GM9999"):
        areas.crs_of("BU99990000")
    with pytest.raises(AreaError, match="No area with code 'X'"):
        areas.geometry("X")


def test_the_table_is_made_once() -> None:
    areas = made_up_areas(1)
    assert areas.table("GM9999") is areas.table("GM9999")
