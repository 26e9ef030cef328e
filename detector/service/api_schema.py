"""The interface described in OpenAPI, as it really is: 400 and not 422, problems of RFC 9457."""

from functools import partial
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from detector.service.api_body import JSON, JSON_LINES

_RECORD: Final = {
    "type": "object",
    "description": "One report; the names are those of the source profile.",
    "additionalProperties": True,
}
_COUNT: Final = {"type": "integer", "minimum": 0}
_RESULT: Final = {
    "type": "object",
    "required": ["read", "accepted", "updated", "unchanged", "refused"],
    "description": "read = accepted + updated + unchanged + the number refused",
    "properties": {
        **dict.fromkeys(("read", "accepted", "updated", "unchanged"), _COUNT),
        "refused": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["row", "reason"],
                "properties": {"row": {"type": "integer", "minimum": 1}, "reason": {"type": "string"}},
            },
        },
    },
}
_PROBLEM: Final = {
    "type": "object",
    "required": ["status", "title", "detail"],
    "properties": {
        "status": {"type": "integer"},
        "title": {"type": "string"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {"type": "object", "required": ["detail"], "properties": {"detail": {"type": "string"}}},
        },
    },
}
_VERSION_HEADER: Final = {"API-Version": {"description": "Version of this interface.", "schema": {"type": "string"}}}


def _problem(description: str) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": description, "headers": _VERSION_HEADER, "content": content}


INGEST_OPERATION: Final[dict[str, Any]] = {
    "operationId": "postReports",
    "security": [{"token": []}],
    "requestBody": {
        "required": True,
        "content": {
            JSON: {"schema": {"oneOf": [{"type": "array", "items": _RECORD}, _RECORD]}},
            JSON_LINES: {"schema": {"type": "string", "description": "One object per line."}},
        },
    },
    "responses": {
        "200": {
            "description": "All rows accounted for; refused rows stand in it with their reason.",
            "headers": _VERSION_HEADER,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/IntakeResult"}}},
        },
        "400": _problem("Nothing could be read; all errors at once."),
        "401": _problem("No token, or one that is not known."),
        "413": _problem("The body is too large."),
        "415": _problem("Neither JSON nor JSON Lines in UTF-8."),
        "503": _problem("The database is not available; send the same again later."),
    },
}


def described(app: FastAPI) -> dict[str, Any]:
    """The description of the application's interface."""
    build = partial(get_openapi, title=app.title, version=app.version, openapi_version="3.1.0", routes=app.routes)
    schema: dict[str, Any] = build(
        description="Takes in anonymised reports of discrimination.",
        contact={"name": "Patroonwacht"},
        license_info={"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
        servers=[{"url": "/"}],
    )
    for path in schema["paths"].values():
        for operation in path.values():
            operation["responses"].pop("422", None)
    schema["components"] = {
        "schemas": {"IntakeResult": _RESULT, "Problem": _PROBLEM},
        "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
    }
    return schema
