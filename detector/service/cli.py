"""``patroonwacht``: the commands, and how their errors become exit codes (0 done, 1 refused or failed, 2 usage).

A command's module, and all that it needs, is loaded when the command is run: ``--help`` and ``--version`` answer at once.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup
from typer.main import get_group

from detector import __version__
from detector.environment import CONFIG_FILE


@dataclass(frozen=True, slots=True)
class Entry:
    """A command or a group of commands: its first line of help, and where it is.

    ``name`` is that of the function in the module; ``app`` is a group.
    """

    help: str
    module: str
    name: str = "app"


COMMANDS: Final[Mapping[str, Entry]] = {
    "up": Entry(
        "Run everything: intake, detection, delivery, retention, and the web side, until it is told to stop.", "up", "up"
    ),
    "daemon": Entry("Run intake, detection, delivery and retention, without the web side.", "up", "daemon"),
    "console": Entry("Run the web side alone: the console, the door for reports, health and figures.", "up", "console"),
    "detect": Entry("Look at every municipality once, keep what is seen and hand it over.", "detect", "detect"),
    "ingest": Entry("Take in files of reports. The same file again changes nothing; a refused row says why.", "ingest", "ingest"),
    "backtest": Entry(
        "Replay past nights, each with what had come in by then; nothing is stored and nobody is told.", "backtest", "run"
    ),
    "scan": Entry("Find places and times with more (or fewer) cases than chance explains.", "scan", "scan"),
    "simulate": Entry(
        "Make a municipality that does not exist, and reports that nobody made; say where they are.", "simulate", "simulate"
    ),
    "areas": Entry("Load the areas of municipalities.", "areas"),
    "alerts": Entry("List and show alerts, and record what people decide.", "alerts"),
    "deliveries": Entry("Messages to destinations: waiting, delivered, dead.", "deliveries"),
    "silence": Entry("Silences: no messages for a while, with an author, a reason and an end.", "silence"),
    "audit": Entry("The hash-chained log of who did what.", "audit"),
    "user": Entry("Accounts of people who sign in.", "user"),
    "token": Entry("Tokens that let programs use the API.", "token"),
    "config": Entry("Check and show the settings.", "config"),
}
"""Every command in the order of ``--help``; the help stands here too, so that listing it loads nothing."""


class _Commands(TyperGroup):
    """Knows every command's name and help, and loads the one that is run."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401 - typer's types for these are private
        """The command that the words name, loaded, and the words that are left for it."""
        name, known, rest = super().resolve_command(ctx, args)
        return name, load(name) if name is not None and known is not None else known, rest


def load(name: str) -> Any:  # noqa: ANN401 - as above
    """The whole command, or group of commands, of that name."""
    entry = COMMANDS[name]
    module = import_module(f"detector.service.commands.{entry.module}")
    alone = typer.Typer(add_completion=False)
    if entry.name == "app":
        alone.add_typer(module.app, name=name)
    else:
        alone.command(name)(getattr(module, entry.name))
    return get_group(alone).commands[name]


app = typer.Typer(
    cls=_Commands,
    help="Sees that discrimination reports form a pattern, and tells the municipality.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


def _stands_for_another() -> None:
    """Listed in place of a command that is not loaded."""


for _name, _entry in COMMANDS.items():
    app.command(_name, help=_entry.help)(_stands_for_another)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"patroonwacht {__version__}")
        raise typer.Exit


VersionFlag = Annotated[bool, typer.Option("--version", help="Print the version and stop.", callback=_version, is_eager=True)]
ConfigFile = Annotated[Path | None, typer.Option("--config", help="Your own settings file.", envvar=CONFIG_FILE)]


@app.callback()
def common(*, config: ConfigFile = None, version: VersionFlag = False) -> None:  # noqa: ARG001 - its callback answers
    """Sees that discrimination reports form a pattern, and tells the municipality."""
    from detector.service.terminal import name_settings_file  # noqa: PLC0415 - loads the settings, which --help does not need

    name_settings_file(config)


def main() -> None:
    """Run one command; a known error becomes its message and exit code 1."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        if not isinstance(error, _known_errors()):
            raise
        _say(error)
        sys.exit(1)


def _known_errors() -> tuple[type[Exception], ...]:
    """The error types of every seam; what raised one has loaded them already, or most of them."""
    names = (
        ("detector.configuration", "SettingsError"),
        ("detector.ingest.errors", "IntakeError"),
        ("detector.areas.error", "AreaError"),
        ("detector.store.errors", "StoreError"),
        ("detector.simulate.plan", "SimulationError"),
        ("detector.service.terminal", "CommandError"),
        ("alerts.alert", "AlertsError"),
        ("alerts.store.engine", "StoreError"),
    )
    # What is not loaded cannot have been raised.
    return tuple(getattr(sys.modules[module], name) for module, name in names if module in sys.modules)


def _say(error: Exception) -> None:
    from detector.service.terminal import ERR  # noqa: PLC0415 - loads the settings, which most errors have loaded by now

    ERR.print(f"patroonwacht: {error}", style="red", markup=False)


if __name__ == "__main__":
    main()
