"""A process is killed at every step from the drop folder to the message; the next one loses nothing and doubles nothing."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from pathlib import Path
from typing import Any

import psycopg
import pytest
import real_postgres
import service_crash
from forking import Forker, forker
from psycopg import sql
from service_crash import LATER, NOW

KILLS_ON_POSTGRESQL = 50
"""Spread evenly over the steps; on SQLite it is every one of them."""
AT_ONCE = 2
"""Processes that die and recover at the same time, each in an installation of its own."""


@dataclass(frozen=True)
class Place:
    """Where one installation lives: its folder, and its database where that is a server's (both sides in one)."""

    folder: Path
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Worker:
    """The process that forks the runs; it has compiled everything once."""

    forker: Forker

    def prepare(self, place: Place) -> None:
        self.forker.ask(do="prepare", folder=str(place.folder), url=place.url)

    def rehearse(self, place: Place) -> None:
        """What is run from now on starts with all that a run has to make ready first."""
        self.forker.ask(do="rehearse", folder=str(place.folder), url=place.url)

    def run(self, places: Sequence[Place], now: datetime, die_at: Sequence[int] = ()) -> list[dict[str, Any]]:
        """Run in all places at once, in each to its own end: 0, or none given, is to live."""
        orders = [
            {"folder": str(place.folder), "url": place.url, "now": now.isoformat(), "die_at": end}
            for place, end in zip_longest(places, die_at, fillvalue=0)
            if isinstance(place, Place)
        ]
        answers: list[dict[str, Any]] = self.forker.ask(do="run", runs=orders)
        assert not any(answer["failed"] for answer in answers)
        return answers


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with forker(Path(service_crash.__file__)) as started:
        yield Worker(started)


class OnSqlite:
    """Installations with a file for each side."""

    def __init__(self, worker: Worker, root: Path) -> None:
        self._root = root
        worker.prepare(Place(root / "prepared"))
        worker.rehearse(self.fresh())

    def fresh(self, number: int = 0) -> Place:
        """A copy of the prepared one; the one that had this number is thrown away."""
        shutil.rmtree(self._root / str(number), ignore_errors=True)
        return Place(shutil.copytree(self._root / "prepared", self._root / str(number)))


class OnPostgresql:
    """Installations with both sides in one database of a real server."""

    def __init__(self, worker: Worker, root: Path, server: real_postgres.PostgresServer) -> None:
        self._root, self._server = root, server
        self._begin("kill_prepared", "template0")
        worker.prepare(Place(root / "prepared", server.url("kill_prepared")))
        worker.rehearse(self.fresh())

    def fresh(self, number: int = 0) -> Place:
        """A copy of the prepared one; the one that had this number goes, from under what its dead process left open."""
        shutil.rmtree(self._root / str(number), ignore_errors=True)
        self._begin(f"kill_{number}", "kill_prepared")
        folder = shutil.copytree(self._root / "prepared", self._root / str(number))
        return Place(folder, self._server.url(f"kill_{number}"))

    def _begin(self, name: str, like: str) -> None:
        user = real_postgres.SUPERUSER
        names = {"name": sql.Identifier(name), "like": sql.Identifier(like)}
        with psycopg.connect(host=str(self._server.socket_dir), user=user, dbname=user, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {name} WITH (FORCE)").format(**names))
            connection.execute(sql.SQL("CREATE DATABASE {name} TEMPLATE {like}").format(**names))


def check_undisturbed(whole: dict[str, Any]) -> None:
    """What comes of the file when nobody dies, so that the comparison with it means something."""
    first = [(destination, reason) for destination, _, revision, reason in whole["told"] if revision == 1]
    assert sorted(first) == [("heiveen", "released")] * 2 + [("outbox", "first")] * 3
    assert sorted(each[0] for each in whole["told"] if each[2:] == [2, "grown"]) == ["heiveen", "outbox"]
    assert whole["written_down"] == whole["told"]
    assert whole["messages"] == [["delivered", 7]]
    assert whole["taken_over"] == whole["handed_over"]
    assert [whole["waiting"], whole["unread"], whole["runs_open"], whole["unfinished"]] == [0, {}, 0, []]
    assert whole["intake"] == [16, 15, 1]
    assert whole["refused"] == 1
    assert whole["files"] == ["done/new.csv", "done/new.csv.report.json"]
    assert whole["audit"]


def ends(steps: Sequence[str]) -> list[int]:
    """Where to die: at each step that another process can see, and at some of those within a transaction, which it cannot."""
    seen = [step in {"COMMIT", "committed"} or not step.startswith(("INSERT", "UPDATE", "DELETE")) for step in steps]
    visible = [number for number, is_seen in enumerate(seen, start=1) if is_seen]
    within = [number for number, is_seen in enumerate(seen, start=1) if not is_seen]
    return sorted(visible + within[::6])


def kill_everywhere(worker: Worker, installations: OnSqlite | OnPostgresql, at_most: int) -> None:
    [whole] = worker.run([installations.fresh()], NOW)
    check_undisturbed(whole["holds"])
    every = ends(whole["steps"])
    number = min(at_most, len(every))
    chosen = [every[index * len(every) // number] for index in range(number)]
    assert len(chosen) >= 50
    for start in range(0, number, AT_ONCE):
        die_at = chosen[start : start + AT_ONCE]
        places = [installations.fresh(slot) for slot in range(len(die_at))]
        assert all(answer["killed"] for answer in worker.run(places, NOW, die_at))
        for end, after in zip(die_at, worker.run(places, NOW + LATER), strict=True):
            assert after["holds"] == whole["holds"], f"killed before step {end}: {whole['steps'][end - 1]}"


def test_killed_at_every_step_on_sqlite(worker: Worker, memory_folder: Path) -> None:
    kill_everywhere(worker, OnSqlite(worker, memory_folder), at_most=1000)


def test_killed_at_many_steps_on_postgresql(
    worker: Worker, memory_folder: Path, postgres_server: real_postgres.PostgresServer
) -> None:
    kill_everywhere(worker, OnPostgresql(worker, memory_folder, postgres_server), KILLS_ON_POSTGRESQL)


def test_killed_again_and_again(worker: Worker, memory_folder: Path) -> None:
    installations = OnSqlite(worker, memory_folder)
    [whole] = worker.run([installations.fresh()], NOW)
    place, now = installations.fresh(), NOW
    for die_at in (7, 3, 13, 25, 11, 20, 31, 44, 12, 50, 9, 26):
        worker.run([place], now, [die_at])
        now += LATER
    [after] = worker.run([place], now)
    assert after["holds"] == whole["holds"]
