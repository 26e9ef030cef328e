"""How an interface for programs tells errors: RFC 9457, and never a value that was sent."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

PROGRAM_PATHS: Final = ("/v1", "/health", "/metrics")
"""Under these, programs ask and get problems; everywhere else, people do and get pages."""

_ADVICE: Final = {
    404: "There is nothing here. Paths are told in /v1/openapi.json; none ends in a slash.",
    405: "This path has other methods; see the Allow header and /v1/openapi.json.",
}


def for_programs(path: str) -> bool:
    """Whether a program is expected at this path."""
    return any(path == root or path.startswith(f"{root}/") for root in PROGRAM_PATHS)


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
