"""Silences: for what no messages go out for a while, by whom, why, and until when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request
from pydantic import ValidationError
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.responses import Response

from alerts import account_changes, silences
from alerts.alert import Actor, AlertsError, Role
from alerts.areas import names_of
from alerts.console.audit_words import AUDIENCES
from alerts.console.forms import Filled, field
from alerts.console.groups import NavEntry, PageGroup
from alerts.console.languages import language_of
from alerts.console.people import Person, Services, only
from alerts.console.rendering import back_to, flash, page
from alerts.console.services import ConsoleServices
from alerts.console.times import moment_words
from alerts.pattern import PatternKind
from alerts.render.catalogue import catalogue, marked
from alerts.render.states import kind_words
from alerts.render.words import list_words, reason_words
from alerts.rules import Matchers
from alerts.silences import MAY_SILENCE, Silence, SilenceError

router = APIRouter()
PATH: Final = "/silences"
Silencer = Annotated[Person, Depends(only(*MAY_SILENCE))]
DAYS_AT_MOST: Final = 366


@dataclass(frozen=True, slots=True)
class SilenceLine:
    """A silence in words."""

    id: str
    about: str
    author: str
    comment: str
    starts: str
    ends: str
    active: bool
    coming: bool


@dataclass(frozen=True, slots=True)
class SilencesView:
    """The page, with the form as it was filled in."""

    lines: tuple[SilenceLine, ...]
    municipalities: tuple[tuple[str, str], ...]
    municipality: str = ""
    areas: str = ""
    kind: str = ""
    comment: str = ""
    days: str = "7"
    error: str = ""


def is_for(actor: Actor, silence: Silence) -> bool:
    """Whether the actor may know of the silence: somebody of one municipality knows of its own only."""
    return actor.municipality is None or silence.matchers.municipality == (actor.municipality,)


def about_words(matchers: Matchers, names: Mapping[str, str], lang: str) -> str:
    """What a silence is about; ``names`` are those of municipalities and areas, by code."""
    words = catalogue(lang)
    audiences = [words.gettext(AUDIENCES[one]) for one in matchers.audience or ()]
    kinds = [kind_words(one, lang) for one in matchers.kind or ()]
    reasons = [reason_words(one, lang) for one in matchers.reason or ()]
    alerts = (
        [words.ngettext("%(count)s alert", "%(count)s alerts", len(matchers.alert)) % {"count": len(matchers.alert)}]
        if matchers.alert
        else []
    )
    parts = (
        (marked("Municipality"), [names.get(code, code) for code in matchers.municipality or ()]),
        (marked("Areas"), [names.get(code, code) for code in matchers.areas or ()]),
        (marked("Kind of pattern"), kinds),
        (marked("For whom"), audiences),
        (marked("Message"), reasons),
        (marked("Only"), alerts),
    )
    return "; ".join(f"{words.gettext(label)}: {list_words(values, lang)}" for label, values in parts if values)


def silence_line(silence: Silence, names: Mapping[str, str], now: datetime, lang: str, zone: ZoneInfo) -> SilenceLine:
    """A silence for the table."""
    about = about_words(silence.matchers, names, lang)
    starts, ends = (moment_words(at, lang, zone) for at in (silence.starts_at, silence.ends_at))
    active = silence.active(now)
    return SilenceLine(silence.id, about, silence.author, silence.comment, starts, ends, active, silence.starts_at > now)


def _lines(services: ConsoleServices, actor: Actor, lang: str) -> tuple[SilenceLine, ...]:
    found = [one for one in silences.list_silences(services.engine) if is_for(actor, one)]
    names = dict(_places(services, actor))
    for code in {code for one in found for code in one.matchers.municipality or ()}:
        names.update({area.code: area.name for area in names_of(services.engine, code)})
    return tuple(silence_line(one, names, services.clock(), lang, services.zone) for one in found)


def _places(services: ConsoleServices, actor: Actor) -> tuple[tuple[str, str], ...]:
    everybody = Actor(actor.name, Role.ADMINISTRATOR, actor.municipality)
    return account_changes.municipalities(services.engine, everybody)


@router.get(PATH)
def show(request: Request, person: Silencer, services: Services) -> Response:
    """All silences, and the form for another."""
    lines = _lines(services, person.actor, language_of(request))
    return page(request, "silences.html", view=SilencesView(lines, _places(services, person.actor)))


def matchers_of(form: FormData, services: ConsoleServices) -> Matchers:
    """What the form asks to silence; areas by name or code.

    Raises:
        SilenceError: an area is not known there.
        ValidationError: a kind is not known.
    """
    municipality, kind = field(form, "municipality"), field(form, "kind")
    known = {one.name.casefold(): one.code for one in names_of(services.engine, municipality)}
    wanted = [part.strip() for part in field(form, "areas").split(",") if part.strip()]
    codes = [known.get(part.casefold(), part if part in known.values() else "") for part in wanted]
    if not all(codes):
        raise SilenceError("an area is not known in this municipality")
    return Matchers(
        municipality=(municipality,) if municipality else None,
        areas=tuple(codes) or None,
        kind=(PatternKind(kind),) if kind in set(PatternKind) else None,
    )


@router.post(PATH)
def add(request: Request, person: Silencer, services: Services, form: Filled) -> Response:
    """Make a silence."""
    words, now = catalogue(language_of(request)), services.clock()
    days, where = field(form, "days"), field(form, "municipality")
    try:
        span = timedelta(days=min(int(days), DAYS_AT_MOST))
        if person.actor.municipality not in {None, where}:
            raise SilenceError("this municipality is not for you")
        silences.add(
            services.engine,
            matchers_of(form, services),
            person.actor,
            now,
            comment=field(form, "comment"),
            starts_at=now,
            ends_at=now + span,
        )
    except (AlertsError, ValidationError, ValueError):
        error = words.gettext("Choose what to silence, by area names that there are, say why, and for how many days.")
        view = SilencesView(
            _lines(services, person.actor, language_of(request)),
            _places(services, person.actor),
            where,
            field(form, "areas"),
            field(form, "kind"),
            field(form, "comment"),
            days,
            error,
        )
        return page(request, "silences.html", status=400, view=view)
    flash(request, words.gettext("Silenced. Patterns are still looked for and shown here; only no messages go out."))
    return back_to(PATH)


@router.post(f"{PATH}/end")
def end(request: Request, person: Silencer, services: Services, form: Filled) -> Response:
    """End a silence now."""
    words = catalogue(language_of(request))
    sought = field(form, "silence")
    if not any(one.id == sought and is_for(person.actor, one) for one in silences.list_silences(services.engine)):
        raise HTTPException(404)
    try:
        silences.end(services.engine, sought, person.actor, services.clock())
        flash(request, words.gettext("The silence has ended; what it kept back is decided again."))
    except SilenceError:
        flash(request, words.gettext("This silence has ended already."), "warning")
    return back_to(PATH)


GROUP = PageGroup(router, nav=(NavEntry(PATH, marked("Silences"), MAY_SILENCE, order=61),))
