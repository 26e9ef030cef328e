"""Who asks: the session behind a request, and the dependencies by which pages say whom they are for."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from alerts.accounts import Account
from alerts.alert import Actor, Role
from alerts.console import sessions
from alerts.console.services import ConsoleServices, services_of
from alerts.console.sessions import Session

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1", "[::1]"})
_UNKNOWN: Final = object()


async def _services(request: Request) -> ConsoleServices:
    # Not a plain function: that would take a turn among the threads just to look something up.
    return services_of(request)


Services = Annotated[ConsoleServices, Depends(_services)]


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in: the account, and the session through which."""

    account: Account
    session: Session

    @property
    def actor(self) -> Actor:
        """The person as the one who acts."""
        return self.account.actor

    @property
    def name(self) -> str:
        """The name to greet them by."""
        return self.account.name

    @property
    def role(self) -> Role:
        """What they do."""
        return self.account.role


class SignInError(Exception):
    """Nobody is signed in, and the page is not for everybody: the browser is sent to the page where one does."""


class PasswordNeededError(Exception):
    """The password was given by an administrator: before anything else, the person chooses their own."""


OWN_PASSWORD: Final = "/account/password"  # noqa: S105 - an address


def is_secure(request: Request) -> bool:
    """Whether cookies may go over an encrypted line only: always, but for a browser on this very machine."""
    return request.url.hostname not in _LOOPBACK


def cookie_name(request: Request) -> str:
    """Name of the session's cookie; the prefix makes the browser itself refuse one that a neighbouring site has set."""
    return "__Host-patroonwacht" if is_secure(request) else "patroonwacht"


def set_token(response: Response, request: Request, token: str) -> None:
    """Hand the browser its token; it is forgotten when the browser closes."""
    response.set_cookie(cookie_name(request), token, path="/", secure=is_secure(request), httponly=True, samesite="lax")


def drop_token(response: Response, request: Request) -> None:
    """Take the token back."""
    response.delete_cookie(cookie_name(request), path="/", secure=is_secure(request), httponly=True, samesite="lax")


def token_of(request: Request) -> str:
    """The token that the browser holds; before somebody signs in it only ties a form to the browser it was made for.

    Drawn here where there is none yet; ``page`` hands a new one over.
    """
    if not hasattr(request.state, "token"):
        known = request.cookies.get(cookie_name(request), "")
        request.state.token_is_new = not known
        request.state.token = known or services_of(request).new_secret()
    token: str = request.state.token
    return token


def person_of(request: Request) -> Person | None:
    """Who is signed in, if anybody; looked up once for each request."""
    if not hasattr(request.state, "person"):
        services = services_of(request)
        token = request.cookies.get(cookie_name(request))
        found = None if not token else sessions.resume(services.engine, token, services.settings(), services.clock())
        request.state.person = None if found is None else Person(account=found[1], session=found[0])
    person: Person | None = request.state.person
    return person


def signed_in(request: Request) -> Person:
    """Who is signed in.

    Raises:
        SignInError: nobody is.
        PasswordNeededError: with a password that was given out, and this is not the page where one chooses another.
    """
    person = person_of(request)
    if person is None:
        raise SignInError
    if person.account.one_time_until is not None and request.url.path != OWN_PASSWORD:
        raise PasswordNeededError
    return person


SignedIn = Annotated[Person, Depends(signed_in)]


def only(*roles: Role, of_service: bool = False) -> Callable[[Request], Person]:
    """A dependency that lets in people of these roles; for others there is a page that says so (403).

    ``of_service``: nor in somebody of one municipality, where a page tells of all of them.
    """

    def allowed(request: Request) -> Person:
        person = signed_in(request)
        if person.role not in roles or (of_service and person.actor.municipality is not None):
            raise HTTPException(403)
        return person

    return allowed
