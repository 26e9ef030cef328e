"""File drop: an alert's announcement as a file in a folder, for a system that collects files."""

import contextlib
import os
import secrets
from datetime import datetime
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import field_validator

from alerts.channels._base import ChannelModel
from alerts.channels._event import Source, checked_id, cloud_event
from alerts.message import DeliveryError, Message, Receipt

NO_ORGANISATION = "urn:nld:oin:00000000000000000000:systeem:patroonwacht"


class FileDrop(ChannelModel):
    """A folder that receives one file per message: ``<message id>.json``, the CloudEvent that a webhook would send.

    ``folder`` is made when its parent exists. Whoever collects the files may remove them; names that start with a dot are
    still being written. ``source`` as for a webhook; by default it names no organisation.
    """

    secret_keys: ClassVar[frozenset[str]] = frozenset()

    kind: Literal["file"] = "file"
    folder: Path
    source: Source = NO_ORGANISATION

    @field_validator("folder")
    @classmethod
    def _named(cls, folder: Path) -> Path:
        if folder == Path():
            raise ValueError("name the folder")
        return folder

    def send(self, message: Message, now: datetime) -> Receipt:  # noqa: ARG002  # a file needs no time of sending; the signature is every channel's
        """Write the file whole or not at all; the same message again writes the same bytes under the same name.

        Raises:
            DeliveryError: permanent only when the message itself cannot be written as an event.
        """
        name = f"{checked_id(message)}.json"
        body = cloud_event(message, self.source)
        try:
            self.folder.mkdir(exist_ok=True)
            _write_whole(self.folder, name, body)
        except OSError as error:
            raise DeliveryError(
                f"cannot write {name} in {self.folder} ({error.strerror or type(error).__name__}): "
                "see that the folder exists, has room, and may be written by the user that the service runs as"
            ) from error
        return Receipt(name)


def _write_whole(folder: Path, name: str, body: bytes) -> None:
    """Through a hidden file and a rename, both on disk before it returns: a reader never sees half, a crash loses nothing."""
    part = folder / f".{name}.{secrets.token_hex(8)}.part"
    try:
        # 0o666 under the service's umask: who may collect the files is the operator's to say.
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666), "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        part.replace(folder / name)
    finally:
        with contextlib.suppress(OSError):
            part.unlink()
    directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
    # What a crash left of an earlier try of this same message.
    for litter in folder.glob(f".{name}.*.part"):
        litter.unlink(missing_ok=True)
