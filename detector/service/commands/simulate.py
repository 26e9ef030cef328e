"""``patroonwacht simulate``: a made-up municipality and years of made-up reports."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from detector.areas import read_areas
from detector.service.terminal import OUT, JsonFlag, day, print_json
from detector.simulate import SimulationPlan
from detector.simulate import simulate as make

Out = Annotated[Path, typer.Argument(help="Folder for areas, reports, truth and campaigns.", show_default=False)]
End = Annotated[str | None, typer.Option(help="Last day of the reports: 2026-12-31; today if not given.")]
AreaFile = Annotated[Path | None, typer.Option("--areas", help="Use these areas instead of a made-up municipality.")]


def simulate(
    out: Out,
    *,
    years: Annotated[float, typer.Option(help="How many years of reports.")] = 3.0,
    reports_per_year: Annotated[float, typer.Option(help="Reports in the last year.")] = 250.0,
    planted: Annotated[int, typer.Option(min=0, help="How many patterns to plant; their truth goes to truth.json.")] = 0,
    seed: Annotated[int, typer.Option(help="The same seed makes the same files.")] = 1,
    growth: Annotated[float, typer.Option(help="Growth of the number of reports a year; 0.08 is eight per cent.")] = 0.08,
    mass_waves: Annotated[float, typer.Option(help="Waves of mass reports a year.")] = 1.0,
    campaigns: Annotated[int, typer.Option(help="How many outreach campaigns.")] = 2,
    districts: Annotated[int, typer.Option(help="Districts of the made-up municipality.")] = 8,
    neighbourhoods: Annotated[int, typer.Option(help="Its neighbourhoods.")] = 40,
    end: End = None,
    areas: AreaFile = None,
    municipality: Annotated[str | None, typer.Option(help="Which municipality of those areas.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Make a municipality that does not exist, and reports that nobody made; say where they are."""
    plan = SimulationPlan(
        end=day(end, "--end") or datetime.now(UTC).date(),
        years=years,
        reports_per_year=reports_per_year,
        seed=seed,
        planted=planted,
        growth_per_year=growth,
        mass_waves_per_year=mass_waves,
        campaigns=campaigns,
        districts=districts,
        neighbourhoods=neighbourhoods,
    )
    paths = make(out, plan, read_areas(areas) if areas is not None else None, municipality)
    files = {"areas": paths.areas, "reports": paths.reports, "truth": paths.truth, "campaigns": paths.campaigns}
    if as_json:
        print_json(files)
        return
    for what, path in files.items():
        OUT.print(f"{what:<10} {path}", markup=False)
