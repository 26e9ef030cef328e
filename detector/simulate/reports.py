"""Years of made-up reports: the quiet background, waves of mass reports, outreach, and planted patterns with their truth."""

from datetime import timedelta

import numpy as np

from detector.areas import AreaSet
from detector.model import Campaign, FloatArray
from detector.simulate.plan import DAYS_A_YEAR, PlantedPattern, ReportRow, Simulation, SimulationPlan
from detector.simulate.planting import plant, plants_of
from detector.simulate.shares import shares
from detector.simulate.town import build_town
from detector.simulate.writer import Writer

WEEKDAYS = np.array([1.25, 1.2, 1.1, 1.05, 1.0, 0.45, 0.4])
"""Reports by day of the week, Monday first: desks are closed at the weekend, forms are not."""
WEEKLY_NOISE = 12.0
"""Shape of the gamma noise on a whole week: news moves all reports together, by a third or so."""
CAMPAIGN_FACTOR = 2.5
"""Reports where and while there is outreach, against the same without."""
MASS_SIZE = (15, 60)
MASS_DOMAINS = ("publieke_politieke_opinie", "media_reclame")


def simulate_reports(areas: AreaSet, municipality: str, plan: SimulationPlan) -> Simulation:
    """Make the reports of one municipality.

    Background, waves, campaigns and plants each have randomness of their own, so the same seed with other plants has the same
    background: what a detector finds more is due to the plants.

    Raises:
        SimulationError: the municipality has no areas inside it, or a plant does not fit it.
    """
    streams = [np.random.default_rng([plan.seed, part]) for part in (11, 12, 13, 14, 15)]
    town = build_town(areas, municipality, streams[0])
    writer = Writer(town, shares(), plan.seed)
    rows = _background(writer, plan, streams[1])
    rows += _mass_waves(writer, plan, streams[2])
    campaigns = _campaigns(writer, plan, streams[3])
    for number, campaign in enumerate(campaigns):
        rows += _outreach(writer, plan, campaign, f"campaign{number}", streams[3])
    truth: list[PlantedPattern] = []
    for number, wanted in enumerate(plants_of(plan, streams[4])):
        planted, pattern = plant(writer, wanted, f"plant{number}", streams[4])
        rows += planted
        truth.append(pattern)
    rows.sort(key=lambda row: (row["received_on"], row["report_id"]))
    return Simulation(municipality, areas.crs_of(municipality), rows, truth, campaigns)


def _daily_rates(plan: SimulationPlan, rng: np.random.Generator) -> FloatArray:
    """Expected reports on each day: growth over the years, weeks with more and less news, working days."""
    day = np.arange(plan.days)
    first = plan.start.toordinal()
    years_to_go = (plan.days - 1 - day) / DAYS_A_YEAR
    # Averaged over the last year the growth gives the asked number.
    growth = (1 + plan.growth_per_year) ** (0.5 - years_to_go)
    week = (day + plan.start.weekday()) // 7
    noise = rng.gamma(WEEKLY_NOISE, 1 / WEEKLY_NOISE, int(week[-1]) + 1)[week]
    weekday = WEEKDAYS[(first + day - 1) % 7] / WEEKDAYS.mean()
    return np.asarray(plan.reports_per_year / DAYS_A_YEAR * growth * noise * weekday, dtype=np.float64)


def _background(writer: Writer, plan: SimulationPlan, rng: np.random.Generator) -> list[ReportRow]:
    counts = rng.poisson(_daily_rates(plan, rng))
    rows: list[ReportRow] = []
    for offset, count in enumerate(counts):
        for _ in range(int(count)):
            row = writer.row("background", len(rows), plan.start + timedelta(days=offset), rng)
            rows.append(_perhaps_placed(writer, row, rng))
    return rows


def _perhaps_placed(writer: Writer, row: ReportRow, rng: np.random.Generator) -> ReportRow:
    first_domain = row["domains"].split("|", 1)[0]
    return writer.placed(row, rng) if rng.random() < writer.shares.located[first_domain] else row


def _mass_waves(writer: Writer, plan: SimulationPlan, rng: np.random.Generator) -> list[ReportRow]:
    """Many reports within days on one utterance in the news; they say no place."""
    rows: list[ReportRow] = []
    for wave in range(int(rng.poisson(plan.mass_waves_per_year * plan.days / DAYS_A_YEAR))):
        start = int(rng.integers(plan.days))
        community = writer.shares.community_codes[int(rng.integers(len(writer.shares.community_codes)))]
        domain = MASS_DOMAINS[int(rng.integers(len(MASS_DOMAINS)))]
        ground = writer.shares.grounds_of(community).codes[0]
        for number in range(int(rng.integers(*MASS_SIZE))):
            offset = start + int(rng.exponential(4.0))
            if offset < plan.days:
                day = plan.start + timedelta(days=offset)
                row = writer.row(
                    f"mass{wave}", number, day, rng, community=community, kind="mass", domain=domain, delay_days=offset - start
                )
                rows.append(row | {"grounds": ground})
    return rows


def _campaigns(writer: Writer, plan: SimulationPlan, rng: np.random.Generator) -> list[Campaign]:
    """Outreach in a few areas beside each other, or for one community, by turns."""
    town = writer.town
    found: list[Campaign] = []
    for number in range(plan.campaigns):
        weeks = int(rng.integers(5, 10))
        # Some history first, so that a campaign stands out against it.
        start = int(rng.integers(plan.days // 4, max(plan.days // 4 + 1, plan.days - 7 * weeks)))
        starts_on = plan.start + timedelta(days=start)
        ends_on = min(plan.end, starts_on + timedelta(days=7 * weeks - 1))
        if number % 2 == 0:
            centre = town.draw_row(rng)
            rows = [centre, *town.table.neighbours[centre].tolist()[:2]]
            codes = tuple(sorted(town.area(int(row)).code for row in rows))
            found.append(Campaign(f"Spreekuur in de wijk {number + 1}", starts_on, ends_on, area_codes=codes))
        else:
            community = writer.shares.community_codes[int(rng.integers(len(writer.shares.community_codes)))]
            found.append(Campaign(f"Bijeenkomst met sleutelpersonen {number + 1}", starts_on, ends_on, communities=(community,)))
    return found


def _outreach(writer: Writer, plan: SimulationPlan, campaign: Campaign, part: str, rng: np.random.Generator) -> list[ReportRow]:
    """The reports that came in only because of a campaign."""
    town, days = writer.town, (campaign.ends_on - campaign.starts_on).days + 1
    rows_there = [town.table.index[code] for code in campaign.area_codes]
    share = float(town.weights[np.isin(town.rows, rows_there)].sum()) * 0.5 if rows_there else 0.06
    count = int(rng.poisson((CAMPAIGN_FACTOR - 1) * share * plan.reports_per_year * days / DAYS_A_YEAR))
    rows: list[ReportRow] = []
    for number in range(count):
        day = campaign.starts_on + timedelta(days=int(rng.integers(days)))
        community = campaign.communities[0] if campaign.communities else None
        row = writer.row(part, number, day, rng, community=community)
        if rows_there:
            row = writer.placed(row, rng, area=rows_there[int(rng.integers(len(rows_there)))])
        else:
            row = _perhaps_placed(writer, row, rng)
        rows.append(row)
    return rows
