"""Numbers, days and codes in words, in Dutch and English."""

import math
from collections.abc import Sequence
from datetime import date, datetime, tzinfo
from functools import lru_cache
from typing import Final

from babel.dates import format_date, format_datetime
from babel.lists import format_list
from babel.numbers import format_decimal

from alerts.message import Reason
from alerts.pattern import Band
from alerts.render.catalogue import catalogue, locale_of, marked

DAYS_PER_WEEK: Final = 7
DAYS_PER_MONTH: Final = 365.25 / 12
DAYS_PER_YEAR: Final = 365.25
LONGEST_YEARS: Final = 100
"""Beyond this the estimate says no more than *hardly ever*."""

_KEPT: Final = 4096
"""Numbers and days that are kept as they were written: a list of alerts has the same few over and over."""

_WEEKS_FROM_DAYS: Final = 14
_MONTHS_FROM_DAYS: Final = 60
_YEARS_FROM_DAYS: Final = 24 * DAYS_PER_MONTH
_ABOUT_A_WHOLE: Final = 0.15
_RANGES_UP_TO: Final = 20

_REASONS: Final = {
    Reason.FIRST: marked("New alert"),
    Reason.GROWN: marked("The pattern has grown"),
    Reason.ESCALATED: marked("The pattern has become clearer"),
    Reason.BACK: marked("The pattern is back"),
    Reason.RELEASED: marked("The anti-discrimination service has released this alert"),
    Reason.REMINDER: marked("Reminder: this alert still waits for an answer"),
}


def reason_words(reason: Reason, lang: str) -> str:
    """Why a message is sent, as a heading."""
    return catalogue(lang).gettext(_REASONS[reason])


def number_words(value: float, lang: str, decimals: int = 0) -> str:
    """A number as the language writes it, with at most so many decimals."""
    pattern = "#,##0." + "#" * decimals if decimals else "#,##0"
    return _number(float(value), pattern, lang)


@lru_cache(_KEPT)
def _number(value: float, pattern: str, lang: str) -> str:
    return format_decimal(value, format=pattern, locale=locale_of(lang))


@lru_cache(_KEPT)
def _day(day: date, pattern: str, lang: str) -> str:
    return format_date(day, pattern, locale=locale_of(lang))


@lru_cache(_KEPT)
def band_words(band: Band | None, lang: str) -> str:
    """``3 à 5``, ``meer dan 10``; None is a count too small to tell."""
    translations = catalogue(lang)
    if band is None:
        return translations.gettext("not shown")
    if band.high is None:
        return translations.gettext("more than %(count)s") % {"count": number_words(band.low - 1, lang)}
    if band.low == band.high:
        return number_words(band.low, lang)
    return translations.gettext("%(low)s to %(high)s") % {
        "low": number_words(band.low, lang),
        "high": number_words(band.high, lang),
    }


def parse_band(text: str) -> Band | None:
    """The band that ``str(Band)`` wrote; None for the empty text of a count that may not be told.

    Raises:
        ValueError: it is no band.
    """
    if not text:
        return None
    try:
        if text.startswith(">"):
            return Band(int(text[1:]) + 1, None)
        low, _, high = text.partition("-")
        return Band(int(low), int(high))
    except ValueError:
        raise ValueError(f"not a band of counts: {text!r}; write it as 3-5 or >10") from None


@lru_cache(_KEPT)
def expected_words(expected: float, lang: str) -> str:
    """An expected count without false precision: ``minder dan 1``, ``1 à 2``, ``ongeveer 25``.

    Raises:
        ValueError: ``expected`` is negative or no number.
    """
    if not math.isfinite(expected) or expected < 0:
        raise ValueError(f"an expected count is a number from 0 up, not {expected}")
    translations = catalogue(lang)
    if expected < 1 - _ABOUT_A_WHOLE:
        return translations.gettext("less than 1")
    nearest = round(expected)
    if expected >= _RANGES_UP_TO or abs(expected - nearest) <= _ABOUT_A_WHOLE:
        return translations.gettext("about %(count)s") % {"count": number_words(nearest, lang)}
    return translations.gettext("%(low)s or %(high)s") % {
        "low": number_words(math.floor(expected), lang),
        "high": number_words(math.ceil(expected), lang),
    }


def recurrence_words(days: float, lang: str) -> str:
    """How often chance alone would do as much: ``hooguit eens in de 14 maanden``.

    Days up to two weeks, weeks up to two months, months up to two years, years up to a hundred. *At most*, since what is told
    is the largest of a few steps that the interval reaches: the interval itself can be far longer.

    Raises:
        ValueError: ``days`` is not above 0.
    """
    if math.isnan(days) or days <= 0:
        raise ValueError(f"a recurrence interval is a number of days above 0, not {days}")
    translations = catalogue(lang)
    if days > LONGEST_YEARS * DAYS_PER_YEAR:
        return translations.gettext("less than once in %(count)s years") % {"count": number_words(LONGEST_YEARS, lang)}
    if days < _WEEKS_FROM_DAYS:
        count = max(1, round(days))
        text = translations.ngettext("at most once a day", "at most once in %(count)s days", count)
    elif days < _MONTHS_FROM_DAYS:
        count = round(days / DAYS_PER_WEEK)
        text = translations.ngettext("at most once a week", "at most once in %(count)s weeks", count)
    elif days < _YEARS_FROM_DAYS:
        count = round(days / DAYS_PER_MONTH)
        text = translations.ngettext("at most once a month", "at most once in %(count)s months", count)
    else:
        count = round(days / DAYS_PER_YEAR)
        text = translations.ngettext("at most once a year", "at most once in %(count)s years", count)
    return text % {"count": number_words(count, lang)}


def date_words(day: date, lang: str, *, this_year: int | None = None) -> str:
    """``3 maart 2026``; without the year where it is ``this_year``."""
    return _day(day, "d MMMM" if day.year == this_year else "d MMMM y", lang)


def short_date_words(day: date, lang: str) -> str:
    """``3 mrt``, for the axis of a chart."""
    return _day(day, "d MMM", lang)


def moment_words(moment: datetime, zone: tzinfo, lang: str) -> str:
    """``3 maart 2026, 14:05`` on the clocks of ``zone``."""
    return format_datetime(moment, "d MMMM y, HH:mm", tzinfo=zone, locale=locale_of(lang))


@lru_cache(_KEPT)
def period_words(first: date, last: date, lang: str, *, this_year: int | None = None, today: date | None = None) -> str:
    """``3 maart tot en met 12 mei``; both days included. ``sinds 3 maart`` where the last day is ``today`` or still to come."""
    if today is not None and first <= today <= last:
        return catalogue(lang).gettext("since %(moment)s") % {"moment": date_words(first, lang, this_year=today.year)}
    if first.year != last.year:
        this_year = None
    return catalogue(lang).gettext("%(first)s to %(last)s inclusive") % {
        "first": date_words(first, lang, this_year=this_year),
        "last": date_words(last, lang, this_year=this_year),
    }


def list_words(names: Sequence[str], lang: str) -> str:
    """``Kruiskamp, Koppel en Binnenstad``."""
    return names[0] if len(names) == 1 else format_list(list(names), style="standard", locale=locale_of(lang))


def areas_words(names: Sequence[str], level: str, lang: str) -> str:
    """``de wijk Kruiskamp``, ``de wijken Kruiskamp en Koppel``; only the names for a level that has no word here."""
    translations = catalogue(lang)
    names_text = list_words(names, lang)
    count = len(names)
    # Written out and not put together: word order and article are the language's own.
    if level == "neighbourhood":
        text = translations.ngettext("the neighbourhood of %(names)s", "the neighbourhoods of %(names)s", count)
    elif level == "district":
        text = translations.ngettext("the district of %(names)s", "the districts of %(names)s", count)
    elif level == "municipality":
        text = translations.ngettext("the municipality of %(names)s", "the municipalities of %(names)s", count)
    else:
        text = "%(names)s"
    return text % {"names": names_text}
