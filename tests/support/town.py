"""A small town that does not exist: areas on a grid, and reports on it, for tests of detection."""

from datetime import date, timedelta

import numpy as np

from detector.model import Area, AreaTable, Family, Finding, Level, Region, Report, StreamKind

TOWN = "GM9999"
START = date(2022, 1, 3)
COMMUNITIES = ("a", "b", "c", "d")
DISTRICTS = 4
SIDE = 3
"""Neighbourhoods along one side of a district."""


def neighbourhood(district: int, number: int) -> str:
    """Code of a neighbourhood."""
    return f"BU9999{district:02d}{number:02d}"


def district(number: int) -> str:
    """Code of a district."""
    return f"WK9999{number:02d}"


def town(small: tuple[str, ...] = ()) -> AreaTable:
    """Four districts of nine neighbourhoods, 500 m apart, 1,000 inhabitants each; those named in ``small`` have 50."""
    areas = [Area(TOWN, "Testum", Level.MUNICIPALITY, None, TOWN, 1500.0, 1500.0, 36_000)]
    parent, neighbours = [-1], [np.zeros(0, dtype=np.int64)]
    for d in range(DISTRICTS):
        x0, y0 = (d % 2) * SIDE * 500.0, (d // 2) * SIDE * 500.0
        inhabitants = 100 if district(d) in small else 9000
        areas.append(Area(district(d), f"Wijk {d}", Level.DISTRICT, TOWN, TOWN, x0 + 500, y0 + 500, inhabitants))
        parent.append(0)
        neighbours.append(np.array([1 + i * (SIDE * SIDE + 1) for i in range(DISTRICTS) if i != d], dtype=np.int64))
        first = len(areas)
        for n in range(SIDE * SIDE):
            code = neighbourhood(d, n)
            x_m, y_m = x0 + (n % SIDE) * 500.0, y0 + (n // SIDE) * 500.0
            areas.append(
                Area(code, f"Buurt {d}.{n}", Level.NEIGHBOURHOOD, district(d), TOWN, x_m, y_m, 50 if code in small else 1000)
            )
            parent.append(first - 1)
            beside = [m for m in range(SIDE * SIDE) if abs(m % SIDE - n % SIDE) + abs(m // SIDE - n // SIDE) == 1]
            neighbours.append(np.array([first + m for m in beside], dtype=np.int64))
    return AreaTable(tuple(areas), np.array(parent, dtype=np.int64), tuple(neighbours))


def report(number: int, day: int | date, area: str | None = None, **more: object) -> Report:
    """A report by number, on the so-manieth day after ``START`` or on a date."""
    received = START + timedelta(days=day) if isinstance(day, int) else day
    values: dict[str, object] = {"source": "test", "report_id": f"r{number:05d}", "municipality": TOWN, "received_on": received}
    return Report(**{**values, "area_code": area, **more})  # type: ignore[arg-type]  # named values, checked by the dataclass


def quiet_reports(rng: np.random.Generator, days: int, per_year: float) -> list[Report]:
    """Reports of a town in which nothing is going on."""
    return [
        report(
            number,
            int(rng.integers(days)),
            neighbourhood(int(rng.integers(DISTRICTS)), int(rng.integers(SIDE * SIDE))) if rng.random() < 0.9 else None,
            communities=(COMMUNITIES[int(rng.choice(4, p=[0.5, 0.3, 0.15, 0.05]))],) if rng.random() < 0.6 else (),
            grounds=("herkomst",) if rng.random() < 0.5 else ("geslacht",),
            domains=("horeca",) if rng.random() < 0.3 else ("openbare_ruimte",),
        )
        for number in range(rng.poisson(per_year * days / 365.25))
    ]


def finding(
    members: str | frozenset[str],
    *,
    family: Family = Family.PLACE,
    stream: tuple[StreamKind, str] = (StreamKind.ALL, ""),
    areas: tuple[str, ...] = ("BU99990000",),
    window: tuple[date, date] = (START, START + timedelta(days=27)),
    method: str = "scan",
    interval: float = 500.0,
) -> Finding:
    """A finding about reports; ``members`` as text means one report a letter."""
    held = frozenset(members)
    return Finding(
        method=method,
        family=family,
        stream_kind=stream[0],
        stream_code=stream[1],
        region=Region(areas),
        window_from=window[0],
        window_to=window[1],
        observed=len(held),
        expected=0.5,
        score_name="test",
        score=interval,
        p=1 / interval,
        recurrence_interval_days=interval,
        members=held,
    )
