from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from detector.model import NOWHERE, Area, AreaTable, Level, Report, ReportKind
from detector.store.columns import Codes
from detector.store.reports import ReportStore

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
    store.upsert(_reports(report), TODAY)
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
    store.upsert(_reports(report), TODAY)
    as_of = date(2026, 2, 10)
    counting = [one for one in store.load("GM0001", as_of, as_known=False) if not one.withdrawn and one.kind is ReportKind.SINGLE]
    assert store.load_columns("GM0001", as_of, as_known=False).keys == tuple(one.key for one in counting)
    assert store.load_columns("GM0001", as_of).size == 0
    assert store.load_columns("GM0001", TODAY).size == 4


def test_the_window_by_day_of_receipt(sqlite_engine: Engine, report: Make) -> None:
    store = ReportStore(sqlite_engine)
    store.upsert(_reports(report), TODAY)
    window = store.load_columns("GM0001").window(_areas(), date(2026, 2, 1), look_days=7)
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
    store.upsert(_reports(report), TODAY)
    columns = store.load_columns("GM0001")
    window = columns.window(_areas(), TODAY, look_days=1, by_occurrence=True)
    assert window.report_keys == ("export:c", "export:d", "export:a", "export:B")
    assert window.first_day == date(2026, 1, 8).toordinal()
    assert window.area.tolist() == [NOWHERE, 2, NOWHERE, 1]
    assert {stream.name: stream.members.tolist() for stream in window.streams}["ground:ras"] == [0, 3]
    since_the_ninth = (TODAY - date(2026, 1, 9)).days + 1
    later = columns.window(_areas(), TODAY, look_days=1, by_occurrence=True, history_days=since_the_ninth)
    assert (later.first_day, later.report_keys) == (date(2026, 1, 9).toordinal(), window.report_keys[1:])


def test_history_starts_with_the_limit_where_it_cuts_and_else_with_the_first_report(sqlite_engine: Engine, report: Make) -> None:
    store = ReportStore(sqlite_engine)
    store.upsert(_reports(report), TODAY)
    columns = store.load_columns("GM0001")
    first = date(2026, 1, 10)
    days = (TODAY - first).days + 1
    told = {extra: columns.window(_areas(), TODAY, look_days=1, history_days=days + extra) for extra in (-1, 0, 1)}
    assert {extra: (date.fromordinal(one.first_day), one.size) for extra, one in told.items()} == {
        -1: (date(2026, 1, 11), 3),
        0: (first, 4),
        1: (first, 4),
    }


def test_an_empty_window_starts_today(sqlite_engine: Engine) -> None:
    window = ReportStore(sqlite_engine).load_columns("GM0001").window(_areas(), TODAY, look_days=1)
    assert (window.size, window.first_day) == (0, TODAY.toordinal())
    assert [stream.name for stream in window.streams] == ["all"]


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
    store.upsert(many, TODAY)
    columns = store.load_columns("GM0001")
    assert columns.keys == tuple(one.key for one in many)
    assert [columns.area_codes[i] for i in columns.area[-7:]] == [one.area_code for one in many[-7:]]
    assert columns.communities.members()["c1"].tolist() == list(range(1, 350, 3))
