"""Counts as bands, figures as steps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from alerts.pattern import Band
from detector.disclosure import DisclosureSettings
from detector.disclosure.bands import band_of, bands, coarse, higher, step_down

EDGES = (3, 6, 11)


def test_bands_are_those_of_the_design() -> None:
    assert [str(band) for band in bands(3, EDGES)] == ["3-5", "6-10", ">10"]


def test_a_higher_floor_makes_no_band_of_one_count() -> None:
    assert [str(band) for band in bands(5, EDGES)] == ["5-10", ">10"]
    assert [str(band) for band in bands(2, EDGES)] == ["2-5", "6-10", ">10"]
    assert [str(band) for band in bands(20, EDGES)] == [">19"]


@given(st.integers(2, 30), st.lists(st.integers(2, 60), min_size=1, max_size=6, unique=True).map(sorted))
def test_every_count_from_the_floor_up_has_one_band_and_none_is_an_exact_count(floor: int, edges: list[int]) -> None:
    among = bands(floor, edges)
    for count in range(floor + 80):
        holding = [band for band in among if band.low <= count and (band.high is None or count <= band.high)]
        assert len(holding) == (count >= floor)
        assert band_of(count, among) == (holding[0] if holding else None)
    assert among[0].high is None or among[0].high - among[0].low >= floor - 1


def test_the_higher_band() -> None:
    low, high = Band(3, 5), Band(6, 10)
    assert higher(low, high) == higher(high, low) == high
    assert higher(None, low) == higher(low, None) == low
    assert higher(None, None) is None


STEPS = DisclosureSettings().expected_steps


@pytest.mark.parametrize(
    ("value", "told"), [(0, 0.5), (0.01, 0.5), (0.8, 1), (1.5, 2), (4.2, 5), (8.2, 7), (9, 10), (26, 30), (100, 100), (430, 500)]
)
def test_expectations_are_coarse(value: float, told: float) -> None:
    assert coarse(value, STEPS) == told


@given(st.floats(0, 1e6), st.floats(0, 1e6))
def test_coarse_keeps_the_order(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert coarse(low, STEPS) <= coarse(high, STEPS)


def test_recurrence_steps_down() -> None:
    steps = DisclosureSettings().recurrence_steps_days
    assert [step_down(value, steps) for value in (1, 29, 30, 400, 1e9)] == [7, 7, 30, 365, 3650]


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ({"place_floor": 6}, "community_floor is below place_floor"),
        ({"band_edges": (6, 3)}, "band_edges must rise"),
        ({"expected_steps": ()}, "at least 1 item"),
        ({"place_floor": 2}, "greater than or equal to 3"),
        ({"floor": 3}, "floor"),
    ],
)
def test_floors_that_make_no_sense_are_refused(setting: dict[str, object], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        DisclosureSettings.model_validate(setting)
