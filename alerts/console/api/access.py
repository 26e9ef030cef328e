"""Who asks: the token behind a request, what it may do, and how fast."""

from collections.abc import Callable
from typing import Annotated, Any, Final

from fastapi import Depends, Request

from alerts import tokens
from alerts.alert import Actor
from alerts.console.api.pace import Pace
from alerts.console.problems import ProblemError
from alerts.console.services import services_of
from alerts.tokens import Scope, Token

SCHEME: Final = "token"
"""Name of the security scheme in the description."""

_TRIES: Final = 30
"""Wrong tokens from one address in a minute."""


def _pace(request: Request) -> Pace:
    if not hasattr(request.app.state, "api_pace"):
        request.app.state.api_pace = Pace()
    pace: Pace = request.app.state.api_pace
    return pace


def _keep_pace(request: Request, caller: str, at_most: int, *, cost: int = 1) -> None:
    seconds = _pace(request).wait_seconds(caller, at_most, services_of(request).clock(), cost=cost)
    if seconds:
        detail = f"At most {at_most} requests a minute: go on after the seconds in Retry-After."
        raise ProblemError(429, "Too many requests", detail, headers={"Retry-After": str(seconds)})


def _token(request: Request) -> Token:
    """The token that the request brings.

    Raises:
        ProblemError: 401, or 429.
    """
    services = services_of(request)
    address = f"address {request.client.host if request.client else ''}"
    _keep_pace(request, address, _TRIES, cost=0)
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    found = tokens.verify(services.engine, secret.strip(), services.clock()) if scheme.lower() == "bearer" else None
    if found is None:
        if scheme:
            _keep_pace(request, address, _TRIES)
        detail = "Send 'Authorization: Bearer TOKEN' with a token that `patroonwacht token add` made, and that is still in force."
        raise ProblemError(401, "A token is needed", detail, headers={"WWW-Authenticate": "Bearer"})
    _keep_pace(request, found.id, services.settings().api_requests_per_minute)
    return found


def require(token: Token, *scopes: Scope) -> None:
    """Refuse what the token is not for.

    Raises:
        ProblemError: 403; says which scopes are missing.
    """
    missing = [scope for scope in scopes if scope not in token.scopes]
    if missing:
        challenge = f'Bearer error="insufficient_scope", scope="{" ".join(missing)}"'
        detail = f"This token lacks {', '.join(missing)}; an administrator can make one that has it."
        raise ProblemError(403, "The token is not for this", detail, headers={"WWW-Authenticate": challenge})


def _with(*scopes: Scope) -> Callable[[Request], Token]:
    def allowed(request: Request) -> Token:
        token = _token(request)
        require(token, *scopes)
        return token

    return allowed


AnyToken = Annotated[Token, Depends(_with())]
Reader = Annotated[Token, Depends(_with(Scope.ALERTS_READ))]
Doer = Annotated[Token, Depends(_with(Scope.ALERTS_READ, Scope.ALERTS_ACT))]
DeliveryReader = Annotated[Token, Depends(_with(Scope.DELIVERIES_READ))]


def secured(*scopes: Scope) -> dict[str, Any]:
    """What the description says of a path that needs these scopes."""
    return {"security": [{SCHEME: []}], "x-scopes": list(scopes)}


def sees_place(actor: Actor) -> bool:
    """Whether the caller may know where an alert is, beneath the municipality."""
    return actor.rights.sees_place


def sees_community(actor: Actor) -> bool:
    """Whether the caller may know which community, ground or domain an alert concerns."""
    return actor.rights.sees_community
