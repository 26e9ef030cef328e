"""``patroonwacht silence``: keep messages back for a while; detection and the record go on."""

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from alerts import silences
from alerts.alert import Role
from alerts.pattern import PatternKind
from alerts.settings import Matchers
from detector.service.commands.alerts import AsRole, By, InMunicipality, actor, opened, until
from detector.service.terminal import OUT, CommandError, JsonFlag, print_json

app = typer.Typer(help="Silences: no messages for a while, with an author, a reason and an end.", no_args_is_help=True)


@app.command()
def add(
    *,
    comment: Annotated[str, typer.Option(help="Why.", show_default=False)],
    start: Annotated[str | None, typer.Option(help="From when: 2026-09-01, or 2026-09-01T12:00+02:00; now if not given.")] = None,
    end: Annotated[str, typer.Option(help="Until when.", show_default=False)],
    of_municipality: Annotated[list[str] | None, typer.Option(help="Alerts of this municipality.")] = None,
    kind: Annotated[list[PatternKind] | None, typer.Option(help="Alerts of this kind.")] = None,
    area: Annotated[list[str] | None, typer.Option(help="Alerts in this area, by code.")] = None,
    alert: Annotated[list[str] | None, typer.Option(help="This alert, by id.")] = None,
    by: By = None,
    role: AsRole = Role.CASE_WORKER,
    municipality: InMunicipality = None,
    as_json: JsonFlag = False,
) -> None:
    """Keep messages about matching alerts back. They go out afterwards if they are still news."""
    matchers = Matchers(
        municipality=tuple(of_municipality or ()) or None,
        kind=tuple(kind or ()) or None,
        areas=tuple(area or ()) or None,
        alert=tuple(alert or ()) or None,
    )
    if matchers.empty:
        raise CommandError("say which alerts: --of-municipality, --kind, --area or --alert; a silence over everything is refused")
    now = datetime.now(UTC)
    starts_at = until(start, "--start") if start else now
    with opened() as installation:
        made = silences.add(
            installation.alerts_engine,
            matchers,
            actor(by, role, municipality),
            now,
            comment=comment,
            starts_at=starts_at,
            ends_at=until(end, "--end"),
        )
    if as_json:
        print_json(_entry(made))
    else:
        OUT.print(f"Silence {made.id} from {made.starts_at:%Y-%m-%d %H:%M} to {made.ends_at:%Y-%m-%d %H:%M} UTC", markup=False)


@app.command("list")
def show_all(
    *, every: Annotated[bool, typer.Option("--all", help="Also those that have ended.")] = False, as_json: JsonFlag = False
) -> None:
    """Silences in force."""
    with opened() as installation:
        found = silences.list_silences(installation.alerts_engine, active_at=None if every else datetime.now(UTC))
    if as_json:
        print_json({"silences": [_entry(each) for each in found]})
        return
    if not found:
        OUT.print("No silence is in force.")
    for each in found:
        OUT.print(
            f"{each.id}  until {each.ends_at:%Y-%m-%d %H:%M} UTC, by {each.author}: {each.comment}"
            + (f" (ended by {each.ended_by})" if each.ended_by else ""),
            markup=False,
        )


@app.command()
def end(
    silence_id: Annotated[str, typer.Argument(help="The silence's id.", show_default=False)],
    *,
    by: By = None,
    role: AsRole = Role.CASE_WORKER,
    municipality: InMunicipality = None,
    as_json: JsonFlag = False,
) -> None:
    """End a silence now."""
    with opened() as installation:
        ended = silences.end(installation.alerts_engine, silence_id, actor(by, role, municipality), datetime.now(UTC))
    if as_json:
        print_json(_entry(ended))
    else:
        OUT.print(f"Silence {ended.id} has ended", markup=False)


def _entry(silence: silences.Silence) -> dict[str, Any]:
    return {
        "id": silence.id,
        "matchers": silence.matchers.model_dump(mode="json", exclude_none=True),
        "author": silence.author,
        "comment": silence.comment,
        "starts_at": silence.starts_at,
        "ends_at": silence.ends_at,
        "ended_by": silence.ended_by,
    }
