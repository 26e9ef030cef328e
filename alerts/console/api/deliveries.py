"""``GET /v1/deliveries``: which messages wait, were delivered or are dead."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import ConfigDict, Field

from alerts import deliveries
from alerts.alert import DeliveryState
from alerts.console.api.access import DeliveryReader, secured
from alerts.console.api.answers import responses, told
from alerts.console.api.filters import LARGEST_PAGE, PAGE, Text
from alerts.console.api.negotiation import JSON, href, media_of
from alerts.console.api.shape import Link, Shape
from alerts.console.people import Services
from alerts.message import Reason
from alerts.tokens import Scope

router = APIRouter(prefix="/v1", tags=["deliveries"])

_FURTHEST = 100_000


class DeliveryItem(Shape):
    """An alert in a message."""

    alert_id: str
    revision: int
    reason: Reason


class Delivery(Shape):
    """A message to one destination, and how its sending stands."""

    model_config = ConfigDict(title="Delivery")

    id: str
    destination: str
    sequence: int
    state: DeliveryState
    attempts: int
    recorded_at: datetime
    next_attempt_at: datetime
    finished_at: datetime | None
    last_error: str | None
    receipt: str | None
    items: tuple[DeliveryItem, ...]


class DeliveryList(Shape):
    """A page of messages, the newest first."""

    deliveries: tuple[Delivery, ...]
    links: tuple[Link, ...]


class DeliveryQuery(Shape):
    """Which messages."""

    state: Annotated[tuple[DeliveryState, ...], Field(max_length=3, description="In one of these states.")] = ()
    destination: Annotated[Text | None, Field(min_length=1, max_length=200, description="To this destination.")] = None
    limit: Annotated[int, Field(ge=1, le=LARGEST_PAGE, description="Messages on a page.")] = PAGE
    offset: Annotated[int, Field(ge=0, le=_FURTHEST, description="How many of the newest to pass over.")] = 0


@router.get(
    "/deliveries",
    operation_id="getDeliveries",
    responses=responses(DeliveryList, "A page of messages.", 400, 403),
    openapi_extra=secured(Scope.DELIVERIES_READ),
)
def get_deliveries(
    request: Request, _: DeliveryReader, services: Services, wanted: Annotated[DeliveryQuery, Query()]
) -> Response:
    """Messages to destinations, the newest first."""
    media_of(request, JSON)
    found = deliveries.list_messages(
        services.engine,
        states=wanted.state or tuple(DeliveryState),
        destination=wanted.destination,
        limit=wanted.limit + 1,
        offset=wanted.offset,
    )
    links = [Link(rel="self", href=href(request, "/deliveries", _query(wanted, wanted.offset)), type=JSON)]
    if len(found) > wanted.limit:
        links.append(Link(rel="next", href=href(request, "/deliveries", _query(wanted, wanted.offset + wanted.limit)), type=JSON))
    return told(DeliveryList(deliveries=tuple(map(_delivery, found[: wanted.limit])), links=tuple(links)))


def _query(wanted: DeliveryQuery, offset: int) -> list[tuple[str, str]]:
    said = [("state", state.value) for state in wanted.state]
    if wanted.destination is not None:
        said.append(("destination", wanted.destination))
    return [*said, ("limit", str(wanted.limit)), ("offset", str(offset))]


def _delivery(sending: deliveries.Sending) -> Delivery:
    message = sending.message
    return Delivery(
        id=message.id,
        destination=message.destination,
        sequence=message.sequence,
        state=sending.state,
        attempts=sending.attempts,
        recorded_at=message.recorded_at,
        next_attempt_at=sending.next_attempt_at,
        finished_at=sending.finished_at,
        last_error=sending.last_error,
        receipt=sending.receipt,
        items=tuple(DeliveryItem(alert_id=i.alert_id, revision=i.revision, reason=i.reason) for i in message.items),
    )
