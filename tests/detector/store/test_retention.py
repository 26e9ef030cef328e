from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Engine, select, update

from alerts.pattern import Pattern
from detector.model import Report, ReportKind
from detector.store import tables
from detector.store.engine import reading, writing
from detector.store.errors import StoreError
from detector.store.marking import Marking
from detector.store.patterns import PatternStore, Revision
from detector.store.reports import ReportStore
from detector.store.retention import ANY, NONE
from detector.store.runs import RunResult, RunStart, RunStore

Make = Callable[..., Report]
TODAY = date(2026, 3, 2)
BEFORE = date(2021, 3, 15)
OLD = date(2021, 3, 14)


@pytest.fixture
def store(engine: Engine, report: Make) -> ReportStore:
    made = ReportStore(engine)
    made.upsert(
        [
            report("two", received_on=OLD, grounds=("ras", "godsdienst"), communities=("moslims",), domains=("werk",)),
            report("one", received_on=OLD, grounds=("ras",)),
            report("mass", received_on=date(2021, 2, 1), grounds=("ras",), kind=ReportKind.MASS),
            report("withdrawn", received_on=OLD, grounds=("ras",), withdrawn=True),
            report("kept", received_on=BEFORE, grounds=("ras",)),
            report("elsewhere", municipality="GM0002", received_on=TODAY),
        ]
    )
    return made


def test_old_reports_become_counts_that_can_be_proven(store: ReportStore, noon: datetime) -> None:
    [purged] = store.purge(BEFORE, noon)
    assert (purged.municipality, purged.deleted, purged.folded, purged.withdrawn) == ("GM0001", 4, 3, 1)
    assert (purged.first_month, purged.last_month) == (date(2021, 2, 1), date(2021, 3, 1))
    assert [one.report_id for one in store.load("GM0001")] == ["kept"]
    march = {
        (one.ground, one.domain, one.community): one.reports
        for one in store.monthly_counts("GM0001")
        if one.month == date(2021, 3, 1)
    }
    assert march[ANY, ANY, ANY] == 2
    assert march["ras", ANY, ANY] == 2
    assert march["godsdienst", ANY, ANY] == 1
    assert march["ras", "werk", ANY] == 1
    assert march["ras", NONE, ANY] == 1
    assert march[ANY, ANY, "moslims"] == 1
    assert march[ANY, ANY, NONE] == 1
    masses = [one for one in store.monthly_counts("GM0001") if one.kind is ReportKind.MASS]
    assert {one.month for one in masses} == {date(2021, 2, 1)}
    assert store.monthly_counts("GM0002") == []


def test_purging_again_does_nothing_and_what_was_counted_is_not_taken_in_again(
    store: ReportStore, report: Make, noon: datetime
) -> None:
    store.purge(BEFORE, noon)
    counts = store.monthly_counts("GM0001")
    assert store.purge(BEFORE, noon) == []
    again = store.upsert([report("one", received_on=OLD, grounds=("ras",)), report("new", received_on=BEFORE)])
    assert again.accepted == 1
    [(place, problem)] = again.refused
    assert (place, problem.code) == (0, "past_retention")
    assert str(BEFORE) in problem.sentence
    assert store.monthly_counts("GM0001") == counts


def test_counts_of_a_month_add_up_over_purges(store: ReportStore, noon: datetime) -> None:
    store.purge(BEFORE, noon)
    store.purge(BEFORE + timedelta(days=1), noon)
    march = [
        one.reports
        for one in store.monthly_counts("GM0001")
        if (one.month.month, one.ground, one.domain, one.community) == (3, ANY, ANY, ANY)
    ]
    assert march == [3]


def test_what_speaks_of_a_deleted_report_goes_with_it(
    store: ReportStore, engine: Engine, pattern: Callable[..., Pattern], noon: datetime
) -> None:
    store.mark(Marking("m1", "GM0001", frozenset({"export:one"}), ReportKind.DUPLICATE, "came in twice", "jansen"), noon)
    run = RunStore(engine).start(RunStart("GM0001", TODAY, "night", "me", "abc", "0.1.0"), noon)
    patterns = PatternStore(engine)
    patterns.save(run, RunResult(1, 1, 1, 0.1), [], [Revision(pattern(), frozenset({"export:one", "export:kept"}))], noon)
    store.purge(BEFORE, noon)
    assert patterns.members("p1", 1) == {"export:kept"}
    with reading(engine) as connection:
        assert connection.execute(select(tables.kind_changes)).all() == []


def test_when_the_counts_do_not_add_up_nothing_is_deleted(
    store: ReportStore, engine: Engine, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("detector.store.retention._cells", lambda _: iter(()))
    with pytest.raises(StoreError, match="4 reports would go, 0 of 3 were counted; nothing was deleted"):
        store.purge(BEFORE, noon)
    assert len(store.load("GM0001")) == 5
    with reading(engine) as connection:
        assert connection.execute(select(tables.retention_log)).all() == []


def test_the_log_holds_what_was_done(store: ReportStore, engine: Engine, noon: datetime) -> None:
    store.purge(BEFORE, noon)
    with reading(engine) as connection:
        [row] = connection.execute(select(tables.retention_log)).mappings()
    assert (row["municipality"], row["before"], row["at"], row["deleted"], row["folded"]) == ("GM0001", BEFORE, noon, 4, 3)


def test_a_later_limit_is_not_taken_back_by_an_earlier_one(
    store: ReportStore, engine: Engine, report: Make, noon: datetime
) -> None:
    store.purge(TODAY, noon)
    with writing(engine) as connection:
        connection.execute(update(tables.municipalities).values(news=0, read_up_to=0))
    store.purge(BEFORE, noon)
    assert len(store.upsert([report("late", received_on=BEFORE)]).refused) == 1
