"""The announcement of an alert: subject, plain text and HTML. It says that there is something, and never what."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from alerts.message import Message
from alerts.render.catalogue import catalogue, language_of
from alerts.render.words import reason_words

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"


@cache
def _environment(language: str) -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape  # noqa: PLC0415 - slow, for mail only

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(["html"]),
        extensions=["jinja2.ext.i18n"],
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    # The extension adds this method when it is loaded; jinja2 types do not know it.
    environment.install_gettext_translations(catalogue(language), newstyle=True)  # type: ignore[attr-defined]
    return environment


def subject(message: Message) -> str:
    """The subject: that there is something to see, and nothing of what or where."""
    translations = catalogue(message.language)
    count = len(message.items)
    text = translations.ngettext(
        "Patroonwacht: an alert asks for your attention", "Patroonwacht: %(count)s alerts ask for your attention", count
    )
    return text % {"count": count}


def text(message: Message) -> str:
    """The message in plain text, lines of at most about 78 characters but for the links."""
    return _rendered("message.txt", message)


def html(message: Message) -> str:
    """The message as a whole HTML page that loads nothing from elsewhere."""
    return _rendered("message.html", message)


def _rendered(template: str, message: Message) -> str:
    language = language_of(message.language)
    items = [(item, reason_words(item.reason, language)) for item in message.items]
    return (
        _environment(language)
        .get_template(template)
        .render(lang=language, message=message, items=items, subject=subject(message))
    )
