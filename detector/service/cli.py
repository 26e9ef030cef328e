"""``patroonwacht``: the commands, and how their errors become exit codes (0 done, 1 refused or failed, 2 usage)."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from alerts.alert import AlertsError
from alerts.store.engine import StoreError as AlertsStoreError
from detector import __version__
from detector.areas import AreaError
from detector.configuration import CONFIG_FILE, SettingsError
from detector.ingest.errors import IntakeError
from detector.service.commands import alerts as alerts_commands
from detector.service.commands import areas as areas_commands
from detector.service.commands import audit as audit_commands
from detector.service.commands import backtest as backtest_command
from detector.service.commands import config as config_commands
from detector.service.commands import deliveries as deliveries_commands
from detector.service.commands import detect as detect_command
from detector.service.commands import ingest as ingest_command
from detector.service.commands import scan as scan_command
from detector.service.commands import silence as silence_commands
from detector.service.commands import simulate as simulate_command
from detector.service.commands import up as up_commands
from detector.service.commands import user as user_commands
from detector.service.terminal import ERR, CommandError
from detector.simulate import SimulationError
from detector.store.errors import StoreError

KNOWN_ERRORS = (SettingsError, IntakeError, AreaError, StoreError, AlertsError, AlertsStoreError, SimulationError, CommandError)

app = typer.Typer(
    help="Sees that discrimination reports form a pattern, and tells the municipality.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command("up")(up_commands.up)
app.command("daemon")(up_commands.daemon)
app.command("console")(up_commands.console)
app.command("detect")(detect_command.detect)
app.command("ingest")(ingest_command.ingest)
app.command("backtest")(backtest_command.run)
app.command("scan")(scan_command.scan)
app.command("simulate")(simulate_command.simulate)
app.add_typer(areas_commands.app, name="areas")
app.add_typer(alerts_commands.app, name="alerts")
app.add_typer(deliveries_commands.app, name="deliveries")
app.add_typer(silence_commands.app, name="silence")
app.add_typer(audit_commands.app, name="audit")
app.add_typer(user_commands.app, name="user")
app.add_typer(config_commands.app, name="config")


def _version(value: bool) -> None:
    if value:
        typer.echo(f"patroonwacht {__version__}")
        raise typer.Exit


VersionFlag = Annotated[bool, typer.Option("--version", help="Print the version and stop.", callback=_version, is_eager=True)]
ConfigFile = Annotated[Path | None, typer.Option("--config", help="Your own settings file.", envvar=CONFIG_FILE)]


@app.callback()
def common(*, config: ConfigFile = None, version: VersionFlag = False) -> None:
    """Sees that discrimination reports form a pattern, and tells the municipality."""


def main() -> None:
    """Run one command; a known error becomes its message and exit code 1."""
    try:
        app()
    except KNOWN_ERRORS as error:
        ERR.print(f"patroonwacht: {error}", style="red", markup=False)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
