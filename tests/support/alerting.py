"""What the tests of the alerting side are made of: patterns, settings, a clock, a destination that remembers."""

import threading
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar

from alerts.alert import Actor, Role
from alerts.effect import FollowUp
from alerts.message import DeliveryError, Message, Receipt
from alerts.pattern import (
    Audience,
    Band,
    Breakdown,
    CampaignOverlap,
    Cell,
    MethodSays,
    Pattern,
    PatternKind,
    PatternState,
    RuleVersion,
    WeekPoint,
)
from alerts.render import why
from alerts.settings import AlertsSettings

WORKER = Actor("case worker", Role.CASE_WORKER)
ADVISER = Actor("adviser", Role.POLICY_ADVISER, "GM0001")
COMMUNITY: dict[str, Any] = {"kind": PatternKind.COMMUNITY, "community": "c1"}
OPERATOR = Actor("operator", Role.OPERATOR)
SQUARE: dict[str, Any] = {"type": "Polygon", "coordinates": [[[5.1, 52.1], [5.2, 52.1], [5.2, 52.2], [5.1, 52.1]]]}
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
        if self.hold is not None and not self.hold.wait(60):
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


def make_pattern(key: str = "p1", revision: int = 1, **changes: Any) -> Pattern:
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


def full_pattern(**changes: Any) -> Pattern:
    """A pattern of which everything may be told."""
    figures = why.Figures(date(2026, 1, 5), Band(6, 10), 1.5)
    values: dict[str, Any] = {
        "geometry": SQUARE,
        "observed": Band(6, 10),
        "expected": 1.5,
        "why": (why.place_count(["Zonnehoek"], "district", figures),),
        "weekly": (WeekPoint(date(2026, 1, 5), None, 0.4), WeekPoint(date(2026, 1, 12), Band(6, 10), 0.8)),
        "breakdowns": (Breakdown("domain", (Cell("horeca_amusement", Band(3, 5)), Cell("onderwijs", None))),),
        "methods": (MethodSays("scan", 400.0), MethodSays("threshold", 90.0)),
        "campaigns": (CampaignOverlap("Discriminatie? Meld het!", date(2026, 1, 1), date(2026, 2, 1)),),
        "recurrence_interval_days": 426.0,
    }
    return make_pattern(**{**values, **changes})


def make_follow_up(**changes: Any) -> FollowUp:
    values: dict[str, Any] = {
        "pattern_key": "p1",
        "approach_from": date(2026, 3, 9),
        "weeks": 8,
        "floor": 3,
        "before_from": date(2026, 1, 5),
        "before_to": date(2026, 3, 1),
        "before": Band(6, 10),
        "after": None,
        "city_before": None,
        "city_after": None,
        "recorded_at": NOW,
    }
    return FollowUp(**{**values, **changes})


def make_settings(**changes: Any) -> AlertsSettings:
    values: dict[str, Any] = {
        "console_url": "https://console.example",
        "destinations": {
            "adv": {"audience": "adv"},
            "heiveen": {"audience": "municipality", "municipality": "GM0001"},
            "duinrade": {"audience": "municipality", "municipality": "GM0002"},
        },
        "route": {"group_wait_seconds": 0},
    }
    return AlertsSettings.model_validate({**values, **changes})
