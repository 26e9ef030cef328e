"""``patroonwacht user``: accounts of people who sign in."""

import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from alerts import account_changes, accounts, areas
from alerts.accounts import Account, AccountError
from alerts.alert import Rights, Role
from detector.model import Level
from detector.service.commands.alerts import By, actor, opened
from detector.service.installation import Installation
from detector.service.terminal import OUT, CommandError, JsonFlag, print_json

app = typer.Typer(help="Accounts of people who sign in.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="Name to sign in with.", show_default=False)]
PasswordFile = Annotated[Path | None, typer.Option(help="File whose first line is the password; made up and shown once if none.")]


@app.command()
def add(
    name: Name,
    *,
    role: Annotated[Role, typer.Option(help="What this person does.", show_default=False)],
    municipality: Annotated[str | None, typer.Option(help="Code of the municipality they work for.")] = None,
    area: Annotated[list[str] | None, typer.Option(help="Only this district; may be given more than once.")] = None,
    place: Annotated[bool, typer.Option(help="Whether they see where, or the municipality only.")] = True,
    community: Annotated[bool, typer.Option(help="Whether they see which community.")] = True,
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
        engine = installation.alerts_engine
        codes = _districts(installation, municipality, area or [])
        account = Account(name, role, municipality, datetime.now(UTC), Rights(codes, place, community))
        accounts.add(engine, account, password, actor(by, Role.ADMINISTRATOR, None))
    if as_json:
        print_json({**_entry(account), "password": made_up})
        return
    OUT.print(f"{name} can sign in as {role}" + (f" in {municipality}" if municipality else ""), markup=False)
    if made_up:
        OUT.print(f"Password, shown only now: {made_up}", markup=False)


@app.command()
def reset(name: Name, *, by: By = None, as_json: JsonFlag = False) -> None:
    """Give a new password to somebody who forgot theirs, which lets in only to choose another."""
    now = datetime.now(UTC)
    with opened() as installation:
        engine, hours = installation.alerts_engine, installation.settings.console.one_time_hours
        account = next((each for each in accounts.accounts(engine) if each.name == name), None)
        if account is None:
            raise AccountError(f"there is no account {name!r}: `patroonwacht user list` has them all")
        password = account_changes.give_one_time(engine, account, actor(by, Role.ADMINISTRATOR, None), now, hours=hours)
    if as_json:
        print_json({"name": name, "password": password, "hours": hours})
        return
    OUT.print(f"Password for {name}, shown only now: {password}", markup=False)
    OUT.print(
        f"It works for {hours:g} hours, and only to choose another. Who was signed in as {name} has to do so anew.", markup=False
    )


@app.command("list")
def show(*, as_json: JsonFlag = False) -> None:
    """All accounts."""
    with opened() as installation:
        found = accounts.accounts(installation.alerts_engine)
    if as_json:
        print_json({"users": [_entry(each) for each in found]})
        return
    for each in found:
        OUT.print(f"{each.name}  {each.role}  {each.municipality or ''}".rstrip(), markup=False)


def _entry(account: Account) -> dict[str, Any]:
    return {
        "name": account.name,
        "role": account.role,
        "municipality": account.municipality,
        "areas": list(account.rights.area_codes),
        "sees_place": account.rights.sees_place,
        "sees_community": account.rights.sees_community,
    }


def _districts(installation: Installation, municipality: str | None, wanted: list[str]) -> tuple[str, ...]:
    """The codes, if they are districts of the municipality.

    Raises:
        AccountError: one is not, or there is no municipality.
    """
    if not wanted:
        return ()
    if municipality is None:
        raise AccountError("districts go with a municipality: name it with --municipality GM0307")
    known = {area.code for area in areas.districts(installation.alerts_engine, municipality)}
    if not known and installation.has_reports_database:
        # Areas go over to the alerting side with the first look at the reports.
        found = installation.areas().areas
        known = {area.code for area in found if area.municipality == municipality and area.level is Level.DISTRICT}
    if unknown := sorted(set(wanted) - known):
        there = f"its districts are {', '.join(sorted(known))}" if known else "its areas are not known here: load them first"
        raise AccountError(f"{municipality} has no district {', '.join(unknown)}; {there}")
    return tuple(sorted(set(wanted)))
