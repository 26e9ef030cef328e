"""A simulation as files: areas, reports, campaigns, and the truth about what was planted."""

import csv
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import shapely

from detector.areas import AreaSet
from detector.areas.shapes import WGS84, project_geometries
from detector.model import Campaign
from detector.simulate.land import made_up_areas
from detector.simulate.plan import Simulation, SimulationError, SimulationPlan
from detector.simulate.reports import simulate_reports
from detector.simulate.writer import HEADER

DEGREE_DECIMALS = 7


@dataclass(frozen=True, slots=True)
class SimulationPaths:
    """Where the files of a simulation stand, and what they are about."""

    areas: Path
    reports: Path
    truth: Path
    campaigns: Path
    municipality: str
    crs: str
    report_count: int
    planted_count: int


def simulate(out: Path, plan: SimulationPlan, areas: AreaSet | None = None, municipality: str | None = None) -> SimulationPaths:
    """Make a simulation and write it: in a made-up municipality, or in areas that are given.

    Raises:
        SimulationError: the areas are of several municipalities and none was named, or the plan does not fit.
    """
    if areas is None:
        areas = made_up_areas(plan.seed, plan.districts, plan.neighbourhoods)
    if municipality is None and len(areas.municipalities) != 1:
        message = f"Say for which municipality to simulate; there are: {', '.join(areas.municipalities) or 'none'}."
        raise SimulationError(message)
    chosen = municipality or areas.municipalities[0]
    return write_simulation(out, areas, simulate_reports(areas, chosen, plan), plan)


def write_simulation(folder: Path, areas: AreaSet, simulation: Simulation, plan: SimulationPlan) -> SimulationPaths:
    """Write ``areas.geojson``, ``reports.csv``, ``campaigns.toml`` and ``truth.json``; the same input gives the same bytes."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SimulationError(f"The folder {folder} cannot be made ({error.strerror}); name another.") from error
    paths = SimulationPaths(
        areas=folder / "areas.geojson",
        reports=folder / "reports.csv",
        truth=folder / "truth.json",
        campaigns=folder / "campaigns.toml",
        municipality=simulation.municipality,
        crs=simulation.crs,
        report_count=len(simulation.reports),
        planted_count=len(simulation.truth),
    )
    paths.areas.write_text(_geojson(areas, simulation.municipality), encoding="utf-8", newline="\n")
    paths.truth.write_text(_truth(simulation, plan), encoding="utf-8", newline="\n")
    paths.campaigns.write_text(campaigns_toml(simulation.campaigns, simulation.municipality), encoding="utf-8", newline="\n")
    with paths.reports.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, HEADER, lineterminator="\n")
        writer.writeheader()
        writer.writerows(simulation.reports)
    return paths


def campaigns_toml(campaigns: list[Campaign], municipality: str) -> str:
    """Campaigns as the settings have them."""
    lines = ["# Outreach in the simulated time."]
    for campaign in campaigns:
        lines += [
            "",
            "[[campaigns]]",
            f"name = {json.dumps(campaign.name, ensure_ascii=False)}",
            f"municipality = {json.dumps(municipality)}",
            f"starts_on = {campaign.starts_on.isoformat()}",
            f"ends_on = {campaign.ends_on.isoformat()}",
            f"area_codes = {json.dumps(campaign.area_codes)}",
            f"communities = {json.dumps(campaign.communities)}",
        ]
    return "\n".join(lines) + "\n"


def _truth(simulation: Simulation, plan: SimulationPlan) -> str:
    patterns = [asdict(pattern) for pattern in simulation.truth]
    truth = {
        "municipality": simulation.municipality,
        "crs": simulation.crs,
        "seed": plan.seed,
        "start": plan.start,
        "end": plan.end,
        "reports": len(simulation.reports),
        "planted": patterns,
    }
    return json.dumps(truth, indent=1, default=str, ensure_ascii=False) + "\n"


def _geojson(areas: AreaSet, municipality: str) -> str:
    shapes = [shape for shape in areas.shapes if shape.area.municipality == municipality]
    features = []
    for shape in shapes:
        outline = project_geometries([shape.geometry], shape.crs, WGS84)[0]
        rounded = shapely.transform(outline, lambda xy: np.round(xy, DEGREE_DECIMALS))
        area = shape.area
        properties = {
            "code": area.code,
            "name": area.name,
            "level": area.level.value,
            "parent": area.parent,
            "municipality": area.municipality,
            "inhabitants": area.inhabitants,
        }
        geometry = None if outline.is_empty else json.loads(shapely.to_geojson(rounded))
        features.append({"type": "Feature", "properties": properties, "geometry": geometry})
    # One area a line: a difference between two files can be read.
    lines = ",\n".join(json.dumps(feature, ensure_ascii=False) for feature in features)
    return f'{{"type": "FeatureCollection", "features": [\n{lines}\n]}}\n'
