from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Engine, func, select

from detector.model import PlaceKind, Report, ReportKind
from detector.store import tables
from detector.store.engine import open_engine, reading, writing
from detector.store.errors import StoreError
from detector.store.reports import ReportStore
from detector.store.upsert import Fate

Make = Callable[..., Report]
TODAY = date(2026, 3, 2)


@pytest.fixture
def store(engine: Engine) -> ReportStore:
    return ReportStore(engine)


def test_a_report_comes_back_as_it_went_in(store: ReportStore, report: Make) -> None:
    full = report(
        "a",
        occurred_on=date(2025, 12, 31),
        x_m=155000.25,
        y_m=463000.125,
        area_code="BU00010203",
        place_key="v1",
        place_kind=PlaceKind.PRIVATE,
        grounds=("ras", "godsdienst"),
        communities=("moslims",),
        domains=("buurt/wijk",),
        nature="bejegening",
        kind=ReportKind.MASS,
        withdrawn=True,
    )
    bare = report("b", received_on=TODAY)
    assert store.upsert([full, bare]).accepted == 2
    assert store.load("GM0001") == [full, bare]
    assert store.load("GM0002") == []


def test_what_became_of_each_row_is_told(store: ReportStore, report: Make) -> None:
    store.upsert([report("same"), report("changed"), report("moved")])
    batch = [report("same"), report("changed", nature="geweld"), report("moved", municipality="GM0002"), report("new")]
    counts = store.upsert(batch)
    assert (counts.accepted, counts.updated, counts.unchanged) == (1, 1, 1)
    [(place, problem)] = counts.refused
    assert (place, problem.code) == (2, "other_municipality")
    assert {one.report_id: one.nature for one in store.load("GM0001")} == {
        "same": None,
        "changed": "geweld",
        "moved": None,
        "new": None,
    }


def test_the_same_id_twice_in_a_batch_updates(store: ReportStore, report: Make) -> None:
    batch = [report("a"), report("a", nature="x"), report("a", nature="x"), report("a", municipality="GM0002")]
    counts = store.upsert(batch)
    assert (counts.accepted, counts.updated, counts.unchanged, len(counts.refused)) == (1, 1, 1, 1)
    assert [one.nature for one in store.load("GM0001")] == ["x"]
    counts = store.upsert([report("a", nature="y"), report("a")])
    assert (counts.updated, [one.nature for one in store.load("GM0001")]) == (2, [None])


def test_the_same_id_of_two_sources_is_two_reports(store: ReportStore, report: Make) -> None:
    store.upsert([report("a"), report("a", source="post")])
    assert [one.key for one in store.load("GM0001")] == ["export:a", "post:a"]


def test_what_no_database_keeps_is_refused_by_itself(store: ReportStore, report: Make) -> None:
    odd = [
        report("a", nature="x\0y"),
        report("b\0"),
        report("c", grounds=("\ud83d",)),
        report("d", source="a:b"),
        report("e", nature="back\\slash é \u200b"),
    ]
    counts = store.upsert(odd)
    assert [place for place, _ in counts.refused] == [0, 1, 2, 3]
    assert [one.nature for one in store.load("GM0001")] == ["back\\slash é \u200b"]


def test_a_day_has_what_had_come_in_by_its_end_however_late_it_was_delivered(store: ReportStore, report: Make) -> None:
    store.upsert([report("first", received_on=TODAY - timedelta(days=10))])
    store.upsert([report("late", received_on=TODAY - timedelta(days=9))])
    ids = {days: [one.report_id for one in store.load("GM0001", TODAY + timedelta(days=days))] for days in (-11, -10, -9, 0)}
    assert ids == {-11: [], -10: ["first"], -9: ["first", "late"], 0: ["first", "late"]}


def test_news_is_lost_neither_before_nor_during_a_run(store: ReportStore, report: Make) -> None:
    store.upsert([report("a"), report("b", municipality="GM0002")])
    seen = store.unread_news()
    assert seen.keys() == {"GM0001", "GM0002"}
    store.upsert([report("c")])
    for code, news in seen.items():
        store.set_read(code, news)
    assert store.unread_news().keys() == {"GM0001"}
    store.set_read("GM0001", store.unread_news()["GM0001"])
    store.upsert([report("a"), report("c")])
    assert store.unread_news() == {}
    store.set_read("GM0001", 1)
    assert store.unread_news() == {}
    store.upsert([report("a", withdrawn=True)])
    assert store.unread_news().keys() == {"GM0001"}
    assert store.municipalities() == ["GM0001", "GM0002"]


def test_counts(store: ReportStore, report: Make) -> None:
    store.upsert([report("a", withdrawn=True), report("b", received_on=date(2025, 1, 1))])
    [counts] = store.counts()
    assert (counts.municipality, counts.reports, counts.withdrawn) == ("GM0001", 2, 1)
    assert (counts.first_received_on, counts.last_received_on) == (date(2025, 1, 1), date(2026, 3, 1))


def test_reports_by_key(store: ReportStore, report: Make) -> None:
    store.upsert([report("a"), report("a", source="post"), report("b:c"), report("d", municipality="GM0002")])
    found = store.by_key("GM0001", {"export:a", "export:b:c", "export:d", "export:gone"})
    assert {key: one.key for key, one in found.items()} == {"export:a": "export:a", "export:b:c": "export:b:c"}
    assert store.by_key("GM0001", set()) == {}


def test_a_preview_tells_over_batches_what_would_happen_and_holds_up_nobody(
    store: ReportStore, engine: Engine, report: Make, noon: datetime
) -> None:
    store.upsert([report("a"), report("b")])
    preview = store.preview()
    with writing(engine):
        first = preview.upsert([report("a"), report("b", nature="x"), report("c"), report("a", municipality="GM0002")])
        second = preview.upsert([report("b", nature="x"), report("c", nature="y"), report("c", municipality="GM0002")])
        preview.quarantine("export", "march.csv", [Refused(1, "no date")], noon)
    assert (first.accepted, first.updated, first.unchanged, len(first.refused)) == (1, 1, 1, 1)
    assert first.fates == (Fate.UNCHANGED, Fate.UPDATED, Fate.ACCEPTED, Fate.REFUSED)
    assert (second.accepted, second.updated, second.unchanged, len(second.refused)) == (0, 1, 1, 1)
    assert [(one.report_id, one.nature) for one in store.load("GM0001")] == [("a", None), ("b", None)]
    assert store.quarantined() == []


def test_who_waits_too_long_for_another_writer_is_told(
    database_url: str, engine: Engine, report: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("detector.store.engine.BUSY_TIMEOUT_S", 0.05)
    impatient = open_engine(database_url)
    with writing(engine), pytest.raises(StoreError, match="another process kept the database busy for too long"):
        ReportStore(impatient).upsert([report("a")])
    impatient.dispose()


@dataclass(frozen=True)
class Refused:
    row: int
    reason: str
    column: str | None = None
    told: str = ""


def test_a_file_read_again_does_not_grow_the_quarantine(store: ReportStore, engine: Engine, noon: datetime) -> None:
    refused = [Refused(3, "holds an e-mail address", "nature"), Refused(4, "no date"), Refused(4, "no date")]
    later = noon + timedelta(hours=1)
    for at in (noon, later):
        store.quarantine("export", "march.csv", refused, at)
    store.quarantine("export", "april.csv", refused[:1], noon)
    store.quarantine("export", "may.csv", [], noon)
    with reading(engine) as connection:
        assert connection.scalar(select(func.count()).select_from(tables.quarantine)) == 3
    seen = [(one.file, one.row, one.column, one.reason, one.first_at, one.times) for one in store.quarantined(later)]
    assert seen == [
        ("march.csv", 3, "nature", "holds an e-mail address", noon, 2),
        ("march.csv", 4, None, "no date", noon, 2),
    ]
    assert len(store.quarantined()) == 3


def test_a_row_refused_before_its_parts_were_kept_gets_them_when_it_is_read_again(store: ReportStore, noon: datetime) -> None:
    store.quarantine("export", "march.csv", [Refused(3, "no date")], noon)
    store.quarantine("export", "march.csv", [Refused(3, "no date", told='{"key": "no_date"}')], noon)
    assert [(one.times, one.told) for one in store.quarantined()] == [(2, '{"key": "no_date"}')]


def test_a_batch_is_kept_whole_or_not_at_all(store: ReportStore, report: Make) -> None:
    beyond = report("b", x_m=1.0, y_m=2.0, grounds=("ras",), place_key=object())
    with pytest.raises(StoreError):
        store.upsert([report("a"), beyond])
    assert store.load("GM0001") == []
    assert store.unread_news() == {}
