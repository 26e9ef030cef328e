"""``patroonwacht token``: what lets programs use the API."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from alerts import tokens
from alerts.alert import Role
from alerts.tokens import Scope, Token
from detector.service.commands.alerts import By, actor, opened, until
from detector.service.terminal import OUT, JsonFlag, print_json

app = typer.Typer(help="Tokens that let programs use the API.", no_args_is_help=True)

DAYS = 365
Name = Annotated[str, typer.Argument(help="What the program is called here; stands in the history.", show_default=False)]


@app.command()
def add(
    name: Name,
    *,
    scope: Annotated[list[Scope], typer.Option(help="What it may do; may be given more than once.", show_default=False)],
    municipality: Annotated[str | None, typer.Option(help="Code of the municipality it works for.")] = None,
    area: Annotated[
        list[str] | None, typer.Option(help="Only this area of the municipality; may be given more than once.")
    ] = None,
    end: Annotated[str | None, typer.Option(help=f"Until when: 2026-09-01; {DAYS} days from now if not given.")] = None,
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """Make a token. It is shown once and kept nowhere."""
    now = datetime.now(UTC)
    with opened() as installation:
        made, secret = tokens.add(
            installation.alerts_engine,
            name,
            scope,
            actor(by, Role.ADMINISTRATOR, None),
            now,
            expires_at=until(end, "--end") if end else now + timedelta(days=DAYS),
            municipality=municipality,
            area_codes=area or (),
        )
    if as_json:
        print_json({**_entry(made), "token": secret})
        return
    OUT.print(_line(made), markup=False)
    OUT.print(f"Token, shown only now: {secret}", markup=False, soft_wrap=True)


@app.command("list")
def show_all(
    *, every: Annotated[bool, typer.Option("--all", help="Also those that ended or expired.")] = False, as_json: JsonFlag = False
) -> None:
    """The tokens that let programs in."""
    now = datetime.now(UTC)
    with opened() as installation:
        found = [each for each in tokens.tokens(installation.alerts_engine) if every or each.valid(now)]
    if as_json:
        print_json({"tokens": [_entry(each) for each in found]})
        return
    if not found:
        OUT.print("There are no tokens.")
    for each in found:
        OUT.print(_line(each), markup=False)


@app.command()
def end(name: Name, *, by: By = None, as_json: JsonFlag = False) -> None:
    """End a token at once."""
    with opened() as installation:
        ended = tokens.end(installation.alerts_engine, name, actor(by, Role.ADMINISTRATOR, None), datetime.now(UTC))
    if as_json:
        print_json(_entry(ended))
    else:
        OUT.print(f"{name} lets nobody in any more", markup=False)


def _entry(token: Token) -> dict[str, Any]:
    return {
        "name": token.name,
        "scopes": sorted(token.scopes),
        "municipality": token.municipality,
        "areas": list(token.area_codes),
        "role": token.role,
        "created_at": token.created_at,
        "created_by": token.created_by,
        "expires_at": token.expires_at,
        "ended_at": token.ended_at,
        "ended_by": token.ended_by,
        "used_at": token.used_at,
    }


def _line(token: Token) -> str:
    where = ", ".join(token.area_codes) or token.municipality or "all municipalities"
    state = f"ended {token.ended_at:%Y-%m-%d}" if token.ended_at else f"until {token.expires_at:%Y-%m-%d}"
    used = f"last used {token.used_at:%Y-%m-%d}" if token.used_at else "not used yet"
    return f"{token.name}  {where}  {', '.join(sorted(token.scopes))}  {state}, {used}"
