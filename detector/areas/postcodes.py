"""Dutch postcodes: four figures, or four figures and two letters."""

import re

POSTCODE_PREFIX = "PC"
"""Before the postcode in an area's code, so that 3811 is never taken for another numbered area."""

_POSTCODE = re.compile(r"([1-9]\d{3})\s*([A-Z]{2})?")


def plain_postcode(text: str) -> str | None:
    """``3811ab``, ``3811 AB`` and ``PC3811AB`` as ``3811AB``, ``3811`` as itself; None for anything else."""
    match = _POSTCODE.fullmatch(text.strip().upper().removeprefix(POSTCODE_PREFIX))
    return "".join(part for part in match.groups() if part) if match else None


def postcode_area_code(text: str) -> str | None:
    """The code of the postcode area, ``PC3811``; None if the text is no postcode."""
    plain = plain_postcode(text)
    return POSTCODE_PREFIX + plain if plain else None
