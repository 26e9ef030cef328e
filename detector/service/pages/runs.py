"""Runs, for operator, auditor and administrator."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
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
from alerts.render.catalogue import catalogue, marked
from alerts.render.words import date_words, number_words
from detector.store.runs import PROCESS_ENDED, Run, RunState

RUNS: Final = "/runs"
SHOWN: Final = 100
_ROLES: Final = (Role.OPERATOR, Role.AUDITOR, Role.ADMINISTRATOR)
TRIGGERS: Final[Mapping[str, str]] = {
    "night": marked("night"),
    "intake": marked("intake"),
    "catch_up": marked("night that was missed"),
    "mark": marked("reports were marked"),
    "command": marked("by command"),
    "made_up": marked("made up"),
}
"""Why a look was taken."""
_REASONS: Final[Mapping[str, str]] = {PROCESS_ENDED: marked("its process ended before the run did")}
Reader = Annotated[Person, Depends(only(*_ROLES))]


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


def run_pages(runs: Callable[[], Sequence[Run]]) -> PageGroup:
    """The page; ``runs`` gives the latest first."""
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
                catalogue(lang).gettext(TRIGGERS.get(run.trigger, run.trigger)),
                "" if run.duration_s is None else number_words(run.duration_s, lang, decimals=1),
                run.settings_hash,
                catalogue(lang).gettext(_REASONS.get(run.reason or "", run.reason or "")) if run.reason else "",
            )
            for run in runs()
            if person.actor.municipality in {None, run.municipality}
        )
        return page(request, "runs.html", lines=lines)

    return PageGroup(router, nav=(NavEntry(RUNS, marked("Runs"), frozenset(_ROLES), order=62),))
