"""What the settings of every channel have in common: fixed once read, no unknown keys, no secret in an error's text."""

import ssl
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, FilePath

from alerts.message import DeliveryError


class ChannelModel(BaseModel):
    """The settings of one channel. Errors do not show what was filled in, since that may be a password."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, validate_default=True)


def _holds_certificates(path: Path) -> Path:
    try:
        ssl.create_default_context(cafile=path)
    except OSError:
        raise ValueError("the file must hold certificates in PEM and be readable by the service") from None
    return path


CaFile = Annotated[FilePath, AfterValidator(_holds_certificates)]
"""A PEM file with the only authorities to trust."""


def trusting(ca_file: Path | None) -> ssl.SSLContext:
    """TLS as a client: the certificate and its name are checked, against ``ca_file`` or the system's authorities.

    Raises:
        DeliveryError: ``ca_file`` was there when the settings were read, and is no more.
    """
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        raise DeliveryError(f"cannot read the authorities in ca_file ({type(error).__name__}): put the file back") from error
