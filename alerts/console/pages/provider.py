"""Signing in at the identity provider: there, and back."""

from collections.abc import Mapping
from typing import Final

import httpx
import structlog
from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from alerts import audit
from alerts.accounts import Account
from alerts.console.forms import Filled, field
from alerts.console.groups import PageGroup
from alerts.console.languages import language_of
from alerts.console.limits import address_of, limiter_of
from alerts.console.oidc import protocol
from alerts.console.oidc.admission import admit
from alerts.console.oidc.attempts import MINUTES, Attempt, Attempts
from alerts.console.oidc.claims import Refusal, RefusedError
from alerts.console.oidc.settings import OidcSettings
from alerts.console.pages.sign_in import PROVIDER, local, sign_in_view, welcome
from alerts.console.people import Services, is_secure
from alerts.console.rendering import back_to, page
from alerts.console.services import ConsoleServices
from alerts.render.catalogue import catalogue, marked
from alerts.store.engine import write

log = structlog.get_logger(__name__)
router = APIRouter()

BACK: Final = f"{PROVIDER}/back"
_ASK: Final = marked("Ask your administrator.")
_WORDS: Final = {
    Refusal.FAILED: marked("You are not signed in: it did not work, or took too long. Try again."),
    Refusal.UNREACHABLE: marked("You are not signed in: the sign-in page of your organisation does not answer. Try again later."),
    Refusal.NO_ROLE: marked("You are not signed in: your organisation gives you no role in this console, or more than one."),
    Refusal.NO_MUNICIPALITY: marked("You are not signed in: your organisation does not say for which municipality or districts."),
    Refusal.NAME: marked("You are not signed in: your name cannot be used here, or is that of another account."),
    Refusal.SHUT: marked("You are not signed in: your account in this console is shut."),
}
_STATUS: Final = {Refusal.FAILED: 400, Refusal.UNREACHABLE: 502}


def _cookie(request: Request) -> str:
    return "__Host-patroonwacht-provider" if is_secure(request) else "patroonwacht-provider"


def _redirect_uri(request: Request) -> str:
    """Where the provider sends people back; it knows the address, and refuses any other."""
    return f"{'https' if is_secure(request) else 'http'}://{request.headers.get('host', '')}{BACK}"


def _settings(services: ConsoleServices) -> OidcSettings:
    settings = services.settings().oidc
    if not settings.enabled:
        raise HTTPException(404)
    return settings


def _attempts(request: Request) -> Attempts:
    found: Attempts = request.app.state.attempts
    return found


def _http(settings: OidcSettings) -> httpx.Client:
    return httpx.Client(timeout=settings.timeout_seconds, headers={"Accept": "application/json"})


@router.post(PROVIDER)
def leave(request: Request, services: Services, form: Filled) -> Response:
    """Send the browser to the provider."""
    settings = _settings(services)
    if not limiter_of(request).allows(address_of(request), services.settings().sign_ins_per_minute):
        raise HTTPException(429, headers={"Retry-After": "60"})
    token, attempt = _attempts(request).begin(local(field(form, "next")))
    try:
        with _http(settings) as http:
            provider = protocol.discover(http, settings)
            url = protocol.authorization_url(http, provider, settings, attempt, _redirect_uri(request))
    except protocol.UnreachableError as error:
        log.warning("console.provider_unreachable", error=str(error))
        return _refused(request, Refusal.UNREACHABLE, attempt.next)
    response = RedirectResponse(url, status_code=303)
    secure = is_secure(request)
    response.set_cookie(_cookie(request), token, max_age=MINUTES * 60, path="/", secure=secure, httponly=True, samesite="lax")
    return response


@router.get(BACK)
def come_back(request: Request, services: Services) -> Response:
    """Let in whom the provider vouches for."""
    settings, query = _settings(services), request.query_params
    attempt = _attempts(request).take(request.cookies.get(_cookie(request), ""), query.get("state", ""))
    if attempt is None:
        # Anybody can ask for this address: it is not worth a line in the audit log.
        return _refused(request, Refusal.FAILED, "/")
    try:
        account = _vouched_for(request, services, settings, attempt, query)
    except RefusedError as refused:
        _write_down(services, refused)
        return _refused(request, refused.reason, attempt.next)
    response = back_to(attempt.next)
    response.delete_cookie(_cookie(request), path="/", secure=is_secure(request), httponly=True, samesite="lax")
    welcome(response, request, services, account)
    return response


def _vouched_for(
    request: Request, services: ConsoleServices, settings: OidcSettings, attempt: Attempt, query: Mapping[str, str]
) -> Account:
    now, code = services.clock(), query.get("code", "")
    if not code or query.get("iss", settings.issuer) != settings.issuer:
        log.info("console.provider_refused", error="no code, or from another issuer")
        raise RefusedError(Refusal.FAILED)
    try:
        with _http(settings) as http:
            provider = protocol.discover(http, settings)
            claims = protocol.redeem(http, provider, settings, attempt, code=code, redirect_uri=_redirect_uri(request), now=now)
    except protocol.UnreachableError as error:
        log.warning("console.provider_unreachable", error=str(error))
        raise RefusedError(Refusal.UNREACHABLE) from None
    except protocol.UntrustedError as error:
        log.warning("console.provider_refused", error=str(error))
        raise RefusedError(Refusal.FAILED) from None
    return admit(services.engine, settings, claims, now)


def _write_down(services: ConsoleServices, refused: RefusedError) -> None:
    subject, details = refused.account or "(unknown)", {"provider": True, "reason": refused.reason.value}
    with write(services.engine) as connection:
        audit.append(connection, at=services.clock(), actor="(nobody)", event="sign_in_refused", subject=subject, details=details)


def _refused(request: Request, reason: Refusal, wanted: str) -> Response:
    words = catalogue(language_of(request))
    text = words.gettext(_WORDS[reason])
    if reason not in {Refusal.FAILED, Refusal.UNREACHABLE}:
        text = f"{text} {words.gettext(_ASK)}"
    view = sign_in_view(request, wanted, problem=text)
    response = page(request, "sign_in.html", status=_STATUS.get(reason, 403), view=view)
    response.delete_cookie(_cookie(request), path="/", secure=is_secure(request), httponly=True, samesite="lax")
    return response


GROUP = PageGroup(router)
