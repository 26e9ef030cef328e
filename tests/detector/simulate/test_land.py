"""The municipality that does not exist."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.areas.nesting import cbs_level, cbs_parent
from detector.model import Level
from detector.simulate import made_up_areas
from detector.simulate.names import invented_names


@settings(max_examples=20)
@given(seed=st.integers(0, 2_000), districts=st.integers(1, 9), each=st.integers(1, 6))
def test_neighbourhoods_tile_the_town(seed: int, districts: int, each: int) -> None:
    areas = made_up_areas(seed, districts, districts * each)
    inner = [area for area in areas.areas if area.level is Level.NEIGHBOURHOOD]
    assert len(inner) == districts * each
    assert sum(area.level is Level.DISTRICT for area in areas.areas) == districts
    outlines = [areas.geometry(area.code) for area in inner]
    assert all(outline.is_valid and outline.geom_type == "Polygon" for outline in outlines)
    # No overlap and no gap: the pieces add up to the whole.
    assert sum(outline.area for outline in outlines) == pytest.approx(shapely.union_all(outlines).area, rel=1e-9)
    assert areas.geometry("GM9999").area == pytest.approx(shapely.union_all(outlines).area, rel=1e-9)


@settings(max_examples=10)
@given(st.integers(0, 2_000))
def test_codes_nest_by_prefix_and_names_are_all_different(seed: int) -> None:
    areas = made_up_areas(seed)
    for area in areas.areas:
        assert cbs_level(area.code) is area.level
        assert area.parent == cbs_parent(area.code)
        assert area.municipality == "GM9999"
    assert len({area.name for area in areas.areas}) == len(areas.areas)


@settings(max_examples=10)
@given(st.integers(0, 2_000))
def test_inhabitants_are_uneven_with_some_empty_and_some_small(seed: int) -> None:
    people = np.array([area.inhabitants for area in made_up_areas(seed).areas if area.level is Level.NEIGHBOURHOOD])
    assert (people == 0).sum() == 2
    assert ((people > 0) & (people < 200)).sum() == 4
    assert (people % 5 == 0).all()
    assert people.max() > 2 * np.median(people)


def test_it_lies_in_open_water() -> None:
    # The IJsselmeer's middle, some kilometres from any shore.
    low_x, low_y, high_x, high_y = made_up_areas(1).geometry("GM9999").bounds
    assert 140_000 < low_x < high_x < 154_000
    assert 526_000 < low_y < high_y < 540_000


def test_districts_are_in_one_piece_for_the_first_seeds() -> None:
    for seed in range(1, 8):
        areas = made_up_areas(seed)
        pieces = {areas.geometry(area.code).geom_type for area in areas.areas if area.level is Level.DISTRICT}
        assert pieces == {"Polygon"}


def test_the_same_seed_makes_the_same_land_and_another_another() -> None:
    assert made_up_areas(5).to_rows() == made_up_areas(5).to_rows()
    assert made_up_areas(5).to_rows() != made_up_areas(6).to_rows()


def test_there_are_names_enough() -> None:
    names = invented_names(700, np.random.default_rng(1))
    assert len(set(names)) == 700
