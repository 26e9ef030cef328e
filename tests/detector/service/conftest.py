"""What the tests of the service share: folders in memory, and the real daemon in a process of its own."""

import csv
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import create_server
from typing import Any

import pytest

from detector.areas import read_areas
from detector.configuration import load
from detector.ingest.intake import ingest_file
from detector.service import cli
from detector.service.cycle import UnitOrder, run_in
from detector.service.installation import Installation
from detector.simulate import SimulationPlan, simulate
from detector.store.runs import Run

MEMORY = Path("/dev/shm")  # noqa: S108 - only the memory file system of Linux; what is made in it has a random name
PATIENCE_SECONDS = 60.0
"""How long to wait for something that takes a second, on a machine that has much else to do."""
PAUSE = threading.Event()
FIELDS = ("report_id", "received_on", "municipality", "area", "grounds", "communities", "domains")
SETTINGS = """
lease_seconds = 2.0
[intake]
every_seconds = 1
settle_seconds = 0.2
[engine]
processes = 1
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
[alerts.policy]
# So that a pattern that grows is told as just that.
recurrence_steps_days = [1000000.0]
[alerts.delivery]
retry_after_seconds = [0.0, 0.5, 0.5, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]
jitter = 0.0
lease_seconds = 5.0
[alerts.route]
group_wait_seconds = 0
"""


@pytest.fixture
def memory_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is such a thing: these tests wait for the disk at each of thousands of commits.

    A killed process leaves behind what it wrote there as well, only a power cut would not, and no test cuts the power.
    """
    if not os.access(MEMORY, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=MEMORY, prefix="patroonwacht-") as folder:
        yield Path(folder)


@pytest.fixture
def wait_for() -> Callable[..., Any]:
    """Asks again and again until the answer is yes, and gives that answer; fails with words when it takes too long."""

    def wait(ask: Callable[[], Any], what: str, seconds: float = PATIENCE_SECONDS) -> Any:
        give_up = time.monotonic() + seconds
        while not (answer := ask()):
            assert time.monotonic() < give_up, f"not within {seconds:g} s: {what}"
            PAUSE.wait(0.02)
        return answer

    return wait


@dataclass
class Service:
    """One installation in a folder, and the processes that work in it."""

    folder: Path
    environ: dict[str, str]
    log: Path

    def start(self, command: str = "daemon") -> "subprocess.Popen[bytes]":
        """Start the real command in a process group of its own; what it logs goes to ``log``."""
        with self.log.open("ab") as output:
            return subprocess.Popen(
                [sys.executable, "-c", "from detector.service.cli import main; main()", command],
                env={**os.environ, **self.environ},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def events(self, name: str, process: "subprocess.Popen[bytes] | None" = None) -> list[dict[str, Any]]:
        """What was logged by this name; lines that are no JSON are somebody else's."""
        lines = [line for line in self.log.read_text().splitlines() if line.startswith("{") and line.endswith("}")]
        found = [event for event in map(json.loads, lines) if event.get("event") == name]
        return [event for event in found if process is None or f"-{process.pid}-" in event.get("holder", "")]

    @property
    def inbox(self) -> Path:
        """The drop folder."""
        return self.folder / "inbox"

    def drop(self, name: str, area: str, count: int, **more: str) -> None:
        """Put a file of so many recent reports into the inbox, as a careful sender does: whole, by a rename."""
        today = datetime.now(UTC).date()
        part = self.inbox / f"{name}.part"
        with part.open("w", newline="") as file:
            writer = csv.DictWriter(file, FIELDS, restval="")
            writer.writeheader()
            for number in range(count):
                received = (today - timedelta(days=1 + number)).isoformat()
                row = {"report_id": f"{name}-{number}", "received_on": received, "municipality": "GM9999", "area": area}
                writer.writerow({**row, "grounds": "herkomst_huidskleur", **more})
        part.rename(self.inbox / f"{name}.csv")

    def told(self) -> list[tuple[str, int]]:
        """What lies in the outbox: reason and revision, by alert."""
        files = [json.loads(path.read_text()) for path in (self.folder / "outbox").glob("*.json")]
        return sorted((item["reason"], item["revision"]) for file in files for item in file["data"]["items"])

    def settle(self, change: Callable[[str], str]) -> None:
        """Change the file of settings, in one move."""
        file = self.folder / "settings.toml"
        changed = file.with_suffix(".new")
        changed.write_text(change(file.read_text()))
        changed.replace(file)

    def stop(self, process: "subprocess.Popen[bytes]") -> int:
        """Tell it to stop, and wait until it has: its exit status."""
        process.send_signal(signal.SIGTERM)
        return process.wait(PATIENCE_SECONDS)

    def runs(self) -> list[Run]:
        """The runs so far."""
        with self.opened() as installation:
            return installation.runs.list(limit=1000)

    def opened(self) -> "Opened":
        """The installation, for a look."""
        return Opened(Installation(load(self.environ).settings))


@dataclass
class Opened:
    """An installation that is let go of at the end of the block."""

    installation: Installation

    def __enter__(self) -> Installation:
        return self.installation

    def __exit__(self, *_: object) -> None:
        self.installation.close()


@pytest.fixture
def make_service(memory_folder: Path) -> Iterator[Callable[..., Service]]:
    """Makes an installation with areas, a year of quiet history and these settings beside the usual ones."""
    with ExitStack() as stack:

        def make(settings: str = "", **environ: str) -> Service:
            folder = memory_folder / "var"
            (folder / "inbox").mkdir(parents=True)
            (folder / "settings.toml").write_text(SETTINGS + settings)
            with create_server(("127.0.0.1", 0)) as probe:
                port = probe.getsockname()[1]
            environ = {
                "PATROONWACHT_DATA_DIR": str(folder),
                "PATROONWACHT_CONFIG": str(folder / "settings.toml"),
                "PATROONWACHT_PORT": str(port),
                **environ,
            }
            service = Watched(folder, environ, memory_folder / "log", [])
            service.log.touch()
            stack.callback(service.end)
            _fill(service)
            return service

        yield make


@dataclass
class Watched(Service):
    """A service of which no process outlives the test."""

    processes: list["subprocess.Popen[bytes]"]

    def start(self, command: str = "daemon") -> "subprocess.Popen[bytes]":
        process = super().start(command)
        self.processes.append(process)
        return process

    def end(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        # Shown when the test has failed.
        sys.stderr.write(self.log.read_text()[-8000:])


def _fill(service: Service) -> None:
    end = datetime.now(UTC).date() - timedelta(days=100)
    plan = SimulationPlan(
        end=end, years=1, reports_per_year=40, seed=3, mass_waves_per_year=0, campaigns=0, districts=3, neighbourhoods=9
    )
    paths = simulate(service.folder / "made-up", plan)
    now = datetime.now(UTC)
    with service.opened() as installation:
        installation.area_store.replace(read_areas(paths.areas).to_rows())
        installation.inbox_folders()
        ingest_file(paths.reports, installation.profile(None), installation.areas(), installation.reports, now)
        today = now.astimezone(installation.settings.zone("GM9999")).date()
        run_in(installation, UnitOrder(installation.settings, "GM9999", today, "test", "nobody", now))
        assert installation.alerts.list().alerts == ()


@dataclass(frozen=True)
class Ran:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Runs a command in this process, on the installation of a service, through the same ``main`` as a shell does."""

    def run(service: Service, *words: str | Path) -> Ran:
        for name, value in service.environ.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr("sys.argv", ["patroonwacht", *map(str, words)])
        capsys.readouterr()
        try:
            cli.main()
            code = 0
        except SystemExit as stopped:
            code = int(stopped.code or 0)
        said = capsys.readouterr()
        return Ran(code, said.out, said.err)

    return run
