"""From a view model to a page: the templates, in the reader's language, with what every page shows."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Final

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup
from starlette.responses import HTMLResponse, RedirectResponse, Response

from alerts.console import sessions
from alerts.console.assets import asset
from alerts.console.groups import AlertLink
from alerts.console.languages import language_of
from alerts.console.look import theme_of
from alerts.console.people import Person, person_of, set_token, token_of
from alerts.console.services import nav_of, services_of
from alerts.kept import Kept
from alerts.render.catalogue import LANGUAGES, catalogue
from alerts.render.tied import tied

TEMPLATES: Final = Path(__file__).parent / "templates"
_FLASH: Final = "flash"
_PARTS_KEPT: Final = 4_000


@dataclass(frozen=True, slots=True)
class NavItem:
    """A line in the navigation, as this reader sees it."""

    href: str
    label: str
    current: bool


@dataclass(frozen=True, slots=True)
class Flash:
    """A message shown once, on the next page. ``kind``: ``ok``, ``info``, ``warning`` or ``error``."""

    kind: str
    text: str


@cache
def environment(language: str, folders: tuple[Path, ...] = ()) -> Environment:
    """The templates in this language; ``folders`` hold those of pages that are not the console's own."""
    made = Environment(
        loader=FileSystemLoader([TEMPLATES, *folders]),
        autoescape=select_autoescape(["html", "svg"]),
        auto_reload=False,  # it would look at every file again for every page
        extensions=["jinja2.ext.i18n"],
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.policies["ext.i18n.trimmed"] = True
    # The extension adds this method when it is loaded; jinja2 types do not know it.
    made.install_gettext_translations(catalogue(language), newstyle=True)  # type: ignore[attr-defined]  # the extension adds it
    made.filters["tied"] = partial(_tied, language=language)
    made.globals.update(asset=asset, languages=LANGUAGES, lang=language, part=_parts(made))
    return made


def _tied(text: object, language: str) -> str:
    """The text with what belongs together on one line; what is HTML already stays that."""
    whole = tied(str(text), language)
    return Markup(whole) if isinstance(text, Markup) else whole  # noqa: S704 - no more than it was, but for the spaces


def _parts(made: Environment) -> Callable[[str, Hashable], str]:
    """Parts of pages that follow from their ``view`` alone, such as a line of a list: each is made once, and kept. Escaped."""
    kept: Kept[tuple[str, Hashable], str] = Kept(_PARTS_KEPT)

    def part(template: str, view: Hashable) -> str:
        key = template, view
        return kept.get(key) or kept.put(key, made.get_template(template).render(view=view))

    return part


def nav_for(request: Request, person: Person | None, language: str) -> tuple[NavItem, ...]:
    """The lines of the navigation that are for this person."""
    if person is None:
        return ()
    words = catalogue(language)
    here = request.url.path
    return tuple(
        NavItem(entry.href, words.gettext(entry.label), here == entry.href or here.startswith(f"{entry.href}/"))
        for entry in sorted(nav_of(request), key=lambda entry: entry.order)
        if person.role in entry.roles
    )


def _alert_links(request: Request, person: Person | None, language: str) -> tuple[tuple[str, str], ...]:
    """What the page of an alert leads to beside its own: where, with a place for the alert's id, and what it is called."""
    links: tuple[AlertLink, ...] = request.app.state.alert_links
    words = catalogue(language)
    return tuple((link.href, words.gettext(link.label)) for link in links if person is not None and person.role in link.roles)


def page(request: Request, template: str, *, status: int = 200, **context: object) -> Response:
    """The page as a response; ``context`` is what its template uses beside what every page has."""
    language = language_of(request)
    token = token_of(request)
    person = person_of(request)
    text = (
        environment(language, request.app.state.templates)
        .get_template(template)
        .render(
            person=person,
            nav=nav_for(request, person, language),
            csrf_token=sessions.csrf_of(token),
            flash=_taken(request, person),
            path=request.url.path,
            **_look(request),
            alert_links=_alert_links(request, person, language),
            **context,
        )
    )
    response = HTMLResponse(text, status_code=status, headers={"Content-Language": language, "Vary": "Cookie, Accept-Language"})
    if request.state.token_is_new:
        set_token(response, request, token)
    return response


def _look(request: Request) -> dict[str, object]:
    settings = services_of(request).settings()
    theme = theme_of(settings)
    return {
        "installation": settings.organisation,
        "theme_url": "" if theme is None else theme.url,
        "theme_classes": () if theme is None else theme.classes,
    }


def flash(request: Request, text: str, kind: str = "ok") -> None:
    """Say this, in the reader's language already, on the next page that the person sees."""
    person = person_of(request)
    if person is not None:
        waiting = [*person.session.data.get(_FLASH, []), [kind, text]]
        person.session.data[_FLASH] = waiting
        sessions.keep(services_of(request).engine, person.session.id, _FLASH, waiting)


def back_to(path: str) -> Response:
    """Send the browser to a page, after a form has been dealt with."""
    return RedirectResponse(path, status_code=303)


def _taken(request: Request, person: Person | None) -> tuple[Flash, ...]:
    if person is None or not (waiting := person.session.data.pop(_FLASH, None)):
        return ()
    sessions.keep(services_of(request).engine, person.session.id, _FLASH, None)
    return tuple(Flash(kind, text) for kind, text in waiting)
