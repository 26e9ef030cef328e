"""What must not be torn apart at the end of a line: ``6 à 10``, ``3 maart 2026``. For pages; other texts keep to plain spaces."""

import re
from functools import cache
from typing import Final

from babel.dates import get_month_names

from alerts.render.catalogue import LANGUAGES, language_of, locale_of

NO_BREAK: Final = "\N{NO-BREAK SPACE}"

_BEFORE_A_NUMBER: Final = {
    "nl": ("meer dan", "minder dan", "ongeveer", "minstens", "ten minste", "hooguit"),
    "en": ("more than", "less than", "fewer than", "about", "at least", "at most"),
}
_BETWEEN_NUMBERS: Final = {"nl": ("à", "tot", "of", "van"), "en": ("to", "or", "of")}


@cache
def _pattern(language: str) -> re.Pattern[str]:
    """Every stretch that stays together, longest first; what is in it are words, numbers and single spaces."""
    months = {name for width in ("wide", "abbreviated") for name in get_month_names(width, locale=locale_of(language)).values()}
    number = r"\d[\d.,]*"

    def one_of(words: set[str] | tuple[str, ...]) -> str:
        return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))

    date = rf"\d{{1,2}} (?:{one_of(months)})(?: \d{{4}}(?:, \d\d:\d\d)?)?"
    between = rf"{number}(?: (?:{one_of(_BETWEEN_NUMBERS[language])}) {number})+"
    after = rf"(?:{one_of(_BEFORE_A_NUMBER[language])}) {number}"
    return re.compile(rf"(?<!\w)(?:{date}|{between}|{after})(?!\w)", re.IGNORECASE)


def tied(text: str, lang: str = LANGUAGES[0]) -> str:
    """``text`` with no-break spaces within its dates, and around the numbers of a count or range."""
    return _pattern(language_of(lang)).sub(lambda found: found[0].replace(" ", NO_BREAK), text)
