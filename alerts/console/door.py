"""What holds for every request: the headers of every response, unforeseen errors in words, and a line in the log."""

from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Final

import structlog
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from alerts.console.problems import ProblemError, for_programs

log = structlog.get_logger(__name__)

_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_FOR_PROGRAMS: Final = {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'"}
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:{tiles}; font-src 'self';"
    " connect-src 'self'{tiles}; worker-src 'self' blob:; manifest-src 'self'; form-action 'self'{forms};"
    " frame-ancestors 'none'; base-uri 'none'"
)


def page_policy(tiles: str = "", forms: str = "") -> str:
    """The Content-Security-Policy of pages. ``tiles``: origin of background tiles; ``forms``: where signing in may lead."""
    return _POLICY.format(tiles=f" {tiles}" if tiles else "", forms=f" {forms}" if forms else "")


class Door:
    """Puts the headers on every response, tells unforeseen errors in the asker's form, and logs what was posted by its outcome.

    ``policy`` gives the Content-Security-Policy of pages; ``failed`` makes the page for an error that nobody foresaw.
    """

    def __init__(
        self,
        app: ASGIApp,
        api_version: str,
        policy: Callable[[], str] = page_policy,
        failed: Callable[[Request], Awaitable[Response]] | None = None,
    ) -> None:
        self._app = app
        self._api_version = api_version
        self._policy = policy
        self._failed = failed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 0
        began = perf_counter()
        programs = for_programs(scope["path"])

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._dress(MutableHeaders(scope=message), programs=programs)
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        except Exception as error:
            log.exception("api.failed" if programs else "console.failed", error=type(error).__name__)
            if status:
                raise
            response = await self._sorry(scope, receive, programs=programs)
            await response(scope, receive, send_with_headers)
        if scope["method"] not in {"GET", "HEAD"}:
            # The route, not the path as sent: that can hold anything.
            path = getattr(scope.get("route"), "path", "(unknown)")
            event = "api.request" if programs else "console.request"
            log.info(event, method=scope["method"], path=path, status=status, duration_s=round(perf_counter() - began, 3))

    def _dress(self, headers: MutableHeaders, *, programs: bool) -> None:
        if programs:
            headers["API-Version"] = self._api_version
        more = _FOR_PROGRAMS if programs else {"Content-Security-Policy": self._policy()}
        for name, value in (_HEADERS | more).items():
            headers.setdefault(name, value)

    async def _sorry(self, scope: Scope, receive: Receive, *, programs: bool) -> Response:
        if not programs and self._failed is not None:
            return await self._failed(Request(scope, receive))
        detail = (
            "This is an error in the service; its log says more. Whether the request was carried out is not known: repeat it."
        )
        return ProblemError(500, "The service failed", detail).response()
