"""Programs that use the API of a running console: each with a token of its own."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
from alerting import make_pattern
from consoling import ADMIN, NO_TLS, Console

from alerts import tokens
from alerts.areas import Area, receive
from alerts.lifecycle import alert_id_of
from alerts.pattern import Pattern
from alerts.tokens import Scope

EVERYTHING = tuple(Scope)
MUNICIPAL = tuple(scope for scope in Scope if scope is not Scope.DELIVERIES_READ)
SQUARE = {"type": "Polygon", "coordinates": [[[5.38, 52.15], [5.40, 52.15], [5.40, 52.16], [5.38, 52.16], [5.38, 52.15]]]}


def program(console: Console, scopes: Sequence[Scope] = EVERYTHING, municipality: str | None = None, *areas: str) -> httpx.Client:
    """A program with a new token of these scopes."""
    _, secret = tokens.add(
        console.engine,
        f"t-{uuid4().hex[:12]}",
        scopes,
        ADMIN,
        console.clock(),
        expires_at=console.clock() + timedelta(days=30),
        municipality=municipality,
        area_codes=areas,
    )
    headers = {"Authorization": f"Bearer {secret}"}
    made = httpx.Client(base_url=f"{console.url}/v1", headers=headers, trust_env=False, verify=NO_TLS, timeout=60)
    console.stack.callback(made.close)
    return made


def receive_pattern(console: Console, key: str = "p1", revision: int = 1, **changes: Any) -> str:
    """Hand a pattern over; the id of its alert."""
    pattern: Pattern = make_pattern(key, revision, **{"geometry": SQUARE, **changes})
    console.alerts.receive(pattern, console.clock())
    console.clock.forward(minutes=1)
    return alert_id_of(key)


def receive_areas(console: Console, municipality: str = "GM0001") -> None:
    """Hand the areas of a small municipality over."""
    areas = [
        Area(municipality, "Heiveen", "municipality", None, municipality, SQUARE),
        Area("WK000101", "Zonnehoek", "district", municipality, municipality, SQUARE),
        Area("WK000102", "Maanhoek", "district", municipality, municipality, None),
    ]
    receive(console.engine, municipality, areas, f"sheet of {municipality}", console.clock())


def problem(response: httpx.Response, status: int) -> list[str]:
    """Check that it is a whole problem of this status; its errors."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["api-version"]
    body = response.json()
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    return [error["detail"] for error in body.get("errors", [])]
