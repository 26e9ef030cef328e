"""The settings of a whole installation: config/*.toml and the environment become frozen settings, or a clear error."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from annotated_types import Ge, Gt, Le
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, StringConstraints, field_validator, model_validator

from alerts.console.settings import ConsoleSettings
from alerts.names import Names
from alerts.settings import AlertsSettings
from detector.disclosure import DisclosureSettings
from detector.methods.base import Method
from detector.methods.density import Density
from detector.methods.scan import Scan
from detector.methods.threshold import Threshold
from detector.model import Campaign
from detector.patterns import PatternSettings
from detector.window import TimeAxis


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"{name!r} is no time zone; use a name like 'Europe/Amsterdam'") from error
    return name


def _clock(text: str) -> str:
    hours, _, minutes = text.partition(":")
    if not (hours.isdigit() and minutes.isdigit() and int(hours) < 24 and int(minutes) < 60):  # noqa: PLR2004 - a day
        raise ValueError(f"{text!r} is no time of day; write it like '03:15'")
    return text


TimeZone = Annotated[str, AfterValidator(_known_zone)]
TimeOfDay = Annotated[str, AfterValidator(_clock)]
Name = Annotated[str, StringConstraints(min_length=1)]


class _Section(BaseModel):
    """A table of the settings file."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class LogFormat(StrEnum):
    """How log lines are written; ``auto``: text while a terminal looks on, JSON otherwise."""

    AUTO = "auto"
    JSON = "json"
    TEXT = "text"


class EngineKind(StrEnum):
    """What runs the units of work (one municipality each)."""

    LOCAL = "local"


class StoreSettings(_Section):
    """Where the two databases are."""

    reports_url: SecretStr = SecretStr("")
    alerts_url: SecretStr = SecretStr("")


class LogSettings(_Section):
    """What is logged, and how."""

    level: Annotated[str, StringConstraints(pattern="^(debug|info|warning|error)$")] = "info"
    format: LogFormat = LogFormat.AUTO


class AreaSettings(_Section):
    """Where areas come from."""

    pdok_url: Name = "https://api.pdok.nl/cbs"


class MunicipalitySettings(_Section):
    """What differs for one municipality."""

    timezone: TimeZone | None = None
    false_alerts_per_year: Annotated[float, Gt(0), Le(100)] | None = None


class IntakeSettings(_Section):
    """The drop folder and the door for reports."""

    inbox: Name = "inbox"
    default_profile: Name = "patroonwacht"
    every_seconds: Annotated[int, Ge(1)] = 10
    settle_seconds: Annotated[float, Ge(0)] = 5.0
    keep_files_days: Annotated[int, Ge(0)] = 30
    max_body_mb: Annotated[int, Ge(1), Le(1024)] = 16
    keep_uploads_hours: Annotated[int, Ge(1), Le(24 * 31)] = 24
    tokens: tuple[SecretStr, ...] = ()

    @field_validator("tokens")
    @classmethod
    def _long_enough(cls, tokens: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        if any(len(token.get_secret_value()) < 24 for token in tokens):  # noqa: PLR2004 - the figure stands in the message
            raise ValueError("a token needs at least 24 characters; make one with: openssl rand -hex 24")
        return tokens


class EngineSettings(_Section):
    """How the work is spread."""

    kind: EngineKind = EngineKind.LOCAL
    processes: Annotated[int, Ge(0)] = 0
    unit_tries: Annotated[int, Ge(1), Le(10)] = 3


class DetectionSettings(_Section):
    """When the service looks, at what, and how many false alerts it may give."""

    false_alerts_per_year: Annotated[float, Gt(0), Le(100)] = 2.0
    time_axis: TimeAxis = TimeAxis.RECEIVED_ON
    history_days: Annotated[int, Ge(90)] = 1826
    nightly_at: TimeOfDay = "03:15"
    after_intake: bool = True
    seed: Annotated[int, Ge(0)] = 20260101
    methods: tuple[str, ...] = ("threshold", "density", "scan")
    threshold: Threshold = Threshold()
    density: Density = Density()
    scan: Scan = Scan()

    @model_validator(mode="before")
    @classmethod
    def _one_budget(cls, values: Any) -> Any:  # noqa: ANN401 - whatever stands in the file
        for name in ("density", "scan"):
            table = values.get(name) if isinstance(values, Mapping) else None
            if isinstance(table, Mapping) and "false_alerts_per_year" in table:
                raise ValueError(
                    f"{name}.false_alerts_per_year: there is one budget, detection.false_alerts_per_year; set {name}.share"
                )
        return values

    @model_validator(mode="after")
    def _fits(self) -> Self:
        known = {"threshold", "density", "scan"}
        if unknown := [name for name in self.methods if name not in known]:
            raise ValueError(f"methods: {unknown[0]!r} is no method; there are {', '.join(sorted(known))}")
        if len(set(self.methods)) != len(self.methods):
            raise ValueError("methods: each method once")
        shares = sum(getattr(self, name).share for name in ("density", "scan") if name in self.methods)
        if shares > 1 + 1e-9:
            raise ValueError(
                f"the shares of density and scan add up to {shares:g}; together they may spend at most 1 of the budget"
            )
        return self

    def built(self, budget: float | None = None) -> tuple[Method, ...]:
        """The methods in force, each knowing how many false alerts a year it may give; ``budget`` replaces the common one."""
        total = self.false_alerts_per_year if budget is None else budget
        methods: dict[str, Method] = {
            "threshold": self.threshold,
            "density": replace(self.density, false_alerts_per_year=total),
            "scan": replace(self.scan, false_alerts_per_year=total),
        }
        return tuple(methods[name] for name in self.methods)


class CampaignSettings(_Section):
    """One outreach campaign."""

    name: Name
    starts_on: date
    ends_on: date
    municipality: str = ""
    area_codes: tuple[str, ...] = ()
    communities: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ends_on < self.starts_on:
            raise ValueError(f"campaign {self.name!r} ends before it starts")
        return self

    def as_campaign(self) -> Campaign:
        """The campaign in the detector's words."""
        return Campaign(self.name, self.starts_on, self.ends_on, self.area_codes, self.communities)


class RetentionSettings(_Section):
    """How long what is kept."""

    reports_months: Annotated[int, Ge(3)] = 36
    alerts_months: Annotated[int, Ge(12)] = 60
    daily_at: TimeOfDay = "04:30"


class Settings(_Section):
    """Everything that can be set, frozen."""

    data_dir: Path = Path("var")
    host: Name = "127.0.0.1"
    port: Annotated[int, Ge(0), Le(65535)] = 8080
    timezone: TimeZone = "Europe/Amsterdam"
    language: Annotated[str, StringConstraints(pattern="^(nl|en)$")] = "nl"
    lease_seconds: Annotated[float, Ge(2)] = 30.0
    store: StoreSettings = StoreSettings()
    log: LogSettings = LogSettings()
    areas: AreaSettings = AreaSettings()
    municipalities: dict[str, MunicipalitySettings] = Field(default_factory=dict)
    intake: IntakeSettings = IntakeSettings()
    engine: EngineSettings = EngineSettings()
    detection: DetectionSettings = DetectionSettings()
    patterns: PatternSettings = PatternSettings()
    disclosure: DisclosureSettings = DisclosureSettings()
    campaigns: tuple[CampaignSettings, ...] = ()
    names: Names = Names()
    retention: RetentionSettings = RetentionSettings()
    alerts: AlertsSettings = AlertsSettings()
    console: ConsoleSettings = ConsoleSettings()

    def rules_hash(self) -> str:
        """Names the rules in force: twelve hexadecimal digits over everything that decides what is found and told."""
        told = ("timezone", "municipalities", "detection", "patterns", "disclosure", "campaigns")
        text = json.dumps({key: self.model_dump(mode="json")[key] for key in told}, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def database_url(self, side: str) -> str:
        """URL of the ``reports`` or ``alerts`` database: what is set, or a SQLite file under ``data_dir``."""
        url: str = {"reports": self.store.reports_url, "alerts": self.store.alerts_url}[side].get_secret_value()
        return url or f"sqlite:///{self.data_dir.absolute() / f'{side}.sqlite'}"

    def inbox(self) -> Path:
        """The drop folder; a relative name lies under ``data_dir``."""
        return self.data_dir / self.intake.inbox

    def municipality(self, code: str) -> MunicipalitySettings:
        """What differs for this municipality; nothing if it is not named."""
        return self.municipalities.get(code, MunicipalitySettings())

    def zone(self, code: str) -> ZoneInfo:
        """The time zone in which this municipality's days begin."""
        return ZoneInfo(self.municipality(code).timezone or self.timezone)

    def campaigns_in(self, code: str) -> tuple[Campaign, ...]:
        """Campaigns that concern this municipality."""
        return tuple(item.as_campaign() for item in self.campaigns if item.municipality in {"", code})


HIDDEN: Final = "********"
"""What stands in place of a secret that is set."""


def parts_of(value: object) -> list[tuple[str | int, Any]] | None:
    """Keys and values of a table, list, model or dataclass; None for a single value."""
    if isinstance(value, BaseModel):
        return [(name, getattr(value, name)) for name in type(value).model_fields]
    if is_dataclass(value) and not isinstance(value, type):
        return [(item.name, getattr(value, item.name)) for item in fields(value)]
    if isinstance(value, Mapping):
        return [(str(key), item) for key, item in value.items()]
    if isinstance(value, tuple | list):
        return list(enumerate(value))
    return None


def without_secrets(value: object) -> Any:  # noqa: ANN401 - any shape that TOML can hold
    """The same settings with every secret replaced by stars: fit to show and to store."""
    if isinstance(value, SecretStr):
        return HIDDEN if value.get_secret_value() else ""
    if (parts := parts_of(value)) is None:
        return value
    if isinstance(value, tuple | list):
        return [without_secrets(item) for _, item in parts]
    return {str(key): without_secrets(item) for key, item in parts}


def flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - any shape that TOML can hold
    """Dotted keys and values of nested settings, in order."""
    if isinstance(value, Mapping) and value:
        for key, item in value.items():
            yield from flat(item, f"{path}.{key}" if path else str(key))
    else:
        yield path, value
