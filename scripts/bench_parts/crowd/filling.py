"""Many alerts of many municipalities, by the quickest way in; what is filled is as the service itself leaves it."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import psycopg
from sqlalchemy import Engine, make_url, text

from alerts.alert import ReviewState
from alerts.areas import Area, receive
from alerts.lifecycle import alert_id_of
from alerts.pattern import (
    Audience,
    Band,
    Breakdown,
    Cell,
    MethodSays,
    Pattern,
    PatternKind,
    PatternState,
    RuleVersion,
    WeekPoint,
    to_json,
)
from alerts.store import tables as t

DISTRICTS: Final = 12
NEIGHBOURHOODS: Final = 5
CORNERS: Final = 40
NOW: Final = datetime.now(UTC)
END: Final = date(2026, 3, 1)
STATES: Final = (*ReviewState, *[ReviewState.CLOSED] * 12, *[ReviewState.DISMISSED] * 6)
"""In the long run most alerts are settled."""


def _outline(rng: random.Random, x: float, y: float, size: float) -> dict[str, Any]:
    ring = []
    for corner in range(CORNERS):
        part = corner / CORNERS * 4
        side, along = int(part), part % 1
        dx, dy = ((along, 0.0), (1.0, along), (1 - along, 1.0), (0.0, 1 - along))[side]
        ring.append([round(x + dx * size + rng.uniform(-1, 1) * size / 50, 5), round(y + dy * size, 5)])
    return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}


def _areas(number: int) -> list[Area]:
    rng = random.Random(number)  # noqa: S311 - made-up data
    code = f"GM{number:04d}"
    west, south = 3.6 + number % 10 * 0.3, 51.0 + number // 10 * 0.3
    found = [Area(code, f"Gemeente {number}", "municipality", None, code, _outline(rng, west, south, 0.2))]
    for district in range(DISTRICTS):
        name = f"WK{number:04d}{district:02d}"
        x, y = west + district % 4 * 0.05, south + district // 4 * 0.06
        found.append(Area(name, f"Wijk {district}", "district", code, code, _outline(rng, x, y, 0.05)))
        for part in range(NEIGHBOURHOODS):
            inner = _outline(rng, x + part * 0.01, y, 0.01)
            found.append(Area(f"BU{number:04d}{district:02d}{part:02d}", f"Buurt {part}", "neighbourhood", name, code, inner))
    return found


def _template(area: Area, municipality: str, kind: PatternKind) -> Pattern:
    community = kind is not PatternKind.PLACE
    weeks = tuple(WeekPoint(END - timedelta(weeks=12 - week), Band(3, 5), 0.1 * week) for week in range(13))
    breakdowns = tuple(
        Breakdown(rubric, (Cell("a", Band(3, 5)), Cell("b", None), Cell("c", None))) for rubric in ("ground", "domain", "nature")
    )
    return Pattern(
        key="KEY", revision=1, kind=kind, state=PatternState.ACTIVE, audience=Audience.MUNICIPALITY,
        municipality=area.municipality, municipality_name=municipality, level=area.level, area_codes=(area.code,),
        area_names=(area.name,), geometry=dict(area.outline or {}),
        community="c1" if community else None, ground=None, domain=None, window_from=END - timedelta(weeks=8), window_to=END,
        observed=Band(6, 10), expected=1.2, relative_risk=5.0,
        recurrence_interval_days=420.0, weekly=weeks, breakdowns=breakdowns, why=(),
        methods=(MethodSays("scan", 420.0), MethodSays("threshold", 300.0)), campaigns=(),
        rule=RuleVersion("0123456789ab", "0.1.0"), first_seen=END - timedelta(days=20), last_seen=END, recorded_at=NOW,
    )  # fmt: skip


def fill(engine: Engine, alerts: int, municipalities: int, seed: int) -> None:
    """Areas and alerts."""
    rng = random.Random(seed)  # noqa: S311 - made-up data
    templates: list[tuple[Pattern, str]] = []
    for number in range(1, municipalities + 1):
        areas = _areas(number)
        receive(engine, areas[0].code, areas, f"bench {number}", NOW)
        for area in areas[1 : DISTRICTS + 1]:
            for kind in PatternKind:
                made = _template(area, areas[0].name, kind)
                templates.append((made, to_json(made)))
    url = make_url(str(engine.url.render_as_string(hide_password=False)))
    with (
        psycopg.connect(host=str(url.query["host"]), user=url.username, dbname=url.database, autocommit=False) as connection,
        connection.cursor() as cursor,
    ):
        chosen = [(f"bench-{number}", *rng.choice(templates), rng.choice(STATES)) for number in range(alerts)]
        _copy(cursor, t.alert.name, (_alert_row(rng, *each) for each in chosen))
        _copy(cursor, t.pattern_revision.name, (_revision_row(key, body) for key, _, body, _ in chosen))
        areas_of = ({"alert_id": alert_id_of(key), "code": made.area_codes[0]} for key, made, _, _ in chosen)
        _copy(cursor, t.alert_area.name, areas_of)
        _copy(cursor, t.event.name, (_event_row(key) for key, _, _, _ in chosen))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection_:
        # As a server does by itself before long.
        connection_.execute(text("VACUUM ANALYZE"))


def _copy(cursor: psycopg.Cursor[Any], table: str, rows: Iterator[dict[str, Any]]) -> None:
    first = next(rows)
    columns = psycopg.sql.SQL(", ").join(map(psycopg.sql.Identifier, first))
    words = psycopg.sql.SQL("COPY {} ({}) FROM STDIN").format(psycopg.sql.Identifier(table), columns)
    with cursor.copy(words) as copy:
        copy.write_row(list(first.values()))
        for row in rows:
            copy.write_row(list(row.values()))


def _alert_row(rng: random.Random, key: str, made: Pattern, _: str, review: ReviewState) -> dict[str, Any]:
    at = NOW - timedelta(minutes=rng.randrange(60 * 24 * 365 * 5))
    return {
        "id": alert_id_of(key), "pattern_key": key, "revision": 1, "version": 1, "municipality": made.municipality,
        "municipality_name": made.municipality_name, "kind": made.kind.value, "audience": made.audience.value,
        "community": made.community, "ground": None, "domain": None, "window_from": made.window_from, "window_to": made.window_to,
        "recurrence_interval_days": made.recurrence_interval_days, "detection": "active", "review": review.value,
        "in_state_since": at, "releases": 1, "released_by_person": False, "created_at": at, "updated_at": at,
    }  # fmt: skip


def _revision_row(key: str, body: str) -> dict[str, Any]:
    whole = body.replace('"key":"KEY"', f'"key":"{key}"', 1)
    return {"pattern_key": key, "revision": 1, "body": whole, "received_at": NOW, "late": False}


def _event_row(key: str) -> dict[str, Any]:
    return {
        "alert_id": alert_id_of(key), "number": 1, "at": NOW, "actor": "system", "role": "system", "what": "created",
        "revision": 1, "text": "", "details": "{}",
    }  # fmt: skip
