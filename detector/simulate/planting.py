"""Planted patterns: a handful of reports that belong together, hidden among the others, and the truth about them."""

from datetime import timedelta

import numpy as np

from detector.model import Level
from detector.simulate.plan import Plant, PlantedPattern, PlantKind, ReportRow, SimulationError, SimulationPlan
from detector.simulate.town import Town, Venue
from detector.simulate.writer import Writer

SIZES: dict[PlantKind, tuple[int, int]] = {
    PlantKind.NEIGHBOURHOOD: (4, 8),
    PlantKind.ADJACENT: (5, 9),
    PlantKind.COMMUNITY: (6, 10),
    PlantKind.PLACE_COMMUNITY: (4, 7),
    PlantKind.VENUE: (3, 6),
}
"""Smallest and largest number of reports in a drawn pattern."""
WEEKS = (3, 10)
HISTORY = 0.35
"""Share of the time before the first drawn pattern: a detector needs to have seen what is usual."""
TRIES = 200
LONGEST_DELAY_DAYS = 21
COMMON_DOMAINS = ("openbare_ruimte", "buurt_wijk", "horeca_amusement", "commerciele_dienstverlening")
LEAST_PART_OF_TOWN = 3
PLACED_KINDS = frozenset({PlantKind.NEIGHBOURHOOD, PlantKind.ADJACENT, PlantKind.PLACE_COMMUNITY})


def plants_of(plan: SimulationPlan, rng: np.random.Generator) -> list[Plant]:
    """The patterns to plant: those that the plan names, or as many as it asks for, the kinds by turns and spread over time."""
    if not isinstance(plan.planted, int):
        return list(plan.planted)
    kinds = list(PlantKind)
    first_day = round(HISTORY * plan.days)
    taken: list[Plant] = []
    for number in range(plan.planted):
        kind = kinds[number % len(kinds)]
        low, high = SIZES[kind]
        size = int(rng.integers(low, high + 1))
        weeks = min(int(rng.integers(WEEKS[0], WEEKS[1] + 1)), max(1, (plan.days - first_day) // 7))
        for _ in range(TRIES):
            offset = int(rng.integers(first_day, max(first_day + 1, plan.days - 7 * weeks + 1)))
            wanted = Plant(kind, size, plan.start + timedelta(days=offset), weeks)
            # Two of a kind at once would be one bigger pattern in the truth's clothes.
            if not any(other.kind is kind and other.first <= wanted.last and wanted.first <= other.last for other in taken):
                break
        taken.append(wanted)
    return taken


def plant(writer: Writer, wanted: Plant, part: str, rng: np.random.Generator) -> tuple[list[ReportRow], PlantedPattern]:
    """The reports of one pattern, and the truth about it.

    Raises:
        SimulationError: it names an area that the town does not have.
    """
    town = writer.town
    venue = _venue(town, rng) if wanted.kind is PlantKind.VENUE else None
    rows = _rows_of(town, wanted, venue, rng)
    community = wanted.community
    if community is None and wanted.kind in {PlantKind.COMMUNITY, PlantKind.PLACE_COMMUNITY}:
        community = writer.shares.community_codes[int(rng.integers(len(writer.shares.community_codes)))]
    days = sorted(int(day) for day in rng.integers(7 * wanted.weeks, size=wanted.size))
    reports: list[ReportRow] = []
    for number, day in enumerate(days):
        received_on = wanted.first + timedelta(days=day)
        delay = int(rng.integers(LONGEST_DELAY_DAYS + 1))
        domain = None if wanted.kind is PlantKind.COMMUNITY else COMMON_DOMAINS[int(rng.integers(len(COMMON_DOMAINS)))]
        row = writer.row(part, number, received_on, rng, community=community, kind="single", domain=domain, delay_days=delay)
        if venue is not None:
            row = writer.at_venue(row, venue)
        elif wanted.kind in PLACED_KINDS:
            row = writer.placed(row, rng, area=rows[int(rng.integers(len(rows)))])
        elif rng.random() < writer.shares.located[row["domains"].split("|", 1)[0]]:
            row = writer.placed(row, rng)
        reports.append(row)
    truth = PlantedPattern(
        kind=wanted.kind,
        area_codes=tuple(sorted(town.area(row).code for row in rows)),
        community=community,
        first=wanted.first,
        last=wanted.last,
        report_ids=tuple(row["report_id"] for row in reports),
        place_key=venue.key if venue else None,
    )
    return reports, truth


def _venue(town: Town, rng: np.random.Generator) -> Venue:
    """A venue where little happens otherwise: in the station a handful more would not be seen."""
    quiet = [venue for venue in town.venues if venue.kind in {"cafe", "club", "shop"}]
    return quiet[int(rng.integers(len(quiet)))]


def _rows_of(town: Town, wanted: Plant, venue: Venue | None, rng: np.random.Generator) -> list[int]:
    """The areas of a pattern as rows of the town's table; none for one that is all over town."""
    if wanted.area_codes:
        unknown = [code for code in wanted.area_codes if code not in town.table.index]
        if unknown:
            message = f"No pattern can be planted in {', '.join(unknown)}: the municipality has no such area."
            raise SimulationError(message)
        return [town.table.index[code] for code in wanted.area_codes]
    if venue is not None:
        return [venue.row]
    if wanted.kind is PlantKind.COMMUNITY:
        return []
    row = _ordinary_row(town, rng)
    if wanted.kind is PlantKind.NEIGHBOURHOOD:
        return [row]
    beside = [int(other) for other in rng.permutation(town.table.neighbours[row])]
    if wanted.kind is PlantKind.ADJACENT:
        return [row, *beside[:3]]
    return _part_of_town(town, row, beside)


def _part_of_town(town: Town, row: int, beside: list[int]) -> list[int]:
    """The whole district of an area; where that holds fewer than three areas, or there are none, with areas beside it."""
    district = [above for above in town.table.ancestors(row) if town.area(above).level is Level.DISTRICT]
    rows = [int(other) for other in town.rows if any(above in town.table.ancestors(int(other)) for above in district)] or [row]
    return rows + [other for other in beside if other not in rows][: max(0, LEAST_PART_OF_TOWN - len(rows))]


def _ordinary_row(town: Town, rng: np.random.Generator) -> int:
    """A lived-in area that is not the busiest: patterns in the centre drown, and that is known."""
    lived_in = [
        int(row)
        for row, weight in zip(town.rows, town.weights, strict=True)
        if (town.area(int(row)).inhabitants or 0) > 0 and weight < 4 * np.median(town.weights)
    ]
    candidates = lived_in or [int(row) for row in town.rows]
    return candidates[int(rng.integers(len(candidates)))]
