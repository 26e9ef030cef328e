"""The body of a request: of a bounded size, JSON as strict as the standard, errors without the values that were sent."""

import json
from typing import Final, NoReturn

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request

from alerts.console.problems import ProblemError

JSON: Final = "application/json"
_MAX_DIGITS: Final = 1_000
_LARGEST: Final = 64 * 1024
"""Bytes of a body that is no file of reports."""


def media_type_of(headers: Headers) -> str | None:
    """The media type that the sender says the body has; None where it is compressed or in another encoding than UTF-8."""
    media, _, parameters = headers.get("content-type", "").partition(";")
    charset = dict(part.strip().lower().partition("=")[::2] for part in parameters.split(";")).get("charset", "utf-8")
    encoding = headers.get("content-encoding", "identity").lower()
    if charset.strip('"') not in {"utf-8", "utf8", "us-ascii"} or encoding != "identity":
        return None
    return media.strip().lower()


async def read_body(request: Request, max_bytes: int) -> bytes:
    """The body, never more of it in memory than is allowed.

    Raises:
        ProblemError: 413 for one that is larger, 400 for one that breaks off.
    """
    too_large = ProblemError(413, "The body is too large", f"At most {max_bytes} bytes at once: send it in several parts.")
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


async def read_json(request: Request) -> object:
    """The value that a small JSON body holds.

    Raises:
        ProblemError: 400, 413 or 415.
    """
    if media_type_of(request.headers) != JSON:
        detail = f"Send {JSON} in UTF-8, not compressed, and say so in Content-Type."
        raise ProblemError(415, "This format cannot be read here", detail, headers={"Accept": JSON})
    body = await read_body(request, _LARGEST)
    try:
        return parse_json(body.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        told = f"byte {error.start + 1}: not UTF-8"
    except ValueError as error:
        told = f"not JSON: {error}"
    raise ProblemError(400, "The body cannot be read", "Nothing was done; see the errors.", [told])


def parse_json(text: str, *, one_line: bool = False) -> object:
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


def _no_constant(_: str) -> NoReturn:
    raise ValueError("NaN and Infinity are not JSON")


def _whole_number(digits: str) -> int:
    if len(digits) > _MAX_DIGITS:
        raise ValueError(f"a number is too long; it can have {_MAX_DIGITS:,} digits")
    return int(digits)
