"""The body of a request: JSON or JSON Lines, of a bounded size, as records."""

from collections.abc import Mapping, Sequence
from typing import Final

from starlette.datastructures import Headers

from alerts.console.api.bodies import JSON, media_type_of, parse_json
from alerts.console.problems import ProblemError

JSON_LINES: Final = "application/x-ndjson"
_FORMATS: Final = {JSON: JSON, JSON_LINES: JSON_LINES, "application/jsonl": JSON_LINES, "application/ndjson": JSON_LINES}
_ERRORS_TOLD: Final = 100

Record = Mapping[str, object]


class BodyError(Exception):
    """A body of which nothing can be read; ``errors`` names all that is wrong, without the values."""

    def __init__(self, errors: Sequence[str]) -> None:
        super().__init__(f"{len(errors)} errors in the body")
        more = len(errors) - _ERRORS_TOLD
        self.errors = [*errors[:_ERRORS_TOLD], *([f"and {more} more errors of this kind"] if more > 0 else [])]


def require_format(headers: Headers) -> str:
    """The format that the sender says the body has.

    Raises:
        ProblemError: 415.
    """
    known = _FORMATS.get(media_type_of(headers) or "")
    if known is None:
        detail = f"Send {JSON} or {JSON_LINES} in UTF-8, not compressed, and say so in Content-Type."
        raise ProblemError(415, "This format cannot be read here", detail, headers={"Accept": f"{JSON}, {JSON_LINES}"})
    return known


def parse_records(body: bytes, media: str) -> list[Record]:
    """The records of a body: an array of objects, one object, or one object per line.

    Raises:
        BodyError: any of it cannot be read; then none is taken.
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BodyError([f"byte {error.start + 1}: not UTF-8; export the reports again as UTF-8"]) from None
    if media == JSON_LINES:
        return _lines(text)
    try:
        parsed = parse_json(text)
    except ValueError as error:
        raise BodyError([f"not JSON: {error}"]) from None
    return _objects(enumerate(parsed if isinstance(parsed, list) else [parsed], start=1), "record")


def _lines(text: str) -> list[Record]:
    values: list[tuple[int, object]] = []
    errors: list[str] = []
    # Not splitlines: JSON text may hold other line ends of Unicode.
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                values.append((number, parse_json(line, one_line=True)))
            except ValueError as error:
                errors.append(f"line {number}: not JSON: {error}")
    if errors:
        raise BodyError(errors)
    return _objects(values, "line")


def _objects(values: "Sequence[tuple[int, object]] | enumerate[object]", what: str) -> list[Record]:
    records: list[Record] = []
    errors: list[str] = []
    for number, value in values:
        if isinstance(value, dict):
            records.append(value)
        else:
            errors.append(f"{what} {number}: an object of names and values is needed")
    if errors:
        raise BodyError(errors)
    return records
