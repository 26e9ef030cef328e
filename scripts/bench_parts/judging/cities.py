"""Cities with and without a planted pattern, each made from a seed by the simulator that the product ships."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

import numpy as np

from detector.areas import AreaSet, read_areas
from detector.model import Report, ReportKind
from detector.simulate.land import made_up_areas
from detector.simulate.plan import Plant, PlantKind, SimulationPlan
from detector.simulate.reports import simulate_reports
from detector.window import History

END = date(2026, 3, 1)
YEARS, HISTORY_YEARS = 5, 3
MADE_UP, AMERSFOORT = "made-up", "Amersfoort"
AMERSFOORT_FILE = Path(__file__).parents[3].parent / "shared/data/amersfoort/amersfoort_buurten_2024_rd.geojson"
SIZES, WEEKS = (3, 10), (2, 10)
SEEN_WITHIN_DAYS = 60
LEAD_DAYS, AFTER_DAYS = 28, 98
_TOWNS = 12
"""Made-up municipalities: each seed has one of so many maps."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What an operator knows of a city: where it is, and how many reports come in."""

    city: str
    reports_per_year: int

    def __str__(self) -> str:
        return f"{self.city}, {self.reports_per_year} a year"


@dataclass(frozen=True, slots=True)
class Life:
    """What else goes on in a city: growth a year, waves of mass reports a year, outreach in five years."""

    growth: float = 0.08
    mass_waves: float = 1.0
    campaigns: int = 2


@dataclass(frozen=True, slots=True)
class Truth:
    """A planted pattern: its kind, its reports and when each came in, by key."""

    kind: PlantKind
    first: date
    last: date
    received: dict[str, date]


@dataclass(frozen=True, slots=True)
class Case:
    """What is to be judged of one history: looks from ``first`` to ``last``, alerts that begin from ``counted`` on."""

    setting: Setting
    seed: int
    truth: Truth | None
    first: date
    counted: date
    last: date

    @property
    def years(self) -> float:
        """Length of the time that counts."""
        return ((self.last - self.counted).days + 1) / 365.25

    def looks(self, every_days: int) -> list[date]:
        """Days on which somebody looks."""
        return [self.first + timedelta(days=day) for day in range(0, (self.last - self.first).days + 1, every_days)]


@lru_cache(maxsize=32)
def areas_of(city: str, seed: int) -> AreaSet:
    """The areas of a city; the made-up one has a map of its own for every few seeds."""
    return read_areas(AMERSFOORT_FILE) if city == AMERSFOORT else made_up_areas(1 + seed % _TOWNS)


def available(city: str) -> bool:
    """Whether the city's areas are there."""
    return city == MADE_UP or AMERSFOORT_FILE.exists()


def quiet_case(setting: Setting, seed: int, life: Life | None = None) -> tuple[Case, History]:
    """A history in which nothing is planted, and its last two years to look at."""
    history, _ = _history(setting, seed, (), life or Life())
    counted = END - timedelta(days=round((YEARS - HISTORY_YEARS) * 365.25) - 1)
    return Case(setting, seed, None, counted - timedelta(days=LEAD_DAYS), counted, END), history


def planted_case(setting: Setting, seed: int, kind: PlantKind) -> tuple[Case, History]:
    """A history with one pattern in its last two years; size, length, place and community are drawn."""
    rng = np.random.default_rng([seed, 77, list(PlantKind).index(kind)])
    size, weeks = int(rng.integers(SIZES[0], SIZES[1] + 1)), int(rng.integers(WEEKS[0], WEEKS[1] + 1))
    room = round((YEARS - HISTORY_YEARS) * 365.25) - AFTER_DAYS - LEAD_DAYS
    first = END - timedelta(days=AFTER_DAYS + int(rng.integers(room)))
    history, truth = _history(setting, seed, (Plant(kind, size, first, weeks),), Life())
    case = Case(setting, seed, truth, first - timedelta(days=LEAD_DAYS), first, first + timedelta(days=AFTER_DAYS))
    return case, history


def _history(setting: Setting, seed: int, planted: tuple[Plant, ...], life: Life) -> tuple[History, Truth | None]:
    areas = areas_of(setting.city, seed)
    code = areas.municipalities[0]
    plan = SimulationPlan(
        end=END,
        years=YEARS,
        reports_per_year=setting.reports_per_year,
        seed=seed,
        planted=planted,
        growth_per_year=life.growth,
        mass_waves_per_year=life.mass_waves,
        campaigns=life.campaigns,
    )
    made = simulate_reports(areas, code, plan)
    x = np.array([float(row["x"] or "nan") for row in made.reports])
    y = np.array([float(row["y"] or "nan") for row in made.reports])
    known = np.isfinite(x)
    area = np.array([row["area"] for row in made.reports], dtype=object)
    area[known] = areas.locate(x[known], y[known], areas.crs_of(code))
    reports = [_report(row, code, a, px, py) for row, a, px, py in zip(made.reports, area, x.tolist(), y.tolist(), strict=True)]
    truth = None
    if made.truth:
        kept = {r.key: r.received_on for r in reports if r.report_id in set(made.truth[0].report_ids)}
        truth = Truth(made.truth[0].kind, made.truth[0].first, made.truth[0].last, kept)
    return History(reports, areas.table(code)), truth


def _report(row: dict[str, str], municipality: str, area: str, x: float, y: float) -> Report:
    placed = np.isfinite(x)
    return Report(
        source="made",
        report_id=row["report_id"],
        municipality=municipality,
        received_on=date.fromisoformat(row["received_on"]),
        occurred_on=date.fromisoformat(row["occurred_on"]),
        x_m=x if placed else None,
        y_m=y if placed else None,
        area_code=area or None,
        place_key=row["place_key"] or None,
        grounds=tuple(filter(None, row["grounds"].split("|"))),
        communities=tuple(filter(None, row["communities"].split("|"))),
        domains=tuple(filter(None, row["domains"].split("|"))),
        kind=ReportKind(row["kind"]),
        withdrawn=row["withdrawn"] == "true",
    )
