"""The real daemon and its workers are killed at odd moments, in the middle of a unit and between; what they left is taken up."""

import json
import os
import signal
import subprocess
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from alerts import audit
from detector.store.runs import RunState

AREAS = ("BU99990000", "BU99990101", "BU99990200")
ROUNDS = 3


def told(service: Any) -> list[tuple[str, int, str]]:
    """What lies in the outbox: alert, revision and reason, once for every message that says so."""
    files = [json.loads(path.read_text()) for path in (service.folder / "outbox").glob("*.json")]
    return sorted((item["alert_id"], item["revision"], item["reason"]) for file in files for item in file["data"]["items"])


def reasons(service: Any) -> list[str]:
    return sorted(reason for _, _, reason in told(service))


def workers(process: "subprocess.Popen[bytes]") -> list[int]:
    """The processes in which a daemon's units run."""
    found = []
    for path in Path(f"/proc/{process.pid}/task").glob("*/children"):
        for child in path.read_text().split():
            with suppress(FileNotFoundError):
                if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
                    found.append(int(child))
    return found


def test_a_worker_dies_in_its_unit(make_service: Callable[..., Any], wait_for: Callable[..., Any]) -> None:
    service = make_service()
    # A unit that takes long enough to be found at work.
    service.settle(lambda text: text.replace("replicates = 99", "replicates = 400000"))
    process = service.start()
    wait_for(lambda: service.events("daemon.at_work"), "it is at work")
    service.drop("one", AREAS[0], 5)
    wait_for(lambda: any(run.state is RunState.RUNNING for run in service.runs()), "a unit is under way")
    [worker] = workers(process)
    os.kill(worker, signal.SIGKILL)
    wait_for(lambda: reasons(service) == ["first"], "the unit is run again, and told of")
    assert Counter(run.state for run in service.runs()) == {RunState.DONE: 2, RunState.FAILED: 1}
    os.kill(workers(process)[0], signal.SIGKILL)
    service.drop("two", AREAS[1], 5)
    wait_for(lambda: reasons(service) == ["first", "first"], "one that died between its units is replaced too")
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0


def test_the_daemon_dies_at_odd_moments(make_service: Callable[..., Any], wait_for: Callable[..., Any]) -> None:
    service = make_service()
    rng = np.random.default_rng(7)
    for number in range(ROUNDS):
        process = service.start()
        wait_for(lambda process=process: service.events("daemon.at_work", process), "it is at work")
        service.drop(f"file-{number}", AREAS[number], 5)
        with suppress(subprocess.TimeoutExpired):
            process.wait(float(rng.uniform(0.2, 2.5)))
        # Now and then only the daemon dies; its workers find that out by themselves.
        (os.kill if number % 2 else os.killpg)(process.pid, signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
    last = service.start()
    wait_for(lambda: service.events("daemon.at_work", last), "the last one is at work")
    service.drop("last", AREAS[0], 5)
    wait_for(lambda: reasons(service).count("first") == ROUNDS and "grown" in reasons(service), "everything is told")
    last.send_signal(signal.SIGTERM)
    assert last.wait(30) == 0
    assert len(told(service)) == len(set(told(service)))
    assert sorted(reasons(service)) == ["first"] * ROUNDS + ["grown"]
    assert {path.name for path in (service.inbox / "done").glob("*.csv")} == {
        "file-0.csv",
        "file-1.csv",
        "file-2.csv",
        "last.csv",
    }
    assert not [path for path in service.inbox.glob("*") if path.is_file()]
    with service.opened() as installation:
        assert {run.state for run in installation.runs.list(limit=1000)} <= {RunState.DONE, RunState.LOST, RunState.FAILED}
        assert installation.patterns.waiting() == 0
        assert installation.reports.unread_news() == {}
        assert audit.verify(installation.alerts_engine).intact
