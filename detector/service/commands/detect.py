"""``patroonwacht detect``: one cycle, now."""

from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from detector.service.cycle import Cycle
from detector.service.engine import Engine, LocalEngine, SerialEngine
from detector.service.installation import Installation
from detector.service.terminal import OUT, CommandError, JsonFlag, day, in_force, number_of, print_json
from detector.store.runs import RunState

AsOf = Annotated[str | None, typer.Option(help="Look as on the evening of this day: 2026-03-01; today if not given.")]


def detect(
    *,
    as_of: AsOf = None,
    municipality: Annotated[str | None, typer.Option(help="Only this municipality.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Look at every municipality once, keep what is seen and hand it over."""
    until = day(as_of, "--as-of")
    settings = in_force().settings
    # A run as on a coming day would keep every run before that day from being done.
    if until is not None and until > datetime.now(ZoneInfo(settings.timezone)).date():
        raise typer.BadParameter(f"{until} has not come yet", param_hint="--as-of")
    installation = Installation(settings)
    codes = installation.reports.municipalities()
    if municipality is not None:
        if municipality not in codes:
            raise CommandError(f"there are no reports of {municipality}; there are of: {', '.join(codes) or 'none'}")
        codes = [municipality]
    for code in codes:
        last = installation.runs.list(code, state=RunState.DONE, limit=1)
        if until is not None and last and last[0].as_of > until:
            raise CommandError(
                f"{code} was looked at as on {last[0].as_of} already, and runs do not go back; "
                f"`patroonwacht backtest --from {until} --to {until}` shows what an earlier day would have given"
            )
    engine: Engine = SerialEngine() if len(codes) <= 1 else LocalEngine(settings.engine.processes, settings.engine.unit_tries)
    try:
        outcome = Cycle(installation, engine, lambda: datetime.now(UTC)).run(codes, "command", until)
    finally:
        engine.close()
        installation.close()
    patterns = [pattern for unit in outcome.units for pattern in unit.patterns]
    shown = until or datetime.now(UTC).date()
    if as_json:
        print_json({"run": max((unit.run for unit in outcome.units), default=None), "as_of": shown, "patterns": patterns})
    elif not codes:
        OUT.print("There are no reports yet: load areas with `patroonwacht areas`, then reports with `patroonwacht ingest`.")
    else:
        for pattern in patterns:
            where = ", ".join(pattern["areas"]) or "no place"
            OUT.print(
                f"{pattern['pattern']}  {pattern['stream']:<28} {pattern['observed']:>3} reports from {pattern['window_from']} "
                f"to {pattern['window_to']}, {pattern['expected']:.1f} expected, in {where}",
                markup=False,
            )
        OUT.print(f"{number_of(len(patterns), 'pattern')} as on {shown}, in {number_of(len(outcome.units), 'municipality')}.")
    if outcome.failed:
        failed = ", ".join(f"{code} ({kind})" for code, kind in outcome.failed.items())
        raise CommandError(f"these municipalities could not be looked at: {failed}; run again, or see the log")
