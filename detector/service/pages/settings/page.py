"""The settings in force and their history, for operator, auditor and administrator."""

from collections.abc import Callable, Sequence
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from alerts.alert import Role
from alerts.console.groups import NavEntry, PageGroup
from alerts.console.languages import language_of
from alerts.console.people import Person, Services, only
from alerts.console.rendering import page
from alerts.render.catalogue import marked
from detector.service.pages.folder import TEMPLATES
from detector.service.pages.settings.view import InForce, settings_view
from detector.store.history import SettingsEntry

PATH: Final = "/settings"
_ROLES: Final = (Role.OPERATOR, Role.AUDITOR, Role.ADMINISTRATOR)
# The settings name every municipality of the installation.
Reader = Annotated[Person, Depends(only(*_ROLES, of_service=True))]


def settings_page(in_force: Callable[[], InForce], history: Callable[[], Sequence[SettingsEntry]]) -> PageGroup:
    """The page; ``history`` gives the oldest first."""
    router = APIRouter()

    @router.get(PATH)
    def show(request: Request, _: Reader, services: Services) -> Response:
        view = settings_view(in_force(), history(), services.zone, language_of(request))
        return page(request, "settings.html", view=view)

    nav = (NavEntry(PATH, marked("Settings"), frozenset(_ROLES), order=64),)
    return PageGroup(router, nav=nav, templates=TEMPLATES)
