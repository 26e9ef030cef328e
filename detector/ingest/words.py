"""The fixed words that a cell may hold, in Dutch and English, and how any value is looked up."""

import re
import unicodedata
from collections.abc import Mapping

from detector.model import PlaceKind, ReportKind

_BLANKS = re.compile(r"\s+")

KINDS: Mapping[str, ReportKind] = {
    "single": ReportKind.SINGLE,
    "enkel": ReportKind.SINGLE,
    "enkelvoudig": ReportKind.SINGLE,
    "geen": ReportKind.SINGLE,
    "mass": ReportKind.MASS,
    "massamelding": ReportKind.MASS,
    "massa": ReportKind.MASS,
    "duplicate": ReportKind.DUPLICATE,
    "dubbel": ReportKind.DUPLICATE,
    "dubbele melding": ReportKind.DUPLICATE,
    "series": ReportKind.SERIES,
    "reeks": ReportKind.SERIES,
}
PLACE_KINDS: Mapping[str, PlaceKind] = {
    "public": PlaceKind.PUBLIC,
    "openbaar": PlaceKind.PUBLIC,
    "publiek": PlaceKind.PUBLIC,
    "private": PlaceKind.PRIVATE,
    "prive": PlaceKind.PRIVATE,
    "privé": PlaceKind.PRIVATE,
    "privaat": PlaceKind.PRIVATE,
    "woning": PlaceKind.PRIVATE,
    "besloten": PlaceKind.PRIVATE,
}
FLAGS: Mapping[str, bool] = {
    **dict.fromkeys(("true", "yes", "y", "ja", "j", "1", "waar", "ingetrokken", "x"), True),
    **dict.fromkeys(("false", "no", "n", "nee", "0", "onwaar"), False),
}


def fold(value: str, *, case_sensitive: bool = False) -> str:
    """A value as it is looked up: composed, blanks collapsed, and in lower case unless the profile minds case."""
    text = _BLANKS.sub(" ", value if value.isascii() else unicodedata.normalize("NFC", value)).strip()
    return text if case_sensitive else text.casefold()
