"""A real process is killed at every step of taking in and delivering, and the next one finds everything and doubles nothing."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import alerting_crash
import pytest
from alerting import NOW
from forking import Forker, forker

from alerts import audit, deliveries
from alerts.alert import DeliveryState
from alerts.lifecycle import alert_id_of
from alerts.store.engine import open_engine

# Steps are statements, commits, and the moments before and after a message goes out; these are spread evenly over all of them.
KILLS_ON_SQLITE = 16
KILLS_ON_POSTGRESQL = 6
PLACE, COMMUNITY = alert_id_of("place"), alert_id_of("community")
EXPECTED = {
    ("adv", PLACE, 1, "first"),
    ("adv", COMMUNITY, 1, "first"),
    ("adv", PLACE, 2, "grown"),
    ("heiveen", PLACE, 1, "released"),
    ("heiveen", PLACE, 2, "grown"),
    ("heiveen", COMMUNITY, 1, "released"),
}


@dataclass(frozen=True, slots=True)
class Worker:
    """The process that forks the runs."""

    forker: Forker

    def run(self, url: str, folder: Path, now: datetime, die_at: int = 0) -> dict[str, Any]:
        answer: dict[str, Any] = self.forker.ask(url=url, folder=str(folder), now=now.isoformat(), die_at=str(die_at))
        assert not answer["failed"]
        return answer


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with forker(Path(alerting_crash.__file__)) as started:
        yield Worker(started)


def check(url: str, folder: Path) -> None:
    """Nothing lost, nothing under two ids, the same items each time, nobody else's alerts, an unbroken log."""
    engine = open_engine(url)
    lines = [json.loads(line) for line in (folder / "log").read_text().splitlines()]
    ids: dict[tuple[str, str, int, str], set[str]] = {}
    contents: dict[str, set[str]] = {}
    for message_id, destination, items in lines:
        contents.setdefault(message_id, set()).add(json.dumps(items))
        for alert_id, revision, reason, municipality in items:
            ids.setdefault((destination, alert_id, revision, reason), set()).add(message_id)
            assert (destination, municipality) in {("adv", "GM0001"), ("heiveen", "GM0001")}
    assert set(ids) == EXPECTED
    assert all(len(each) == 1 for each in ids.values())
    assert all(len(each) == 1 for each in contents.values())
    assert {path.stem for path in folder.glob("*/*.json")} == set(contents)
    assert {each.state for each in deliveries.list_messages(engine)} == {DeliveryState.DELIVERED}
    assert audit.verify(engine).intact
    engine.dispose()


def test_killed_at_every_step(make_store: Callable[[], str], worker: Worker, quick_path: Path) -> None:
    whole = quick_path / "whole"
    whole.mkdir()
    url = make_store()
    steps = worker.run(url, whole, NOW)["steps"]
    check(url, whole)
    points = KILLS_ON_SQLITE if url.startswith("sqlite") else KILLS_ON_POSTGRESQL
    assert steps > points
    for number in range(points):
        die_at = 1 + number * steps // points
        folder = quick_path / str(die_at)
        folder.mkdir()
        url = make_store()
        assert worker.run(url, folder, NOW, die_at)["killed"]
        assert not worker.run(url, folder, NOW + timedelta(minutes=3))["killed"]
        check(url, folder)


def test_killed_again_and_again(make_store: Callable[[], str], worker: Worker, quick_path: Path) -> None:
    url = make_store()
    now = NOW
    for die_at in (9, 41, 97, 60, 33, 71, 118, 26, 0):
        worker.run(url, quick_path, now, die_at)
        now += timedelta(minutes=3)
    check(url, quick_path)
