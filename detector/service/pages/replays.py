"""The replays of this service: begun, watched, broken off; one at a time in a municipality, each ended with the service."""

import fcntl
import json
import multiprocessing
import os
import re
import secrets
import shutil
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Final

from detector.service.pages.comparison import Comparison, from_json
from detector.service.pages.replay import FAILED, PROGRESS, RESULT, ReplayOrder, run_replay, write_whole

KEPT: Final = 10
"""So many replays of a municipality are kept, the newest."""
_JOB: Final = "job.json"
_CANCELLED: Final = "cancelled"


class BusyError(Exception):
    """A replay of this municipality is going on already."""


class ReplayState(StrEnum):
    """How a replay stands; ``lost`` is one whose process or service ended before it did."""

    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Replay:
    """One replay: who tries what, and how far it is. ``changes`` are settings by dotted key; nights ``done`` of ``of``."""

    id: str
    municipality: str
    actor: str
    begun_at: datetime
    changes: Mapping[str, Any]
    state: ReplayState
    done: int = 0
    of: int = 0


@dataclass(frozen=True)
class _Running:
    process: BaseProcess
    replay: str
    lock: int


class Replays:
    """Begins replays and tells how they stand, from several threads; what it keeps lies in a folder of its own.

    Args:
        folder: where, one folder for each municipality and in it one for each replay.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running: dict[str, _Running] = {}
        self._mutex = threading.Lock()

    def start(self, order: ReplayOrder, actor: str, changes: Mapping[str, Any]) -> str:
        """Begin; gives the replay's id. ``order.folder`` is chosen here.

        Raises:
            BusyError: one is going on in this municipality, here or in another process.
        """
        code = order.municipality
        with self._mutex:
            self._reap()
            if code in self._running:
                raise BusyError
            lock = self._lock(code)
            try:
                name = secrets.token_hex(8)
                folder = self._home(code) / name
                folder.mkdir(mode=0o700)
                job = {"actor": actor, "begun_at": order.now.isoformat(), "changes": dict(changes)}
                write_whole(folder / _JOB, json.dumps(job).encode())
                process = multiprocessing.get_context("spawn").Process(
                    target=run_replay, args=(replace(order, folder=folder), os.getpid()), daemon=True, name=f"replay-{name}"
                )
                process.start()
            except BaseException:
                os.close(lock)
                raise
            self._running[code] = _Running(process, name, lock)
        self._clean(code)
        return name

    def cancel(self, municipality: str, replay: str) -> bool:
        """End a replay that is going on; False where it is not."""
        with self._mutex:
            running = self._running.get(municipality)
            if running is None or running.replay != replay or not running.process.is_alive():
                return False
            write_whole(self._home(municipality) / replay / _CANCELLED, b"")
            running.process.kill()
            running.process.join()
            self._reap()
        return True

    def get(self, municipality: str, replay: str) -> Replay | None:
        """A replay of this municipality, None where there is none of that id."""
        folder = self._home(municipality) / replay
        if not re.fullmatch(r"[0-9a-f]{16}", replay) or not (folder / _JOB).is_file():
            return None
        job = json.loads((folder / _JOB).read_bytes())
        state = self._state(municipality, replay, folder)
        progress = json.loads((folder / PROGRESS).read_bytes()) if (folder / PROGRESS).is_file() else {}
        begun_at = datetime.fromisoformat(job["begun_at"])
        done, of = progress.get("done", 0), progress.get("of", 0)
        return Replay(replay, municipality, job["actor"], begun_at, job["changes"], state, done, of)

    def list(self, municipality: str) -> list[Replay]:
        """The replays of a municipality, newest first."""
        home = self._home(municipality)
        found = [self.get(municipality, path.name) for path in home.iterdir() if path.is_dir()]
        return sorted((one for one in found if one is not None), key=lambda one: (one.begun_at, one.id), reverse=True)

    def result(self, municipality: str, replay: str) -> Comparison:
        """What a replay that is done came to."""
        return from_json((self._home(municipality) / replay / RESULT).read_bytes())

    def close(self) -> None:
        """End what is going on."""
        with self._mutex:
            for running in self._running.values():
                running.process.kill()
                running.process.join()
            self._reap()

    def _state(self, municipality: str, replay: str, folder: Path) -> ReplayState:
        with self._mutex:
            running = self._running.get(municipality)
            alive = running is not None and running.replay == replay and running.process.is_alive()
        # Asked in this order: a process that ends in between has left its result first.
        for name, state in ((RESULT, ReplayState.DONE), (_CANCELLED, ReplayState.CANCELLED), (FAILED, ReplayState.FAILED)):
            if (folder / name).is_file():
                return state
        return ReplayState.RUNNING if alive else ReplayState.LOST

    def _home(self, municipality: str) -> Path:
        if not re.fullmatch(r"[\w-]{1,40}", municipality):
            raise ValueError("this is no code of a municipality")
        home = self._folder / municipality
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        return home

    def _lock(self, municipality: str) -> int:
        """Held while a replay goes on; the system lets go of it when this process ends, however it ends."""
        handle = os.open(self._home(municipality) / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(handle)
            raise BusyError from error
        return handle

    def _reap(self) -> None:
        for code in [code for code, running in self._running.items() if not running.process.is_alive()]:
            ended = self._running.pop(code)
            ended.process.join()
            os.close(ended.lock)

    def _clean(self, municipality: str) -> None:
        for old in self.list(municipality)[KEPT:]:
            shutil.rmtree(self._home(municipality) / old.id, ignore_errors=True)
