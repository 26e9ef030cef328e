"""``patroonwacht config``: check the settings, and show what is in force and where it comes from."""

import typer

from detector.service.terminal import OUT, JsonFlag, in_force, print_json
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
        OUT.print(f"{key} = {value!r}", markup=False, end="")
        OUT.print(f"   # {source}", style="dim", markup=False)


def _source(key: str, sources: dict[str, str]) -> str:
    parts = key.split(".")
    for length in range(len(parts), 0, -1):
        if (found := sources.get(".".join(parts[:length]))) is not None:
            return found
    return "default"
