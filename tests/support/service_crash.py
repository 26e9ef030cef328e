"""A process that runs the service's steps, and kills itself at the one it is told: the real SIGKILL, nothing cleaned up.

Reads one line of JSON per order. ``prepare`` makes an installation with a history that was looked at yesterday. ``run`` takes
in a file and does everything that follows from it, in a forked process, so that each run starts at once and dies alone: the
answer says how it ended, which steps it took, and, unless it was killed, what the service holds then. ``rehearse`` does so in
this process, so that what is forked from it has every statement at hand.
"""

import contextlib
import csv
import json
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from small_town import small_town
from sqlalchemy import Connection, Engine, event, func, select
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry, Pool
from statements import share_statements

from alerts import audit
from alerts.store.engine import read
from alerts.store.tables import alert, delivery, message, pattern_revision
from detector.areas import read_areas
from detector.configuration import SettingsWatcher, load
from detector.ingest.intake import ingest_file
from detector.service import cycle
from detector.service.engine import SerialEngine
from detector.service.installation import Installation
from detector.service.logs import configure_logs
from detector.service.work import Work
from detector.simulate import simulate
from detector.store.engine import reading
from detector.store.runs import RunState
from detector.store.tables import outbox, quarantine
from detector.store.tables import reports as reports_table

# Later than any day on which a file of these tests can be written, as a file counts as written before it is read.
NOW = datetime(2099, 3, 2, 12, 0, tzinfo=UTC)
LATER = timedelta(minutes=3)
"""After so long, the lease of a message that was under way has run out."""
NEW_FILE = "new.csv"
TOWN, FIRST, SECOND = "GM9999", "BU99990000", "BU99990101"
SETTINGS = """
[intake]
settle_seconds = 0
[detection]
methods = ["threshold"]
[detection.threshold]
replicates = 99
max_false_alerts_per_year = 1000.0
[[detection.threshold.rules]]
name = "neighbourhood"
min_reports = 4
within_days = 90
level = "neighbourhood"
stream = "all"
codes = []
min_ratio = 0.0
[[detection.threshold.rules]]
name = "community"
min_reports = 5
within_days = 60
level = "municipality"
stream = "community"
codes = []
min_ratio = 0.0
[alerts.delivery]
at_once = 1
jitter = 0
alerts_per_message = 1
[alerts.route]
group_wait_seconds = 0
[alerts.destinations.heiveen]
audience = "municipality"
municipality = "GM9999"
channel = { kind = "file", folder = "heiveen" }
"""
FIELDS = ("report_id", "received_on", "municipality", "area", "grounds", "communities", "domains")


@dataclass
class Steps:
    """Counts the steps that change something outside of the process, and ends it before one of them.

    Reading changes nothing: to die before it is to die at the step before.
    """

    die_at: int
    folder: str
    taken: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def watch(self) -> None:
        """From now on, count what this process does with databases and files."""
        event.listen(Engine, "before_cursor_execute", self._statement)
        event.listen(Engine, "commit", self._commit)
        event.listen(Pool, "checkin", self._committed)
        sys.addaudithook(self._audit)

    def step(self, what: str) -> None:
        with self.lock:
            self.taken.append(what)
            if len(self.taken) == self.die_at:
                os.kill(os.getpid(), signal.SIGKILL)

    def _statement(self, connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        words = statement.split(maxsplit=3)
        if words[0] in {"INSERT", "UPDATE", "DELETE"}:
            connection.info["wrote"] = True
            self.step(" ".join(words[: 2 if words[0] == "UPDATE" else 3]))

    def _commit(self, connection: Connection) -> None:
        if connection.info.get("wrote"):
            self.step("COMMIT")

    def _committed(self, _: DBAPIConnection, record: ConnectionPoolEntry) -> None:
        if record.info.pop("wrote", False):
            self.step("committed")

    def _audit(self, name: str, values: tuple[Any, ...]) -> None:
        if name in {"os.rename", "os.remove", "os.mkdir", "open"} and str(values[0]).startswith(self.folder):
            writes = name != "open" or bool(values[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
            if writes:
                self.step(f"{name} {Path(values[0]).suffix}")


def environment(folder: Path, url: str | None) -> dict[str, str]:
    """The environment of an installation in ``folder``; both sides share the database at ``url``, or have a file each."""
    environ = {"PATROONWACHT_DATA_DIR": str(folder), "PATROONWACHT_CONFIG": str(folder / "settings.toml")}
    if url:
        environ |= {"PATROONWACHT_STORE__REPORTS_URL": url, "PATROONWACHT_STORE__ALERTS_URL": url}
    return environ


@contextlib.contextmanager
def working(folder: Path, url: str | None, now: datetime) -> Iterator[tuple[Work, Installation]]:
    """The service in this process, at a time that stands still."""
    environ = environment(folder, url)
    loaded = load(environ)
    installation = Installation(loaded.settings)
    try:
        yield (
            Work(SettingsWatcher(loaded, environ), installation, SerialEngine(), lambda: now, np.random.default_rng(1)),
            installation,
        )
    finally:
        installation.close()
        close_units()


def close_units() -> None:
    """Let go of what the units of work keep open from one to the next: a fork must not inherit it."""
    if cycle._Here.installation is not None:
        cycle._Here.installation.close()
        cycle._Here.installation = None


def row(number: int, days_ago: int, area: str, **more: str) -> dict[str, str]:
    """A report of the file."""
    received = (NOW - timedelta(days=days_ago)).date().isoformat()
    values = {"report_id": f"n{number:03d}", "received_on": received, "municipality": TOWN, "area": area}
    return {**dict.fromkeys(FIELDS, ""), **values, "grounds": "herkomst_huidskleur", **more}


def write_rows(path: Path, rows: list[dict[str, str]]) -> None:
    """The rows as a file of our own format."""
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, FIELDS)
        writer.writeheader()
        writer.writerows(rows)


def prepare(folder: Path, url: str | None) -> None:
    """A town in which a pattern was seen and told yesterday, and a file in the inbox that makes it grow and adds two."""
    folder.mkdir(parents=True)
    (folder / "settings.toml").write_text(SETTINGS)
    paths = simulate(folder / "made-up", small_town((NOW - timedelta(days=100)).date()))
    grown, fresh, old = [row(number, 30 + number, FIRST) for number in range(4)], [], folder / "old.csv"
    write_rows(old, grown)
    fresh = [row(10 + number, number, FIRST) for number in range(3)] + [row(20 + number, number, SECOND) for number in range(4)]
    fresh += [row(30 + number, number, "", communities="moslims") for number in range(6)]
    # One that is not anonymous, one that says more than before, one that says the same.
    fresh += [row(40, 1, FIRST, domains="bel 06-12345678"), row(0, 30, FIRST, domains="openbare_ruimte"), grown[1]]
    with working(folder, url, NOW - timedelta(days=1)) as (work, installation):
        work.recover()
        installation.area_store.replace(read_areas(paths.areas).to_rows())
        for file in (paths.reports, old):
            ingest_file(file, installation.profile(None), installation.areas(), installation.reports, NOW - timedelta(days=1))
        work.after_intake()
        work.deliver()
        write_rows(installation.settings.inbox() / NEW_FILE, fresh)


def everything(work: Work) -> None:
    """What the daemon does when it starts and finds a file: each step once, in its order."""
    work.recover()
    work.deliver()
    work.intake()
    work.after_intake()
    work.deliver()
    work.tick()


def rehearse(folder: Path, url: str | None) -> None:
    """A run in this process, of which nobody looks at what comes."""
    with working(folder, url, NOW) as (work, installation):
        everything(work)
        holds(folder, installation)


def holds(folder: Path, installation: Installation) -> dict[str, Any]:
    """What the service has and has told, without what differs from run to run: ids of messages, moments, numbers."""
    told = []
    for path in sorted([*folder.glob("outbox/*.json"), *folder.glob("heiveen/*.json")]):
        event_told = json.loads(path.read_text())
        told += [[path.parent.name, item["alert_id"], item["revision"], item["reason"]] for item in event_told["data"]["items"]]
    with read(installation.alerts_engine) as connection:
        states = [list(each) for each in connection.execute(select(message.c.state, func.count()).group_by(message.c.state))]
        written = select(delivery.c.destination, delivery.c.alert_id, delivery.c.revision, delivery.c.reason)
        deliveries = [list(each) for each in connection.execute(written)]
        alerts = connection.execute(
            select(alert.c.id, alert.c.revision, alert.c.version, alert.c.detection, alert.c.review)
        ).all()
        handed = connection.execute(select(pattern_revision.c.pattern_key, pattern_revision.c.revision)).all()
    with reading(installation.reports_engine) as connection:
        sent = connection.execute(select(outbox.c.key, outbox.c.revision)).all()
        refused = connection.scalar(select(func.count()).select_from(quarantine))
        reports = connection.execute(select(reports_table.c.report_id, reports_table.c.digest)).all()
    runs = [run.state for run in installation.runs.list(limit=1000)]
    inbox = installation.settings.inbox()
    beside = json.loads((inbox / "done" / f"{NEW_FILE}.report.json").read_text())
    return {
        "told": sorted(told),
        "written_down": sorted(deliveries),
        "messages": sorted(states),
        "alerts": sorted(list(each) for each in alerts),
        "taken_over": sorted(list(each) for each in handed),
        "handed_over": sorted(list(each) for each in sent),
        "waiting": installation.patterns.waiting(),
        "unread": installation.reports.unread_news(),
        "reports": sorted([report_id, digest.hex()] for report_id, digest in reports),
        "refused": refused,
        "runs_done": runs.count(RunState.DONE),
        "runs_open": runs.count(RunState.RUNNING),
        "intake": [beside["read"], beside["accepted"] + beside["updated"] + beside["unchanged"], len(beside["refused"])],
        "files": sorted(str(path.relative_to(inbox)) for path in inbox.rglob("*") if path.is_file()),
        "unfinished": sorted(path.name for path in folder.rglob("*") if path.suffix in {".part", ".tmp"}),
        "audit": audit.verify(installation.alerts_engine).intact,
    }


def run(order: dict[str, Any]) -> dict[str, Any]:
    """One run, in the forked process: the steps it took, and what the service holds afterwards."""
    folder = Path(order["folder"])
    steps = Steps(order["die_at"], str(folder))
    steps.watch()
    with working(folder, order["url"], datetime.fromisoformat(order["now"])) as (work, installation):
        everything(work)
        taken = list(steps.taken)
        return {"steps": taken, "holds": holds(folder, installation)}


def fork(order: dict[str, Any]) -> tuple[int, int]:
    """Begin a run in a child: its number, and the end of the pipe on which it will answer."""
    reading_end, writing_end = os.pipe()
    child = os.fork()
    if child:
        os.close(writing_end)
        return child, reading_end
    answer: dict[str, Any] = {}
    try:
        answer = run(order)
    except Exception:  # noqa: BLE001 - told on standard error, and to the test by how the child ends
        traceback.print_exc()
    with os.fdopen(writing_end, "w") as pipe:
        json.dump(answer, pipe)
    os._exit(0 if answer else 1)


def collect(child: int, reading_end: int) -> dict[str, Any]:
    """What a child answered, and how it ended."""
    with os.fdopen(reading_end) as pipe:
        text = pipe.read()
    _, status = os.waitpid(child, 0)
    killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    return {"killed": killed, "failed": status != 0 and not killed, **(json.loads(text) if text else {})}


def main() -> None:
    """Do what each line orders; the runs of one line at the same time."""
    # Standard output is for the answers.
    configure_logs("error", json_lines=True)
    share_statements()
    for line in sys.stdin:
        order = json.loads(line)
        answers: list[dict[str, Any]] = []
        if order["do"] == "prepare":
            prepare(Path(order["folder"]), order["url"])
        elif order["do"] == "rehearse":
            rehearse(Path(order["folder"]), order["url"])
        else:
            children = [fork(one) for one in order["runs"]]
            answers = [collect(*child) for child in children]
        sys.stdout.write(json.dumps(answers) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
