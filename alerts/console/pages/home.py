"""The first page: what waits for this person, and where to go for it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from alerts import deliveries, queries
from alerts.alert import SEES_NO_ALERT, Role
from alerts.console.groups import NavEntry, PageGroup
from alerts.console.languages import language_of
from alerts.console.listing.choice import waiting_for
from alerts.console.people import Person, Services, SignedIn
from alerts.console.rendering import page
from alerts.console.services import ConsoleServices
from alerts.deliveries import Destination
from alerts.queries import Page
from alerts.render.catalogue import catalogue, marked
from alerts.render.words import number_words

router = APIRouter()

AT_MOST: Final = 100


@dataclass(frozen=True, slots=True)
class HomeView:
    """The first page: sentences on what waits, a quieter one beside them, and the page where it is done.

    ``waiting`` says whether any alert waits for the person, for a way to just those.
    """

    sentences: tuple[str, ...]
    aside: str
    href: str
    label: str
    waiting: bool = False


def alerts_home(waiting: Page, newest: Page, role: Role, last_visit_at: datetime | None, lang: str) -> HomeView:
    """How many wait, and how many of the newest are new to this person; an auditor acts on none."""
    words = catalogue(lang)
    sentences = []
    if waiting.alerts:
        told = words.ngettext(
            "%(count)s alert waits for you or a colleague.",
            "%(count)s alerts wait for you or a colleague.",
            len(waiting.alerts),
        )
        sentences.append(told % {"count": _counted(len(waiting.alerts), lang, more=waiting.next_page is not None)})
    elif role is not Role.AUDITOR:
        sentences.append(words.gettext("No alert waits for you."))
    new = sum(last_visit_at is None or alert.updated_at > last_visit_at for alert in newest.alerts)
    if new:
        told = words.ngettext(
            "%(count)s alert is new or changed since your last visit.",
            "%(count)s alerts are new or changed since your last visit.",
            new,
        )
        more = newest.next_page is not None and new == len(newest.alerts)
        sentences.append(told % {"count": _counted(new, lang, more=more)})
    aside = words.gettext("What is not in the list may well be there: many people never report.")
    return HomeView(tuple(sentences), aside, "/alerts", words.gettext("To the alerts"), waiting=bool(waiting.alerts))


def _counted(count: int, lang: str, *, more: bool) -> str:
    number = number_words(count, lang)
    return catalogue(lang).gettext("More than %(count)s") % {"count": number} if more else number


def operating_home(destinations: tuple[Destination, ...], lang: str) -> HomeView:
    """Whether messages arrive."""
    words = catalogue(lang)
    dead, waiting = (sum(getattr(one, name) for one in destinations) for name in ("dead", "waiting"))
    gone = [one.name for one in destinations if one.gone_at is not None]
    sentences = []
    if dead:
        told = words.ngettext("%(count)s message could not be delivered.", "%(count)s messages could not be delivered.", dead)
        sentences.append(told % {"count": dead})
    if gone:
        sentences.append(words.gettext("No longer there: %(names)s.") % {"names": ", ".join(gone)})
    if waiting:
        told = words.ngettext("%(count)s message waits to be sent.", "%(count)s messages wait to be sent.", waiting)
        sentences.append(told % {"count": waiting})
    if not sentences:
        sentences.append(words.gettext("All messages were delivered."))
    return HomeView(tuple(sentences), "", "/deliveries", words.gettext("To the deliveries"))


def _view(person: Person, services: ConsoleServices, lang: str) -> HomeView:
    words = catalogue(lang)
    if person.role not in SEES_NO_ALERT:
        newest = queries.find_alerts(services.engine, person.actor, limit=AT_MOST)
        waiting = Page((), None)
        if person.role is not Role.AUDITOR:
            waiting = queries.find_alerts(
                services.engine, person.actor, queries.Filter(review=waiting_for(person.role)), limit=AT_MOST
            )
        return alerts_home(waiting, newest, person.role, person.session.last_visit_at, lang)
    if person.actor.municipality is None:
        return operating_home(deliveries.destinations(services.engine), lang)
    if person.role is Role.ADMINISTRATOR:
        sentence = words.gettext("You look after the accounts of your municipality.")
        return HomeView((sentence,), "", "/accounts", words.gettext("To the accounts"))
    sentence = words.gettext("You look after the silences of your municipality.")
    return HomeView((sentence,), "", "/silences", words.gettext("To the silences"))


@router.get("/")
def home(request: Request, person: SignedIn, services: Services) -> Response:
    """The first page."""
    return page(request, "home.html", view=_view(person, services, language_of(request)))


GROUP = PageGroup(router, nav=(NavEntry("/", marked("Overview"), frozenset(Role) - {Role.SYSTEM}, order=0),))
