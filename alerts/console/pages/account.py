"""One's own account: sessions, and another password."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import Response

from alerts import account_changes, audit
from alerts.accounts import LEAST_LENGTH, AccountError
from alerts.console import sessions
from alerts.console.errors import SIGN_IN
from alerts.console.forms import Filled, field
from alerts.console.groups import PageGroup
from alerts.console.languages import language_of
from alerts.console.people import OWN_PASSWORD, Person, Services, SignedIn, drop_token
from alerts.console.rendering import back_to, flash, page
from alerts.console.services import ConsoleServices
from alerts.console.times import moment_words
from alerts.render.catalogue import catalogue
from alerts.store.engine import write

router = APIRouter()


@dataclass(frozen=True, slots=True)
class SessionLine:
    """A session, as its owner recognises it."""

    id: str
    client: str
    since: str
    seen: str
    this: bool


@dataclass(frozen=True, slots=True)
class AccountView:
    """One's own account."""

    name: str
    sessions: tuple[SessionLine, ...]
    has_password: bool


@dataclass(frozen=True, slots=True)
class PasswordView:
    """The form for another password. ``given``: the present one was given by an administrator."""

    given: bool
    least: int = LEAST_LENGTH
    error: str = ""


def _view(person: Person, services: ConsoleServices, lang: str) -> AccountView:
    found = sessions.sessions_of(services.engine, person.name, services.settings(), services.clock())
    lines = tuple(
        SessionLine(
            one.id,
            one.client,
            moment_words(one.created_at, lang, services.zone),
            moment_words(one.seen_at, lang, services.zone),
            one.id == person.session.id,
        )
        for one in found
    )
    return AccountView(person.name, lines, person.account.issuer is None)


@router.get("/account")
def show(request: Request, person: SignedIn, services: Services) -> Response:
    """One's own account."""
    return page(request, "account.html", view=_view(person, services, language_of(request)))


@router.post("/account/sessions/end")
def end_session(request: Request, person: SignedIn, services: Services, form: Filled) -> Response:
    """End one of one's own sessions, or all others."""
    chosen = field(form, "session")
    with write(services.engine) as connection:
        ended = sessions.end(connection, person.name, chosen or None, but=None if chosen else person.session.id)
        if ended:
            audit.append(connection, at=services.clock(), actor=person.name, event="sessions_ended", subject=person.name)
    if chosen == person.session.id:
        response = back_to(SIGN_IN)
        drop_token(response, request)
        return response
    flash(request, catalogue(language_of(request)).gettext("Signed out there."))
    return back_to("/account")


@router.get(OWN_PASSWORD)
def ask_password(request: Request, person: SignedIn) -> Response:
    """The form for another password."""
    return page(request, "password.html", view=PasswordView(person.account.one_time_until is not None))


@router.post(OWN_PASSWORD)
def choose_password(request: Request, person: SignedIn, services: Services, form: Filled) -> Response:
    """Take another password; all sessions end, and one signs in with the new one."""
    words = catalogue(language_of(request))
    old, new, again = (str(form.get(name) or "") for name in ("old", "new", "again"))
    error = ""
    if new != again:
        error = words.gettext("The two new passwords differ.")
    elif len(new) < LEAST_LENGTH:
        error = words.gettext("The new password is too short: take at least %(least)s characters.") % {"least": LEAST_LENGTH}
    else:
        try:
            account_changes.change_password(services.engine, person.name, old, new, services.clock())
        except AccountError:
            error = words.gettext("The old password is not right, or the new one is the same.")
    if error:
        view = PasswordView(person.account.one_time_until is not None, error=error)
        return page(request, "password.html", status=400, view=view)
    response = back_to(f"{SIGN_IN}?changed=1")
    drop_token(response, request)
    return response


GROUP = PageGroup(router)
