"""The list of alerts with the map beside it, the filters that people save, and the outlines that maps are drawn on."""

from typing import Annotated, Final, Literal

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from alerts import areas, saved_filters
from alerts.alert import SEES_NO_ALERT, Actor, Role
from alerts.console import sessions
from alerts.console.forms import Filled, field
from alerts.console.groups import NavEntry, PageGroup
from alerts.console.languages import language_of
from alerts.console.listing.choice import NOTHING, Choice, choice_of, filter_of
from alerts.console.listing.view import (
    ListView,
    Options,
    Reader,
    address,
    found_words,
    headings_for,
    map_for,
    options_for,
    row_of,
)
from alerts.console.look import tiles_of
from alerts.console.people import Person, Services, SignedIn
from alerts.console.rendering import back_to, flash, page
from alerts.console.services import ConsoleServices
from alerts.listing import Order, communities, list_alerts, municipalities
from alerts.render.catalogue import catalogue, marked
from alerts.store.engine import one_view

router = APIRouter()

LINES_ON_A_PAGE: Final = 50
PAGES_AT_MOST: Final = 2000

_KEPT: Final = "alerts_choice"
FilterId = Annotated[str, Path(pattern="^[0-9a-f]{32}$")]


class Asked(BaseModel):
    """What stands in the address of the list: its order and the page, and nothing of what is in it."""

    sort: Order = Order.CHANGED
    direction: Literal["up", "down"] = "down"
    page: Annotated[int, Field(ge=1, le=PAGES_AT_MOST)] = 1


@router.get("/alerts")
def show(
    request: Request,
    person: SignedIn,
    services: Services,
    asked: Annotated[Asked, Query()],
) -> Response:
    """The list, as chosen; what was chosen stands in the session."""
    sort, down, page_number = asked.sort, asked.direction == "down", asked.page
    reader = _reader(request, person, services)
    choice = choice_of(person.session.data.get(_KEPT, {}))
    with one_view(services.engine):
        listing = list_alerts(
            services.engine,
            person.actor,
            filter_of(choice, person.name, person.role, lambda code: _within(services, choice, person.actor, code)),
            order=sort,
            descending=down,
            first=(page_number - 1) * LINES_ON_A_PAGE,
            limit=LINES_ON_A_PAGE,
        )
        options = _options(services, reader, choice)
        saved = saved_filters.saved_by(services.engine, person.name)
    several = bool(options.municipalities)
    rows = tuple(row_of(line, reader, several_municipalities=several) for line in listing.lines)
    view = ListView(
        rows=rows,
        headings=headings_for(sort, descending=down, language=reader.language),
        choice=choice,
        options=options,
        saved=saved,
        found=found_words(listing, reader.language),
        without_place=sum(not row.on_map for row in rows),
        previous=address(sort, descending=down, page=page_number - 1) if page_number > 1 else None,
        next=address(sort, descending=down, page=page_number + 1) if listing.more else None,
        map=map_for(listing.lines, reader, tiles_of(services.settings())),
    )
    return page(request, "alerts.html", view=view)


@router.post("/filters")
def choose(person: SignedIn, services: Services, form: Filled) -> Response:
    """Narrow the list to what was chosen."""
    _keep(services, person, choice_of(form))
    return back_to("/alerts")


@router.post("/filters/none")
def choose_nothing(person: SignedIn, services: Services) -> Response:
    """Show all alerts again."""
    _keep(services, person, NOTHING)
    return back_to("/alerts")


@router.post("/filters/saved")
def save(request: Request, person: SignedIn, services: Services, form: Filled) -> Response:
    """Keep what is chosen now under a name."""
    words = catalogue(language_of(request))
    choice = choice_of(person.session.data.get(_KEPT, {}))
    try:
        saved_filters.save(services.engine, person.name, field(form, "name"), choice.body, services.clock())
    except saved_filters.SavedFilterError:
        flash(request, words.gettext("Not saved: a filter needs a short name, and you can keep twenty of them."), "error")
    else:
        flash(request, words.gettext("The filter is saved."))
    return back_to("/alerts")


@router.get("/filters/{filter_id}")
def open_saved(person: SignedIn, services: Services, filter_id: FilterId) -> Response:
    """Narrow the list to a filter that was saved."""
    saved = {each.id: each for each in saved_filters.saved_by(services.engine, person.name)}
    if filter_id not in saved:
        raise HTTPException(404)
    _keep(services, person, choice_of(saved[filter_id].body))
    return back_to("/alerts")


@router.post("/filters/{filter_id}/delete")
def forget(person: SignedIn, services: Services, filter_id: FilterId) -> Response:
    """Delete a filter that was saved."""
    if not saved_filters.forget(services.engine, person.name, filter_id):
        raise HTTPException(404)
    return back_to("/alerts")


@router.get("/areas/{municipality}")
def outlines(
    request: Request,
    person: SignedIn,
    services: Services,
    municipality: Annotated[str, Path(max_length=40)],
    level: Annotated[str | None, Query(pattern="^(municipality|district|neighbourhood)$")] = None,
) -> Response:
    """The outlines of a municipality's areas as GeoJSON: public facts, for the municipality's own people and the service."""
    if person.actor.municipality not in {None, municipality}:
        raise HTTPException(404)
    found = areas.sheet(services.engine, municipality, level)
    headers = {"Cache-Control": "private, max-age=3600", "ETag": f'"{found.mark}"', "Vary": "Cookie"}
    if request.headers.get("if-none-match", "") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(found.body, media_type="application/geo+json", headers=headers)


def _keep(services: ConsoleServices, person: Person, choice: Choice) -> None:
    sessions.keep(services.engine, person.session.id, _KEPT, choice.body or None)


def _reader(request: Request, person: Person, services: ConsoleServices) -> Reader:
    today = services.clock().astimezone(services.zone).date()
    return Reader(person.actor, person.session.last_visit_at, language_of(request), services.zone, today, services.names())


def _municipality(choice: Choice, actor: Actor, known: tuple[tuple[str, str], ...]) -> str | None:
    """The one municipality whose districts there are to choose from, if it is one."""
    if actor.municipality is not None:
        return actor.municipality
    return choice.municipality or (known[0][0] if len(known) == 1 else None)


def _within(services: ConsoleServices, choice: Choice, actor: Actor, code: str) -> frozenset[str]:
    where = _municipality(choice, actor, municipalities(services.engine, actor) if actor.municipality is None else ())
    return frozenset({code}) if where is None else areas.within(services.engine, where, [code])


def _options(services: ConsoleServices, reader: Reader, choice: Choice) -> Options:
    # Somebody of one municipality has none to choose from.
    known = municipalities(services.engine, reader.actor) if reader.actor.municipality is None else ()
    where = _municipality(choice, reader.actor, known)
    districts = () if where is None else areas.districts(services.engine, where)
    return options_for(reader, known, districts, communities(services.engine, reader.actor))


_READERS: Final = frozenset(Role) - SEES_NO_ALERT - {Role.SYSTEM}

GROUP = PageGroup(router, nav=(NavEntry("/alerts", marked("Alerts"), _READERS, order=10),))
