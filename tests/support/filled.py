"""A made-up municipality with alerts in it, for tests that look at pages: outlines, and patterns of every kind and state."""

from datetime import date, timedelta
from typing import Any

from alerting import COMMUNITY, WORKER, Clock, make_pattern
from sqlalchemy import Engine

from alerts import areas
from alerts.alert import Action
from alerts.areas import DISTRICT, MUNICIPALITY, Area
from alerts.lifecycle import Alerts
from alerts.pattern import Band, PatternKind, WeekPoint, WhyPart
from alerts.render import why

WEST, SOUTH, STEP = 5.34, 52.14, 0.02
NAMES = ("Zonnehoek", "Oudeveen", "Havenkwartier", "De Krommerijn", "Lindenhof", "Molenwijk")
HIDDEN_COMMUNITY = "gemeenschap_die_niemand_ziet"
HIDDEN_COMMUNITY_NAME = "Gemeenschap die niemand ziet"


def square(column: int, row: int, width: int = 1, height: int = 1) -> dict[str, Any]:
    """A square of a grid as GeoJSON."""
    west, south = WEST + column * STEP, SOUTH + row * STEP * 0.6
    east, north = west + width * STEP, south + height * STEP * 0.6
    return {"type": "Polygon", "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]]}


def district(index: int) -> Area:
    """One of the six districts of Heiveen."""
    return Area(f"WK00010{index + 1}", NAMES[index], DISTRICT, "GM0001", "GM0001", square(index % 3, index // 3))


def make_areas(engine: Engine, clock: Clock) -> None:
    """Hand over the outlines of Heiveen and of Duinrade."""
    whole = Area("GM0001", "Heiveen", MUNICIPALITY, None, "GM0001", square(0, 0, 3, 2))
    areas.receive(engine, "GM0001", [whole, *(district(index) for index in range(6))], "one", clock())
    other = Area("GM0002", "Duinrade", MUNICIPALITY, None, "GM0002", square(4, 0, 2, 2))
    areas.receive(engine, "GM0002", [other], "one", clock())


def place(key: str, index: int, band: Band, **changes: Any) -> Any:
    """A pattern in one district, with weeks and a sentence."""
    area = district(index)
    first = date(2026, 1, 5)
    weekly = tuple(
        WeekPoint(first + timedelta(weeks=week), band if week > 4 else Band(3, 5) if week > 1 else None, round(0.2 * week, 1))
        for week in range(8)
    )
    figures = why.Figures(first, band, 0.8, None)
    return make_pattern(
        key,
        area_codes=(area.code,),
        area_names=(area.name,),
        geometry=area.outline,
        observed=band,
        window_from=first,
        weekly=weekly,
        why=(why.place_count([area.name], DISTRICT, figures), WhyPart(why.CHANCE, {"recurrence_interval_days": 400.0})),
        **changes,
    )


def fill(engine: Engine, alerts: Alerts, clock: Clock) -> dict[str, str]:
    """Put areas and alerts into an empty store; gives the id of each alert by a short name."""
    make_areas(engine, clock)
    whole: dict[str, Any] = {"level": MUNICIPALITY, "area_codes": ("GM0001",), "area_names": ("Heiveen",)}
    whole["geometry"] = square(0, 0, 3, 2)
    other = {"municipality": "GM0002", "municipality_name": "Duinrade", **whole}
    patterns = {
        "few": place("few", 0, Band(3, 5)),
        "some": place("some", 2, Band(6, 10)),
        "many": place("many", 4, Band(11, None)),
        "community": make_pattern("community", **{**COMMUNITY, "community": HIDDEN_COMMUNITY, **whole}),
        "both": place("both", 1, Band(6, 10), kind=PatternKind.PLACE_COMMUNITY, community=HIDDEN_COMMUNITY),
        "elsewhere": make_pattern("elsewhere", **{**other, "area_codes": ("GM0002",), "area_names": ("Duinrade",)}),
    }
    ids = {}
    for name, pattern in patterns.items():
        clock.forward(hours=1)
        ids[name] = alerts.receive(pattern, clock()).alert_id
    for action in (Action.REVIEW, Action.RELEASE):
        alerts.act(ids["community"], action, WORKER, clock.forward(minutes=5))
    return ids
