"""The drop folder: what is put in ``inbox/`` is taken in, and moved to ``done/`` or ``refused/`` with a report beside it.

A kill at any moment leaves a file either in the inbox, where it is taken in again without harm, or moved with its report: the
report is written first, whole or not at all, and the move is one rename.
"""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from stat import S_ISREG

from detector.ingest.errors import IntakeError
from detector.ingest.guard import Guard
from detector.ingest.outcome import IntakeResult
from detector.ingest.profile import SourceProfile
from detector.problems.files import FileReason
from detector.problems.problem import Problem

DONE = "done"
REFUSED = "refused"
_UNFINISHED = (".part", ".tmp", ".partial", ".crdownload", ".filepart", "~")
_REPORT = ".report.json"
_COPIES = 10_000


class Outcome(StrEnum):
    """What became of a file in the inbox."""

    DONE = "done"
    REFUSED = "refused"
    LEFT = "left"


@dataclass(frozen=True)
class SweptFile:
    """One file that was taken in hand. ``LEFT`` stays in the inbox for the next time, ``message`` says why.

    ``path`` is where it is now; ``name`` may be shown in logs.
    """

    path: Path
    name: str
    outcome: Outcome
    result: IntakeResult | None = None
    message: str | None = None

    def as_log(self) -> dict[str, str | int]:
        """What a log may say of it: how many rows became what, or why nothing of it could be read."""
        told: dict[str, str | int] = {"file": self.name, "outcome": self.outcome.value}
        if self.result is not None:
            counts = self.result
            told |= {"read": counts.read, "accepted": counts.accepted, "updated": counts.updated}
            told |= {"unchanged": counts.unchanged, "refused": len(counts.refused)}
        return told if self.message is None else told | {"reason": self.message}


def sweep(
    inbox: Path,
    profile_for: Callable[[Path], SourceProfile],
    ingest: Callable[[Path, SourceProfile], IntakeResult],
    now: datetime,
    settle_seconds: float,
) -> list[SweptFile]:
    """Take in every file that has come to rest, by name; a file that fails holds up no other.

    ``profile_for`` gets the path relative to the inbox: ``adv/FILE.csv`` asks for profile ``adv``, ``FILE.csv`` for the default.
    A file is at rest when neither its content nor its entry changed for ``settle_seconds``, and it is not named as unfinished.
    """
    return [_take(inbox, path, profile_for, ingest, now) for path in _settled(inbox, now, settle_seconds)]


def _settled(inbox: Path, now: datetime, settle_seconds: float) -> Iterator[Path]:
    if not inbox.is_dir():
        return
    folders = sorted(f for f in inbox.iterdir() if f.is_dir() and not f.is_symlink() and f.name not in {DONE, REFUSED})
    for folder in (inbox, *(folder for folder in folders if not folder.name.startswith("."))):
        for path in sorted(folder.iterdir()):
            unfinished = path.name.startswith(".") or path.name.casefold().endswith(_UNFINISHED)
            if not unfinished and _at_rest(path, now, settle_seconds):
                yield path


def _at_rest(path: Path, now: datetime, settle_seconds: float) -> bool:
    """A copy that keeps the old time of change still touches the entry: the later of both times counts."""
    try:
        state = path.lstat()
    except FileNotFoundError:
        return False
    return S_ISREG(state.st_mode) and now.timestamp() - max(state.st_mtime, state.st_ctime) >= settle_seconds


def _take(
    inbox: Path,
    path: Path,
    profile_for: Callable[[Path], SourceProfile],
    ingest: Callable[[Path, SourceProfile], IntakeResult],
    now: datetime,
) -> SweptFile:
    relative = path.relative_to(inbox)
    name = Guard().shown(str(relative))
    result: IntakeResult | None = None
    message: str | None = None
    try:
        before = _state(path)
        try:
            result = ingest(path, profile_for(relative))
        except IntakeError as error:
            message = str(error)
        if _state(path) != before:
            return SweptFile(path, name, Outcome.LEFT, result, "the file changed while it was read; it will be read again")
        refused = result is None or (result.read > 0 and len(result.refused) == result.read)
        outcome = Outcome.REFUSED if refused else Outcome.DONE
        moved = _file_away(inbox, relative, outcome, _report(outcome, result, message, now))
    except Exception as error:  # noqa: BLE001 - a store that is down must not cost the file, nor hold up the others
        return SweptFile(path, name, Outcome.LEFT, result, f"{type(error).__name__}: it stays in the inbox and is tried again")
    return SweptFile(moved, name, outcome, result, message)


def _state(path: Path) -> tuple[int, int, int]:
    state = path.stat()
    return state.st_ino, state.st_size, state.st_mtime_ns


def _report(outcome: Outcome, result: IntakeResult | None, message: str | None, now: datetime) -> dict[str, object]:
    report: dict[str, object] = {"outcome": outcome.value, "at": now.astimezone(UTC).isoformat(timespec="seconds")}
    if message is not None:
        report["message"] = message
    if result is not None:
        report |= result.as_json()
        report["warnings"] = [warning.sentence for warning in result.warnings]
    return report


def _file_away(inbox: Path, relative: Path, outcome: Outcome, report: dict[str, object]) -> Path:
    """Write the report, then move the file beside it; both survive a power cut."""
    folder = inbox / outcome.value / relative.parent
    folder.mkdir(parents=True, exist_ok=True)
    target = _free(folder, relative.name)
    beside = target.with_name(target.name + _REPORT)
    unfinished = beside.with_name(f".{beside.name}.tmp")
    with unfinished.open("w", encoding="utf-8") as file:
        json.dump(report, file, ensure_ascii=False, indent=2)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(beside)
    (inbox / relative).replace(target)
    _sync([folder, (inbox / relative).parent])
    return target


def _free(folder: Path, name: str) -> Path:
    """A path that no file has; a report without its file (from a run that was killed) is overwritten."""
    path = Path(name)
    for number in range(1, _COPIES):
        candidate = folder / (name if number == 1 else f"{path.stem}-{number}{path.suffix}")
        if not candidate.exists():
            return candidate
    raise IntakeError(Problem(FileReason.TOO_MANY_COPIES, most=_COPIES, folder=folder.name))


def _sync(folders: Sequence[Path]) -> None:
    for folder in folders:
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
