"""Which column of an area file means what: named by the user, or recognised from what CBS, PDOK and others call it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from detector.areas.error import AreaError
from detector.model import Level


@dataclass(frozen=True, slots=True)
class AreaColumns:
    """Names of columns in an area file; None means: recognise it.

    ``municipality`` names the column with the municipality's code. ``municipality_code`` and ``municipality_name`` are no columns
    but what to use where the file names no municipality. ``crs`` is the metric coordinate system for distances; without it the
    Dutch grid (EPSG:28992), or, for areas elsewhere, the UTM zone they lie in.
    """

    code: str | None = None
    name: str | None = None
    level: str | None = None
    parent: str | None = None
    inhabitants: str | None = None
    municipality: str | None = None
    municipality_code: str | None = None
    municipality_name: str | None = None
    crs: str | None = None


@dataclass(frozen=True, slots=True)
class Recognised:
    """The columns of one table by meaning; ``fixed_level`` is the level that the code column's name tells."""

    code: str
    name: str | None
    level: str | None
    fixed_level: Level | None
    parent: str | None
    district: str | None
    district_name: str | None
    municipality: str | None
    municipality_name: str | None
    inhabitants: str | None
    water: str | None
    year: str | None


# Patterns over names without capitals and signs: HOOD_ID is "hoodid", Buurt2024 is "buurt2024".
_CODES: tuple[tuple[str, Level | None], ...] = (
    (r"buurtcode(\d{4})?|bucode(\d{4})?|buurt(20\d\d)?(code)?", Level.NEIGHBOURHOOD),
    (r"subwijkcode|hood(id|\d*)|neighbou?rhood(id|code|\d+)?", Level.NEIGHBOURHOOD),
    # A code that is the row's own goes before those of what the area lies in.
    (r"statcode|code|areacode|areashortcode|gebiedscode|regiocode", None),
    (r"wijkcode(\d{4})?|wkcode(\d{4})?|wijk(20\d\d)?(code)?|districtcode|districtid|stadsdeelcode", Level.DISTRICT),
    (r"pc6|pc5|pc4|pc4code|pc6code|postcode[456]?|postalcode", Level.POSTCODE),
    (
        r"gemeentecode(\d{4})?|gmcode(\d{4})?|gemeente(20\d\d)?code|gemeente20\d\d|gemcode|municipality(code|id)",
        Level.MUNICIPALITY,
    ),
    (r"areaid|id|identificatie|identifier|geoid", None),
)
_NAMES: Mapping[Level | None, str] = {
    Level.NEIGHBOURHOOD: r"buurtnaam(\d{4})?|bunaam(\d{4})?|hoodname|neighbou?rhood(name)?|areaname|statnaam|naam|name",
    Level.DISTRICT: r"wijknaam(\d{4})?|wknaam(\d{4})?|districtname|stadsdeelnaam|areaname|statnaam|naam|name",
    Level.MUNICIPALITY: r"gemeentenaam(\d{4})?|gmnaam(\d{4})?|gemnaam|municipalityname|areaname|statnaam|naam|name",
    Level.POSTCODE: r"areaname|naam|name",
    None: r"statnaam|naam|name|areaname|gebiedsnaam|omschrijving",
}
_LEVEL = r"level|niveau|arealevel|gebiedsniveau|rubriek|soortregio\w*"
_PARENT = r"parent|parentcode|parentid|parentareaid|bovenliggend|bovenliggendecode|deelvan"
_DISTRICT = r"wijkcode(\d{4})?|wkcode(\d{4})?|wijk20\d\d|districtcode"
_DISTRICT_NAME = r"wijknaam(\d{4})?|wknaam(\d{4})?|districtname"
_MUNICIPALITY = r"gemeentecode(\d{4})?|gmcode(\d{4})?|gemeente20\d\d|gemcode|municipalitycode|municipality"
_MUNICIPALITY_NAME = r"gemeentenaam(\d{4})?|gmnaam(\d{4})?|gemnaam|gemeente|gemeentegrootsteoverlap|municipalityname"
_INHABITANTS = (
    r"(aantal|totaal|total|aant)?(inwoners|inw|inwonertal|bevolking|inhabitants|population|popn|pop)"
    r"(aantal|totaal|total|count|proj|projection|projected)?(\d{4})?"
)
_WATER = r"water|indwater|h2o"
_YEAR = r"jaar|year|mapyear|jaarcode|kaartjaar"

_LEVEL_WORDS: Mapping[str, Level] = {
    word: level
    for level, words in {
        Level.MUNICIPALITY: ("municipality", "gemeente", "gemeenten", "gm", "city", "stad"),
        Level.DISTRICT: ("district", "wijk", "wijken", "wk", "stadsdeel", "borough"),
        Level.NEIGHBOURHOOD: ("neighbourhood", "neighborhood", "buurt", "buurten", "bu", "subwijk"),
        Level.POSTCODE: ("postcode", "postcodes", "pc4", "pc6", "postal code"),
    }.items()
    for word in words
}


def level_word(text: str) -> Level:
    """The level that a word such as ``wijk`` or ``Neighbourhood`` names.

    Raises:
        AreaError: it names none.
    """
    level = _LEVEL_WORDS.get(text.strip().casefold())
    if level is None:
        levels = ", ".join(known.value for known in Level)
        message = f"'{text}' is not a level of area; use one of: {levels} (or gemeente, wijk, buurt)."
        raise AreaError(message)
    return level


def recognise(present: Sequence[str], columns: AreaColumns, where: str) -> Recognised:
    """Find out which column means what.

    Args:
        present: the columns of the table, in its order.
        columns: those that the user named.
        where: the file, for messages.

    Raises:
        AreaError: a named column is not there, or none can be the code; the message lists those that are there.
    """
    for named in (columns.code, columns.name, columns.level, columns.parent, columns.inhabitants, columns.municipality):
        if named is not None and named not in present:
            message = f"{where} has no column '{named}'. It has: {_listed(present)}."
            raise AreaError(message)
    code, fixed_level = (columns.code, _level_told_by(columns.code)) if columns.code else _code_column(present)
    if code is None:
        message = (
            f"{where} has no column that looks like an area's code. It has: {_listed(present)}. Name the one with the codes."
        )
        raise AreaError(message)
    others = [column for column in present if column != code]
    return Recognised(
        code=code,
        name=columns.name or _first(others, _NAMES[fixed_level]) or _first(others, r"\w*(naam|name)"),
        level=columns.level or _first(others, _LEVEL),
        fixed_level=fixed_level,
        parent=columns.parent or _first(others, _PARENT),
        district=_first(others, _DISTRICT),
        district_name=_first(others, _DISTRICT_NAME),
        municipality=columns.municipality or _first(others, _MUNICIPALITY),
        municipality_name=_first(others, _MUNICIPALITY_NAME),
        inhabitants=columns.inhabitants or _first(others, _INHABITANTS),
        water=_first(others, _WATER),
        year=_first(others, _YEAR),
    )


def _code_column(present: Sequence[str]) -> tuple[str | None, Level | None]:
    for pattern, level in _CODES:
        column = _first(present, pattern)
        if column is not None:
            return column, level
    return None, None


def _level_told_by(column: str) -> Level | None:
    return next((level for pattern, level in _CODES if re.fullmatch(pattern, _plain(column))), None)


def _first(present: Sequence[str], pattern: str) -> str | None:
    return next((column for column in present if re.fullmatch(pattern, _plain(column))), None)


def _plain(column: str) -> str:
    return re.sub(r"[^a-z0-9]", "", column.casefold())


def _listed(present: Sequence[str]) -> str:
    shown = ", ".join(present[:30])
    return f"{shown} and {len(present) - 30} more" if len(present) > 30 else shown or "no columns at all"  # noqa: PLR2004 - one screen
