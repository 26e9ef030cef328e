"""Answers as they go out, and what the description says of them: the version header, and a problem for every error."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel
from starlette.responses import Response

from alerts.console.api.negotiation import JSON, PROBLEM
from alerts.console.api.shape import Problem, Shape

VERSION_HEADER: Final = {"API-Version": {"description": "Version of this interface.", "schema": {"type": "string"}}}
_RETRY: Final = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}}
_SAID: Final = {
    400: "The request is not right; all errors at once.",
    401: "No token, or one that is not in force.",
    403: "The token is not for this.",
    404: "There is no such thing for this token; whether it exists for others is not told.",
    406: "This path has no answer in a form that the caller takes.",
    409: "The alert was changed since it was looked at, or the action is not possible in its state. Nothing was stored.",
    413: "The body is too large.",
    415: "The body is not JSON in UTF-8.",
    429: "Too many requests; go on after the seconds in Retry-After.",
    503: "The database is not available; ask again later.",
}

Responses = dict[int | str, dict[str, Any]]


def told(shape: Shape, *, headers: Mapping[str, str] | None = None, media: str = JSON) -> Response:
    """A shape as the body of an answer."""
    return Response(shape.model_dump_json(by_alias=True), media_type=media, headers=dict(headers or {}))


def responses(shape: type[BaseModel] | None, description: str, *problems: int, **more: Any) -> Responses:  # noqa: ANN401 - JSON
    """What the description says of a path: its answer, and every problem that it can give.

    Each path can give 401, 406, 429 and 503. ``more``: further media types of the answer, by name, each with its schema.
    """
    good: dict[str, Any] = {"description": description, "headers": VERSION_HEADER}
    if shape is not None:
        good["model"] = shape
    if more:
        good["content"] = more
    return {200: good, **{code: problem(code) for code in sorted({*problems, 401, 406, 429, 503})}}


def problem(code: int, description: str = "") -> dict[str, Any]:
    """What the description says of a problem."""
    schema = {"$ref": f"#/components/schemas/{Problem.__name__}"}
    headers = VERSION_HEADER | (_RETRY if code in {429, 503} else {})
    return {"description": description or _SAID[code], "headers": headers, "content": {PROBLEM: {"schema": schema}}}
