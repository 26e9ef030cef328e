"""The web application: the console's pages, and whatever the composition root adds to them."""

from collections.abc import Sequence

from fastapi import APIRouter, Depends, FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from alerts.alert import UnknownAlertError
from alerts.console.assets import STATIC_PATH, static_files
from alerts.console.door import page_policy
from alerts.console.errors import tell, to_sign_in
from alerts.console.forms import legible, protect
from alerts.console.groups import PageGroup
from alerts.console.limits import Limiter
from alerts.console.look import tiles_origin
from alerts.console.oidc.attempts import Attempts
from alerts.console.pages import PAGES
from alerts.console.people import OWN_PASSWORD, PasswordNeededError, SignInError
from alerts.console.problems import as_problem, for_programs
from alerts.console.rendering import back_to
from alerts.console.services import ConsoleServices
from alerts.console.shell import shell


def create_console(services: ConsoleServices, routers: Sequence[APIRouter] = (), groups: Sequence[PageGroup] = ()) -> FastAPI:
    """The application.

    ``routers`` are for programs (paths under ``/v1``, ``/health``, ``/metrics``), ``groups`` are pages beside the console's own.
    Every form of every page must carry the CSRF token; that holds here, so that no page can forget it.
    """
    pages = (*PAGES, *groups)
    app = shell(
        [*routers, *(group.router for group in pages)],
        tell=tell,
        policy=lambda: page_policy(tiles_origin(services.settings()), services.settings().oidc.form_origins),
        dependencies=[Depends(protect), Depends(legible)],
    )
    app.state.console = services
    app.state.limiter = Limiter(services.clock)
    app.state.attempts = Attempts(services.clock, services.new_secret)
    app.state.nav = tuple(entry for group in pages for entry in group.nav)
    app.state.alert_links = tuple(link for group in pages for link in group.alert_links)
    app.state.templates = tuple(dict.fromkeys(group.templates for group in pages if group.templates is not None))
    app.mount(STATIC_PATH, static_files(), name="static")

    @app.exception_handler(SignInError)
    async def somebody_must_sign_in(request: Request, _: SignInError) -> Response:
        return to_sign_in(request)

    @app.exception_handler(PasswordNeededError)
    async def a_password_must_be_chosen(_: Request, __: PasswordNeededError) -> Response:
        return back_to(OWN_PASSWORD)

    @app.exception_handler(UnknownAlertError)
    async def no_such_alert(request: Request, _: UnknownAlertError) -> Response:
        if for_programs(request.url.path):
            return as_problem(HTTPException(404)).response()
        return await tell(request, HTTPException(404))

    return app
