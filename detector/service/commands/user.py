"""``patroonwacht user``: accounts of people who sign in."""

import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from alerts import accounts
from alerts.alert import Role
from detector.service.commands.alerts import By, actor, opened
from detector.service.terminal import OUT, CommandError, JsonFlag, print_json

app = typer.Typer(help="Accounts of people who sign in.", no_args_is_help=True)

PasswordFile = Annotated[Path | None, typer.Option(help="File whose first line is the password; made up and shown once if none.")]


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="Name to sign in with.", show_default=False)],
    *,
    role: Annotated[Role, typer.Option(help="What this person does.", show_default=False)],
    municipality: Annotated[str | None, typer.Option(help="Code of the municipality they work for.")] = None,
    password_file: PasswordFile = None,
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """Make an account."""
    made_up = secrets.token_urlsafe(15) if password_file is None else None
    try:
        password = made_up or str(password_file and password_file.read_text(encoding="utf-8").partition("\n")[0])
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{password_file} cannot be read ({type(error).__name__}); check its path and rights") from error
    with opened() as installation:
        account = accounts.Account(name, role, municipality, datetime.now(UTC))
        accounts.add(installation.alerts_engine, account, password, actor(by, Role.ADMINISTRATOR, None))
    if as_json:
        print_json({"name": name, "role": role, "municipality": municipality, "password": made_up})
        return
    OUT.print(f"{name} can sign in as {role}" + (f" in {municipality}" if municipality else ""), markup=False)
    if made_up:
        OUT.print(f"Password, shown only now: {made_up}", markup=False)


@app.command("list")
def show(*, as_json: JsonFlag = False) -> None:
    """All accounts."""
    with opened() as installation:
        found = accounts.accounts(installation.alerts_engine)
    if as_json:
        print_json({"users": [{"name": each.name, "role": each.role, "municipality": each.municipality} for each in found]})
        return
    for each in found:
        OUT.print(f"{each.name}  {each.role}  {each.municipality or ''}".rstrip(), markup=False)
