"""What a simulation shall contain, and what it turned out to contain."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from detector.model import Campaign

DAYS_A_YEAR = 365.25


class SimulationError(Exception):
    """A simulation cannot be made as asked; the message says what to change."""


class PlantKind(StrEnum):
    """Kinds of planted pattern."""

    NEIGHBOURHOOD = "neighbourhood"
    ADJACENT = "adjacent"
    COMMUNITY = "community"
    PLACE_COMMUNITY = "place_community"
    VENUE = "venue"


@dataclass(frozen=True, slots=True)
class Plant:
    """A pattern to plant: ``size`` reports received from ``first`` on, over ``weeks`` weeks.

    Where and whom it concerns is drawn if not said: ``area_codes`` for the kinds with a place, ``community`` for those with one.
    """

    kind: PlantKind
    size: int
    first: date
    weeks: int
    area_codes: tuple[str, ...] = ()
    community: str | None = None

    @property
    def last(self) -> date:
        """The last day of the pattern."""
        return self.first + timedelta(days=7 * self.weeks - 1)


@dataclass(frozen=True, slots=True)
class SimulationPlan:
    """What to make. The same plan makes the same bytes.

    ``planted`` is a tuple of patterns or a number of them to draw. ``mass_waves_per_year`` and ``campaigns`` come on top of
    ``reports_per_year``, which grows by ``growth_per_year`` (0.08: eight per cent) and is what the last year has.
    ``districts`` and ``neighbourhoods`` are the size of a made-up municipality.
    """

    end: date
    years: float = 3
    reports_per_year: float = 250
    seed: int = 1
    planted: tuple[Plant, ...] | int = 0
    growth_per_year: float = 0.08
    mass_waves_per_year: float = 1.0
    campaigns: int = 2
    districts: int = 8
    neighbourhoods: int = 40

    def __post_init__(self) -> None:
        """Refuse what cannot be made.

        Raises:
            SimulationError: a figure is out of bounds.
        """
        for name, low, high in (
            ("years", 0.25, 50),
            ("reports_per_year", 1, 1_000_000),
            ("growth_per_year", -0.5, 1),
            ("mass_waves_per_year", 0, 50),
            ("campaigns", 0, 100),
            ("districts", 1, 99),
            ("neighbourhoods", self.districts, 60 * self.districts),
        ):
            value = getattr(self, name)
            if not low <= value <= high:
                message = f"{name} = {value}: choose a number from {low} to {high}."
                raise SimulationError(message)
        for plant in () if isinstance(self.planted, int) else self.planted:
            if plant.size < 1 or plant.weeks < 1 or plant.first < self.start or plant.last > self.end:
                span = f"{plant.first} to {plant.last}"
                message = f"A pattern of {plant.size} from {span} does not fit between {self.start} and {self.end}."
                raise SimulationError(message)

    @property
    def start(self) -> date:
        """The first day."""
        return self.end - timedelta(days=round(self.years * DAYS_A_YEAR) - 1)

    @property
    def days(self) -> int:
        """How many days there are, first and last included."""
        return (self.end - self.start).days + 1


ReportRow = dict[str, str]
"""A report in our own format: every field a text, empty where the report does not say."""


@dataclass(frozen=True, slots=True)
class PlantedPattern:
    """The truth about a planted pattern; ``first`` and ``last`` are the days of its window, not of its first and last report."""

    kind: PlantKind
    area_codes: tuple[str, ...]
    community: str | None
    first: date
    last: date
    report_ids: tuple[str, ...]
    place_key: str | None = None


@dataclass(frozen=True, eq=False)
class Simulation:
    """Reports in the order they were received, and the truth about them."""

    municipality: str
    crs: str
    reports: list[ReportRow] = field(default_factory=list)
    truth: list[PlantedPattern] = field(default_factory=list)
    campaigns: list[Campaign] = field(default_factory=list)
