"""The service's HTTP door: reports come in, health and figures go out; follows the NL API Design Rules."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final

import structlog
from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response

from alerts.console.api.bodies import read_body
from alerts.console.problems import ProblemError
from detector import __version__
from detector.ingest.errors import IntakeError
from detector.ingest.outcome import IntakeResult
from detector.service.api_body import BodyError, parse_records, require_format
from detector.service.api_door import check_token
from detector.service.api_schema import INGEST_OPERATION, INGEST_RESPONSES
from detector.service.metrics import Metrics
from detector.store.errors import StoreError

log = structlog.get_logger(__name__)

INTAKE_AT_ONCE: Final = 4
"""Bodies of reports that are read at once; others wait."""

ProfileName = Annotated[
    str | None, Query(pattern="^[A-Za-z0-9_-]{1,64}$", description="Source profile that says how to read the rows.")
]


@dataclass(frozen=True, slots=True)
class Health:
    """How the service is doing, fit for anybody to read."""

    database_reachable: bool
    last_cycle_at: datetime | None
    at_work: bool
    """Whether this instance is the one at work; another waits to take over."""


@dataclass(frozen=True)
class ApiServices:
    """What the door needs of the house; each callable may block and may be called from several threads.

    ``token_hashes`` gives the hashes (``hash_token``) of the tokens that may post, as the settings in force say. ``ingest`` takes
    records and the name of a source profile (None for the default); it raises IntakeError where nothing can be read and
    StoreError where the database fails. ``refresh_metrics`` sets the gauges before they are told.
    """

    token_hashes: Callable[[], Sequence[str]]
    ingest: Callable[[Sequence[Mapping[str, object]], str | None], IntakeResult]
    health: Callable[[], Health]
    metrics: Metrics
    max_body_bytes: Callable[[], int]
    clock: Callable[[], datetime]
    refresh_metrics: Callable[[], None] = lambda: None


def api_router(services: ApiServices) -> APIRouter:
    """What programs ask the service for; ``services`` comes from the composition root."""
    router = APIRouter()
    _add_reports(router, services)
    _add_operations(router, services)
    return router


def _add_reports(router: APIRouter, services: ApiServices) -> None:
    # Apart from the threads that make pages: a large body takes long, and people would wait for it.
    intake = CapacityLimiter(INTAKE_AT_ONCE)

    def take_in(body: bytes, media: str, profile: str | None) -> IntakeResult:
        return services.ingest(parse_records(body, media), profile)

    @router.post("/v1/reports", responses=INGEST_RESPONSES, openapi_extra=INGEST_OPERATION)
    async def post_reports(request: Request, profile: ProfileName = None) -> JSONResponse:
        """Take in reports. The same report again does nothing; the same id with other words updates."""
        check_token(request.headers.get("authorization"), services.token_hashes())
        media = require_format(request.headers)
        body = await read_body(request, services.max_body_bytes())
        try:
            result = await to_thread.run_sync(take_in, body, media, profile, limiter=intake)
        except BodyError as error:
            raise ProblemError(400, "The body cannot be read", "Nothing was taken in; see the errors.", error.errors) from error
        except IntakeError as error:
            raise ProblemError(
                400, "The reports cannot be read", "Nothing was taken in; see the errors.", [str(error)]
            ) from error
        except StoreError as error:
            # What the database said is for the operator's log, not for the sender.
            log.exception("api.database_failed", error=type(error).__name__)
            detail = "The reports cannot be kept at the moment. Send them again later: what was kept already does no harm."
            raise ProblemError(503, "The database is not available", detail, headers={"Retry-After": "30"}) from error
        return JSONResponse(result.as_json())


def _add_operations(router: APIRouter, services: ApiServices) -> None:
    @router.get("/health", include_in_schema=False)
    def health() -> JSONResponse:
        return _told(services.health(), services.clock())

    @router.get("/metrics", include_in_schema=False)
    def metrics() -> Response:
        services.refresh_metrics()
        return Response(services.metrics.render(), media_type="text/plain; version=0.0.4; charset=utf-8")


def _told(health: Health, now: datetime) -> JSONResponse:
    age = None if health.last_cycle_at is None else max(0, round((now - health.last_cycle_at).total_seconds()))
    body: dict[str, Any] = {
        "status": "ok" if health.database_reachable else "failing",
        "version": __version__,
        "database": {"reachable": health.database_reachable},
        "cycle": {"lastSuccessAgeSeconds": age},
        "instance": {"atWork": health.at_work},
    }
    return JSONResponse(body, status_code=200 if health.database_reachable else 503)
