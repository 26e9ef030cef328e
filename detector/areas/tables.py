"""Tables without outlines: inhabitants by area, and postcodes with the neighbourhood that most of their addresses lie in."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from detector.areas.error import AreaError
from detector.areas.files import Cell, Layer
from detector.areas.nesting import Draft, cbs_municipality
from detector.areas.postcodes import POSTCODE_PREFIX, plain_postcode, postcode_area_code
from detector.areas.shapes import NOTHING, RD
from detector.model import Level

_POSTCODE = r"pc6|pc4|postcode[46]?|postalcode"
_AREA = r"(buurt|wijk|bu|wk|area|gebied|neighbou?rhood)[_ ]?(code|id)?[_ ]?(20\d\d)?"


def table_layer(header: Sequence[str], rows: Iterable[Mapping[str, str]], name: str) -> Layer:
    """A text table in the form of a map layer whose rows have no outlines."""
    columns: dict[str, list[Cell]] = {column: [] for column in header}
    for row in rows:
        for column in header:
            columns[column].append(row.get(column) or None)
    length = len(columns[header[0]]) if header else 0
    return Layer(name, columns, [NOTHING] * length, RD)


def postcode_drafts(header: Sequence[str], rows: Iterable[Mapping[str, str]], where: str) -> list[Draft] | None:
    """Postcodes as areas without outlines, each in the area that most of its rows name; None if the table is of another kind.

    CBS publishes one row an address (``PC6;Huisnummer;Buurt2024;...``) and one row a postcode; both are read row by row. House
    numbers are not looked at.

    Raises:
        AreaError: a postcode is none.
    """
    postcode = next((column for column in header if re.fullmatch(_POSTCODE, column.strip().casefold())), None)
    area = next((column for column in header if re.fullmatch(_AREA, column.strip().casefold())), None)
    if postcode is None or area is None:
        return None
    votes: dict[str, Counter[str]] = {}
    for number, row in enumerate(rows, start=2):
        plain = plain_postcode(row.get(postcode, ""))
        code = _area_code(row.get(area, "").strip(), area)
        if plain is None:
            message = (
                f"{where}, line {number}: column '{postcode}' holds no postcode of four figures, or four figures and two letters."
            )
            raise AreaError(message)
        if code:
            votes.setdefault(plain, Counter())[code] += 1
    drafts = []
    for plain, counted in votes.items():
        code = min(counted, key=lambda area_code: (-counted[area_code], area_code))
        drafts.append(
            Draft(
                code=postcode_area_code(plain) or POSTCODE_PREFIX + plain,
                name=plain,
                level=Level.POSTCODE,
                parent=code,
                municipality=cbs_municipality(code),
            )
        )
    if not drafts:
        message = f"{where} has columns '{postcode}' and '{area}' but no row with both filled."
        raise AreaError(message)
    return drafts


def _area_code(text: str, column: str) -> str:
    """CBS writes the codes of such tables as bare numbers, sometimes without their leading zero."""
    if not text.isdigit():
        return text
    name = column.casefold()
    if name.startswith("bu"):
        return f"BU{text.zfill(8)}"
    return f"WK{text.zfill(6)}" if name.startswith(("wijk", "wk")) else text
