import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from detector.ingest.errors import IntakeError
from detector.ingest.inbox import Outcome, SweptFile, sweep
from detector.ingest.intake import IntakeResult, ingest_file
from detector.ingest.places import NoAreas
from detector.ingest.profile import SourceProfile, load_profile
from detector.store.reports import ReportStore

GOOD = "report_id,received_on,municipality\n1,2025-01-01,GM9901\n2,2025-01-01,GM9901\n"
HALF = "report_id,received_on,municipality\n1,2025-01-01,GM9901\n2,nonsense,GM9901\n"
BAD = "report_id,received_on,municipality\n1,jan@voorbeeld.nl,GM9901\n"
SETTLE_S = 5.0

Sweep = Callable[..., list[SweptFile]]


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


@pytest.fixture
def run(inbox: Path, profiles: Path, store: ReportStore) -> Sweep:
    """Sweep the inbox as seen ``later_s`` seconds from now."""

    def profile_for(path: Path) -> SourceProfile:
        return load_profile(path.parts[0] if len(path.parts) > 1 else "patroonwacht", [profiles])

    def ingest(path: Path, profile: SourceProfile) -> IntakeResult:
        return ingest_file(path, profile, NoAreas(), store, datetime.now(UTC))

    def swept(later_s: float = 60.0, ingest: Callable[[Path, SourceProfile], IntakeResult] = ingest) -> list[SweptFile]:
        return sweep(inbox, profile_for, ingest, datetime.now(UTC) + timedelta(seconds=later_s), SETTLE_S)

    return swept


def test_a_log_says_what_became_of_a_file_or_why_nothing_did(inbox: Path, run: Sweep) -> None:
    (inbox / "a.csv").write_text(HALF)
    (inbox / "b.csv").write_bytes(b"")
    (inbox / "jan.jansen@voorbeeld.nl.csv").write_text(GOOD)
    half, empty, personal = (file.as_log() for file in run())
    assert half == {"file": "a.csv", "outcome": "done", "read": 2, "accepted": 1, "updated": 0, "unchanged": 0, "refused": 1}
    assert empty == {"file": "b.csv", "outcome": "refused", "reason": "the file is empty; export it again"}
    assert personal["file"] == "(name not shown)"


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_file_is_taken_in_and_moved_with_a_report_beside_it(inbox: Path, run: Sweep, store: ReportStore) -> None:
    (inbox / "a.csv").write_text(GOOD)
    (inbox / "b.csv").write_text(HALF)
    (inbox / "c.csv").write_text(BAD)
    (inbox / "d.csv").write_text("foo\n1\n")
    (inbox / "e.csv").write_text("report_id,received_on\n")
    outcomes = {"a.csv": "done", "b.csv": "done", "c.csv": "refused", "d.csv": "refused", "e.csv": "done"}
    assert {one.name: one.outcome.value for one in run()} == outcomes
    assert names(inbox) == sorted(f"{folder}/{name}{end}" for name, folder in outcomes.items() for end in ("", ".report.json"))
    report = json.loads((inbox / "done" / "b.csv.report.json").read_text())
    assert (report["read"], report["unchanged"], [one["row"] for one in report["refused"]]) == (2, 1, [2])
    assert "maps nothing" in json.loads((inbox / "refused" / "d.csv.report.json").read_text())["message"]
    assert "jan" not in (inbox / "refused" / "c.csv.report.json").read_text()
    assert len(store.load("GM9901")) == 2
    assert run() == []


def test_a_file_that_is_still_being_written_is_left_alone(inbox: Path, run: Sweep) -> None:
    for name in ("a.csv.part", "b.TMP", "c.csv~", ".d.csv", "e.filepart"):
        (inbox / name).write_text(GOOD)
    (inbox / "fresh.csv").write_text(GOOD)
    # A copy that keeps the original's time of change is no older than its last byte.
    os.utime(inbox / "fresh.csv", (0, 0))
    (inbox / "folder.csv").mkdir()
    (inbox / "link.csv").symlink_to(inbox / "fresh.csv")
    assert run(later_s=0.0) == []
    assert [one.name for one in run(later_s=SETTLE_S + 1)] == ["fresh.csv"]


def test_a_file_that_changes_while_it_is_read_stays(inbox: Path, run: Sweep) -> None:
    (inbox / "a.csv").write_text(GOOD)

    def growing(path: Path, profile: SourceProfile) -> IntakeResult:
        result = ingest_file(path, profile, NoAreas(), None, datetime.now(UTC))
        with path.open("a") as file:
            file.write("3,2025-01-01,GM9901\n")
        return result

    assert [one.outcome for one in run(ingest=growing)] == [Outcome.LEFT]
    assert names(inbox) == ["a.csv"]
    (swept,) = run()
    assert swept.result is not None
    assert swept.result.accepted == 3


def test_a_store_that_is_down_costs_no_file_and_holds_up_no_other(inbox: Path, run: Sweep) -> None:
    (inbox / "a.csv").write_text(GOOD)
    (inbox / "b.csv").write_text(GOOD)

    def failing(path: Path, profile: SourceProfile) -> IntakeResult:
        if path.name == "a.csv":
            raise ConnectionError("secret: jan")
        return ingest_file(path, profile, NoAreas(), None, datetime.now(UTC))

    swept = run(ingest=failing)
    assert [(one.name, one.outcome) for one in swept] == [("a.csv", Outcome.LEFT), ("b.csv", Outcome.DONE)]
    assert "jan" not in repr(swept)
    assert names(inbox) == ["a.csv", "done/b.csv", "done/b.csv.report.json"]


def test_a_subfolder_names_the_profile_and_names_do_not_collide(inbox: Path, run: Sweep) -> None:
    (inbox / "adv").mkdir()
    (inbox / "nobody").mkdir()
    for number in range(3):
        (inbox / "adv" / "a.csv").write_text(f"Zaaknummer;Datum melding;Gemeente\n{number};01-01-2025;GM9901\n")
        assert [(one.name, one.outcome) for one in run()] == [("adv/a.csv", Outcome.DONE)]
    done = ["done/adv/a-2.csv", "done/adv/a-3.csv", "done/adv/a.csv"]
    assert [name for name in names(inbox) if not name.endswith(".json")] == done
    (inbox / "nobody" / "a.csv").write_text(GOOD)
    (swept,) = run()
    assert (swept.outcome, swept.path) == (Outcome.REFUSED, inbox / "refused" / "nobody" / "a.csv")
    assert "no source profile 'nobody'" in (swept.message or "")


def test_a_missing_inbox_is_nothing_to_do(inbox: Path, run: Sweep) -> None:
    inbox.rmdir()
    assert run() == []


def test_a_name_that_is_personal_is_not_shown(inbox: Path, run: Sweep) -> None:
    (inbox / "klacht jan@voorbeeld.nl.csv").write_text(GOOD)
    assert [one.name for one in run()] == ["(name not shown)"]


STEPS = 24
KILLED = """
import os, signal, sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from detector.ingest import inbox
from detector.ingest.intake import ingest_file
from detector.ingest.places import NoAreas
from detector.ingest.profile import load_profile
from detector.store.engine import open_engine
from detector.store.reports import ReportStore

root, profiles, url, steps = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
profile = load_profile("patroonwacht", [profiles])

def killed_at(step):
    left = step

    def count(event, args):
        # Every file operation around the inbox is a step at which the power can fail.
        nonlocal left
        if event in {"open", "os.rename", "os.mkdir", "os.listdir", "sqlite3.connect"} and str(root) in str(args[0]):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
    store = ReportStore(open_engine(url))
    inbox.sweep(
        root / str(step),
        lambda path: profile,
        lambda path, profile: ingest_file(path, profile, NoAreas(), store, datetime.now(UTC)),
        datetime.now(UTC) + timedelta(seconds=60),
        5,
    )

for step in range(1, steps + 1):
    child = os.fork()
    if child == 0:
        killed_at(step)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_a_kill_at_any_step_loses_and_doubles_nothing(
    tmp_path: Path, profiles: Path, store: ReportStore, sqlite_url: str, own: SourceProfile
) -> None:
    for step in range(1, STEPS + 1):
        (tmp_path / str(step)).mkdir()
        (tmp_path / str(step) / "a.csv").write_text(GOOD.replace("\n1,", f"\nA{step},").replace("\n2,", f"\nB{step},"))
        (tmp_path / str(step) / "b.csv").write_text(BAD)
    arguments = [sys.executable, "-c", KILLED, str(tmp_path), str(profiles), sqlite_url, str(STEPS)]
    driver = subprocess.run(arguments, check=False, capture_output=True, text=True, cwd=profiles.parents[1])
    ends = [int(line) for line in driver.stdout.split()]
    assert len(ends) == STEPS, driver.stderr
    killed = ends.count(-signal.SIGKILL)
    assert killed >= 10
    assert ends == [-signal.SIGKILL] * killed + [0] * (STEPS - killed), driver.stderr
    later = datetime.now(UTC) + timedelta(seconds=60)
    for step in range(1, STEPS + 1):
        inbox = tmp_path / str(step)
        for name, folder in (("a.csv", "done"), ("b.csv", "refused")):
            moved = inbox / folder / name
            assert (inbox / name).exists() != moved.exists()
            if moved.exists():
                json.loads(moved.with_name(f"{name}.report.json").read_text())
        sweep(inbox, lambda _: own, lambda path, it: ingest_file(path, it, NoAreas(), store, later), later, SETTLE_S)
        assert names(inbox) == [
            "done/a.csv", "done/a.csv.report.json", "refused/b.csv", "refused/b.csv.report.json",
        ]  # fmt: skip
    assert len(store.load("GM9901")) == 2 * STEPS


def test_ten_thousand_namesakes_are_enough(inbox: Path, run: Sweep, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("detector.ingest.inbox._COPIES", 2)
    for _ in range(2):
        (inbox / "a.csv").write_text(GOOD)
        swept = run()
    assert [one.outcome for one in swept] == [Outcome.LEFT]
    assert (inbox / "a.csv").exists()


def test_an_unreadable_profile_folder_says_what_there_is(profiles: Path) -> None:
    with pytest.raises(IntakeError, match=r"there are: -.*nowhere"):
        load_profile("adv", [profiles / "nowhere"])
