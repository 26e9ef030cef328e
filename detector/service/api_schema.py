"""What the description of the interface says of the door for reports, as it really is."""

from typing import Any, Final

from alerts.console.api.answers import VERSION_HEADER, Responses, problem
from alerts.console.api.bodies import JSON
from detector.service.api_body import JSON_LINES

SCHEME: Final = "intakeToken"
"""Name of the security scheme: these tokens stand in the settings, and open nothing else."""

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
INGEST_OPERATION: Final[dict[str, Any]] = {
    "operationId": "postReports",
    "tags": ["reports"],
    "security": [{SCHEME: []}],
    "x-security-scheme": {SCHEME: {"type": "http", "scheme": "bearer", "description": "A token of the setting intake.tokens."}},
    "requestBody": {
        "required": True,
        "content": {
            JSON: {"schema": {"oneOf": [{"type": "array", "items": _RECORD}, _RECORD]}},
            JSON_LINES: {"schema": {"type": "string", "description": "One object per line."}},
        },
    },
}
INGEST_RESPONSES: Final[Responses] = {
    200: {
        "description": "All rows accounted for; refused rows stand in it with their reason.",
        "headers": VERSION_HEADER,
        "content": {JSON: {"schema": _RESULT}},
    },
    400: problem(400, "Nothing could be read; all errors at once."),
    401: problem(401, "No token, or one that is not known."),
    413: problem(413),
    415: problem(415, "Neither JSON nor JSON Lines in UTF-8."),
    503: problem(503, "The database is not available; send the same again later."),
}
