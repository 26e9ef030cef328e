"""Which alerts are asked for: by query for what may stand in an address, by body for what may not."""

import base64
import binascii
from datetime import UTC, date, datetime
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

from alerts.alert import DetectionState, ReviewState
from alerts.console.problems import ProblemError
from alerts.pattern import PatternKind
from alerts.queries import Cursor, Filter

PAGE: Final = 50
LARGEST_PAGE: Final = 100

Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,39}$")]
AreaCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,199}$")]


def _clean(text: str) -> str:
    if any(ord(sign) < ord(" ") and sign not in "\n\r\t" for sign in text):
        raise ValueError("control characters are not allowed")
    if any("\ud800" <= sign <= "\udfff" for sign in text):
        raise ValueError("this holds half of a character")
    return text


Text = Annotated[str, AfterValidator(_clean)]
"""Text that people wrote: no control characters, which no database and no page can hold."""


def _zoned(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone, as in 2026-03-01T09:00:00Z")
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("this moment is out of range") from error


Moment = Annotated[datetime, AfterValidator(_zoned)]


class Page(BaseModel):
    """Which page. An unknown name is refused: a filter that is misspelt would find everything."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True, extra="forbid")

    limit: Annotated[int, Field(ge=1, le=LARGEST_PAGE, description="Alerts on a page.")] = PAGE
    cursor: Annotated[
        str | None, Field(max_length=200, pattern="^[A-Za-z0-9_=-]+$", description="Where the page begins; from a `next` link.")
    ] = None


class AlertQuery(Page):
    """Which alerts, as far as it may stand in an address; what is left out matches everything."""

    municipality: Annotated[Code | None, Field(description="Code of the municipality.")] = None
    review: Annotated[tuple[ReviewState, ...], Field(max_length=9, description="In one of these states.")] = ()
    detection: Annotated[DetectionState | None, Field(description="Whether runs still see the pattern.")] = None
    kind: Annotated[tuple[PatternKind, ...], Field(max_length=3, description="Of one of these kinds.")] = ()
    area_code: Annotated[
        tuple[AreaCode, ...], Field(max_length=50, description="In one of these areas; needs the scope places:read.")
    ] = ()
    window_from: Annotated[date | None, Field(description="The pattern's weeks reach this day or a later one.")] = None
    window_to: Annotated[date | None, Field(description="The pattern's weeks begin on this day or before.")] = None
    updated_since: Annotated[Moment | None, Field(description="Changed since; with a time zone.")] = None

    def as_filter(self, community: str | None = None) -> Filter:
        """The same for the queries."""
        return Filter(
            municipality=self.municipality,
            review=self.review,
            detection=self.detection,
            kinds=self.kind,
            area_codes=self.area_code,
            community=community,
            window_from=self.window_from,
            window_to=self.window_to,
            updated_since=self.updated_since,
        )

    def as_query(self, cursor: str | None = None) -> list[tuple[str, str]]:
        """The same as the query of an address, with another place to begin."""
        said: list[tuple[str, str]] = []
        for name, value in self.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude={"cursor"}).items():
            said += [(name, str(each)) for each in (value if isinstance(value, list) else [value])]
        return [*said, ("cursor", cursor)] if cursor else said


class AlertSearch(AlertQuery):
    """Which alerts, with what must not stand in an address."""

    community: Annotated[
        Text | None, Field(min_length=1, max_length=200, description="Concerns this community; needs communities:read.")
    ] = None


def cursor_text(cursor: Cursor) -> str:
    """The cursor as it stands in links; callers must not look into it."""
    return base64.urlsafe_b64encode(f"{cursor.updated_at.isoformat()} {cursor.alert_id}".encode()).decode()


def cursor_from(text: str | None, place: str = "query") -> Cursor | None:
    """The cursor that a link gave.

    Raises:
        ProblemError: 400.
    """
    if text is None:
        return None
    try:
        moment, _, alert_id = base64.urlsafe_b64decode(text).decode("ascii").partition(" ")
        return Cursor(_zoned(datetime.fromisoformat(moment)), alert_id)
    except (ValueError, binascii.Error) as error:
        told = [f"{place}.cursor: not one that a next link gave"]
        raise ProblemError(400, "The request is not right", "Begin again without a cursor.", told) from error
