"""The bare web application, before it has pages: its door, and how errors are told to programs."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Final

import structlog
from anyio.to_thread import current_default_thread_limiter
from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.params import Depends
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from alerts.console.door import Door, page_policy
from alerts.console.problems import ProblemError, as_problem, for_programs

log = structlog.get_logger(__name__)

API_VERSION: Final = "1.0.0"
"""Version of the HTTP interface, told on every response to a program; its first number is the one in the path."""

THREADS: Final = 10
"""Requests at work at once. With more, all hinder one another: measured, a request then costs a quarter more to compute."""

Teller = Callable[[Request, HTTPException], Awaitable[Response]]


def shell(
    routers: Sequence[APIRouter],
    *,
    tell: Teller | None = None,
    policy: Callable[[], str] = page_policy,
    dependencies: Sequence[Depends] = (),
) -> FastAPI:
    """An application of these routers. ``tell`` makes the page that tells a person of an error; without, all get problems."""
    app = FastAPI(
        title="Patroonwacht",
        version=API_VERSION,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_with_few_threads,
        dependencies=list(dependencies),
    )

    async def failed(request: Request) -> Response:
        assert tell is not None  # noqa: S101 - only handed on when there is one
        return await tell(request, HTTPException(500))

    app.add_middleware(Door, api_version=API_VERSION, policy=policy, failed=None if tell is None else failed)
    _add_problems(app, tell)
    for router in routers:
        app.include_router(router)
    return app


@asynccontextmanager
async def _with_few_threads(_: FastAPI) -> AsyncIterator[None]:
    current_default_thread_limiter().total_tokens = THREADS
    yield


def _add_problems(app: FastAPI, tell: Teller | None) -> None:
    @app.exception_handler(ProblemError)
    async def problem(_: Request, error: ProblemError) -> Response:
        return error.response()

    @app.exception_handler(HTTPException)
    async def http_error(request: Request, error: HTTPException) -> Response:
        if tell is not None and not for_programs(request.url.path):
            return await tell(request, error)
        return as_problem(error).response()

    @app.exception_handler(OperationalError)
    async def no_database(request: Request, error: OperationalError) -> Response:
        if not for_programs(request.url.path):
            raise error
        # What the database said is for the operator's log, not for the sender.
        log.error("api.database_failed", error=type(error).__name__)
        return ProblemError(503, "The database is not available", "Ask again later.", headers={"Retry-After": "30"}).response()

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        if tell is not None and not for_programs(request.url.path):
            return await tell(request, HTTPException(400))
        # Where and what was expected, but not the value that was given.
        errors = [f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in error.errors()]
        return ProblemError(
            400, "The request is not right", "See the errors, and the description at /v1/openapi.json.", errors
        ).response()
