"""Moments in words, by the clock of the reader, and days as a form sends them."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from alerts.render.catalogue import locale_of


def moment_words(moment: datetime, lang: str, zone: ZoneInfo) -> str:
    """Day and time, as in ``3 mrt 2026, 14:05``."""
    return format_datetime(moment.astimezone(zone), "d MMM y, HH:mm", locale=locale_of(lang))


def day_of(text: str) -> date | None:
    """A day as a field of one sends it; None where it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
