"""The settings under ``[alerts]``, as frozen models that refuse unknown keys; ``channel`` is the channels' own."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from alerts.channels import ChannelSettings
from alerts.pattern import PatternKind
from alerts.rules import Frozen, GroupKey, Matchers, Name, PolicySettings, Reader, Route, names_in

__all__ = ["AlertsSettings", "DeliverySettings", "DestinationSettings", "GroupKey", "Matchers", "PolicySettings", "Route"]


class DestinationSettings(Reader):
    """A destination: who is told, and how.

    ``channel`` holds the settings of the channel, with its ``kind``; without one, messages wait until one is named.
    """

    channel: ChannelSettings | None = None


class DeliverySettings(Frozen):
    """How messages are sent and retried.

    ``retry_after_seconds`` holds the wait before each attempt (the first is 0: at once); after the last a message is dead,
    and kept. ``lease_seconds`` must be longer than the slowest channel's time-out.
    """

    retry_after_seconds: tuple[Annotated[float, Field(ge=0)], ...] = (
        0,
        5,
        300,
        1800,
        7200,
        18_000,
        36_000,
        50_400,
        72_000,
        86_400,
    )
    jitter: Annotated[float, Field(ge=0, le=0.5)] = 0.1
    retry_after_at_most_seconds: Annotated[float, Field(gt=0)] = 86_400.0
    order_wait_at_most_seconds: Annotated[float, Field(ge=0)] = 300.0
    lease_seconds: Annotated[float, Field(ge=5)] = 120.0
    at_once: Annotated[int, Field(ge=1, le=200)] = 16
    alerts_per_message: Annotated[int, Field(ge=1, le=200)] = 50

    @model_validator(mode="after")
    def _first_attempt(self) -> Self:
        if not self.retry_after_seconds:
            raise ValueError("retry_after_seconds needs at least one attempt: [0]")
        return self


class AlertsSettings(Frozen):
    """Everything under ``[alerts]``."""

    console_url: Annotated[str, Field(pattern="^(https?://.+)?$")] = ""
    release_required: tuple[PatternKind, ...] = (PatternKind.COMMUNITY, PatternKind.PLACE_COMMUNITY)
    acknowledgement_lapses_after_days: Annotated[float, Field(gt=0, le=366)] = 14.0
    policy: PolicySettings = PolicySettings()
    delivery: DeliverySettings = DeliverySettings()
    destinations: dict[Name, DestinationSettings] = Field(default_factory=dict)
    route: Route = Route()

    @model_validator(mode="after")
    def _destinations_exist(self) -> Self:
        missing = sorted(names_in(self.route) - set(self.destinations))
        if missing:
            known = ", ".join(sorted(self.destinations)) or "none"
            raise ValueError(f"a route names destinations that do not exist: {', '.join(missing)} (there are: {known})")
        return self
