"""Cities in which nothing is going on: when a report comes in has nothing to do with where it was or whom it concerns.

All else is as uneven as in life: few neighbourhoods have most of the reports, communities live in some of them more than in
others, venues attract many, weekdays differ, the city grows, and a city-wide event brings a busy week now and then.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np

from detector.model import Area, AreaTable, IntArray, Level, Report
from detector.window import History, make_window

__all__ = ["FIRST", "Quiet", "make_window", "quiet_history", "town_of"]

FIRST = date(2018, 1, 1).toordinal()
SIDE = 8
COMMUNITIES = (0.3, 0.2, 0.1, 0.05, 0.03, 0.01)
_VENUES = 15
_AT_VENUE, _NOWHERE = 0.12, 0.1
_WEEKDAYS = np.array([1.3, 1.1, 1.0, 1.0, 1.0, 0.5, 0.4])
_GROWTH_A_YEAR = 1.1
_BUSY_WEEK, _BUSIER = 0.02, 4.0


@dataclass(frozen=True, slots=True)
class Quiet:
    """How large a city without pattern is, and how long its archive."""

    reports_a_year: float
    years: float
    first_day: int = FIRST


def town_of(rng: np.random.Generator) -> AreaTable:
    """A town of :data:`SIDE` × :data:`SIDE` neighbourhoods of very different size, in districts of four by two."""
    people = np.maximum(20, rng.lognormal(7.3, 0.8, SIDE * SIDE)).astype(int)
    district = [(i // SIDE // 2) * 2 + i % SIDE // 4 for i in range(SIDE * SIDE)]
    number = max(district) + 1
    areas = [Area("G", "Town", Level.MUNICIPALITY, None, "G", 0.0, 0.0, int(people.sum()))]
    parent, beside = [-1], [np.zeros(0, dtype=np.int64)]
    for d in range(number):
        inside = [i for i in range(SIDE * SIDE) if district[i] == d]
        x, y = (float(np.mean(at)) * 500.0 for at in ([i % SIDE for i in inside], [i // SIDE for i in inside]))
        areas.append(Area(f"W{d}", f"W{d}", Level.DISTRICT, "G", "G", x, y, int(people[inside].sum())))
        parent.append(0)
        beside.append(np.array([1 + e for e in range(number) if abs(e // 2 - d // 2) + abs(e % 2 - d % 2) == 1], dtype=np.int64))
    for i in range(SIDE * SIDE):
        x, y = i % SIDE, i // SIDE
        areas.append(
            Area(f"B{i:02}", f"B{i:02}", Level.NEIGHBOURHOOD, f"W{district[i]}", "G", x * 500.0, y * 500.0, int(people[i]))
        )
        parent.append(1 + district[i])
        near = [(x + dx, y + dy) for dx, dy in ((0, 1), (1, 0), (0, -1), (-1, 0))]
        beside.append(np.array([1 + number + b * SIDE + a for a, b in near if 0 <= a < SIDE and 0 <= b < SIDE], dtype=np.int64))
    return AreaTable(tuple(areas), np.array(parent), tuple(beside))


def quiet_history(quiet: Quiet, rng: np.random.Generator) -> History:
    """All reports of a city without pattern, ready for its nights."""
    areas = town_of(rng)
    day = _days(quiet, rng)
    number = day.size
    people = np.array([areas.areas[row].inhabitants or 0 for row in areas.at_level(Level.NEIGHBOURHOOD)], dtype=np.float64)
    rate = people * rng.lognormal(0.0, 0.7, people.size)
    where = rng.choice(people.size, number, p=rate / rate.sum())
    tilt = rng.lognormal(0.0, 1.0, (people.size, len(COMMUNITIES)))
    about = rng.random((number, len(COMMUNITIES))) < np.minimum(0.9, np.array(COMMUNITIES) * (tilt / tilt.mean(0))[where])
    venue_at = rng.integers(0, people.size, _VENUES)
    venue_of = rng.choice(_VENUES, number, p=(1 / np.arange(1, _VENUES + 1)) / (1 / np.arange(1, _VENUES + 1)).sum())
    how = rng.random(number)
    reports = []
    for i in range(number):
        named = how[i] < _AT_VENUE
        at = int(venue_at[venue_of[i]]) if named else int(where[i])
        placed = how[i] < 1.0 - _NOWHERE
        spot = areas.areas[areas.index[f"B{at:02}"]]
        reports.append(
            Report(
                source="quiet",
                report_id=f"{i:06}",
                municipality="G",
                received_on=date.fromordinal(int(day[i])),
                x_m=spot.x_m + float(rng.uniform(-250, 250)) if placed else None,
                y_m=spot.y_m + float(rng.uniform(-250, 250)) if placed else None,
                area_code=spot.code if placed else None,
                place_key=f"V{venue_of[i]}" if named else None,
                communities=tuple(f"c{c}" for c in np.flatnonzero(about[i]).tolist()),
            )
        )
    return History(reports, areas)


def _days(quiet: Quiet, rng: np.random.Generator) -> IntArray:
    days = int(quiet.years * 365.25)
    ordinal = quiet.first_day + np.arange(days)
    busy = np.repeat(rng.random(-(-days // 7)) < _BUSY_WEEK, 7)[:days]
    rate = _WEEKDAYS[(ordinal - 1) % 7] * _GROWTH_A_YEAR ** (np.arange(days) / 365.25) * np.where(busy, _BUSIER, 1.0)
    rate *= quiet.reports_a_year / 365.25 / rate.mean()
    return np.repeat(ordinal, rng.poisson(rate))
