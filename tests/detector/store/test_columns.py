from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from detector.columns import Codes
from detector.model import NOWHERE, Area, AreaTable, Level, Report, ReportKind, Window
from detector.store import tables
from detector.store.engine import writing
from detector.store.reports import ReportStore
from detector.window import History, TimeAxis

Make = Callable[..., Report]
TODAY = date(2026, 3, 2)


def _areas() -> AreaTable:
    areas = (
        Area("GM0001", "Voorbeeldstad", Level.MUNICIPALITY, None, "GM0001", 0.0, 0.0),
        Area("WK000101", "Noord", Level.DISTRICT, "GM0001", "GM0001", 0.0, 0.0),
        Area("BU00010101", "Noordhoek", Level.NEIGHBOURHOOD, "WK000101", "GM0001", 0.0, 0.0),
    )
    return AreaTable(areas, np.array([NOWHERE, 0, 1]), tuple(np.zeros(0, dtype=np.int64) for _ in areas))


def _reports(report: Make) -> list[Report]:
    return [
        report("d", received_on=date(2026, 2, 1), occurred_on=date(2026, 1, 9), area_code="BU00010101", communities=("b", "a")),
        report("B", received_on=date(2026, 2, 1), x_m=1.5, y_m=2.5, area_code="WK000101", place_key="v2", grounds=("ras",)),
        report("a", received_on=date(2026, 1, 10), area_code="gone", place_key="v1", communities=("a",), domains=("werk",)),
        report("c", received_on=date(2026, 2, 20), occurred_on=date(2026, 1, 8), place_key="v2", grounds=("ras", "godsdienst")),
        report("mass", kind=ReportKind.MASS),
        report("withdrawn", withdrawn=True),
        report("elsewhere", municipality="GM0002"),
    ]


def test_columns_hold_the_reports_that_count_by_day_and_key(engine: Engine, report: Make) -> None:
    store = ReportStore(engine)
    store.upsert(_reports(report))
    columns = store.load_columns("GM0001")
    assert columns.keys == ("export:a", "export:B", "export:d", "export:c")
    assert [date.fromordinal(day) for day in columns.received.tolist()] == [
        date(2026, 1, 10),
        date(2026, 2, 1),
        date(2026, 2, 1),
        date(2026, 2, 20),
    ]
    assert date.fromordinal(int(columns.occurred[2])) == date(2026, 1, 9)
    assert columns.occurred[0] == columns.received[0]
    assert [columns.area_codes[i] if i >= 0 else None for i in columns.area] == ["gone", "WK000101", "BU00010101", None]
    assert np.isnan(columns.x_m).tolist() == [True, False, True, True]
    assert (columns.x_m[1], columns.y_m[1]) == (1.5, 2.5)
    assert columns.venue[1] == columns.venue[3] != columns.venue[0] >= 0
    assert columns.venue[2] == -1
    assert {code: rows.tolist() for code, rows in columns.grounds.members().items()} == {"godsdienst": [3], "ras": [1, 3]}
    assert store.load_columns("GM0003").size == 0


def test_columns_and_reports_agree(engine: Engine, report: Make) -> None:
    store = ReportStore(engine)
    store.upsert(_reports(report))
    as_of = date(2026, 2, 10)
    counting = [one for one in store.load("GM0001", as_of) if not one.withdrawn and one.kind is ReportKind.SINGLE]
    assert store.load_columns("GM0001", as_of).keys == tuple(one.key for one in counting)
    assert store.load_columns("GM0001", TODAY).size == 4


def test_the_window_by_day_of_receipt(sqlite_engine: Engine, report: Make) -> None:
    store = ReportStore(sqlite_engine)
    store.upsert(_reports(report))
    window = History(store.load_columns("GM0001"), _areas()).at(date(2026, 2, 1), 7)
    assert window.report_keys == ("export:a", "export:B", "export:d")
    assert window.first_day == date(2026, 1, 10).toordinal()
    assert window.look_days == 7
    assert window.area.tolist() == [NOWHERE, 1, 2]
    assert {stream.name: stream.members.tolist() for stream in window.streams} == {
        "all": [0, 1, 2],
        "community:a": [0, 2],
        "community:b": [2],
        "ground:ras": [1],
        "domain:werk": [0],
    }


def test_the_window_by_day_of_occurrence(sqlite_engine: Engine, report: Make) -> None:
    store = ReportStore(sqlite_engine)
    store.upsert(_reports(report))
    columns = store.load_columns("GM0001")
    window = History(columns, _areas(), TimeAxis.OCCURRED_ON).at(TODAY, 1)
    assert window.report_keys == ("export:c", "export:d", "export:a", "export:B")
    assert window.first_day == date(2026, 1, 8).toordinal()
    assert window.area.tolist() == [NOWHERE, 2, NOWHERE, 1]
    assert {stream.name: stream.members.tolist() for stream in window.streams}["ground:ras"] == [0, 3]
    since_the_ninth = (TODAY - date(2026, 1, 9)).days + 1
    later = History(columns, _areas(), TimeAxis.OCCURRED_ON, since_the_ninth).at(TODAY, 1)
    assert (later.first_day, later.report_keys) == (date(2026, 1, 9).toordinal(), window.report_keys[1:])


def test_history_starts_with_the_limit_where_it_cuts_and_else_with_the_first_report(sqlite_engine: Engine, report: Make) -> None:
    store = ReportStore(sqlite_engine)
    store.upsert(_reports(report))
    columns = store.load_columns("GM0001")
    first = date(2026, 1, 10)
    days = (TODAY - first).days + 1
    told = {extra: History(columns, _areas(), history_days=days + extra).at(TODAY, 1) for extra in (-1, 0, 1)}
    assert {extra: (date.fromordinal(one.first_day), one.size) for extra, one in told.items()} == {
        -1: (date(2026, 1, 11), 3),
        0: (first, 4),
        1: (first, 4),
    }


def test_an_empty_window_starts_today(sqlite_engine: Engine) -> None:
    window = History(ReportStore(sqlite_engine).load_columns("GM0001"), _areas()).at(TODAY, 1)
    assert (window.size, window.first_day, window.streams) == (0, TODAY.toordinal(), ())


@given(st.lists(st.lists(st.sampled_from("abc"), unique=True).map(tuple), max_size=20))
def test_members_are_the_rows_that_have_the_code(rows: list[tuple[str, ...]]) -> None:
    values = tuple(dict.fromkeys(rows))
    index = np.array([values.index(row) for row in rows], dtype=np.int64)
    expected = {code: [i for i, row in enumerate(rows) if code in row] for code in "abc"}
    members = {code: where.tolist() for code, where in Codes(index, values).members().items()}
    assert members == {code: where for code, where in expected.items() if where}


def test_more_reports_than_are_fetched_at_once(engine: Engine, report: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("detector.store.columns._AT_ONCE", 100)
    store = ReportStore(engine)
    many = [
        report(f"{i:06d}", received_on=date(2020, 1, 1) + timedelta(i // 10), area_code=f"A{i % 7}", communities=(f"c{i % 3}",))
        for i in range(350)
    ]
    store.upsert(many)
    columns = store.load_columns("GM0001")
    assert columns.keys == tuple(one.key for one in many)
    assert [columns.area_codes[i] for i in columns.area[-7:]] == [one.area_code for one in many[-7:]]
    assert columns.communities.members()["c1"].tolist() == list(range(1, 350, 3))


@st.composite
def _any_reports(draw: st.DrawFn) -> list[Report]:
    days = st.integers(0, 40).map(lambda days: date(2026, 1, 1) + timedelta(days))
    codes = st.lists(st.sampled_from("abc"), max_size=3, unique=True).map(tuple)
    return [
        Report(
            source="export",
            report_id=report_id,
            municipality="GM0001",
            received_on=draw(days),
            occurred_on=draw(st.none() | days),
            x_m=(x_m := draw(st.none() | st.floats(0, 9))),
            y_m=x_m,
            area_code=draw(st.sampled_from([None, "gone", "GM0001", "WK000101", "BU00010101"])),
            place_key=draw(st.sampled_from([None, "v1", "v2"])),
            grounds=draw(codes),
            communities=draw(codes),
            domains=draw(codes),
            kind=draw(st.sampled_from([ReportKind.SINGLE, ReportKind.SINGLE, ReportKind.MASS])),
            withdrawn=draw(st.sampled_from([False, False, True])),
        )
        for report_id in draw(st.lists(st.text("aBé1", min_size=1, max_size=3), max_size=12, unique=True))
    ]


def _told(window: Window) -> list[object]:
    columns = [np.nan_to_num(getattr(window, name), nan=-1).tolist() for name in ("day", "area", "x_m", "y_m", "venue")]
    return [window.first_day, window.report_keys, columns, [(one.name, one.members.tolist()) for one in window.streams]]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    some=_any_reports(),
    day=st.integers(-1, 50),
    axis=st.sampled_from(list(TimeAxis)),
    history_days=st.sampled_from([None, 9, 30]),
)
def test_from_the_table_or_from_reports_a_night_has_the_same_window(
    engine: Engine, some: list[Report], day: int, axis: TimeAxis, history_days: int | None
) -> None:
    as_of = date(2026, 1, 1) + timedelta(day)
    with writing(engine) as connection:
        connection.execute(tables.reports.delete())
    store = ReportStore(engine)
    store.upsert(some)
    from_reports = History(some, _areas(), axis, history_days).at(as_of, 1)
    for columns in (store.load_columns("GM0001"), store.load_columns("GM0001", as_of)):
        window = History(columns, _areas(), axis, history_days).at(as_of, 1)
        assert _told(window)[:2] == _told(from_reports)[:2]
        if columns.size == store.load_columns("GM0001").size:
            assert _told(window) == _told(from_reports)
