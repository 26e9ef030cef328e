"""What holds for every request: who may post, how errors are told (RFC 9457), and the headers of every response."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from time import perf_counter
from typing import Final

import structlog
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = structlog.get_logger(__name__)

_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_ADVICE: Final = {
    404: "There is nothing here. Paths are told in /v1/openapi.json; none ends in a slash.",
    405: "This path has other methods; see the Allow header and /v1/openapi.json.",
}


class ProblemError(Exception):
    """A request that is refused, as the sender gets to read it: no values of reports in it."""

    def __init__(
        self, status: int, title: str, detail: str, errors: Sequence[str] = (), *, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(title)
        self.status = status
        self.title = title
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})

    def response(self) -> JSONResponse:
        """The problem as a response of RFC 9457; ``errors`` holds all of them at once."""
        body: dict[str, object] = {"status": self.status, "title": self.title, "detail": self.detail}
        if self.errors:
            body["errors"] = [{"detail": error} for error in self.errors]
        return JSONResponse(body, self.status, self.headers, media_type="application/problem+json")


def as_problem(error: HTTPException) -> ProblemError:
    """What the framework refuses, in our words."""
    detail = _ADVICE.get(error.status_code, "See the description at /v1/openapi.json.")
    return ProblemError(error.status_code, HTTPStatus(error.status_code).phrase, detail, headers=error.headers)


def hash_token(token: str) -> str:
    """The hash by which a token is known. A token is long and random, so that a plain hash cannot be guessed back."""
    return hashlib.sha256(token.encode()).hexdigest()


def check_token(authorization: str | None, hashes: Sequence[str]) -> None:
    """Let in who brings one of the tokens.

    Raises:
        ProblemError: 401.
    """
    scheme, _, token = (authorization or "").partition(" ")
    given = hash_token(token.strip())
    # Every hash is compared, and in constant time, so that the answer's time tells nothing.
    matches = [hmac.compare_digest(given, known) for known in hashes]
    if scheme.lower() != "bearer" or not any(matches):
        detail = "Send 'Authorization: Bearer TOKEN' with a token that stands in the service's settings (intake.tokens)."
        raise ProblemError(401, "A token is needed", detail, headers={"WWW-Authenticate": "Bearer"})


class Door:
    """Puts the headers on every response, tells unforeseen errors as a problem, and logs what was posted by its outcome."""

    def __init__(self, app: ASGIApp, api_version: str) -> None:
        self._app = app
        self._api_version = api_version

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 0
        began = perf_counter()

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["API-Version"] = self._api_version
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        except Exception as error:
            log.exception("api.failed", error=type(error).__name__)
            if status:
                raise
            detail = (
                "This is an error in the service; its log says more. Whether the request was carried out is not known: repeat it."
            )
            await ProblemError(500, "The service failed", detail).response()(scope, receive, send_with_headers)
        if scope["method"] not in {"GET", "HEAD"}:
            # The route, not the path as sent: that can hold anything.
            path = getattr(scope.get("route"), "path", "(unknown)")
            log.info("api.request", method=scope["method"], path=path, status=status, duration_s=round(perf_counter() - began, 3))
