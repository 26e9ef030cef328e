"""What the pages that need reports need of the house, and who may open them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import Depends, Request
from starlette.exceptions import HTTPException

from alerts.alert import Actor, Role
from alerts.console.languages import language_of
from alerts.console.people import Person, only
from detector.ingest.outcome import IntakeResult
from detector.service.installation import Installation
from detector.service.pages.replays import Replays
from detector.service.pages.uploads import Uploads
from detector.settings import Settings

CASE_WORKERS: Final = frozenset({Role.CASE_WORKER})
OPERATORS: Final = frozenset({Role.OPERATOR, Role.ADMINISTRATOR})


@dataclass(frozen=True)
class PagesServices:
    """Every callable may be called from several threads.

    ``own_file`` gives the operator's own settings file as tables; ``look_again`` looks at a municipality at once and says whether
    it could; ``rows_read`` counts what was taken in; ``clock`` gives UTC.
    """

    installation: Installation
    settings: Callable[[], Settings]
    own_file: Callable[[], Mapping[str, Any]]
    look_again: Callable[[str], bool]
    rows_read: Callable[[IntakeResult], None]
    replays: Replays
    uploads: Uploads
    clock: Callable[[], datetime]


def case_worker(request: Request) -> Person:
    """A case worker.

    Raises:
        HTTPException: 403.
    """
    return only(*CASE_WORKERS)(request)


def whole_service(request: Request) -> Person:
    """A case worker of the service for all its municipalities: a file can hold reports of any.

    Raises:
        HTTPException: 403.
    """
    person = case_worker(request)
    if person.actor.municipality is not None:
        raise HTTPException(403)
    return person


def operator(request: Request) -> Person:
    """An operator or administrator.

    Raises:
        HTTPException: 403.
    """
    return only(*OPERATORS)(request)


CaseWorker = Annotated[Person, Depends(case_worker)]
WholeService = Annotated[Person, Depends(whole_service)]
Operator = Annotated[Person, Depends(operator)]
Language = Annotated[str, Depends(language_of)]


def municipalities_of(services: PagesServices, actor: Actor) -> list[tuple[str, str]]:
    """Codes and names of the municipalities that somebody serves, by name."""
    areas = services.installation.areas()
    names = {code: areas.table_or_alone(code).municipality.name for code in services.installation.reports.municipalities()}
    return sorted(
        ((code, name) for code, name in names.items() if actor.municipality in {None, code}), key=lambda one: (one[1], one[0])
    )
