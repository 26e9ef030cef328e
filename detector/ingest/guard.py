"""The anonymity guard: tells by looking at a cell that it holds what an anonymous report cannot hold.

Every cell of every column passes here, whether the profile uses the column or not. What it finds is named, never shown.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from detector.ingest import marks
from detector.problems.problem import Problem
from detector.problems.rows import RowReason

MAX_ID_LENGTH = 80
HIDDEN_NAME = "(name not shown)"


class Role(StrEnum):
    """What a column is for, which decides what may stand in it."""

    CODE = "code"
    OPAQUE = "opaque"
    NUMBER = "number"
    DATE = "date"
    IGNORED = "ignored"
    UNKNOWN = "unknown"


EMAIL = Problem(RowReason.EMAIL)
BSN = Problem(RowReason.BSN)
BSN_AS_ID = Problem(RowReason.BSN_AS_ID)
IBAN = Problem(RowReason.IBAN)
PHONE = Problem(RowReason.PHONE)
ADDRESS = Problem(RowReason.ADDRESS)
BIRTH = Problem(RowReason.BIRTH_DATE)
PERSON = Problem(RowReason.PERSONAL_COLUMN)
FREE_TEXT = Problem(RowReason.FREE_TEXT)
TEXT_AS_ID = Problem(RowReason.WORDS_AS_KEY)
LONG_ID = Problem(RowReason.LONG_KEY, most=MAX_ID_LENGTH)
CONTROL = Problem(RowReason.CONTROL_CHARACTERS)

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1e\x7f]")
_NO_KEY = re.compile(r"[\x00-\x1f\x7f]")
_PLAIN_NUMBER = re.compile(r"-?[0-9]{1,8}(?:[.,][0-9]+)?")
_PLAIN_CODE = re.compile(r"[A-Za-z][A-Za-z_-]*")
_PLAIN_KEY = re.compile(r"(?!bsn|sofi)[A-Z]{1,6}[_-]?[0-9]{1,10}", re.IGNORECASE | re.ASCII)
_WORDS = re.compile(r"[^\W\d_]\s+[^\W\d_]")
_SENTENCE = re.compile(r"\S\s+\S")

_BIRTH_COLUMN = re.compile(
    r"geb(?:oorte)?[ _.-]?(?:dat|dag|jaar)|geboren|(?:date|day|year)[ _.-]?of[ _.-]?birth|birth[ _.-]?(?:da|ye)|"
    r"\bdob\b|^birth$|^geboorte$",
    re.IGNORECASE,
)
_HOUSE_COLUMN = re.compile(r"huis[ _.-]?n(?:umme)?r|house[ _.-]?n(?:umber|o\b|r\b)|^toevoeging$", re.IGNORECASE)
_PERSON_COLUMN = re.compile(
    r"^(?:voor|achter|roep|familie|volledige[ _]?)?naam$|^(?:first|last|full|sur|family|given)?[ _-]?name$|"
    r"naam.*(?:melder|slachtoffer)|(?:melder|slachtoffer).*naam|^e-?mail|telefoon|\bphone|^mobiel|^bsn$|^iban$|^adres|^address|"
    r"^straat|^street$|^initialen$|^voorletters$",
    re.IGNORECASE,
)


def plain(value: str) -> str:
    """The value without disguises: full-width digits, odd blanks and invisible characters made ordinary."""
    if value.isascii():
        return value
    folded = unicodedata.normalize("NFKC", value)
    return "".join(c for c in folded if unicodedata.category(c) != "Cf")


_WITH_DIGITS: tuple[tuple[Callable[[str], bool], Problem], ...] = (
    (marks.has_bsn, BSN),
    (marks.has_iban, IBAN),
    (marks.has_address, ADDRESS),
    (marks.has_glued_address, ADDRESS),
    (marks.has_birth_date, BIRTH),
)


@dataclass(frozen=True)
class Guard:
    """Looks at cells with the settings of one source."""

    phone_region: str = "NL"
    serial_ids: bool = False

    def checker(self, column: str, role: Role) -> Callable[[str], Problem | None]:
        """A function that tells what is wrong with a value of the column, or None."""
        if role in {Role.UNKNOWN, Role.IGNORED}:
            name = plain(column).strip()
            if _BIRTH_COLUMN.search(name):
                return _always(BIRTH)
            if _HOUSE_COLUMN.search(name):
                return _always(ADDRESS)
            if role is Role.UNKNOWN and _PERSON_COLUMN.search(name):
                return _always(PERSON)
        by_role = {Role.OPAQUE: self._opaque, Role.NUMBER: self._number, Role.UNKNOWN: self._unknown}
        return by_role.get(role, self._anything)

    def sensitive(self, text: str) -> bool:
        """Whether a text (a column name, a file name) should not be repeated in a message."""
        return self._anything(text) is not None or marks.has_loose_phone(plain(text))

    def shown(self, name: str) -> str:
        """A file's name as it may stand in logs and in quarantine."""
        return HIDDEN_NAME if self.sensitive(name) else name

    def _anything(self, value: str) -> Problem | None:
        if not value or _PLAIN_CODE.fullmatch(value):
            return None
        if _CONTROL.search(value):
            return CONTROL
        text = plain(value)
        if marks.has_email(text):
            return EMAIL
        if not any(map(str.isdecimal, text)):
            return None
        found = next((problem for has, problem in _WITH_DIGITS if has(text)), None)
        return PHONE if found is None and marks.has_phone(text, self.phone_region) else found

    def _number(self, value: str) -> Problem | None:
        return None if _PLAIN_NUMBER.fullmatch(value) else self._anything(value)

    def _unknown(self, value: str) -> Problem | None:
        found = self._anything(value)
        if found is not None:
            return found
        text = plain(value).strip()
        if marks.has_loose_phone(text):
            return PHONE
        return FREE_TEXT if _SENTENCE.search(text) and not marks.is_moment(text) else None

    def _opaque(self, value: str) -> Problem | None:
        if not value or _PLAIN_KEY.fullmatch(value):
            return None
        text = plain(value).strip()
        for wrong, problem in (
            (_NO_KEY.search(value), CONTROL),
            (len(text) > MAX_ID_LENGTH, LONG_ID),
            (marks.has_email(text), EMAIL),
            (not self.serial_ids and marks.is_bsn(text), BSN_AS_ID),
            (marks.has_labelled_bsn(text), BSN),
            (marks.has_iban(text), IBAN),
            (marks.has_address(text), ADDRESS),
            (marks.has_birth_date(text), BIRTH),
            (marks.is_whole_phone(text, self.phone_region), PHONE),
            (_WORDS.search(text), TEXT_AS_ID),
        ):
            if wrong:
                return problem
        return None


def _always(problem: Problem) -> Callable[[str], Problem | None]:
    def check(value: str) -> Problem | None:
        return problem if value.strip() else None

    return check
