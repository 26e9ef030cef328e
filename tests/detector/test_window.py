"""What counts on a night, and what had come in by then."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from town import START, TOWN, neighbourhood, report, town

from detector.model import NOWHERE, Report, ReportKind, Window
from detector.window import History, TimeAxis, make_window

AREAS = town()


def plainly(reports: list[Report], as_of: date, axis: TimeAxis, history_days: int | None) -> list[str]:
    """The same rule in other words: one report at a time."""
    kept = []
    for one in reports:
        day = one.occurred_on if axis is TimeAxis.OCCURRED_ON and one.occurred_on else one.received_on
        young = history_days is None or (as_of - day).days < history_days
        if one.kind is ReportKind.SINGLE and not one.withdrawn and day <= as_of and one.received_on <= as_of and young:
            kept.append((day, one.key))
    return [key for _, key in sorted(kept)]


@st.composite
def some_reports(draw: st.DrawFn) -> list[Report]:
    return [
        report(
            number,
            day := draw(st.integers(0, 60)),
            draw(st.sampled_from([None, "elsewhere", neighbourhood(0, 0), neighbourhood(1, 2)])),
            occurred_on=draw(st.sampled_from([None, START + timedelta(days=max(0, day - 9))])),
            kind=draw(st.sampled_from([ReportKind.SINGLE, ReportKind.SINGLE, ReportKind.MASS, ReportKind.DUPLICATE])),
            withdrawn=draw(st.sampled_from([False, False, True])),
            communities=tuple(draw(st.lists(st.sampled_from("ab"), max_size=3))),
            grounds=("x",) if draw(st.booleans()) else (),
        )
        for number in draw(st.permutations(range(draw(st.integers(0, 12)))))
    ]


@given(some_reports(), st.integers(-3, 80), st.sampled_from(list(TimeAxis)), st.sampled_from([None, 14, 40]))
def test_the_window_is_what_the_rule_says(reports: list[Report], day: int, axis: TimeAxis, history_days: int | None) -> None:
    as_of = START + timedelta(days=day)
    window = History(reports, AREAS, axis, history_days).at(as_of, 7)
    assert list(window.report_keys) == plainly(reports, as_of, axis, history_days)
    by_key = {one.key: one for one in reports}
    assert np.all(np.diff(window.day) >= 0)
    for stream in window.streams:
        held = [by_key[window.report_keys[row]] for row in stream.members]
        assert list(stream.members) == sorted(set(stream.members.tolist()))
        if stream.kind == "community":
            inside = {one.key for one in held}
            assert inside == {one.key for one in reports if stream.code in one.communities} & set(window.report_keys)
    assert all(stream.members.size for stream in window.streams)
    assert {stream.name for stream in window.streams} >= ({"all"} if window.size else set())
    assert window.first_day <= as_of.toordinal()
    assert window.size == 0 or window.first_day <= window.day[0]


def columns(window: Window) -> list[object]:
    arrays = (window.day, window.area, window.x_m, window.y_m, window.venue)
    streams = [(stream.name, stream.members.tolist()) for stream in window.streams]
    return [window.report_keys, window.first_day, *(np.nan_to_num(array, nan=-9).tolist() for array in arrays), streams]


@given(some_reports(), st.integers(0, 80), st.randoms(use_true_random=False))
def test_the_order_of_the_reports_does_not_matter(reports: list[Report], day: int, random: object) -> None:
    shuffled = list(reports)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis hands out a random.Random
    as_of = START + timedelta(days=day)
    one, other = (make_window(held, AREAS, as_of, look_days=1) for held in (reports, shuffled))
    one_columns, other_columns = columns(one), columns(other)
    assert one_columns == other_columns


def test_what_happened_before_is_not_seen_before_it_came_in() -> None:
    before = START + timedelta(days=2)
    reports = [report(1, 1, communities=("a",)), report(2, 30, occurred_on=before, communities=("a",))]
    history = History(reports, AREAS, "occurred_on")
    early, late = history.at(START + timedelta(days=10), 1), history.at(START + timedelta(days=30), 1)
    assert early.report_keys == ("test:r00001",)
    assert late.report_keys == ("test:r00001", "test:r00002")
    assert [stream.members.tolist() for stream in early.streams] == [[0], [0]]


def test_places_venues_and_unknown_areas() -> None:
    reports = [
        report(1, 1, neighbourhood(2, 3), place_key="v", x_m=1.0, y_m=2.0),
        report(2, 2, "elsewhere"),
        report(3, 3, place_key="v"),
        report(4, 4, place_key="w"),
    ]
    window = make_window(reports, AREAS, START + timedelta(days=9), look_days=1)
    assert window.municipality == TOWN
    assert window.area.tolist() == [AREAS.index[neighbourhood(2, 3)], NOWHERE, NOWHERE, NOWHERE]
    assert window.venue.tolist() == [0, -1, 0, 1]
    assert window.x_m[0] == 1.0
    assert np.isnan(window.x_m[1])


def test_history_begins_with_the_first_report_or_where_it_is_cut() -> None:
    reports = [report(n, day) for n, day in enumerate((0, 100, 200))]
    as_of = START + timedelta(days=200)
    assert make_window(reports, AREAS, as_of, look_days=1).first_day == START.toordinal()
    assert make_window(reports, AREAS, as_of, history_days=1000, look_days=1).first_day == START.toordinal()
    cut = make_window(reports, AREAS, as_of, history_days=150, look_days=1)
    assert cut.first_day == as_of.toordinal() - 149
    assert cut.size == 2


def test_an_empty_history_gives_an_empty_window() -> None:
    window = make_window([], AREAS, START, look_days=1)
    assert (window.size, window.streams, window.first_day) == (0, (), START.toordinal())


def test_two_looks_are_at_least_a_day_apart() -> None:
    with pytest.raises(ValueError, match="set it to 1 or more"):
        make_window([], AREAS, START, look_days=0)


def test_history_does_not_begin_with_what_had_not_come_in_yet() -> None:
    """A report of long ago that comes in tomorrow is no part of tonight's history, not even of its length."""
    as_of = START + timedelta(days=50)
    late = report(1, 51, None, occurred_on=START)
    known = report(2, 48, None)
    tonight = History([late, known], AREAS, TimeAxis.OCCURRED_ON, 14).at(as_of, 1)
    assert (
        tonight.first_day
        == History([known], AREAS, TimeAxis.OCCURRED_ON, 14).at(as_of, 1).first_day
        == (START + timedelta(days=48)).toordinal()
    )
    tomorrow = History([late, known], AREAS, TimeAxis.OCCURRED_ON, 14).at(as_of + timedelta(days=1), 1)
    assert tomorrow.first_day == (START + timedelta(days=38)).toordinal()
