"""A message as a CloudEvent 1.0 after the NL GOV profile: what a machine at the municipality receives."""

import json
import re
from datetime import UTC
from typing import Annotated, Final

from pydantic import StringConstraints

from alerts.message import DeliveryError, Message, MessageItem

EVENT_TYPE: Final = "nl.discriminatiemeldingen.patroon-gedetecteerd.v1"
CONTENT_TYPE: Final = "application/cloudevents+json; charset=utf-8"
MAX_EVENT_BYTES: Final = 64 * 1024
"""What every receiver of CloudEvents must be able to take."""

SEQUENCE_DIGITS: Final = 10
"""The profile wants a sequence that sorts as text; the zeros in front see to it."""

_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")

Source = Annotated[str, StringConstraints(pattern=r"^urn:nld:oin:[0-9]{20}:systeem:[A-Za-z0-9][A-Za-z0-9-]{0,62}$")]
"""Who publishes: the OIN (20 digits) of the organisation and the name of the system."""


def checked_id(message: Message) -> str:
    """The message's id, fit for a header, a signature and a file's name.

    Raises:
        DeliveryError: permanent; the id has a character that would break one of them.
    """
    if not _ID.fullmatch(message.id):
        raise DeliveryError(
            "the message's id may hold letters, digits, - and _ only (128 at most): it was not made by this service",
            permanent=True,
        )
    return message.id


def cloud_event(message: Message, source: str) -> bytes:
    """The message as a structured CloudEvent in JSON (UTF-8); equal messages give equal bytes.

    ``id`` is the message's; ``time`` is when it was written down; ``dataref`` is the link of the alert, left out when the
    message groups several, each of which has its own link in the data. No area and no community: a message has none.

    Raises:
        DeliveryError: permanent; the message has no alert in it, or groups too many to fit in 64 KB.
    """
    if not message.items:
        raise DeliveryError("the message holds no alert: there is nothing to send", permanent=True)
    event: dict[str, object] = {
        "specversion": "1.0",
        "id": checked_id(message),
        "source": source,
        "type": EVENT_TYPE,
        "time": message.recorded_at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "sequence": f"{message.sequence:0{SEQUENCE_DIGITS}d}",
        "datacontenttype": "application/json",
    }
    if len(message.items) == 1:
        event["dataref"] = message.items[0].link
    event["data"] = {"items": [_item(item) for item in message.items]}
    body = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
    if len(body) > MAX_EVENT_BYTES:
        raise DeliveryError(
            f"{len(message.items)} alerts in one message make {len(body)} bytes; an event may have {MAX_EVENT_BYTES}: "
            "let the route group fewer alerts",
            permanent=True,
        )
    return body


def _item(item: MessageItem) -> dict[str, str | int]:
    return {
        "alert_id": item.alert_id,
        "revision": item.revision,
        "reason": item.reason.value,
        "municipality": item.municipality,
        "link": item.link,
    }
