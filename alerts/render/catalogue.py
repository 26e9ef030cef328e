"""The translations: which languages there are, and the compiled catalogue of each."""

from functools import cache
from pathlib import Path
from typing import Final

from babel import Locale
from babel.support import Translations

LANGUAGES: Final = ("nl", "en")
"""The first is the one that a reader gets whose language is none of these."""

DOMAIN: Final = "messages"
LOCALE_FOLDER: Final = Path(__file__).parent / "locale"

_LOCALES: Final = {"nl": "nl_NL", "en": "en_GB"}


def language_of(code: str) -> str:
    """One of ``LANGUAGES`` for a language tag such as ``nl``, ``en-GB`` or ``en_US``; Dutch for any other."""
    if code in LANGUAGES:
        return code
    primary = code.replace("_", "-").partition("-")[0].lower()
    return primary if primary in LANGUAGES else LANGUAGES[0]


@cache
def locale_of(lang: str) -> Locale:
    """How dates, numbers and lists are written in ``lang``."""
    return Locale.parse(_LOCALES[language_of(lang)])


@cache
def _load(language: str) -> Translations:
    path = LOCALE_FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}.mo"
    with path.open("rb") as file:
        return Translations(file, domain=DOMAIN)


def catalogue(lang: str) -> Translations:
    """The translations into ``lang``; read once.

    Raises:
        OSError: the compiled catalogue is not there: the installation is broken.
    """
    return _load(language_of(lang))


def marked(text: str) -> str:
    """``text`` itself: the mark by which ``scripts/translations`` finds what is translated elsewhere."""
    return text
