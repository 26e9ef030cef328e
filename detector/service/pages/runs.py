"""Runs, and the settings in force with their history, for operator and auditor."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from alerts.account_changes import municipalities
from alerts.alert import SYSTEM, Role
from alerts.console.groups import NavEntry, PageGroup
from alerts.console.languages import language_of
from alerts.console.people import Person, Services, only
from alerts.console.rendering import page
from alerts.console.times import moment_words
from alerts.render.catalogue import marked
from alerts.render.words import date_words, number_words
from detector.store.history import SettingsEntry
from detector.store.runs import Run, RunState

RUNS: Final = "/runs"
SETTINGS: Final = "/settings"
SHOWN: Final = 100
_ROLES: Final = (Role.OPERATOR, Role.AUDITOR, Role.ADMINISTRATOR)
Reader = Annotated[Person, Depends(only(*_ROLES))]
# The settings name every municipality of the installation.
WholeReader = Annotated[Person, Depends(only(*_ROLES, of_service=True))]


@dataclass(frozen=True, slots=True)
class RunLine:
    """A run in the table; counts of reports are not told, only whether it went well."""

    number: int
    municipality: str
    as_of: str
    started: str
    state: RunState
    trigger: str
    seconds: str
    settings_hash: str
    reason: str


@dataclass(frozen=True, slots=True)
class SettingsLine:
    """Settings that were once in force, and what they changed."""

    settings_hash: str
    since: str
    by: str
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SettingsView:
    """What is in force, and what was before, the newest first."""

    toml: str
    lines: tuple[SettingsLine, ...]


def changes_of(before: str, after: str) -> tuple[str, ...]:
    """The lines that went (``-``) and came (``+``)."""
    lines = unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    return tuple(line for line in lines if line[:1] in "+-" and line[:3] not in {"+++", "---"})


def run_pages(runs: Callable[[], Sequence[Run]], history: Callable[[], Sequence[SettingsEntry]]) -> PageGroup:
    """The pages.

    Args:
        runs: the latest first.
        history: the oldest first.
    """
    router = APIRouter()

    @router.get(RUNS)
    def show_runs(request: Request, person: Reader, services: Services) -> Response:
        lang = language_of(request)
        names = dict(municipalities(services.engine, SYSTEM))
        lines = tuple(
            RunLine(
                run.id,
                names.get(run.municipality, run.municipality),
                date_words(run.as_of, lang),
                moment_words(run.started_at, lang, services.zone),
                run.state,
                run.trigger,
                "" if run.duration_s is None else number_words(run.duration_s, lang, decimals=1),
                run.settings_hash,
                run.reason or "",
            )
            for run in runs()
            if person.actor.municipality in {None, run.municipality}
        )
        return page(request, "runs.html", lines=lines)

    @router.get(SETTINGS)
    def show_settings(request: Request, _: WholeReader, services: Services) -> Response:
        lang, entries = language_of(request), history()
        texts = ["", *(entry.toml for entry in entries)]
        lines = [
            SettingsLine(
                entry.settings_hash,
                moment_words(entry.at, lang, services.zone),
                entry.actor,
                changes_of(texts[number], entry.toml) if number else (),
            )
            for number, entry in enumerate(entries)
        ]
        return page(request, "settings.html", view=SettingsView(texts[-1], tuple(reversed(lines))))

    roles = frozenset(_ROLES)
    nav = (NavEntry(RUNS, marked("Runs"), roles, order=62), NavEntry(SETTINGS, marked("Settings"), roles, order=64))
    return PageGroup(router, nav)
