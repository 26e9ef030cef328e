"""Deliveries, for the operator: what waits, what was delivered, what is dead and can be tried again."""

from dataclasses import dataclass
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from alerts import deliveries
from alerts.alert import DeliveryState, Role
from alerts.console.forms import Filled, field
from alerts.console.groups import NavEntry, PageGroup
from alerts.console.languages import language_of
from alerts.console.people import Person, Services, only
from alerts.console.rendering import back_to, flash, page
from alerts.console.times import moment_words
from alerts.deliveries import Attempt, DeliveriesError, Destination, Sending
from alerts.render.catalogue import catalogue, marked

router = APIRouter()
PATH: Final = "/deliveries"
PAGE_SIZE: Final = 50
Operator = Annotated[Person, Depends(only(Role.OPERATOR, Role.ADMINISTRATOR, of_service=True))]


OUTCOMES: Final = {
    "delivered": marked("delivered"),
    "retried": marked("failed, to be tried again"),
    "dead": marked("failed for good"),
    "gone": marked("the destination wants no more"),
}


@dataclass(frozen=True, slots=True)
class Tried:
    """One attempt in words."""

    when: str
    outcome: str
    text: str


@dataclass(frozen=True, slots=True)
class MessageLine:
    """A message with how its sending stands; what it is about is not told here."""

    id: str
    destination: str
    state: DeliveryState
    recorded: str
    next_attempt: str
    alerts: int
    error: str
    tried: tuple[Tried, ...]


@dataclass(frozen=True, slots=True)
class DeliveriesView:
    """The page: destinations with their counts, and a page of messages."""

    destinations: tuple[Destination, ...]
    lines: tuple[MessageLine, ...]
    state: str
    number: int
    more: bool


def message_line(sending: Sending, attempts: tuple[Attempt, ...], lang: str, zone: ZoneInfo) -> MessageLine:
    """A message for the table."""
    waits = sending.state is DeliveryState.WAITING
    return MessageLine(
        id=sending.message.id,
        destination=sending.message.destination,
        state=sending.state,
        recorded=moment_words(sending.message.recorded_at, lang, zone),
        next_attempt=moment_words(sending.next_attempt_at, lang, zone) if waits else "",
        alerts=len(sending.message.items),
        error=sending.last_error or "",
        tried=tuple(Tried(moment_words(one.at, lang, zone), _outcome(one.outcome, lang), one.text) for one in attempts),
    )


def _outcome(outcome: str, lang: str) -> str:
    return catalogue(lang).gettext(OUTCOMES[outcome]) if outcome in OUTCOMES else outcome


@router.get(PATH)
def show(request: Request, _: Operator, services: Services, state: str = "", number: int = 1) -> Response:
    """Destinations and messages."""
    number = min(max(number, 1), 10_000)
    states = (DeliveryState(state),) if state in set(DeliveryState) else tuple(DeliveryState)
    found = deliveries.list_messages(services.engine, states=states, limit=PAGE_SIZE + 1, offset=(number - 1) * PAGE_SIZE)
    lang = language_of(request)
    lines = tuple(
        message_line(one, deliveries.attempts(services.engine, one.message.id), lang, services.zone) for one in found[:PAGE_SIZE]
    )
    chosen = states[0].value if len(states) == 1 else ""
    view = DeliveriesView(deliveries.destinations(services.engine), lines, chosen, number, len(found) > PAGE_SIZE)
    return page(request, "deliveries.html", view=view)


@router.post(f"{PATH}/retry")
def retry(request: Request, person: Operator, services: Services, form: Filled) -> Response:
    """Try a dead message again, or all of a destination."""
    words = catalogue(language_of(request))
    try:
        if destination := field(form, "destination"):
            count = deliveries.retry_all(services.engine, destination, person.actor, services.clock())
            text = words.ngettext("%(count)s message is tried again.", "%(count)s messages are tried again.", count)
            flash(request, text % {"count": count})
        else:
            deliveries.retry(services.engine, field(form, "message"), person.actor, services.clock())
            flash(request, words.gettext("The message is tried again."))
    except DeliveriesError:
        flash(
            request,
            words.gettext("This cannot be tried again: it is not dead, was taken back, or its destination is gone."),
            "error",
        )
    return back_to(PATH)


@router.post(f"{PATH}/enable")
def enable(request: Request, person: Operator, services: Services, form: Filled) -> Response:
    """Take a destination that was gone into use again."""
    words = catalogue(language_of(request))
    try:
        deliveries.enable(services.engine, field(form, "destination"), person.actor, services.clock())
        flash(request, words.gettext("The destination is in use again."))
    except DeliveriesError:
        flash(request, words.gettext("This destination is not gone."), "error")
    return back_to(PATH)


GROUP = PageGroup(router, nav=(NavEntry(PATH, marked("Deliveries"), frozenset({Role.OPERATOR, Role.ADMINISTRATOR}), order=60),))
