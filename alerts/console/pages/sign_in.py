"""Signing in and out, and the language."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from alerts import accounts, audit, lockout
from alerts.accounts import Account
from alerts.console import languages, sessions
from alerts.console.errors import SIGN_IN
from alerts.console.forms import Filled, field
from alerts.console.groups import PageGroup
from alerts.console.limits import address_of, limiter_of
from alerts.console.people import Services, drop_token, person_of, set_token
from alerts.console.rendering import back_to, page
from alerts.console.services import ConsoleServices, services_of
from alerts.render.catalogue import LANGUAGES
from alerts.store.engine import write

router = APIRouter()

PROVIDER: Final = f"{SIGN_IN}/provider"


@dataclass(frozen=True, slots=True)
class SignInView:
    """The form: where it leads afterwards, the name as typed, and whether the last attempt failed.

    ``provider``: whether people can sign in elsewhere as well, and ``provider_name`` what that is called, if the settings say.
    ``problem``: why that did not work, in the reader's language.
    """

    next: str
    name: str = ""
    refused: bool = False
    changed: bool = False
    problem: str = ""
    provider: bool = False
    provider_name: str = ""


def local(path: str) -> str:
    """The path if it is one of this console's, without what follows a question mark; else the first page."""
    plain = path.partition("?")[0].partition("#")[0]
    return plain if plain.startswith("/") and not plain.startswith(("//", "/\\")) else "/"


def sign_in_view(
    request: Request, wanted: str, name: str = "", *, refused: bool = False, changed: bool = False, problem: str = ""
) -> SignInView:
    """The form as the settings want it."""
    oidc = services_of(request).settings().oidc
    return SignInView(wanted, name, refused, changed, problem, oidc.enabled, oidc.name)


@router.get(SIGN_IN)
def show(request: Request, next: str = "/", changed: str = "") -> Response:  # noqa: A002 - the name that people see in the address
    """The form."""
    if person_of(request) is not None:
        return back_to(local(next))
    return page(request, "sign_in.html", view=sign_in_view(request, local(next), changed=bool(changed)))


@router.post(SIGN_IN)
def sign_in(request: Request, services: Services, form: Filled) -> Response:
    """Let in who brings the right password."""
    rules, now = services.settings(), services.clock()
    if not limiter_of(request).allows(address_of(request), rules.sign_ins_per_minute):
        raise HTTPException(429, headers={"Retry-After": "60"})
    name, wanted = field(form, "name"), local(field(form, "next"))
    account = _admitted(services, name, form.get("password"), now)
    if account is None:
        return page(request, "sign_in.html", status=401, view=sign_in_view(request, wanted, name, refused=True))
    response = back_to(wanted)
    welcome(response, request, services, account)
    return response


def _admitted(services: ConsoleServices, name: str, password: object, now: datetime) -> Account | None:
    """The account, if it may sign in now. The password is looked at in any case, so that the time tells nothing."""
    account = accounts.verify(services.engine, name, password if isinstance(password, str) else "")
    rules = services.settings()
    with write(services.engine) as connection:
        locked = lockout.is_locked(connection, name, now)
        expired = account is not None and account.one_time_until is not None and account.one_time_until <= now
        if account is not None and not locked and not expired:
            lockout.forget(connection, name)
            return account
        known = accounts.find(connection, name) is not None
        if not locked:
            at_most, minutes = rules.failures_before_lock, rules.lock_minutes
            locked = lockout.failed(connection, name, now, at_most=at_most, minutes=minutes)
        # A name that nobody has may be a password in the wrong field: it is not written down.
        subject, details = name if known else "(unknown)", {"locked": locked, "expired": expired}
        audit.append(connection, at=now, actor="(nobody)", event="sign_in_refused", subject=subject, details=details)
    return None


def welcome(response: Response, request: Request, services: ConsoleServices, account: Account) -> None:
    """Begin a session of this account; the token is a new one, so that nobody can have known it before."""
    token, now = services.new_secret(), services.clock()
    with write(services.engine) as connection:
        sessions.clean(connection, services.settings(), now)
        sessions.begin(connection, account.name, token, client_of(request), now)
        audit.append(connection, at=now, actor=account.name, event="signed_in", subject=account.name)
    set_token(response, request, token)


def client_of(request: Request) -> str:
    """Browser and system in a few words, so that the person knows the session again."""
    agent = request.headers.get("user-agent", "")
    browsers = {"Edg/": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari"}
    systems = {
        "Android": "Android",
        "iPhone": "iPhone",
        "iPad": "iPad",
        "Windows": "Windows",
        "Mac OS": "macOS",
        "Linux": "Linux",
    }
    found = [next((name for mark, name in names.items() if mark in agent), "") for names in (browsers, systems)]
    return ", ".join(part for part in found if part)


@router.post("/sign-out")
def sign_out(request: Request, services: Services) -> Response:
    """End the session."""
    person = person_of(request)
    if person is not None:
        with write(services.engine) as connection:
            sessions.end(connection, person.name, person.session.id)
            audit.append(connection, at=services.clock(), actor=person.name, event="signed_out", subject=person.name)
    response = back_to(SIGN_IN)
    drop_token(response, request)
    return response


@router.post("/language")
def choose_language(request: Request, form: Filled) -> Response:
    """Remember in which language this person reads."""
    response = back_to(local(field(form, "next")))
    if (language := field(form, "language")) in LANGUAGES:
        languages.choose(response, request, language)
    return response


GROUP = PageGroup(router)
