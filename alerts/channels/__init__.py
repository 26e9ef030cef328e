"""Ways to reach people: one channel a file, and the registry of them all."""

from collections.abc import Mapping
from typing import Annotated, Final

from pydantic import Field, TypeAdapter, ValidationError

from alerts.channels.email import Email
from alerts.channels.file import FileDrop
from alerts.channels.webhook import Webhook

__all__ = ["CHANNELS", "ChannelSettings", "ChannelSettingsError", "Email", "FileDrop", "Webhook", "channel_from"]

ChannelSettings = Annotated[Email | Webhook | FileDrop, Field(discriminator="kind")]
"""The settings of any channel; ``kind`` says of which. For use as a field of a larger settings model."""

CHANNELS: Final[dict[str, type[Email | Webhook | FileDrop]]] = {
    "email": Email,
    "file": FileDrop,
    "webhook": Webhook,
}
"""Every channel by its ``kind``. Each has ``secret_keys``: what may come from the environment or a file, never from TOML."""

_ADAPTER: Final[TypeAdapter[Email | Webhook | FileDrop]] = TypeAdapter(ChannelSettings)


class ChannelSettingsError(ValueError):
    """The settings of a channel are not right; the text names the keys, never what stood in them."""


def channel_from(settings: Mapping[str, object]) -> Email | Webhook | FileDrop:
    """A channel from a table of settings, ``kind`` among them.

    Raises:
        ChannelSettingsError: a key is unknown, missing or wrong; says which, and what would be right.
    """
    try:
        return _ADAPTER.validate_python(dict(settings))
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False, include_context=False)
        # Not chained: the library's own error holds what was filled in.
        raise ChannelSettingsError("; ".join(_told(problem["loc"], problem["msg"]) for problem in problems)) from None


def _told(place: tuple[int | str, ...], text: str) -> str:
    """``key: what is wrong``; the first part of ``place`` is the kind of channel."""
    key = ".".join(str(part) for part in place[1:])
    return f"{key}: {text}".removeprefix(": ").replace("Value error, ", "")
