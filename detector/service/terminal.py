"""How commands talk to the terminal: settings in, JSON or words out, a progress bar when somebody looks on."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from detector.configuration import Loaded, load

JsonFlag = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
OUT = Console(highlight=False, soft_wrap=True)
ERR = Console(stderr=True, highlight=False, soft_wrap=True)


class CommandError(Exception):
    """A command cannot do what it was asked; the text says what to do."""


class _Named:
    """The user's own settings file, as ``--config`` names it for the command at hand."""

    file: Path | None = None


def name_settings_file(file: Path | None) -> None:
    """Go by this file for the command at hand; by what the environment says if None."""
    _Named.file = file


def in_force(sets: Iterable[str] = ()) -> Loaded:
    """Settings for the command at hand; ``--config`` before the command names the user's own file."""
    return load(own=_Named.file, sets=sets)


def number_of(number: int, thing: str) -> str:
    """A number of things in words: ``1 municipality``, ``2 municipalities``, ``1,000 alerts``."""
    if number == 1:
        return f"1 {thing}"
    return f"{number:,} {thing.removesuffix('y')}ies" if thing.endswith("ty") else f"{number:,} {thing}s"


def plain(value: object) -> Any:  # noqa: ANN401 - JSON has any shape
    """A value that ``json`` cannot write by itself, as text."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, set | frozenset):
        return sorted(value)
    return str(value)


def print_json(value: object) -> None:
    """Print one JSON document and nothing else."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=plain) + "\n")


def day(text: str | None, option: str) -> date | None:
    """A day written as ``2026-03-01``; a usage error if it is written otherwise."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is no day; write it as 2026-03-01", param_hint=option) from error


@contextmanager
def progress(words: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """A progress bar on standard error while a terminal looks on, nothing otherwise; call the result with the count so far."""
    if not ERR.is_terminal:
        yield lambda done: None  # noqa: ARG005 - nobody looks on
        return
    from rich.progress import (  # noqa: PLC0415 - slow to load, and scripts never see a bar
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
    )

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=ERR, transient=True) as bar:
        task = bar.add_task(words, total=total)
        yield lambda done: bar.update(task, completed=done)
