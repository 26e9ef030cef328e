"""``patroonwacht backtest``: the nights as they would have been, from the store or straight from files."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from detector.areas import AreaSet, read_areas
from detector.backtest import BacktestEntry, backtest, nights_between
from detector.ingest.intake import read_reports
from detector.model import Report
from detector.service.installation import Installation
from detector.service.terminal import ERR, OUT, CommandError, JsonFlag, day, in_force, print_json, progress
from detector.settings import Settings
from detector.window import History

ReportsFile = Annotated[Path | None, typer.Option("--reports", help="A file of reports, instead of the store.")]
AreasFile = Annotated[Path | None, typer.Option("--areas", help="The file of areas that goes with it.")]
Profile = Annotated[str | None, typer.Option(help="Source profile of the file of reports.")]
Sets = Annotated[list[str] | None, typer.Option("--set", help="A setting to try: detection.false_alerts_per_year=1. Repeatable.")]
FromDay = Annotated[str, typer.Option("--from", help="First night: 2025-01-01.", show_default=False)]
ToDay = Annotated[str, typer.Option("--to", help="Last night.", show_default=False)]


def run(
    *,
    from_day: FromDay,
    to_day: ToDay,
    every: Annotated[int, typer.Option(min=1, help="Days between two looks.")] = 1,
    reports: ReportsFile = None,
    profile: Profile = None,
    areas: AreasFile = None,
    municipality: Annotated[str | None, typer.Option(help="Only this municipality.")] = None,
    sets: Sets = None,
    as_json: JsonFlag = False,
) -> None:
    """Replay past nights, each with what had come in by then; nothing is stored and nobody is told."""
    first, last = day(from_day, "--from"), day(to_day, "--to")
    if first is None or last is None or last < first:
        raise typer.BadParameter("the last night lies before the first", param_hint="--to")
    settings = in_force(sets or ()).settings
    installation = Installation(settings)
    try:
        if reports is not None:
            by_municipality, area_set = _from_files(installation, reports, profile, areas)
        elif areas is not None or profile is not None:
            raise CommandError("--areas and --profile go with --reports; without it the store's reports and areas are used")
        else:
            by_municipality, area_set = _from_store(installation)
    finally:
        installation.close()
    if municipality is not None:
        by_municipality = {code: found for code, found in by_municipality.items() if code == municipality}
    if not by_municipality:
        raise CommandError("there are no reports to look back on; load some with `patroonwacht ingest`, or name --reports FILE")
    result = _replay(by_municipality, area_set, settings, first=first, last=last, every=every)
    if as_json:
        print_json(result)
    else:
        _tell(result, area_set)


def _from_files(
    installation: Installation, file: Path, profile: str | None, areas: Path | None
) -> tuple[dict[str, list[Report]], AreaSet]:
    for path in (file, areas):
        if path is not None and not path.is_file():
            raise CommandError(f"there is no file {path}")
    source = installation.profile(profile)
    section = source.areas
    area_set = AreaSet.of((), ())
    if areas is not None:
        area_set = read_areas(areas, section.columns() if section else None, section.default_level if section else None)
    latest: dict[str, Report] = {}
    refused = 0
    with progress(f"Reading {file.name}") as told:
        for batch in read_reports(file, source, area_set, datetime.now(UTC)):
            latest.update((report.key, report) for report in batch.reports)
            refused += len(batch.refused)
            told(len(latest) + refused)
    if refused:
        ERR.print(f"note: {refused:,} rows were refused; `patroonwacht ingest --dry-run` says why", style="yellow")
    return _grouped(latest.values()), area_set


def _from_store(installation: Installation) -> tuple[dict[str, list[Report]], AreaSet]:
    if not installation.has_reports_database:
        return {}, AreaSet.of((), ())
    store = installation.reports
    return {code: store.load(code) for code in store.municipalities()}, installation.areas()


def _grouped(reports: Iterable[Report]) -> dict[str, list[Report]]:
    grouped: dict[str, list[Report]] = defaultdict(list)
    for report in reports:
        grouped[report.municipality].append(report)
    return dict(sorted(grouped.items()))


def _replay(
    by_municipality: Mapping[str, Sequence[Report]],
    areas: AreaSet,
    settings: Settings,
    *,
    first: date,
    last: date,
    every: int,
) -> BacktestEntry:
    """All municipalities, one after the other, as one result."""
    together: BacktestEntry = {"nights": 0, "alerts": [], "alerts_per_year": 0.0, "expected_false_alerts_per_year": 0.0}
    nights = len(nights_between(first, last, every))
    with progress("Replaying nights", nights * len(by_municipality)) as told:
        for before, (code, reports) in enumerate(by_municipality.items()):
            history = History(reports, areas.table_or_alone(code), settings.detection.time_axis, settings.detection.history_days)
            result = backtest(
                history,
                settings.detection.built(settings.municipality(code).false_alerts_per_year),
                settings.patterns,
                first,
                last,
                every_days=every,
                seed=settings.detection.seed,
                progress=_counted(told, before * nights),
            ).as_json()
            together["nights"] = result["nights"]
            together["alerts"] += result["alerts"]
            together["alerts_per_year"] += result["alerts_per_year"]
            together["expected_false_alerts_per_year"] += result["expected_false_alerts_per_year"]
    together["alerts"].sort(key=lambda alert: (alert["first_seen"], alert["pattern"]))
    return together


def _counted(told: Callable[[int], None], before: int) -> Callable[[int, int], None]:
    return lambda done, _: told(before + done)


def _tell(result: BacktestEntry, areas: AreaSet) -> None:
    names = {area.code: area.name for area in areas.areas}
    for alert in result["alerts"]:
        where = ", ".join(names.get(code, code) for code in alert["areas"])
        OUT.print(
            f"{alert['first_seen']}  {alert['stream']:<32} {alert['observed']:>4} reports from {alert['window_from']} to "
            f"{alert['window_to']}, {alert['expected']:.1f} expected: {where} ({', '.join(alert['methods'])})",
            markup=False,
        )
    OUT.print(
        f"{len(result['alerts'])} alerts in {result['nights']} looks, {result['alerts_per_year']:.1f} a year; with nothing "
        f"going on, at most {result['expected_false_alerts_per_year']:.1f} a year are to be expected."
    )
