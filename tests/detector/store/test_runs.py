from collections.abc import Callable
from dataclasses import fields
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Engine

from alerts.pattern import Pattern
from detector.model import Report
from detector.store import tables
from detector.store.errors import LeaseLostError, StoreError
from detector.store.leases import LeaseStore
from detector.store.patterns import PatternStore, Revision, StoredPattern
from detector.store.reports import ReportStore
from detector.store.runs import Run, RunResult, RunStart, RunState, RunStore

TODAY = date(2026, 3, 2)
START = RunStart("GM0001", TODAY, "night", "host-1", "abc", "0.1.0")
RESULT = RunResult(reports_in=300, findings=4, patterns=2, duration_s=1.5)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def runs(engine: Engine) -> RunStore:
    return RunStore(engine)


@pytest.fixture
def patterns(engine: Engine) -> PatternStore:
    return PatternStore(engine)


def test_a_run_is_recorded_from_start_to_end(runs: RunStore, noon: datetime) -> None:
    run = runs.start(START, noon)
    [going] = runs.list()
    assert (going.state, going.finished_at, going.reports_in) == (RunState.RUNNING, None, None)
    runs.finish(run, RESULT, noon + MINUTE)
    [done] = runs.list("GM0001")
    assert done == Run(
        run, "GM0001", TODAY, "night", "host-1", "abc", "0.1.0", RunState.DONE, noon, noon + MINUTE, 300, 4, 2, 1.5, None
    )
    assert runs.list("GM0002") == []


def test_the_record_and_the_table_have_the_same_fields() -> None:
    assert [column.name for column in tables.runs.columns] == [one.name for one in fields(Run)]


def test_a_failed_run_keeps_its_reason_and_its_news(
    runs: RunStore, engine: Engine, report: Callable[..., Report], noon: datetime
) -> None:
    reports = ReportStore(engine)
    reports.upsert([report("a")])
    run = runs.start(START, noon)
    runs.fail(run, "out of memory", noon)
    [failed] = runs.list(state=RunState.FAILED)
    assert failed.reason == "out of memory"
    assert reports.unread_news() == {"GM0001": 1}
    again = runs.start(START, noon)
    runs.finish(again, RunResult(1, 0, 0, 0.1, read_up_to=1), noon)
    assert reports.unread_news() == {}
    assert [one.id for one in runs.list(limit=1)] == [again]


def test_a_run_ends_once(runs: RunStore, noon: datetime) -> None:
    run = runs.start(START, noon)
    runs.finish(run, RESULT, noon)
    with pytest.raises(StoreError, match="not running any more"):
        runs.finish(run, RESULT, noon)
    with pytest.raises(StoreError, match="not running any more"):
        runs.fail(run, "late", noon)


def test_the_runs_of_dead_processes_are_lost_and_cannot_write(
    runs: RunStore, patterns: PatternStore, pattern: Callable[..., Pattern], noon: datetime
) -> None:
    dead = runs.start(START, noon)
    alive = runs.start(RunStart("GM0002", TODAY, "night", "host-2", "abc", "0.1.0"), noon)
    assert [one.id for one in runs.mark_lost(["host-2"], noon)] == [dead]
    assert runs.mark_lost(["host-2"], noon) == []
    with pytest.raises(StoreError, match="not running any more"):
        patterns.save(dead, RESULT, [], [Revision(pattern(), frozenset())], noon)
    assert patterns.outbox() == []
    assert {one.id: one.state for one in runs.list()} == {dead: RunState.LOST, alive: RunState.RUNNING}


def test_a_run_ends_with_what_it_found(
    runs: RunStore,
    patterns: PatternStore,
    engine: Engine,
    pattern: Callable[..., Pattern],
    noon: datetime,
) -> None:
    reports = ReportStore(engine)
    reports.upsert([Report("export", "a", "GM0001", TODAY)])
    run = runs.start(START, noon)
    followed = [StoredPattern("p1", active=True, payload='{"n": 1}'), StoredPattern("p2", active=False, payload="{}")]
    revisions = [Revision(pattern("p1", 1), frozenset({"export:a", "export:b"})), Revision(pattern("p2", 7), frozenset())]
    patterns.save(run, RunResult(1, 1, 2, 0.1, read_up_to=1), followed, revisions, noon)
    assert runs.list()[0].state is RunState.DONE
    assert reports.unread_news() == {}
    assert patterns.load("GM0001") == followed
    assert patterns.load("GM0001", active_only=True) == followed[:1]
    assert patterns.load("GM0002") == []
    assert patterns.outbox() == [pattern("p1", 1), pattern("p2", 7)]
    assert patterns.members("p1", 1) == {"export:a", "export:b"}
    assert patterns.members("p1", 2) == frozenset()


def test_later_runs_change_the_patterns_that_they_name(runs: RunStore, patterns: PatternStore, noon: datetime) -> None:
    for payloads in ({"p1": "a", "p2": "b"}, {"p2": "c"}):
        followed = [StoredPattern(key, active=True, payload=payload) for key, payload in payloads.items()]
        patterns.save(runs.start(START, noon), RESULT, followed, [], noon)
    assert {one.key: one.payload for one in patterns.load("GM0001")} == {"p1": "a", "p2": "c"}


def test_a_revision_is_written_once_and_a_run_whole_or_not_at_all(
    runs: RunStore, patterns: PatternStore, pattern: Callable[..., Pattern], noon: datetime
) -> None:
    patterns.save(runs.start(START, noon), RESULT, [], [Revision(pattern("p1", 1), frozenset({"a"}))], noon)
    second = runs.start(START, noon)
    revisions = [Revision(pattern("p2", 1), frozenset({"a"})), Revision(pattern("p1", 1), frozenset({"b"}))]
    with pytest.raises(StoreError, match="pattern p1, revision 1, was written before"):
        patterns.save(second, RESULT, [StoredPattern("p2", active=True, payload="{}")], revisions, noon)
    assert [(one.key, one.revision) for one in patterns.outbox()] == [("p1", 1)]
    assert patterns.members("p1", 1) == {"a"}
    assert patterns.load("GM0001") == []
    assert runs.list()[0].state is RunState.RUNNING


def test_a_run_that_was_overtaken_keeps_nothing(
    runs: RunStore, patterns: PatternStore, pattern: Callable[..., Pattern], noon: datetime
) -> None:
    slow, quick = runs.start(START, noon), runs.start(START, noon)
    elsewhere = runs.start(RunStart("GM0002", TODAY, "night", "host-1", "abc", "0.1.0"), noon)
    basis = patterns.basis("GM0001")
    assert basis == 0
    patterns.save(elsewhere, RESULT, [], [], noon, basis=patterns.basis("GM0002"))
    patterns.save(quick, RESULT, [StoredPattern("p1", active=True, payload="quick")], [], noon, basis=basis)
    with pytest.raises(StoreError, match=f"overtaken by run {quick}"):
        patterns.save(slow, RESULT, [StoredPattern("p1", active=True, payload="slow")], [], noon, basis=basis)
    assert [one.payload for one in patterns.load("GM0001")] == ["quick"]
    assert patterns.basis("GM0001") == quick
    patterns.save(runs.start(START, noon), RESULT, [], [Revision(pattern(), frozenset())], noon, basis=quick)
    assert len(patterns.outbox()) == 1


def test_what_was_ever_told_stays_known(
    runs: RunStore, patterns: PatternStore, pattern: Callable[..., Pattern], noon: datetime
) -> None:
    revisions = [Revision(pattern(key, revision), frozenset()) for key, revision in (("z", 1), ("a", 1), ("z", 2))]
    patterns.save(runs.start(START, noon), RESULT, [], revisions, noon)
    patterns.mark_handed_over("z", 1, noon)
    assert patterns.told("GM0001") == {"z": [pattern("z", 1), pattern("z", 2)], "a": [pattern("a", 1)]}
    assert patterns.told("GM0002") == {}


def test_the_outbox_goes_oldest_first_and_each_is_handed_over_once(
    runs: RunStore, patterns: PatternStore, pattern: Callable[..., Pattern], noon: datetime
) -> None:
    revisions = [Revision(pattern(key, revision), frozenset()) for key, revision in (("z", 1), ("a", 2), ("z", 2))]
    patterns.save(runs.start(START, noon), RESULT, [], revisions, noon)
    assert [(one.key, one.revision) for one in patterns.outbox(limit=2)] == [("z", 1), ("a", 2)]
    assert patterns.mark_handed_over("z", 1, noon)
    assert not patterns.mark_handed_over("z", 1, noon)
    assert not patterns.mark_handed_over("nobody", 1, noon)
    assert [(one.key, one.revision) for one in patterns.outbox()] == [("a", 2), ("z", 2)]
    assert [one.key for one in patterns.outbox(limit=1, skip={"a"})] == ["z"]
    assert patterns.waiting() == 2


def test_an_outbox_of_a_newer_version_says_what_to_do(
    runs: RunStore, patterns: PatternStore, engine: Engine, pattern: Callable[..., Pattern], noon: datetime
) -> None:
    patterns.save(runs.start(START, noon), RESULT, [], [Revision(pattern(), frozenset())], noon)
    with engine.begin() as connection:
        connection.execute(tables.outbox.update().values(payload='{"schema": 99}'))
    with pytest.raises(StoreError, match="upgrade this side first"):
        patterns.outbox()


def test_who_slept_through_the_lease_writes_nothing(
    runs: RunStore, patterns: PatternStore, engine: Engine, pattern: Callable[..., Pattern], noon: datetime
) -> None:
    leases = LeaseStore(engine)
    mine = leases.take("daemon", "host-1", MINUTE, noon)
    assert mine is not None
    run = runs.start(START, noon)
    assert leases.take("daemon", "host-2", MINUTE, noon + MINUTE) is not None
    with pytest.raises(LeaseLostError, match="another process has taken over"):
        patterns.save(run, RESULT, [], [Revision(pattern(), frozenset())], noon, lease=mine)
    with pytest.raises(LeaseLostError):
        runs.finish(run, RESULT, noon, lease=mine)
    assert patterns.outbox() == []
    again = leases.take("daemon", "host-1", MINUTE, noon + 3 * MINUTE)
    patterns.save(run, RESULT, [], [Revision(pattern(), frozenset())], noon, lease=again)
    assert len(patterns.outbox()) == 1
