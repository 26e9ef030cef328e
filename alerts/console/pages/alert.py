"""The page of one alert, and what people do there."""

import re
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from alerts import follow_ups, queries, silences
from alerts.alert import Action, Alert, ConflictError, TransitionError, UnknownAlertError, possible_actions
from alerts.console.alert.acting import FIELDS, NOTHING_TYPED, SILENCE, FormError, Typed, read_action, read_silence
from alerts.console.alert.effect_view import EffectView, effect_view
from alerts.console.alert.forms import Conflict, action_forms, conflict_of, may_silence, silence_views
from alerts.console.alert.view import Read, alert_view
from alerts.console.forms import Filled, field
from alerts.console.groups import PageGroup
from alerts.console.languages import language_of
from alerts.console.look import tiles_of
from alerts.console.maps import MapView, Shape, map_view
from alerts.console.people import Person, Services, SignedIn
from alerts.console.rendering import back_to, flash, page
from alerts.console.services import ConsoleServices
from alerts.pattern import Pattern
from alerts.render.catalogue import catalogue
from alerts.render.states import done_words
from alerts.rules import Matchers
from alerts.silences import SilenceError
from alerts.store.engine import one_view

router = APIRouter()

_ID: Final = re.compile("[0-9a-f]{32}")
_POST_STATUS: Final = 400
_CONFLICT_STATUS: Final = 409


async def _alert_id(alert_id: str) -> str:
    """The id in the address; what cannot be one is an alert that does not exist."""
    if _ID.fullmatch(alert_id) is None:
        raise UnknownAlertError("there is no such alert")
    return alert_id


AlertId = Annotated[str, Depends(_alert_id)]


@router.get("/alerts/{alert_id}")
def show(request: Request, alert_id: AlertId, person: SignedIn, services: Services) -> Response:
    """One alert, as far as this person may see it; that they saw it is recorded."""
    return _page(request, alert_id, person, services)


@router.post("/alerts/{alert_id}")
def act(request: Request, alert_id: AlertId, person: SignedIn, services: Services, form: Filled) -> Response:
    """Do what a form of that page asks, then show the page anew; what cannot be done comes back with all that was typed."""
    language, now = language_of(request), services.clock()
    alert = queries.get(services.engine, alert_id, person.actor)
    name = field(form, "action")
    values = _values(form)
    if name not in set(Action) or name == Action.LAPSE:
        return _page(request, alert_id, person, services, status=_POST_STATUS)
    action = Action(name)
    typed = Typed(action, values)
    try:
        asked = read_action(action, values, alert.approach, now.astimezone(services.zone).date(), language)
        services.alerts().act(
            alert_id,
            asked.action,
            person.actor,
            now,
            # A note overwrites nothing: it may be added to whatever others did meanwhile.
            None if action is Action.NOTE else _number(form, "version"),
            dismiss_reason=asked.dismiss_reason,
            approach=asked.approach,
            text=asked.text,
        )
    except FormError as error:
        typed = Typed(action, values, error.errors)
        return _page(request, alert_id, person, services, typed=typed, status=_POST_STATUS)
    except (ConflictError, TransitionError):
        seen = _number(form, "seen")
        return _page(request, alert_id, person, services, typed=typed, seen=seen, status=_CONFLICT_STATUS)
    flash(request, done_words(action, language))
    return back_to(f"/alerts/{alert_id}" if _still_visible(services, alert_id, person) else "/alerts")


@router.post("/alerts/{alert_id}/silences")
def silence(request: Request, alert_id: AlertId, person: SignedIn, services: Services, form: Filled) -> Response:
    """Keep messages about this alert back for a while."""
    language, now = language_of(request), services.clock()
    queries.get(services.engine, alert_id, person.actor)
    values = _values(form)
    try:
        asked = read_silence(values, now, services.zone, language)
        silences.add(
            services.engine,
            Matchers(alert=(alert_id,)),
            person.actor,
            now,
            comment=asked.comment,
            starts_at=now,
            ends_at=asked.ends_at,
        )
    except FormError as error:
        typed = Typed(SILENCE, values, error.errors)
        return _page(request, alert_id, person, services, typed=typed, status=_POST_STATUS)
    except SilenceError:
        return _page(request, alert_id, person, services, status=_POST_STATUS)
    flash(request, catalogue(language).gettext("This alert is silenced."))
    return back_to(f"/alerts/{alert_id}")


@router.post("/alerts/{alert_id}/silences/{silence_id}/end")
def end_silence(request: Request, alert_id: AlertId, silence_id: str, person: SignedIn, services: Services) -> Response:
    """End a silence of this alert now."""
    translations = catalogue(language_of(request))
    queries.get(services.engine, alert_id, person.actor)
    try:
        silences.end(services.engine, silence_id, person.actor, services.clock())
    except SilenceError:
        flash(request, translations.gettext("That silence had ended already."), "info")
    else:
        flash(request, translations.gettext("The silence has ended: news goes out again."))
    return back_to(f"/alerts/{alert_id}")


def _page(
    request: Request,
    alert_id: str,
    person: Person,
    services: ConsoleServices,
    *,
    typed: Typed = NOTHING_TYPED,
    seen: int | None = None,
    status: int = 200,
) -> Response:
    """The page; ``seen`` is the last event that somebody had before them when others were quicker."""
    language, now, engine, actor = language_of(request), services.clock(), services.engine, person.actor
    with one_view(engine):
        read = _read(services, alert_id, person)
        effect = _effect(services, read, person, language)
        silenced = silences.list_silences(engine, active_at=now) if may_silence(actor) else ()
    # Whoever is shown something has been written down before.
    queries.note_view(engine, read.alert, actor, now)
    conflict: Conflict | None = None
    if seen is not None:
        happened = [event for event in read.events if event.number > seen]
        conflict = conflict_of(typed, happened, possible_actions(read.alert, actor), services.zone, language)
    view = alert_view(read, now, services.zone, language, services.names())
    return page(
        request,
        "alert.html",
        status=status,
        view=view,
        map=_map(services, read.alert, read.pattern, view.sentence, language),
        effect=effect,
        actions=action_forms(read.alert, actor, typed, language),
        typed=typed,
        conflict=conflict,
        version=read.alert.version,
        may_silence=may_silence(actor),
        silences=silence_views(silenced, alert_id, actor, services.zone, language),
        reports_link="",
    )


def _read(services: ConsoleServices, alert_id: str, person: Person) -> Read:
    found = queries.dossier(services.engine, alert_id, person.actor)
    told = found.told
    return Read(told.alert, told.pattern, found.revisions, found.events, told.before, told.after)


def _map(services: ConsoleServices, alert: Alert, pattern: Pattern, sentence: str, language: str) -> MapView | None:
    """A map of the pattern's areas; none for a pattern without a place, which is the whole municipality."""
    if pattern.geometry is None:
        return None
    title = catalogue(language).gettext("Map of where the pattern is")
    shape, tiles = Shape(alert.id, pattern.geometry, pattern.observed, sentence), tiles_of(services.settings())
    return map_view([shape], [alert.municipality], title, tiles=tiles, small=True)


def _effect(services: ConsoleServices, read: Read, person: Person, language: str) -> EffectView | None:
    began = follow_ups.beginning(read.events)
    if read.alert.approach is None or began is None:
        return None
    told = follow_ups.latest(services.engine, read.alert.id, person.actor)
    return effect_view(began.at, told, services.clock().astimezone(services.zone).date(), services.zone, language)


def _values(form: FormData) -> dict[str, str]:
    return {name: field(form, name) for name in FIELDS}


def _number(form: FormData, name: str) -> int:
    """A number that the page itself put into the form; nonsense is as good as an old page."""
    text = field(form, name)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0  # noqa: PLR2004 - digits, so that it fits


def _still_visible(services: ConsoleServices, alert_id: str, person: Person) -> bool:
    """A municipality that reopens an alert gives it back to the service, and sees it no more."""
    try:
        queries.get(services.engine, alert_id, person.actor)
    except UnknownAlertError:
        return False
    return True


GROUP = PageGroup(router)
