"""``GET /v1/openapi.json``: everything under ``/v1`` described as it really is, whoever added it."""

import json
import re
from functools import partial
from threading import Lock
from typing import Any, Final

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse, Response
from pydantic.json_schema import models_json_schema

from alerts.console.api import actions, filters
from alerts.console.api.access import SCHEME
from alerts.console.api.answers import VERSION_HEADER, problem
from alerts.console.api.negotiation import JSON
from alerts.console.api.shape import Problem
from alerts.tokens import SCOPES, Scope

router = APIRouter(prefix="/v1")

PREFIX: Final = "/v1"
_MAKING: Final = Lock()
_BODIES: Final = (filters.AlertSearch, actions.ActionRequest, Problem)
"""Shapes that paths name by reference alone: the framework does not see them."""

_WORDS: Final = "Alerts of patterns in reports of discrimination; and the door for reports, where this service takes them in."


@router.get("/openapi.json", operation_id="getDescription", include_in_schema=False)
def get_description(request: Request) -> Response:
    """The description; open to all."""
    app = request.app
    with _MAKING:  # it takes a while: whoever asks meanwhile waits for it, and does not make another
        if not hasattr(app.state, "api_description"):
            app.state.api_description = JSONResponse(described(app)).body
    return Response(app.state.api_description, media_type=JSON, headers={"Access-Control-Allow-Origin": "*"})


def described(app: FastAPI) -> dict[str, Any]:
    """The description of what the application has under ``/v1``."""
    build = partial(get_openapi, title=app.title, version=app.version, openapi_version="3.1.0", routes=app.routes)
    schema: dict[str, Any] = build(
        description=_WORDS,
        contact={"name": "Patroonwacht"},
        license_info={"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
        servers=[{"url": PREFIX}],
    )
    # Pages are routes as well, but nothing that a program asks for.
    ours = {path: item for path, item in schema["paths"].items() if path == PREFIX or path.startswith(f"{PREFIX}/")}
    schema["paths"] = {path.removeprefix(PREFIX) or "/": item for path, item in ours.items()}
    schemes = {SCHEME: {"type": "http", "scheme": "bearer", "description": _scopes()}}
    for path in schema["paths"].values():
        for operation in path.values():
            schemes |= operation.pop("x-security-scheme", {})
            _complete(operation)
    _, bodies = models_json_schema([(each, "validation") for each in _BODIES], ref_template="#/components/schemas/{model}")
    shapes = _used({**schema.get("components", {}).get("schemas", {}), **bodies["$defs"]}, schema["paths"])
    schema["components"] = {"schemas": dict(sorted(shapes.items())), "securitySchemes": schemes}
    schema["paths"]["/openapi.json"] = {"get": _description_operation()}
    return schema


def _used(shapes: dict[str, Any], paths: dict[str, Any]) -> dict[str, Any]:
    """The shapes that paths name, and those that these name."""
    used: dict[str, Any] = {}
    asked: list[Any] = [paths]
    while asked:
        names = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(asked))) - used.keys()
        used |= {name: shapes[name] for name in names}
        asked = [shapes[name] for name in names]
    return used


def _complete(operation: dict[str, Any]) -> None:
    """What the framework says wrong, or not at all."""
    operation["responses"].pop("422", None)
    scopes = operation.pop("x-scopes", ())
    if scopes:
        needs = f"Needs the scope {', '.join(f'`{scope}`' for scope in scopes)}."
        operation["description"] = f"{operation.get('description', '')}\n\n{needs}".strip()


def _scopes() -> str:
    lines = [f"- `{scope}`: {SCOPES[scope]}" for scope in Scope]
    return "\n".join(["A token that `patroonwacht token add` made. What it may do are its scopes:", *lines])


def _description_operation() -> dict[str, Any]:
    cors = {"Access-Control-Allow-Origin": {"schema": {"type": "string"}}}
    answer = {"description": "This document.", "headers": VERSION_HEADER | cors, "content": {"application/json": {}}}
    return {
        "operationId": "getDescription",
        "summary": "The description of this interface",
        "security": [],
        "responses": {"200": answer, "500": problem(500, "The service failed.")},
    }
