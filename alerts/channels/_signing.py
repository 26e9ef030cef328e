"""Signatures under outgoing events: one small interface, so that a destination can ask for another scheme."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Protocol

import standardwebhooks

WHSEC: Final = "whsec_"
MIN_SECRET_BYTES: Final = 24
MAX_SECRET_BYTES: Final = 64


class Signer(Protocol):
    """Makes the headers that let a receiver check who sent the body, and when."""

    def headers(self, message_id: str, now: datetime, body: bytes) -> dict[str, str]:
        """The headers for one attempt at ``now`` (with a time zone)."""
        ...


def check_secret(secret: str) -> str:
    """A secret as Standard Webhooks writes it: ``whsec_`` and base64 of 24 to 64 bytes.

    Raises:
        ValueError: it is something else; the text does not repeat it.
    """
    if not secret.startswith(WHSEC):
        raise ValueError(f"a webhook secret starts with {WHSEC}")
    try:
        key = base64.b64decode(secret.removeprefix(WHSEC), validate=True)
    except binascii.Error:
        raise ValueError(f"a webhook secret is {WHSEC} followed by base64 with its padding") from None
    if not MIN_SECRET_BYTES <= len(key) <= MAX_SECRET_BYTES:
        raise ValueError(
            f"a webhook secret has {MIN_SECRET_BYTES} to {MAX_SECRET_BYTES} bytes before base64, this one {len(key)}"
        )
    return secret


@dataclass(frozen=True, slots=True, repr=False)
class StandardWebhooksSigner:
    """Standard Webhooks 1.0.0, HMAC-SHA256 (``v1``), with every secret: while keys rotate, old and new receivers both agree.

    ``secrets`` are newest first and at least one. No ``repr``: it would show them.
    """

    secrets: Sequence[str]

    def headers(self, message_id: str, now: datetime, body: bytes) -> dict[str, str]:
        """``webhook-id``, ``webhook-timestamp`` and ``webhook-signature``."""
        # The package overwrites the zone with UTC instead of converting to it.
        at = now.astimezone(UTC)
        text = body.decode()
        signatures = [standardwebhooks.Webhook(secret).sign(message_id, at, text) for secret in self.secrets]
        return {
            "webhook-id": message_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": " ".join(signatures),
        }


SIGNERS: Final[dict[str, Callable[[Sequence[str]], Signer]]] = {"standard-webhooks": StandardWebhooksSigner}
"""By the name in the settings (``signature``); each is made from the destination's secrets, newest first."""
