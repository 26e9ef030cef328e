"""The settings under ``[console]``."""

from typing import Annotated

from pydantic import Field

from alerts.console.oidc.settings import OidcSettings
from alerts.rules import Frozen

__all__ = ["ConsoleSettings"]


class ConsoleSettings(Frozen):
    """How long a session lasts, how signing in is guarded, and how the pages look.

    A session ends ``idle_minutes`` after the last request, and ``session_hours`` after it began. ``failures_before_lock``
    failed attempts on one name within ``lock_minutes`` lock that name for as long. ``sign_ins_per_minute`` holds for one address.
    ``organisation`` and ``contact``: whose console this is, and where a resident turns to. ``theme_file``: CSS with a
    municipality's own design tokens. ``tiles_url``: background of the maps, with ``{z}``, ``{x}`` and ``{y}``; no page loads
    anything else from elsewhere. ``oidc``: where people sign in with the account of their organisation.
    """

    organisation: Annotated[str, Field(max_length=100)] = ""
    contact: Annotated[str, Field(max_length=200)] = ""
    theme_file: str = ""
    tiles_url: Annotated[str, Field(pattern=r"^(https://[^/?#\s;,']+/[^\s;,']*)?$")] = ""
    tiles_attribution: Annotated[str, Field(max_length=200)] = ""
    idle_minutes: Annotated[float, Field(gt=0, le=24 * 60)] = 60.0
    session_hours: Annotated[float, Field(gt=0, le=24 * 7)] = 10.0
    failures_before_lock: Annotated[int, Field(ge=1, le=100)] = 5
    lock_minutes: Annotated[float, Field(gt=0, le=24 * 60)] = 15.0
    sign_ins_per_minute: Annotated[int, Field(ge=1, le=10_000)] = 20
    api_requests_per_minute: Annotated[int, Field(ge=1, le=1_000_000)] = 600
    one_time_hours: Annotated[float, Field(gt=0, le=24 * 7)] = 24.0
    oidc: OidcSettings = OidcSettings()
