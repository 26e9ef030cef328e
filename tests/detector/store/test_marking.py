"""Marks: they outlive what the source says, several at once are whole or not there, and each says who and why."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from detector.model import Report, ReportKind
from detector.store.errors import StoreError
from detector.store.marking import Marking
from detector.store.reports import ReportStore

Make = Callable[..., Report]
MASS = Marking("m1", "GM0001", frozenset({"export:a", "export:b"}), ReportKind.MASS, "one broadcast", "jansen")


@pytest.fixture
def store(engine: Engine, report: Make) -> ReportStore:
    made = ReportStore(engine)
    made.upsert([report("a"), report("b", kind=ReportKind.SERIES), report("c"), report("d", municipality="GM0002")])
    for code, news in made.unread_news().items():
        made.set_read(code, news)
    return made


def kinds(store: ReportStore) -> dict[str, ReportKind]:
    return {one.report_id: one.kind for one in store.load("GM0001")}


def test_a_mark_is_news_and_the_report_counts_no_longer(store: ReportStore, noon: datetime) -> None:
    assert store.mark(MASS, noon) == {"export:a", "export:b"}
    assert store.unread_news().keys() == {"GM0001"}
    assert kinds(store) == {"a": ReportKind.MASS, "b": ReportKind.MASS, "c": ReportKind.SINGLE}
    assert store.load_columns("GM0001").keys == ("export:c",)


def test_what_the_source_says_later_does_not_undo_a_mark(store: ReportStore, report: Make, noon: datetime) -> None:
    store.mark(MASS, noon)
    assert store.upsert([report("a")]).unchanged == 1
    assert store.upsert([report("a", nature="bejegening"), report("b", kind=ReportKind.DUPLICATE)]).updated == 2
    assert kinds(store)["a"] is kinds(store)["b"] is ReportKind.MASS
    taken_away = replace(MASS, id="m2", kind=None)
    assert store.mark(taken_away, noon) == MASS.keys
    assert kinds(store) == {"a": ReportKind.SINGLE, "b": ReportKind.DUPLICATE, "c": ReportKind.SINGLE}


def test_a_report_that_the_source_calls_a_mass_report_can_be_marked_as_one_of_its_own(store: ReportStore, noon: datetime) -> None:
    assert store.mark(replace(MASS, keys=frozenset({"export:b"}), kind=ReportKind.SINGLE), noon) == {"export:b"}
    assert kinds(store)["b"] is ReportKind.SINGLE
    assert "export:b" in store.load_columns("GM0001").keys


def test_the_same_marking_twice_is_done_once(store: ReportStore, noon: datetime) -> None:
    store.mark(MASS, noon)
    store.mark(replace(MASS, id="m2", kind=None), noon)
    news = store.unread_news()
    assert store.mark(MASS, noon) == frozenset()
    assert kinds(store)["a"] is ReportKind.SINGLE
    assert store.mark(replace(MASS, id="m3", kind=None), noon) == frozenset()
    assert store.unread_news() == news


@pytest.mark.parametrize("stranger", ["export:gone", "export:d", "other:a"])
def test_one_report_that_is_not_there_stops_the_whole_marking(store: ReportStore, noon: datetime, stranger: str) -> None:
    with pytest.raises(StoreError, match="not there any more"):
        store.mark(replace(MASS, keys=MASS.keys | {stranger}), noon)
    assert kinds(store) == {"a": ReportKind.SINGLE, "b": ReportKind.SERIES, "c": ReportKind.SINGLE}
    assert store.unread_news() == {}
    assert all(one.last_change is None for one in store.marked("GM0001", MASS.keys))


def test_a_report_tells_its_last_mark_and_what_its_source_says(store: ReportStore, noon: datetime) -> None:
    later = noon + timedelta(hours=1)
    store.mark(MASS, noon)
    store.mark(Marking("m2", "GM0001", frozenset({"export:b"}), ReportKind.DUPLICATE, "came in twice", "bos"), later)
    a, b, c = store.marked("GM0001", {"export:a", "export:b", "export:c", "export:d", "export:gone"})
    assert (a.report.kind, a.source_kind, a.marked_kind) == (ReportKind.MASS, ReportKind.SINGLE, ReportKind.MASS)
    assert b.last_change is not None
    assert (b.last_change.before, b.last_change.after) == (ReportKind.MASS, ReportKind.DUPLICATE)
    assert (b.last_change.reason, b.last_change.actor, b.last_change.at) == ("came in twice", "bos", later)
    assert (c.marked_kind, c.last_change) == (None, None)
    assert store.marked("GM0001", ()) == []
