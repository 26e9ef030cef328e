"""A process that is killed with SIGKILL leaves each step done as a whole or not at all."""

import multiprocessing
import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count
from multiprocessing.connection import Connection as Pipe
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine, event, func, inspect, select

from alerts.pattern import Pattern
from detector.model import Report, ReportKind
from detector.store import tables
from detector.store.engine import open_engine, reading
from detector.store.marking import Marking
from detector.store.migrate import migrate
from detector.store.patterns import PatternStore, Revision, StoredPattern
from detector.store.reports import ReportStore
from detector.store.runs import RunResult, RunStart, RunState, RunStore

TODAY = date(2026, 3, 2)
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
FORK = multiprocessing.get_context("fork")
OLD = [Report("export", f"old-{i}", "GM0001", TODAY - timedelta(days=3000 + i), grounds=("ras",)) for i in range(5)]
NEW = [Report("export", f"new-{i}", f"GM000{i % 2}", TODAY) for i in range(5)]
RESULT = RunResult(reports_in=5, findings=2, patterns=2, duration_s=0.1, read_up_to=1)

Action = Callable[[Engine, Callable[..., Pattern]], None]


def _save(engine: Engine, pattern: Callable[..., Pattern]) -> None:
    [run] = RunStore(engine).list(state=RunState.RUNNING)
    followed = [StoredPattern("p1", active=True, payload="new"), StoredPattern("p2", active=True, payload="new")]
    revisions = [Revision(pattern(key, 2), frozenset({"export:old-1", "export:old-2"})) for key in ("p1", "p2")]
    PatternStore(engine).save(run.id, RESULT, followed, revisions, NOON)


def _upsert(engine: Engine, _: Callable[..., Pattern]) -> None:
    changed = [Report("export", "old-1", "GM0001", TODAY - timedelta(days=3001), withdrawn=True)]
    ReportStore(engine).upsert([*NEW, *changed])


def _purge(engine: Engine, _: Callable[..., Pattern]) -> None:
    ReportStore(engine).purge(TODAY - timedelta(days=2000), NOON)


def _mark(engine: Engine, _: Callable[..., Pattern]) -> None:
    keys = frozenset({"export:old-1", "export:old-3"})
    ReportStore(engine).mark(Marking("m1", "GM0001", keys, ReportKind.MASS, "one broadcast", "jansen"), NOON)


def _killed_before_statement(number: int, url: str, action: Action, pattern: Callable[..., Pattern]) -> bool:
    """Run an action in a process that is killed before its statement of that number; False where it came to its end."""

    def work() -> None:
        engine = open_engine(url)
        seen = count(1)

        def maybe_die(*_: object) -> None:
            if next(seen) == number:
                os.kill(os.getpid(), signal.SIGKILL)

        event.listen(engine, "before_cursor_execute", maybe_die)
        event.listen(engine, "commit", maybe_die)
        action(engine, pattern)

    process = FORK.Process(target=work)
    process.start()
    process.join(60)
    assert process.exitcode in {0, -signal.SIGKILL}
    return process.exitcode != 0


def _all_rows(engine: Engine) -> dict[str, list[Any]]:
    with reading(engine) as connection:
        return {table.name: sorted(map(repr, connection.execute(select(table)))) for table in tables.metadata.sorted_tables}


@pytest.fixture
def filled(engine: Engine, pattern: Callable[..., Pattern]) -> Iterator[Engine]:
    runs = RunStore(engine)
    ReportStore(engine).upsert(OLD)
    start = RunStart("GM0001", TODAY, "night", "host-1", "abc", "0.1.0")
    followed = [StoredPattern("p1", active=True, payload="old")]
    PatternStore(engine).save(runs.start(start, NOON), RESULT, followed, [Revision(pattern("p1", 1), frozenset({"x"}))], NOON)
    runs.start(start, NOON)
    # A connection must not be shared with a forked process.
    engine.dispose()
    yield engine
    engine.dispose()


@pytest.mark.parametrize("action", [_save, _upsert, _purge, _mark])
def test_killed_at_every_statement_a_step_has_done_all_or_nothing(
    filled: Engine, database_url: str, pattern: Callable[..., Pattern], action: Action
) -> None:
    before = _all_rows(filled)
    kills = 0
    for number in count(1):
        filled.dispose()
        if not _killed_before_statement(number, database_url, action, pattern):
            break
        kills += 1
        assert _all_rows(filled) == before
    assert kills >= 5
    assert _all_rows(filled) != before


def test_killed_at_every_statement_of_the_first_start_the_next_one_finishes_it(
    database_url: str, pattern: Callable[..., Pattern]
) -> None:
    engine = open_engine(database_url)
    for number in (1, 2, 3, 4, 5, 8, 13, 21, 34):
        engine.dispose()
        assert _killed_before_statement(number, database_url, lambda one, _: migrate(one), pattern)
        assert inspect(engine).get_table_names() == []
    migrate(engine)
    assert "reports" in inspect(engine).get_table_names()
    engine.dispose()


def _work_on(url: str, pattern: Callable[..., Pattern], progress: Pipe) -> None:
    engine = open_engine(url)
    runs, patterns, reports = RunStore(engine), PatternStore(engine), ReportStore(engine)
    while True:
        run = runs.start(RunStart("GM0001", TODAY, "night", "host-1", "abc", "0.1.0"), NOON)
        reports.upsert([Report(f"run{run}", str(i), "GM0001", TODAY) for i in range(20)])
        members = frozenset(map(str, range(20)))
        followed = [StoredPattern(key, active=True, payload=str(run)) for key in ("p1", "p2")]
        patterns.save(run, RESULT, followed, [Revision(pattern(key, run), members) for key in ("p1", "p2")], NOON)
        progress.send(run)


def test_killed_at_any_moment_what_a_run_says_is_there(
    engine: Engine, database_url: str, pattern: Callable[..., Pattern]
) -> None:
    rng = np.random.default_rng(4)
    for _ in range(6):
        engine.dispose()
        mine, theirs = FORK.Pipe()
        process = FORK.Process(target=_work_on, args=(database_url, pattern, theirs))
        process.start()
        assert mine.poll(60)
        process.join(rng.random() * 0.05)
        process.kill()
        process.join(60)
        _check_runs(engine)


def _check_runs(engine: Engine) -> None:
    states = {run.id: run.state for run in RunStore(engine).list(limit=10_000)}
    done = {run for run, state in states.items() if state is RunState.DONE}
    assert set(states.values()) <= {RunState.DONE, RunState.RUNNING}
    with reading(engine) as connection:
        revisions = Counter(connection.scalars(select(tables.outbox.c.revision)))
        members = Counter(connection.scalars(select(tables.pattern_members.c.revision)))
        followed = set(connection.scalars(select(tables.followed.c.payload)))
        counted = select(tables.reports.c.source, func.count()).group_by(tables.reports.c.source)
        batches: dict[str, int] = {row[0]: row[1] for row in connection.execute(counted)}
    assert revisions == dict.fromkeys(done, 2)
    assert members == dict.fromkeys(done, 40)
    assert followed == {str(max(done))}
    assert set(batches.values()) == {20}
    assert {f"run{run}" for run in done} <= batches.keys()
    assert ReportStore(engine).counts()[0].reports == 20 * len(batches)
