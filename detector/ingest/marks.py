"""The marks of personal data in text: pure functions that say yes or no and keep nothing.

All texts are expected without disguises (see ``guard.plain``). Where a mark has a check digit it is checked, so that a case
number is not taken for a person's number.
"""

import re

import phonenumbers
from stdnum import iban
from stdnum.nl import bsn

_EMAIL = re.compile(r"[^\s@<>,;:|()]@[^\s@<>,;:|()]", re.UNICODE)
_EMAIL_IN_WORDS = re.compile(r"\w\s*(?:\[at\]|\(at\)|\{at\}|\(apenstaartje\)|\[apenstaartje\])\s*\w", re.IGNORECASE)

# Nine digits on their own: not a part of a longer number, nor the fraction of one.
_NINE_DIGITS = re.compile(r"(?<![0-9])(?<![0-9][.,])[0-9]{9}(?![0-9])(?![.,][0-9])")
_NINE_GROUPED = re.compile(
    r"(?<![0-9])(?<![0-9][.,])(?:[0-9]{3}([ .\-])[0-9]{3}\1[0-9]{3}|[0-9]{4}([ .\-])[0-9]{2}\2[0-9]{3})(?![0-9])(?![ .,\-][0-9])"
)
_LABELLED_BSN = re.compile(r"(?:\bbsn|sofi|burgerservice|citizen service)[^0-9]{0,20}([0-9][0-9 .\-]{6,11}[0-9])", re.IGNORECASE)
_BSN_DIGITS = (8, 9)

_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}[0-9]{2}(?:[\s.\-]?[A-Za-z0-9]){11,40}")
_IBAN_LENGTHS = range(15, 35)

_HOUSE = r"[0-9]{1,5}(?:\s?-?\s?[a-zA-Z]{1,2}|\s?-\s?[0-9]{1,4}|\s?(?:hs|bis|I{1,3}))?"
_POSTCODE_HOUSE = re.compile(
    rf"(?<![0-9A-Za-z])[1-9][0-9]{{3}}(\s?)([A-Za-z]{{2}})(?:[\s,;:/#\-]|nr\.?|huisnummer|no\.?)+{_HOUSE}(?![0-9])"
)
_HOUSE_POSTCODE = re.compile(
    rf"(?<=[^\W\d_]{{2}})\.?\s+(?:nr\.?\s*)?{_HOUSE}\s*[,;/\-\s]\s*[1-9][0-9]{{3}}(\s?)([A-Za-z]{{2}})(?![A-Za-z0-9])"
)
# Without anything between; a year in front is a case number, and keys, which can look like this, are not tried.
_GLUED = re.compile(r"(?<![0-9A-Za-z-])(?!199|20[0-4])[1-9][0-9]{3}()([A-Za-z]{2})[1-9][0-9]{0,3}[A-Za-z]?(?![0-9A-Za-z-])")
_STREET_HOUSE = re.compile(
    r"(?<=[^\W\d_]{2})(?:straat|laan|plein|gracht|kade|singel|steeg|dreef)\.?\s+(?:nr\.?\s*)?[1-9][0-9]{0,3}[A-Za-z]?(?![0-9A-Za-z])",
    re.IGNORECASE,
)
_SMALL_WORDS = frozenset(
    {"in", "op", "en", "of", "is", "om", "te", "al", "de", "er", "zo", "na", "to", "at", "by", "or", "on", "as", "ad"}
)

_DAY = r"(?:3[01]|[12][0-9]|0?[1-9])"
_YEAR = r"(?:19|20)[0-9]{2}"
_FULL_DATE = rf"(?:{_YEAR}[\-/.](?:0?[1-9]|1[0-2])[\-/.]{_DAY}|{_DAY}[\-/.]{_DAY}[\-/.]{_YEAR})"
_CLOCK = (
    r"[T ]+(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:[.,][0-9]{1,9})?)?(?:\s?[AaPp][Mm])?(?:Z|[+\-][0-9]{2}:?[0-9]{2})?"
)
_MOMENT = re.compile(rf"(?<![0-9])(?<![0-9][\-/.]){_FULL_DATE}(?:{_CLOCK})?(?![0-9])(?![\s.\-/]{{1,3}}[0-9])")
_ANY_DATE = (
    r"(?:[0-9]{1,4}[\-/.\s][0-9]{1,2}[\-/.\s][0-9]{2,4}|[0-9]{1,2}\s+[^\W\d_]{3,10}\.?\s+(?:19|20)?[0-9]{2}|"
    rf"{_YEAR}|[0-9]{{8}})"
)
_BORN = r"(?:\bgeb(?:oren|oortedatum|oortedag|\.|dat\w*)?(?=\W|$)|\bgeboorte\w*|\bborn\b|\bbirth\w*|\bd\.?o\.?b\b\.?)"
_BIRTH = re.compile(
    rf"{_BORN}(?:\W{{1,3}}(?:op|on|in|te|is|was|date|of))*\W{{0,4}}(?:[^\W\d_]+\W+){{0,2}}{_ANY_DATE}", re.IGNORECASE
)

_PHONE = re.compile(r"(?<![0-9A-Za-z])(?<![0-9][.,])(?:\+\s?|\(\+?)?[0-9](?:[\s.\-/()–]{0,3}[0-9]){7,14}(?![0-9])")
_NORTH_AMERICAN = re.compile(r"(?:1[\s.\-])?(?:\([0-9]{3}\)\s?|[0-9]{3}[\s.\-])[0-9]{3}[\s.\-][0-9]{4}")
_WITHOUT_ZERO = re.compile(r"(?<![0-9A-Za-z])(?:0031|31)?0?6[1-58][0-9]{7}(?![0-9])")
_MOBILE_ID = re.compile(
    r"(?:\+|00)[1-9][0-9\s.\-()]{8,18}|0\(?6\)?[\s.\-]?(?:[0-9][\s.\-]?){8}|0[1-9][0-9]{0,2}[\s\-][0-9][0-9\s\-]{5,10}"
)
_REGIONS_WITH_1 = frozenset({"CA", "US"})


def has_email(text: str) -> bool:
    """An e-mail address, also written with (at)."""
    return ("@" in text and _EMAIL.search(text) is not None) or _EMAIL_IN_WORDS.search(text) is not None


def is_bsn(text: str) -> bool:
    """The whole text is a number that passes the eleven-test."""
    digits = re.sub(r"[\s.\-]", "", text)
    return digits.isascii() and digits.isdecimal() and len(digits) == max(_BSN_DIGITS) and bool(bsn.is_valid(digits))


def has_labelled_bsn(text: str) -> bool:
    """A number behind a word such as BSN, also one that lost its leading zero."""
    for match in _LABELLED_BSN.finditer(text):
        digits = re.sub(r"[^0-9]", "", match.group(1))
        if len(digits) in _BSN_DIGITS and bsn.is_valid(digits.zfill(max(_BSN_DIGITS))):
            return True
    return False


def has_bsn(text: str) -> bool:
    """A citizen service number: nine digits, whole or grouped, that pass the eleven-test."""
    for pattern in (_NINE_DIGITS, _NINE_GROUPED):
        if any(bsn.is_valid(re.sub(r"[^0-9]", "", match.group())) for match in pattern.finditer(text)):
            return True
    return has_labelled_bsn(text)


def has_iban(text: str) -> bool:
    """A bank account number: its country's length and structure, and the remainder modulo 97."""
    for match in _IBAN.finditer(text):
        compact = re.sub(r"[\s.\-]", "", match.group())
        if any(iban.is_valid(compact[:length]) for length in _IBAN_LENGTHS if length <= len(compact)):
            return True
    return False


def _is_postcode(blank: str, letters: str) -> bool:
    return not (blank and letters.casefold() in _SMALL_WORDS and not letters.isupper()) and letters.upper() not in {
        "SA",
        "SD",
        "SS",
    }


def has_address(text: str) -> bool:
    """A Dutch postcode of four digits and two letters with a house number behind or before it, or a street with one."""
    return _STREET_HOUSE.search(text) is not None or any(
        _is_postcode(m.group(1), m.group(2)) for pattern in (_POSTCODE_HOUSE, _HOUSE_POSTCODE) for m in pattern.finditer(text)
    )


def has_glued_address(text: str) -> bool:
    """A postcode and a house number written as one word, ``1234AB12``."""
    return any(_is_postcode(m.group(1), m.group(2)) for m in _GLUED.finditer(text))


def has_birth_date(text: str) -> bool:
    """A date or year beside a word for being born."""
    return _BIRTH.search(text) is not None


def is_moment(text: str) -> bool:
    """The whole text is a date, or a date and a time of day."""
    return _MOMENT.fullmatch(text) is not None


def _is_valid_number(candidate: str, region: str) -> bool:
    try:
        number = phonenumbers.parse(candidate, region)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_valid_number(number)


def has_phone(text: str, region: str) -> bool:
    """A telephone number that can be dialled: from ``+``, ``00`` or the region's own leading zero; dates are not."""
    for match in _PHONE.finditer(_MOMENT.sub("·", text)):
        candidate = match.group().strip()
        digits = re.sub(r"[^0-9]", "", candidate)
        if candidate.lstrip("(").startswith("+"):
            valid = _is_valid_number("+" + digits, region) or _is_valid_number("+" + re.sub(r"\(0\)", "", candidate), region)
        elif digits.startswith("00"):
            valid = _is_valid_number("+" + digits[2:], region)
        elif digits.startswith("0"):
            valid = _is_valid_number(digits, "NL") or _is_valid_number(digits, region)
        else:
            valid = region in _REGIONS_WITH_1 and bool(_NORTH_AMERICAN.fullmatch(candidate)) and _is_valid_number(digits, region)
        if valid:
            return True
    return False


def has_loose_phone(text: str) -> bool:
    """A Dutch mobile number whose leading zero a spreadsheet took off; only for columns that nobody vouches for."""
    return _WITHOUT_ZERO.search(text) is not None


def is_whole_phone(text: str, region: str) -> bool:
    """The whole text, which should be a key, is written as a telephone number."""
    return _MOBILE_ID.fullmatch(text) is not None and has_phone(text, region)
