"""What goes out to one destination, and what a channel promises; nothing in it is sensitive."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol


class Reason(StrEnum):
    """Why a revision is worth a message."""

    FIRST = "first"
    GROWN = "grown"
    ESCALATED = "escalated"
    BACK = "back"
    RELEASED = "released"
    REMINDER = "reminder"


@dataclass(frozen=True, slots=True)
class MessageItem:
    """One alert in a message. ``link`` leads to the console, where the reader signs in."""

    alert_id: str
    revision: int
    reason: Reason
    municipality: str
    municipality_name: str
    link: str


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent, once, to one destination; ``id`` is stable over retries and has no dots.

    ``recorded_at`` (UTC) is when it was written down, in the transaction that made the alert's revision. ``sequence`` grows
    by one per destination.
    """

    id: str
    sequence: int
    destination: str
    language: str
    recorded_at: datetime
    items: tuple[MessageItem, ...]


class DeliveryError(Exception):
    """A channel could not deliver.

    ``permanent``: another try cannot help. ``gone``: the destination said that it wants no more (HTTP 410).
    ``retry_after``: how long the destination asked to be left alone. The text may be shown and logged: no secrets in it.
    """

    def __init__(self, text: str, *, permanent: bool = False, gone: bool = False, retry_after: timedelta | None = None) -> None:
        super().__init__(text)
        self.permanent = permanent or gone
        self.gone = gone
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the destination answered, fit for the log: ``250 queued``, ``HTTP 202``, a file's name."""

    text: str


class Channel(Protocol):
    """A way to reach people: a frozen object of its validated settings."""

    @property
    def kind(self) -> str:
        """Its name in the settings and in the registry."""
        ...

    def send(self, message: Message, now: datetime) -> Receipt:
        """Deliver, or raise.

        Raises:
            DeliveryError: not delivered; says whether another try can help.
        """
        ...
