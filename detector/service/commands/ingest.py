"""``patroonwacht ingest``: files of reports in, every row accounted for."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from detector.areas import AreaSet
from detector.ingest.errors import IntakeError
from detector.ingest.intake import ingest_file
from detector.ingest.outcome import IntakeResult, ReportSink
from detector.service.installation import Installation
from detector.service.terminal import OUT, CommandError, JsonFlag, in_force, print_json, progress

Files = Annotated[list[Path], typer.Argument(help="CSV, JSON, JSON Lines, Excel, Parquet or GeoJSON.", show_default=False)]
Profile = Annotated[str | None, typer.Option(help="Source profile: a name from config/sources, or a path that ends in .toml.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would happen; write nothing.")]


def ingest(files: Files, profile: Profile = None, dry_run: DryRun = False, as_json: JsonFlag = False) -> None:
    """Take in files of reports. The same file again changes nothing; a refused row says why."""
    if missing := [str(file) for file in files if not file.is_file()]:
        raise CommandError(f"there is no file {', '.join(missing)}")
    installation = Installation(in_force().settings)
    try:
        results = _results(installation, files, profile, dry_run=dry_run)
    finally:
        installation.close()
    taken = [(file, result) for file, result in results if isinstance(result, IntakeResult)]
    unread = [(file, error) for file, error in results if isinstance(error, IntakeError)]
    if as_json:
        if taken:
            print_json(_together([result for _, result in taken]).as_json())
    else:
        for file, result in taken:
            _tell(file, result, dry_run=dry_run)
    if unread:
        raise CommandError("; ".join(str(error) if len(files) == 1 else f"{file.name}: {error}" for file, error in unread))


Results = list[tuple[Path, IntakeResult | IntakeError]]


def _results(installation: Installation, files: list[Path], profile: str | None, *, dry_run: bool) -> Results:
    """What became of each file; one of which nothing can be read holds up no other."""
    source_profile = installation.profile(profile)
    now = datetime.now(UTC)

    def read(areas: AreaSet, sink: ReportSink | None) -> Results:
        results: Results = []
        for file in files:
            with progress(f"Reading {file.name}") as told:
                try:
                    results.append((file, ingest_file(file, source_profile, areas, sink, now, told)))
                except IntakeError as error:
                    results.append((file, error))
        return results

    if not dry_run:
        return read(installation.areas(), installation.reports)
    if not installation.has_reports_database:
        return read(AreaSet.of((), ()), None)
    return read(installation.areas(), installation.reports.preview())


def _together(results: list[IntakeResult]) -> IntakeResult:
    if len(results) == 1:
        return results[0]
    return IntakeResult(
        read=sum(result.read for result in results),
        accepted=sum(result.accepted for result in results),
        updated=sum(result.updated for result in results),
        unchanged=sum(result.unchanged for result in results),
        refused=tuple(refused for result in results for refused in result.refused),
    )


def _tell(file: Path, result: IntakeResult, *, dry_run: bool) -> None:
    would = "would be " if dry_run else ""
    rows = "row" if result.read == 1 else "rows"
    OUT.print(
        f"{file.name}: {result.read:,} {rows} read: {result.accepted:,} {would}accepted, {result.updated:,} {would}updated, "
        f"{result.unchanged:,} unchanged, {len(result.refused):,} {would}refused.",
        markup=False,
    )
    for warning in result.warnings:
        OUT.print(f"  note: {warning}", markup=False, style="yellow")
    shown = 20
    for refused in result.refused[:shown]:
        OUT.print(f"  row {refused.row}: {refused.reason}", markup=False)
    if len(result.refused) > shown:
        OUT.print(f"  and {len(result.refused) - shown:,} more; --json lists them all")
