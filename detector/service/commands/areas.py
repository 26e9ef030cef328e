"""``patroonwacht areas``: nested areas from files or from PDOK."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from detector.areas import AreaColumns, AreaSet, read_areas
from detector.model import Level
from detector.service.area_handover import try_to_hand_over
from detector.service.installation import Installation
from detector.service.terminal import OUT, CommandError, JsonFlag, in_force, number_of, print_json

FETCH_TIMEOUT_S = 60.0

app = typer.Typer(help="Load the areas of municipalities.", no_args_is_help=True)

AreaFile = Annotated[Path, typer.Argument(help="GeoJSON, GeoPackage, or a CSV of inhabitants or postcodes.", show_default=False)]
Profile = Annotated[str | None, typer.Option(help="Source profile whose [areas] section names the columns.")]
LevelOption = Annotated[str | None, typer.Option(help="Level of the areas, where the file does not tell it.")]
Crs = Annotated[str | None, typer.Option(help="Coordinate system for distances, in metres: EPSG:28992.")]
MunicipalityCode = Annotated[str | None, typer.Option(help="Code of the municipality, where the file names none.")]
MunicipalityName = Annotated[str | None, typer.Option(help="Its name.")]
Replace = Annotated[bool, typer.Option("--replace", help="Take away the areas that these municipalities had before.")]


@app.command()
def load(
    file: AreaFile,
    *,
    profile: Profile = None,
    level: LevelOption = None,
    code: Annotated[str | None, typer.Option(help="Column with the code.")] = None,
    name: Annotated[str | None, typer.Option(help="Column with the name.")] = None,
    level_column: Annotated[str | None, typer.Option(help="Column with the level.")] = None,
    parent: Annotated[str | None, typer.Option(help="Column with the code of the area around it.")] = None,
    inhabitants: Annotated[str | None, typer.Option(help="Column with the number of inhabitants.")] = None,
    municipality: MunicipalityCode = None,
    municipality_name: MunicipalityName = None,
    crs: Crs = None,
    replace: Replace = False,
    as_json: JsonFlag = False,
) -> None:
    """Load areas from a file; known column names are recognised, others can be named. Loading adds to what is there."""
    installation = Installation(in_force().settings)
    try:
        section = installation.profile(profile).areas if profile is not None else None
        known = section.columns() if section is not None else AreaColumns()
        columns = AreaColumns(
            code=code or known.code,
            name=name or known.name,
            level=level_column or known.level,
            parent=parent or known.parent,
            inhabitants=inhabitants or known.inhabitants,
            municipality=known.municipality,
            municipality_code=municipality or known.municipality_code,
            municipality_name=municipality_name or known.municipality_name,
            crs=crs or known.crs,
        )
        read = read_areas(file, columns, level or (section.default_level if section is not None else None))
        _tell(save(installation, read, replace=replace), as_json=as_json)
    finally:
        installation.close()


@app.command()
def fetch(
    municipality: Annotated[str, typer.Argument(help="CBS code, as in GM0307.", show_default=False)],
    year: Annotated[int | None, typer.Option(help="Year of the map; the newest if not given.")] = None,
    replace: Replace = False,
    as_json: JsonFlag = False,
) -> None:
    """Fetch a municipality with districts, neighbourhoods and inhabitants from PDOK."""
    import httpx  # noqa: PLC0415 - slow to load, and only this command calls anybody

    from detector.areas.pdok import fetch_areas  # noqa: PLC0415 - as above

    settings = in_force().settings
    with httpx.Client(timeout=FETCH_TIMEOUT_S) as client:
        fetched = fetch_areas(municipality, year, settings.areas.pdok_url, client)
    installation = Installation(settings)
    try:
        _tell(save(installation, fetched, replace=replace), as_json=as_json)
    finally:
        installation.close()


@app.command("list")
def show(as_json: JsonFlag = False) -> None:
    """The municipalities whose areas are loaded."""
    installation = Installation(in_force().settings)
    try:
        _tell(installation.areas(), as_json=as_json)
    finally:
        installation.close()


@app.command()
def remove(
    municipality: Annotated[str, typer.Argument(help="Code of the municipality.", show_default=False)], as_json: JsonFlag = False
) -> None:
    """Take away the areas of one municipality, as when a file was loaded by mistake. Its reports stay."""
    installation = Installation(in_force().settings)
    try:
        there = installation.areas()
        if municipality not in there.municipalities:
            known = ", ".join(there.municipalities) or "none"
            raise CommandError(f"no areas of {municipality} are loaded; there are of: {known}")
        left = there.without([municipality])
        installation.area_store.replace(left.to_rows() if left.known else [])
        try_to_hand_over(installation, datetime.now(UTC))
        _tell(left, as_json=as_json)
    finally:
        installation.close()


def save(installation: Installation, read: AreaSet, *, replace: bool = False) -> AreaSet:
    """Keep areas beside those that are there; figures find their outlines, and a newer map takes the place of an older.

    With ``replace`` the municipalities that were read lose what they had before.
    """
    there = installation.areas()
    if replace:
        there = there.without(read.municipalities)
    merged = there.merge(read)
    installation.area_store.replace(merged.to_rows())
    try_to_hand_over(installation, datetime.now(UTC))
    return merged


def _tell(areas: AreaSet, *, as_json: bool) -> None:
    counts = {
        code: {level.value: sum(area.level is level and area.municipality == code for area in areas.areas) for level in Level}
        for code in areas.municipalities
    }
    if as_json:
        print_json({"municipalities": counts, "warnings": list(areas.warnings)})
        return
    if not counts:
        OUT.print("No areas are loaded. Load some with: patroonwacht areas load FILE")
    for code, levels in counts.items():
        words = ", ".join(number_of(number, level) for level, number in levels.items() if number)
        OUT.print(f"{code}: {words}", markup=False)
    for warning in areas.warnings:
        OUT.print(f"  note: {warning}", markup=False, style="yellow")
