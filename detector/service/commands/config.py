"""``patroonwacht config``: check the settings, and show what is in force and where it comes from."""

import json

import typer

from detector.service.terminal import OUT, JsonFlag, in_force, plain, print_json
from detector.settings import flat, without_secrets

app = typer.Typer(help="Check and show the settings.", no_args_is_help=True)


@app.command()
def check(as_json: JsonFlag = False) -> None:
    """Say whether the settings can be used; if not, file, line and key of each problem."""
    loaded = in_force()
    files = [str(file) for file in loaded.files]
    if as_json:
        print_json({"ok": True, "files": files, "rules": loaded.settings.rules_hash()})
    else:
        OUT.print(f"The settings are in order (rules {loaded.settings.rules_hash()}): " + ", ".join(files))


@app.command()
def show(as_json: JsonFlag = False) -> None:
    """Every setting in force, and who set it. Secrets are stars."""
    loaded = in_force()
    rows = [(key, value, _source(key, dict(loaded.sources))) for key, value in flat(without_secrets(loaded.settings))]
    if as_json:
        print_json({key: {"value": value, "from": source} for key, value, source in rows})
        return
    for key, value, source in rows:
        OUT.print(f"{key} = {json.dumps(value, default=plain, ensure_ascii=False)}", markup=False, end="")
        OUT.print(f"   # {source}", style="dim", markup=False)


@app.command()
def costs(as_json: JsonFlag = False) -> None:
    """What each of your rules costs in false alerts a year, on each municipality's own history."""
    from datetime import UTC, datetime  # noqa: PLC0415 - with the rest, which is slow to load and needed here only

    from alerts.render.labels import code_words  # noqa: PLC0415 - as above
    from detector.model import StreamKind  # noqa: PLC0415 - as above
    from detector.rules import read_aloud  # noqa: PLC0415 - as above
    from detector.service.cycle import window_of  # noqa: PLC0415 - as above
    from detector.service.installation import Installation  # noqa: PLC0415 - as above

    settings = in_force().settings

    def told(kind: StreamKind, code: str) -> str:
        return code_words(kind.value, code, settings.language, settings.names)

    installation = Installation(settings)
    rows = []
    try:
        for code in installation.reports.municipalities() if installation.has_reports_database else ():
            today = datetime.now(UTC).astimezone(settings.zone(code)).date()
            for cost in settings.detection.threshold.costs(window_of(installation, code, today)):
                words = read_aloud(cost.rule, settings.language, told)
                rows.append((code, cost.rule.name, words, round(cost.false_alerts_per_year, 2), cost.silent))
    finally:
        installation.close()
    if as_json:
        keys = ("municipality", "rule", "words", "false_alerts_per_year", "silent")
        print_json({"rules": [dict(zip(keys, row, strict=True)) for row in rows]})
        return
    if not rows:
        OUT.print("There are no reports yet, so there is nothing to count on. Take some in with `ingest`.")
    for code, name, words, cost_a_year, silent in rows:
        note = ": stays silent here, as that is more than you accept" if silent else ""
        OUT.print(f"{code}  {name}: {words}; {cost_a_year:g} false alerts a year{note}", markup=False)


def _source(key: str, sources: dict[str, str]) -> str:
    parts = key.split(".")
    for length in range(len(parts), 0, -1):
        if (found := sources.get(".".join(parts[:length]))) is not None:
            return found
    return "default"
