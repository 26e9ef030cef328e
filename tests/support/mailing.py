"""A channel for mail to a mailbox of the tests."""

from typing import Any

from alerts.channels import Email

BEARER = "geheim-123"
FIRST, SECOND, THIRD = "eerste@gemeente.example", "tweede@gemeente.example", "derde@gemeente.example"


def values(mailbox: Any, **changes: Any) -> dict[str, Any]:
    return {
        "kind": "email",
        "host": "localhost",
        "port": mailbox.port,
        "security": "none",
        "sender": "noreply@adv.example",
        "recipients": [FIRST],
        "helo": "patroonwacht.example",
        "timeout_seconds": 10,
        **changes,
    }


def channel(mailbox: Any, **changes: Any) -> Email:
    return Email.model_validate(values(mailbox, **changes))
