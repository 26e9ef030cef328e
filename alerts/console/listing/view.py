"""From alerts to the lines, the choices and the map of the page that lists them. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from alerts.alert import MUNICIPALITY_ROLES, SHOWN_STATES, Actor, DetectionState, ReviewState
from alerts.areas import MUNICIPALITY, Area
from alerts.console.listing.choice import NO_PLACE, OPEN, WAITING, Choice
from alerts.console.maps import MapView, Shape, Tiles, map_view
from alerts.listing import COUNTED_AT_MOST, Line, Listing, Order
from alerts.names import NO_NAMES, Names
from alerts.pattern import Pattern, PatternKind
from alerts.render.catalogue import catalogue, marked
from alerts.render.labels import code_words
from alerts.render.states import detection_words, kind_words, review_words
from alerts.render.words import band_words, date_words, expected_words, list_words, period_words
from alerts.saved_filters import SavedFilter

MUNICIPALITIES_ON_A_MAP: Final = 3
"""With more than these, the map shows the outlines of municipalities and none of their districts."""

_HEADINGS: Final = (
    (Order.PLACE, marked("Pattern")),
    (None, marked("Reports")),
    (Order.PERIOD, marked("Period")),
    (Order.STATE, marked("State")),
    (Order.CHANGED, marked("Changed")),
)

Option = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list, in words. ``news``: since the reader's last visit it is new, has changed, or neither (empty)."""

    id: str
    where: str
    what: str
    reports: str
    usual: str
    period: str
    state: ReviewState
    state_words: str
    quiet: str
    changed_at: datetime
    changed: str
    news: str
    on_map: bool


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of the list: where it sorts to, and how it sorts now; no ``href`` for one that does not."""

    label: str
    href: str | None
    direction: str | None


@dataclass(frozen=True, slots=True)
class Options:
    """What there is to choose from: pairs of a value and its words."""

    states: tuple[Option, ...]
    kinds: tuple[Option, ...]
    municipalities: tuple[Option, ...]
    areas: tuple[Option, ...]
    communities: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class ListView:
    """The page."""

    rows: tuple[Row, ...]
    headings: tuple[Heading, ...]
    choice: Choice
    options: Options
    saved: tuple[SavedFilter, ...]
    found: str
    without_place: int
    previous: str | None
    next: str | None
    map: MapView | None


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads, since when, in which language, where their days begin, and what codes are called here."""

    actor: Actor
    last_visit_at: datetime | None
    language: str
    zone: ZoneInfo
    today: date
    names: Names = NO_NAMES


def row_of(line: Line, reader: Reader, *, several_municipalities: bool) -> Row:
    """A line of the list."""
    alert, pattern, lang = line.alert, line.pattern, reader.language
    changed_on = alert.updated_at.astimezone(reader.zone).date()
    where = where_words(pattern, reader)
    if several_municipalities and _has_place(pattern, reader):
        where = f"{where}, {pattern.municipality_name}"
    return Row(
        id=alert.id,
        where=where,
        what=what_words(pattern, reader),
        reports=band_words(pattern.observed, lang),
        usual=expected_words(pattern.expected, lang),
        period=period_words(pattern.window_from, pattern.window_to, lang, this_year=reader.today.year, today=reader.today),
        state=alert.review,
        state_words=review_words(alert.review, lang),
        quiet=detection_words(alert.detection, lang) if alert.detection is DetectionState.QUIET else "",
        changed_at=alert.updated_at,
        changed=date_words(changed_on, lang, this_year=reader.today.year),
        news=_news(line, reader),
        on_map=_has_place(pattern, reader) and pattern.geometry is not None,
    )


def where_words(pattern: Pattern, reader: Reader) -> str:
    """``Kruiskamp en Koppel``; ``Heel Voorbeeldstad`` where no place may be told."""
    if _has_place(pattern, reader):
        return list_words(pattern.area_names, reader.language)
    return catalogue(reader.language).gettext("All of %(municipality)s") % {"municipality": pattern.municipality_name}


def what_words(pattern: Pattern, reader: Reader) -> str:
    """What kind of pattern it is, and whom or what it concerns as far as the reader may know."""
    told = [kind_words(pattern.kind, reader.language)]
    codes = {"ground": pattern.ground, "domain": pattern.domain}
    if reader.actor.rights.sees_community:
        codes["community"] = pattern.community
    told += [code_words(rubric, code, reader.language, reader.names) for rubric, code in codes.items() if code]
    return ": ".join(told)


def _has_place(pattern: Pattern, reader: Reader) -> bool:
    return reader.actor.rights.sees_place and pattern.level != MUNICIPALITY and bool(pattern.area_names)


def _news(line: Line, reader: Reader) -> str:
    alert, since = line.alert, reader.last_visit_at
    began = alert.released_at if reader.actor.role in MUNICIPALITY_ROLES and alert.released_at else alert.created_at
    if since is None or began > since:
        return catalogue(reader.language).gettext("New to you")
    return catalogue(reader.language).gettext("Changed") if alert.updated_at > since else ""


def options_for(
    reader: Reader, municipalities: Sequence[Option], districts: Sequence[Area], communities: Sequence[str]
) -> Options:
    """What this reader can choose from."""
    lang, words = reader.language, catalogue(reader.language)
    shown = SHOWN_STATES if reader.actor.role in MUNICIPALITY_ROLES else frozenset(ReviewState)
    own = reader.actor.rights.area_codes
    areas = [(area.code, area.name) for area in districts if not own or area.code in own]
    places = reader.actor.rights.sees_place
    return Options(
        states=(
            (WAITING, words.gettext("Waits for you")),
            (OPEN, words.gettext("Not settled yet")),
            *((state.value, review_words(state, lang)) for state in ReviewState if state in shown),
        ),
        kinds=tuple((kind.value, kind_words(kind, lang)) for kind in PatternKind),
        municipalities=tuple(municipalities) if len(municipalities) > 1 else (),
        areas=((NO_PLACE, words.gettext("No place: the whole municipality")), *areas) if places else (),
        communities=_communities(communities, reader) if reader.actor.rights.sees_community else (),
    )


def _communities(codes: Sequence[str], reader: Reader) -> tuple[Option, ...]:
    """By name: people look for a name in the order of names, not of codes."""
    told = [(code, code_words("community", code, reader.language, reader.names)) for code in codes]
    return tuple(sorted(told, key=lambda option: option[1].casefold()))


def headings_for(order: Order, *, descending: bool, language: str) -> tuple[Heading, ...]:
    """The headings; a click on the one that sorts now turns the list around."""
    words = catalogue(language)
    made = []
    for each, label in _HEADINGS:
        if each is None:
            made.append(Heading(words.gettext(label), None, None))
            continue
        now = each is order
        down = not descending if now else each in {Order.CHANGED, Order.PERIOD}
        direction = ("descending" if descending else "ascending") if now else None
        made.append(Heading(words.gettext(label), address(each, descending=down), direction))
    return tuple(made)


def address(order: Order, *, descending: bool, page: int = 1) -> str:
    """Where the list stands in this order; it says nothing of what is in it."""
    parts = [f"sort={order}", f"direction={'down' if descending else 'up'}"]
    return "/alerts?" + "&".join([*parts, f"page={page}"] if page > 1 else parts)


def found_words(listing: Listing, language: str) -> str:
    """``1 tot en met 50 van 312``."""
    words = catalogue(language)
    if listing.found > COUNTED_AT_MOST:
        of = words.gettext("more than %(count)s") % {"count": COUNTED_AT_MOST}
    else:
        of = str(listing.found)
    last = listing.first + len(listing.lines)
    return words.gettext("%(first)s to %(last)s of %(all)s") % {"first": listing.first + 1, "last": last, "all": of}


def map_for(lines: Sequence[Line], reader: Reader, tiles: Tiles | None) -> MapView | None:
    """The same patterns as shapes; None where none of the lines has a place."""
    codes = tuple(dict.fromkeys(line.alert.municipality for line in lines))
    shapes = [
        Shape(line.alert.id, line.pattern.geometry, line.pattern.observed, _aloud(line, reader))
        for line in lines
        if line.pattern.geometry is not None and _has_place(line.pattern, reader)
    ]
    if not codes:
        return None
    title = catalogue(reader.language).gettext("Map of the alerts in this list")
    return map_view(shapes, codes, title, tiles=tiles, only_outlines=len(codes) > MUNICIPALITIES_ON_A_MAP)


def _aloud(line: Line, reader: Reader) -> str:
    told = catalogue(reader.language).gettext("%(where)s: %(count)s reports; %(state)s. To the line in the list")
    return told % {
        "where": where_words(line.pattern, reader),
        "count": band_words(line.pattern.observed, reader.language),
        "state": review_words(line.alert.review, reader.language),
    }
