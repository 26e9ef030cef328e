"""The body of a request: JSON or JSON Lines, of a bounded size, as records."""

import json
from collections.abc import Mapping, Sequence
from typing import Final, NoReturn

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request

from alerts.console.problems import ProblemError

JSON: Final = "application/json"
JSON_LINES: Final = "application/x-ndjson"
_FORMATS: Final = {JSON: JSON, JSON_LINES: JSON_LINES, "application/jsonl": JSON_LINES, "application/ndjson": JSON_LINES}
_ERRORS_TOLD: Final = 100
_MAX_DIGITS: Final = 1_000

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
    media, _, parameters = headers.get("content-type", "").partition(";")
    charset = dict(part.strip().lower().partition("=")[::2] for part in parameters.split(";")).get("charset", "utf-8")
    encoding = headers.get("content-encoding", "identity").lower()
    known = _FORMATS.get(media.strip().lower())
    if known is None or charset.strip('"') not in {"utf-8", "utf8", "us-ascii"} or encoding != "identity":
        detail = f"Send {JSON} or {JSON_LINES} in UTF-8, not compressed, and say so in Content-Type."
        raise ProblemError(415, "This format cannot be read here", detail, headers={"Accept": f"{JSON}, {JSON_LINES}"})
    return known


async def read_body(request: Request, max_bytes: int) -> bytes:
    """The body, never more of it in memory than is allowed.

    Raises:
        ProblemError: 413 for one that is larger, 400 for one that breaks off.
    """
    too_large = ProblemError(
        413, "The body is too large", f"At most {max_bytes} bytes at once: send the reports in several parts."
    )
    said = request.headers.get("content-length", "")
    if said.isdecimal() and int(said) > max_bytes:
        raise too_large
    parts: list[bytes] = []
    size = 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > max_bytes:
                raise too_large
            parts.append(part)
    except ClientDisconnect as error:
        raise ProblemError(400, "The body broke off", "Nothing was taken in: send it again.") from error
    return b"".join(parts)


def _no_constant(_: str) -> NoReturn:
    raise ValueError("NaN and Infinity are not JSON")


def _whole_number(digits: str) -> int:
    if len(digits) > _MAX_DIGITS:
        raise ValueError(f"a number is too long; it can have {_MAX_DIGITS:,} digits")
    return int(digits)


def _parse(text: str, *, one_line: bool = False) -> object:
    """Read one JSON value; of ``one_line`` the caller says which it is.

    Raises:
        ValueError: with what is wrong and where, without the text.
    """
    try:
        parsed: object = json.loads(text, parse_constant=_no_constant, parse_int=_whole_number)
    except json.JSONDecodeError as error:
        line = "" if one_line else f"line {error.lineno}, "
        raise ValueError(f"{error.msg} ({line}column {error.colno})") from None
    except RecursionError:
        raise ValueError("values lie too deep in one another") from None
    return parsed


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
        parsed = _parse(text)
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
                values.append((number, _parse(line, one_line=True)))
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
