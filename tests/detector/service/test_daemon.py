"""The real daemon in a process of its own: one at work, an orderly end, settings taken up, files that grow."""

import json
import os
import signal
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from alerts.store.engine import write
from detector.service.daemon import LEASE
from detector.service.installation import Installation
from detector.store.runs import RunState

AREA, OTHER = "BU99990000", "BU99990101"


def test_a_second_instance_waits_and_takes_over(make_service: Callable[..., Any], wait_for: Callable[..., Any]) -> None:
    service = make_service()
    first = service.start()
    wait_for(lambda: service.events("daemon.at_work", first), "the first is at work")
    second = service.start()
    wait_for(lambda: service.events("daemon.waiting"), "the second waits")
    service.drop("one", AREA, 5)
    wait_for(lambda: service.told() == [("first", 1)], "the first tells")
    assert not service.events("daemon.at_work", second)
    os.killpg(first.pid, signal.SIGKILL)
    died_at = wait_for(lambda: first.poll() is not None and last_time(service), "the first is dead")
    service.drop("two", OTHER, 5)
    wait_for(lambda: service.told() == [("first", 1), ("first", 1)], "the second has taken over and tells")
    [taken_over] = service.events("daemon.at_work", second)
    assert taken_over["timestamp"] > died_at
    assert {run.state for run in service.runs()} == {RunState.DONE}
    assert service.stop(second) == 0


def last_time(service: Any) -> str:
    lines = [line for line in service.log.read_text().splitlines() if line.startswith("{")]
    return max((json.loads(line).get("timestamp", "") for line in lines), default="0")


def test_told_to_stop_it_finishes_the_step_at_hand(make_service: Callable[..., Any], wait_for: Callable[..., Any]) -> None:
    service = make_service()
    first = service.start()
    wait_for(lambda: service.events("daemon.at_work"), "it is at work")
    second = service.start()
    wait_for(lambda: service.events("daemon.waiting"), "the second waits")
    with service.opened() as installation:
        # Whoever holds the alerts database for a while makes the hand-over a long step.
        with write(installation.alerts_engine):
            service.drop("one", AREA, 5)
            wait_for(installation.patterns.waiting, "the hand-over has begun")
            first.send_signal(signal.SIGTERM)
            wait_for(lambda: service.events("service.stopping"), "it was told")
            much_later = lease_end(installation) + timedelta(seconds=3)
            wait_for(lambda: lease_end(installation) > much_later, "it keeps the lease while the step lasts")
            assert first.poll() is None
            assert len(service.events("daemon.at_work")) == 1
        assert first.wait(60) == 0
        wait_for(lambda: service.told() == [("first", 1)], "the next one delivers what the first handed over or left")
    wait_for(lambda: len(service.events("daemon.at_work")) == 2, "the second has taken over")
    [ended, *_] = service.events("daemon.ended")
    assert service.events("daemon.at_work")[1]["timestamp"] > ended["timestamp"], "both were at work at once"
    assert service.stop(second) == 0
    assert {run.state for run in service.runs()} == {RunState.DONE}


def lease_end(installation: Installation) -> datetime:
    lease = installation.leases.holder(LEASE, datetime.now(UTC))
    assert lease is not None, "nobody holds the lease"
    return lease.expires_at


def test_settings_are_taken_up_and_broken_ones_refused(make_service: Callable[..., Any], wait_for: Callable[..., Any]) -> None:
    service = make_service()
    process = service.start()
    wait_for(lambda: service.events("daemon.at_work"), "it is at work")
    service.settle(lambda text: text.replace("settle_seconds = 0.2", 'settle_seconds = "soon"'))
    [refused] = wait_for(lambda: service.events("settings.refused"), "the broken file is refused")
    assert "settings.toml:" in refused["problem"]
    assert "intake.settle_seconds" in refused["problem"]
    service.drop("one", AREA, 5)
    wait_for(lambda: service.told() == [("first", 1)], "it works on with the old settings")
    drop = '[alerts.destinations.second]\naudience = "adv"\nchannel = { kind = "file", folder = "second" }\n'
    service.settle(lambda text: text.replace('settle_seconds = "soon"', "settle_seconds = 0.1") + drop)
    wait_for(lambda: service.events("settings.changed"), "the mended file is taken up")
    service.drop("two", OTHER, 5)
    wait_for(lambda: len(list((service.folder / "second").glob("*.json"))) == 1, "the new destination hears of it")
    assert len(service.events("settings.refused")) == 1
    with service.opened() as installation:
        texts = [entry.toml for entry in installation.settings_history.list()]
    assert any("alerts.destinations.second" in text for text in texts)
    assert service.stop(process) == 0


def test_half_written_files_are_left_alone(make_service: Callable[..., Any], wait_for: Callable[..., Any]) -> None:
    service = make_service()
    service.settle(lambda text: text.replace("settle_seconds = 0.2", "settle_seconds = 2"))
    service.start()
    wait_for(lambda: service.events("daemon.at_work"), "it is at work")
    service.drop("model", AREA, 5)
    wait_for((service.inbox / "done" / "model.csv").exists, "a whole file is taken in")
    header, *rows = (service.inbox / "done" / "model.csv").read_text().replace("model-", "slow-").splitlines(keepends=True)
    (service.inbox / "unfinished.csv.part").write_text(header + rows[0])
    slow = service.inbox / "slow.csv"
    slow.write_text(header)
    for row in rows:
        service.drop(f"beside-{row[:6]}", OTHER, 1)
        with slow.open("a") as file:
            file.write(row)
    wait_for((service.inbox / "done" / "slow.csv").exists, "the file that grew is taken in")
    beside = json.loads((service.inbox / "done" / "slow.csv.report.json").read_text())
    assert [beside["read"], beside["accepted"]] == [5, 5]
    assert (service.inbox / "unfinished.csv.part").exists()
