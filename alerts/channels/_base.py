"""What the settings of every channel have in common: fixed once read, no unknown keys, no secret in an error's text."""

from pydantic import BaseModel, ConfigDict


class ChannelModel(BaseModel):
    """The settings of one channel. Errors do not show what was filled in, since that may be a password."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, validate_default=True)
