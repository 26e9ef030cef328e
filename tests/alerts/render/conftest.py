"""Patterns and messages to be told."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import alerting
import pytest

from alerts.message import Message, MessageItem, Reason
from alerts.pattern import Band, Breakdown, CampaignOverlap, Cell, MethodSays, Pattern, RuleVersion, WeekPoint
from alerts.render import why


@pytest.fixture
def make_pattern() -> Callable[..., Pattern]:
    """A disclosed place pattern, some of it changed."""

    def make(**changes: Any) -> Pattern:
        figures = why.Figures(date(2026, 3, 2), Band(6, 10), 1.4)
        values: dict[str, Any] = {
            "key": "p-7",
            "revision": 2,
            "municipality": "GM0307",
            "municipality_name": "Voorbeeldstad",
            "area_codes": ("WK030707",),
            "area_names": ("Molenkwartier",),
            "window_from": date(2026, 3, 2),
            "window_to": date(2026, 5, 17),
            "observed": Band(6, 10),
            "expected": 1.4,
            "relative_risk": 5.7,
            "recurrence_interval_days": 430.0,
            "weekly": (WeekPoint(date(2026, 5, 4), None, 0.9), WeekPoint(date(2026, 5, 11), Band(6, 10), 1.4)),
            "breakdowns": (
                Breakdown("ground", (Cell("godsdienst", Band(3, 5)), Cell("leeftijd", None))),
                Breakdown("nature", ()),
            ),
            "why": (why.place_count(["Molenkwartier"], "district", figures), why.chance(430.0)),
            "methods": (MethodSays("scan", 430.0), MethodSays("threshold", 90.0, "at least 4 within 90 days")),
            "campaigns": (CampaignOverlap("Meld het", date(2026, 3, 1), date(2026, 4, 30)),),
            "rule": RuleVersion("a1b2c3", "0.1.0"),
            "first_seen": date(2026, 5, 18),
            "last_seen": date(2026, 5, 20),
            "recorded_at": datetime(2026, 5, 20, 1, 5, tzinfo=UTC),
        }
        return alerting.make_pattern(**{**values, **changes})

    return make


@pytest.fixture
def make_message() -> Callable[..., Message]:
    """A message with an alert for each of the reasons given."""

    def make(*reasons: Reason, language: str = "nl", name: str = "Voorbeeldstad") -> Message:
        items = tuple(
            MessageItem(f"a{number}", 1, reason, "GM0307", name, f"https://console.example/alerts/a{number}")
            for number, reason in enumerate(reasons, 1)
        )
        return Message("msg_01HZX5", 1, "gemeente", language, datetime(2026, 5, 20, 1, 5, tzinfo=UTC), items)

    return make
