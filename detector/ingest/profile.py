"""Source profiles: how one sender's columns, words and dates become ours, as TOML that an operator can write."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator
from pyproj import CRS
from pyproj.exceptions import CRSError

from detector.areas.columns import AreaColumns
from detector.ingest.errors import IntakeError
from detector.ingest.words import FLAGS, KINDS, PLACE_KINDS, fold
from detector.model import Level
from detector.problems.files import FileReason
from detector.problems.problem import Problem


class ReportField(StrEnum):
    """The fields of a report that a profile can fill."""

    REPORT_ID = "report_id"
    RECEIVED_ON = "received_on"
    OCCURRED_ON = "occurred_on"
    X = "x"
    Y = "y"
    LONGITUDE = "longitude"
    LATITUDE = "latitude"
    AREA = "area"
    POSTCODE = "postcode"
    MUNICIPALITY = "municipality"
    PLACE_KEY = "place_key"
    PLACE_KIND = "place_kind"
    GROUNDS = "grounds"
    COMMUNITIES = "communities"
    DOMAINS = "domains"
    NATURE = "nature"
    KIND = "kind"
    WITHDRAWN = "withdrawn"


REQUIRED = (ReportField.REPORT_ID, ReportField.RECEIVED_ON)
SEVERAL = frozenset({ReportField.GROUNDS, ReportField.COMMUNITIES, ReportField.DOMAINS})
"""Fields that hold several values; from several columns they take all, other fields the first that is filled."""
MAPPABLE = SEVERAL | {
    ReportField.NATURE,
    ReportField.KIND,
    ReportField.PLACE_KIND,
    ReportField.WITHDRAWN,
    ReportField.MUNICIPALITY,
    ReportField.AREA,
}

FIXED_WORDS: Mapping[ReportField, Mapping[str, object]] = {
    ReportField.KIND: KINDS,
    ReportField.PLACE_KIND: PLACE_KINDS,
    ReportField.WITHDRAWN: FLAGS,
}
"""Fields that know only these words."""


def _as_tuple(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_as_tuple)]
"""One name, or several, written in TOML as a string or a list."""


def _in_every_language(value: object) -> object:
    return dict.fromkeys(("nl", "en"), value) if isinstance(value, str) else value


Description = Annotated[dict[Literal["nl", "en"], str], BeforeValidator(_in_every_language)]
"""What a profile is for, in one line: one text for all, or one for each language."""


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=False)


class AreaCode(_Section):
    """How the sender writes area codes: ``pad`` fills up with zeros, ``prefixes`` adds one by the number of digits."""

    pad: int = Field(default=0, ge=0, le=20)
    upper: bool = False
    prefixes: dict[int, str] = Field(default_factory=dict)

    def normalise(self, code: str) -> str:
        """The code as the area files have it."""
        code = code.strip()
        if self.upper:
            code = code.upper()
        if code.isdigit():
            code = code.zfill(self.pad)
            code = self.prefixes.get(len(code), "") + code
        return code


class AreaSection(_Section):
    """The columns of this sender's area file, for ``areas load --profile``; what is left out is recognised.

    ``municipality_code`` and ``municipality_name`` are constants for files of one municipality, ``default_level`` the level of
    areas whose file does not tell. ``crs`` is the metric system in which the municipality's distances are measured.
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
    default_level: Level | None = None

    def columns(self) -> AreaColumns:
        """The same, as ``detector.areas.read_areas`` takes it."""
        return AreaColumns(**self.model_dump(exclude={"default_level"}))


class SourceProfile(_Section):
    """How one sender's files become reports; ``docs/intake.md`` explains every key with an example."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")
    source: str = Field(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")
    description: Description = Field(default_factory=dict)
    columns: dict[ReportField, Names] = Field(default_factory=dict)
    values: dict[ReportField, dict[str, Names]] = Field(default_factory=dict)
    present: dict[ReportField, dict[str, Names]] = Field(default_factory=dict)
    constants: dict[ReportField, Names] = Field(default_factory=dict)
    ignore: tuple[str, ...] = ()
    optional_columns: bool = False
    null_tokens: tuple[str, ...] = ()
    separators: tuple[str, ...] = ("|", ";")
    date_formats: tuple[str, ...] = ()
    timezone: str = "Europe/Amsterdam"
    case_sensitive: bool = False
    strict: bool = False
    encoding: str = "utf-8"
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    sheet: str | None = None
    municipality: str | None = Field(default=None, min_length=1, max_length=40)
    crs: str | None = None
    area_code: AreaCode = AreaCode()
    phone_region: str = Field(default="NL", pattern=r"^[A-Z]{2}$")
    serial_ids: bool = False
    areas: AreaSection | None = None

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("is no time zone; write one like Europe/Amsterdam") from error
        return value

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, value: str) -> str:
        try:
            "".encode(value)
        except LookupError as error:
            raise ValueError("is no encoding that this service knows; write one like utf-8 or cp1252") from error
        return value

    @field_validator("crs")
    @classmethod
    def _known_crs(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                CRS.from_user_input(value)
            except CRSError as error:
                raise ValueError("is no coordinate system; write one like EPSG:28992") from error
        return value

    @field_validator("separators")
    @classmethod
    def _no_empty_separator(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if "" in value:
            raise ValueError("a separator cannot be empty")
        return value

    @model_validator(mode="after")
    def _coherent(self) -> "SourceProfile":
        for section, allowed in (("values", MAPPABLE), ("present", SEVERAL)):
            wrong = sorted(set(getattr(self, section)) - allowed)
            if wrong:
                raise ValueError(f"[{section}.{wrong[0]}] is not possible; it can be one of {', '.join(sorted(allowed))}")
        wrong_constants = sorted(set(self.constants) & set(REQUIRED))
        if wrong_constants:
            raise ValueError(f"{wrong_constants[0]} differs from row to row and cannot be a constant")
        self._check_constant_words()
        mapped = {column for names in self.columns.values() for column in names}
        both = sorted(mapped & set(self.ignore))
        if both:
            raise ValueError(f"column '{both[0]}' is both mapped and ignored; take it out of one")
        return self

    def _check_constant_words(self) -> None:
        """A constant that is none of its field's words would refuse every row."""
        for name, known in FIXED_WORDS.items():
            mapped = {fold(word, case_sensitive=self.case_sensitive) for word in self.values.get(name, {})}
            for word in self.constants.get(name, ()):
                if word and fold(word) not in known and fold(word, case_sensitive=self.case_sensitive) not in mapped:
                    raise ValueError(f"constants.{name} is '{word}', which is none of: {', '.join(known)}")

    def described(self, language: str) -> str:
        """The description in a language, empty where there is none."""
        return next((text for key, text in self.description.items() if key == language), "")

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which the sender's days are days."""
        return ZoneInfo(self.timezone)

    @property
    def mapped_columns(self) -> frozenset[str]:
        """All column names that the profile makes use of."""
        used = [column for names in self.columns.values() for column in names]
        used += [column for by_column in self.present.values() for column in by_column]
        return frozenset(used)


def _explain(error: ValidationError) -> str:
    parts = []
    for one in error.errors()[:5]:
        # What is wrong with a key and not with its value ends in this mark of the library's.
        is_key = one["loc"][-1:] == ("[key]",)
        place = [str(part) for part in one["loc"] if part != "[key]"]
        message = one["msg"].removeprefix("Value error, ")
        if one["type"] == "extra_forbidden":
            message = "is no key of a profile"
        elif is_key and one["type"] == "enum":
            message = _no_field(place[-1])
        parts.append(f"{'.'.join(place) or 'the file'}: {message}")
    return "; ".join(parts)


def _no_field(name: str) -> str:
    close = get_close_matches(name.casefold(), list(ReportField), n=1)
    return f"is no field of a report; {f'did you mean {close[0]}? T' if close else 't'}he fields are {', '.join(ReportField)}"


def profile_from(data: Mapping[str, object], label: str) -> SourceProfile:
    """A profile from parsed TOML; ``label`` names it in errors."""
    try:
        return SourceProfile.model_validate(data)
    except ValidationError as error:
        # People are told its name; where it lies is for who looks after the service.
        name, said = Path(label).name, _explain(error)
        detail = said if name == label else f"{label}: {said}"
        raise IntakeError(Problem(FileReason.WRONG_PROFILE, profile=name), detail) from None


def available_profiles(folders: Sequence[Path]) -> dict[str, Path]:
    """The profiles in the folders by name; the first folder wins."""
    found: dict[str, Path] = {}
    for folder in folders:
        for path in sorted(folder.glob("*.toml")):
            found.setdefault(path.stem, path)
    return found


def load_profile(name_or_path: str, folders: Sequence[Path]) -> SourceProfile:
    """The profile of that name in the first folder that has it, or of that path (which ends in ``.toml``).

    Where the name comes from a stranger (a request), check it against :func:`available_profiles` first.
    """
    known = available_profiles(folders)
    path = Path(name_or_path) if name_or_path.endswith(".toml") else known.get(name_or_path)
    if path is None or not path.is_file():
        shown = name_or_path if re.fullmatch(r"[\w./-]{1,80}", name_or_path) else "(unreadable name)"
        there = tuple(sorted(known)) or "-"
        where = ", ".join(str(folder) for folder in folders) or "no folder"
        raise IntakeError(Problem(FileReason.NO_PROFILE, profile=shown, there=there), f"looked in {where}")
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise IntakeError(Problem(FileReason.BROKEN_PROFILE, profile=path.name), f"{path}: {error}") from None
    return profile_from({"name": path.stem.lower(), **data}, str(path))
