"""What the tests of the alerting side share: patterns, settings, an empty store, a channel that remembers."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar

import pytest
from sqlalchemy import Engine

from alerts.alert import Actor, Role
from alerts.lifecycle import Alerts
from alerts.message import DeliveryError, Message, Receipt
from alerts.pattern import Audience, Band, Pattern, PatternKind, PatternState, RuleVersion
from alerts.settings import AlertsSettings
from alerts.store.engine import migrate, open_engine

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@dataclass(slots=True)
class Recorder:
    """A destination that keeps what it was sent, and fails as told: ``failures`` are raised one by one, before any success."""

    kind: ClassVar[str] = "recorder"
    sent: list[Message] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)
    tried: list[tuple[str, datetime]] = field(default_factory=list)
    hold: threading.Event | None = None

    def send(self, message: Message, now: datetime) -> Receipt:
        self.tried.append((message.id, now))
        if self.hold is not None and not self.hold.wait(20):
            raise DeliveryError("held too long")
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append(message)
        return Receipt("kept")


@dataclass(slots=True)
class Clock:
    """The time of a test, which only the test moves."""

    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **parts: float) -> datetime:
        self.at += timedelta(**parts)
        return self.at


def _pattern(key: str = "p1", revision: int = 1, **changes: Any) -> Pattern:
    values: dict[str, Any] = {
        "key": key,
        "revision": revision,
        "kind": PatternKind.PLACE,
        "state": PatternState.ACTIVE,
        "audience": Audience.MUNICIPALITY,
        "municipality": "GM0001",
        "municipality_name": "Heiveen",
        "level": "district",
        "area_codes": ("WK000101",),
        "area_names": ("Zonnehoek",),
        "geometry": None,
        "community": None,
        "ground": None,
        "domain": None,
        "window_from": date(2026, 1, 5),
        "window_to": date(2026, 3, 1),
        "observed": Band(3, 5),
        "expected": 0.8,
        "relative_risk": 4.0,
        "recurrence_interval_days": 400.0,
        "weekly": (),
        "breakdowns": (),
        "why": (),
        "methods": (),
        "campaigns": (),
        "rule": RuleVersion("abc", "0.1.0"),
        "first_seen": date(2026, 3, 1),
        "last_seen": date(2026, 3, 1),
        "recorded_at": NOW,
    }
    return Pattern(**{**values, **changes})


def _settings(**changes: Any) -> AlertsSettings:
    values: dict[str, Any] = {
        "destinations": {
            "adv": {"audience": "adv"},
            "heiveen": {"audience": "municipality", "municipality": "GM0001"},
            "duinrade": {"audience": "municipality", "municipality": "GM0002"},
        },
        "route": {"group_wait_seconds": 0},
    }
    return AlertsSettings.model_validate({**values, **changes})


@pytest.fixture(scope="session")
def make_pattern() -> Callable[..., Pattern]:
    return _pattern


@pytest.fixture(scope="session")
def make_settings() -> Callable[..., AlertsSettings]:
    return _settings


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def make_recorder() -> Callable[..., Recorder]:
    return Recorder


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An empty alerts store, on each of the two databases."""
    made = open_engine(database_url)
    migrate(made)
    yield made
    made.dispose()


@pytest.fixture
def sqlite_engine(sqlite_url: str) -> Iterator[Engine]:
    made = open_engine(sqlite_url)
    migrate(made)
    yield made
    made.dispose()


@pytest.fixture
def alerts(engine: Engine) -> Alerts:
    return Alerts(engine, _settings())


@pytest.fixture(scope="session")
def worker() -> Actor:
    return Actor("case worker", Role.CASE_WORKER)


@pytest.fixture(scope="session")
def adviser() -> Actor:
    return Actor("adviser", Role.POLICY_ADVISER, "GM0001")
