"""Files that people handed in on the intake page: kept under ``data_dir`` until they are taken in or thrown away."""

import hashlib
import json
import os
import re
import secrets
import shutil
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Final

from detector.ingest.outcome import IntakeResult
from detector.service.pages.replay import write_whole

_META: Final = "upload.json"
_PIECE: Final = 1 << 20
_NAME_LETTERS: Final = 100


class TooLargeError(Exception):
    """The file is larger than the settings allow."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of the rows of a file that was taken in."""

    read: int
    accepted: int
    updated: int
    unchanged: int
    refused: int


@dataclass(frozen=True, slots=True)
class Upload:
    """One file: how it may be called, by which profile it is read, who brought it when (UTC), and what became of it.

    ``counts`` is None until it is taken in; then the file itself is gone.
    """

    id: str
    name: str
    profile: str
    actor: str
    at: str
    digest: str
    counts: Counts | None = None


class Uploads:
    """Keeps and gives files; each step leaves a file whole or not there.

    Args:
        folder: where they lie, each in a folder of its own that only this account may read.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._mutex = threading.Lock()

    def keep(self, content: BinaryIO, name: str, profile: str, actor: str, *, at: datetime, at_most_bytes: int) -> Upload:
        """Take a file over.

        Raises:
            TooLargeError: it has more than ``at_most_bytes``; nothing of it is kept.
        """
        upload = Upload(secrets.token_hex(8), safe_name(name), profile, actor, at.isoformat(), "")
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = self._folder / f".{upload.id}"
        unfinished.mkdir(mode=0o700)
        try:
            digest = _copy(content, unfinished / upload.name, at_most_bytes)
            upload = replace(upload, digest=digest)
            write_whole(unfinished / _META, json.dumps(asdict(upload)).encode())
            unfinished.replace(self._home(upload.id))
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise
        return upload

    def get(self, upload: str) -> Upload | None:
        """The upload of that id; None where there is none, or it was thrown away."""
        file = self._home(upload) / _META
        if not re.fullmatch(r"[0-9a-f]{16}", upload) or not file.is_file():
            return None
        said = json.loads(file.read_bytes())
        counts = said.pop("counts")
        return Upload(**said, counts=counts and Counts(**counts))

    def path(self, upload: Upload) -> Path:
        """Where the file lies while it waits."""
        return self._home(upload.id) / upload.name

    def list(self) -> list[Upload]:
        """All that wait or were taken in lately, newest first."""
        names = [path.name for path in self._folder.iterdir()] if self._folder.is_dir() else []
        found = [upload for upload in map(self.get, names) if upload is not None]
        return sorted(found, key=lambda upload: (upload.at, upload.id), reverse=True)

    def commit(self, upload: str, take_in: Callable[[Path, Upload], IntakeResult]) -> Upload | None:
        """Take the file in, once: the same again gives what became of it then; None where there is no such file.

        What became of it is written before the file goes. A process that dies in between, or during ``take_in``, leaves the file,
        and taking it in again changes nothing that is there already.
        """
        with self._mutex:
            known = self.get(upload)
            if known is None or known.counts is not None:
                return known
            result = take_in(self.path(known), known)
            counts = Counts(result.read, result.accepted, result.updated, result.unchanged, len(result.refused))
            done = replace(known, counts=counts)
            write_whole(self._home(upload) / _META, json.dumps(asdict(done)).encode())
            self.path(done).unlink(missing_ok=True)
            return done

    def discard(self, upload: str) -> bool:
        """Throw a file away; False where there is none."""
        with self._mutex:
            if self.get(upload) is None:
                return False
            # The rename makes it gone at once and as a whole.
            gone = self._folder / f".gone-{upload}"
            self._home(upload).replace(gone)
            shutil.rmtree(gone, ignore_errors=True)
            return True

    def clean(self, now: datetime, keep_for: timedelta) -> int:
        """Throw away what is older than ``keep_for``, and what a process that died left unfinished; gives how many."""
        if not self._folder.is_dir():
            return 0
        old = [upload for upload in self.list() if now - datetime.fromisoformat(upload.at) > keep_for]
        for upload in old:
            self.discard(upload.id)
        left = [path for path in self._folder.iterdir() if path.name.startswith(".")]
        for path in left:
            if now.timestamp() - path.stat().st_mtime > keep_for.total_seconds():
                shutil.rmtree(path, ignore_errors=True)
        return len(old)

    def _home(self, upload: str) -> Path:
        return self._folder / upload


def safe_name(name: str) -> str:
    """The last part of a file's name, in letters that no file system takes amiss."""
    plain = re.sub(r"[^\w.\- ]", "_", name.replace("\\", "/").rpartition("/")[2]).lstrip(". ")
    stem, dot, ending = plain.rpartition(".")
    return f"{stem[:_NAME_LETTERS]}{dot}{ending[:10]}" if stem else plain[:_NAME_LETTERS] or "file"


def _copy(content: BinaryIO, path: Path, at_most_bytes: int) -> str:
    digest = hashlib.sha256()
    size = 0
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        while piece := content.read(_PIECE):
            size += len(piece)
            if size > at_most_bytes:
                raise TooLargeError
            digest.update(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()
