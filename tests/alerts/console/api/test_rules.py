"""The NL API Design Rules that a linter checks, held against the description and the running service."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from alerting import Clock
from asking import problem, program, receive_pattern
from consoling import NO_TLS, Console, open_console
from sqlalchemy import Engine

from alerts.console.api import alerts_api
from alerts.console.api.description import described
from alerts.console.settings import ConsoleSettings
from alerts.console.shell import shell
from alerts.tokens import Scope

SCHEMA = described(shell([alerts_api()]))
OPERATIONS = {f"{method} {path}": operation for path, item in SCHEMA["paths"].items() for method, operation in item.items()}
# Names that OGC API Features and the geospatial module of the rules prescribe.
STANDARD_NAMES = {"bbox-crs"}


def properties(node: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(node, dict):
        named = node.get("properties")
        if node.get("type") == "object" and isinstance(named, dict):
            yield from named.items()
        for each in node.values():
            yield from properties(each)
    elif isinstance(node, list):
        for each in node:
            yield from properties(each)


def test_the_description_names_its_version_contact_licence_and_server() -> None:
    assert re.fullmatch(r"3\.\d+\.\d+", SCHEMA["openapi"])
    assert re.fullmatch(r"\d+\.\d+\.\d+", SCHEMA["info"]["version"])
    assert SCHEMA["info"]["contact"]["name"]
    assert SCHEMA["servers"] == [{"url": f"/v{SCHEMA['info']['version'].partition('.')[0]}"}]


def test_paths_are_kebab_case_and_end_in_no_slash() -> None:
    for path in SCHEMA["paths"]:
        assert re.fullmatch(r"(/([a-z0-9.-]+|\{[a-z][A-Za-z]*\}))+(/_[a-z]+)?", path), path
        assert not path.endswith("/")


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_is_whole(name: str) -> None:
    operation = OPERATIONS[name]
    method, _, path = name.partition(" ")
    assert method in {"get", "post"}
    assert operation["operationId"]
    for parameter in operation.get("parameters", []):
        if parameter["in"] == "query" and parameter["name"] not in STANDARD_NAMES:
            assert re.fullmatch(r"[a-z][a-z\d]*([A-Z][a-z\d]*)*", parameter["name"])
    told = operation["responses"]
    assert "422" not in told
    for status, response in told.items():
        assert "API-Version" in response["headers"], status
        if status.startswith(("4", "5")):
            assert list(response["content"]) == ["application/problem+json"]
    if path != "/openapi.json":
        assert operation["security"] == [{"token": []}]
        assert {"401", "406", "429", "503"} <= told.keys()
        if operation.get("parameters") or method == "post":
            assert "400" in told


def test_operation_names_are_unique_and_shapes_are_named_in_camel_case() -> None:
    names = [operation["operationId"] for operation in OPERATIONS.values()]
    assert len(names) == len(set(names))
    for name in SCHEMA["components"]["schemas"]:
        assert re.fullmatch(r"[A-Z][A-Za-z0-9]*", name)


def test_fields_are_camel_case_and_moments_have_a_zone() -> None:
    found = list(properties(SCHEMA))
    assert len(found) > 100
    for name, schema in found:
        assert re.fullmatch(r"[a-z][A-Za-z0-9]*", name), name
        assert "time" not in str(schema.get("format", "")) or schema["format"] == "date-time"


def test_a_problem_must_have_status_title_and_detail() -> None:
    assert set(SCHEMA["components"]["schemas"]["Problem"]["required"]) == {"status", "title", "detail"}


def test_the_description_is_open_to_all(console: Console) -> None:
    answer = httpx.get(f"{console.url}/v1/openapi.json", trust_env=False)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.json()["info"]["version"] == answer.headers["api-version"]
    # The pages for people are no part of it.
    assert "/sign-in" not in answer.json()["paths"]


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/alerts/", {}, 404),
        ("GET", "/nothing", {}, 404),
        ("GET", "/alerts/" + "0" * 32, {}, 404),
        ("GET", "/alerts/NOT-AN-ID", {}, 400),
        ("GET", "/alerts?limit=0&kind=x&review=y", {}, 400),
        ("GET", "/alerts?cursor=x", {}, 400),
        ("GET", "/alerts?updatedSince=2026-03-02T08:00:00", {}, 400),
        ("GET", "/alerts", {"Accept": "text/html"}, 406),
        ("GET", "/alerts", {"Accept": "application/json;q=0"}, 406),
        ("GET", "/areas?municipality=GM0001", {"Accept": "image/png"}, 406),
        ("DELETE", "/alerts", {}, 405),
        ("GET", "/alerts/_search", {}, 405),
        ("POST", "/alerts/_search", {"Content-Type": "text/plain"}, 415),
    ],
)
def test_every_error_is_a_problem_with_the_usual_headers(
    console: Console, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    answer = program(console).request(method, path, headers=headers)
    errors = problem(answer, status)
    assert bool(errors) == (status == 400)
    assert "location" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"
    assert status != 405 or answer.headers["allow"] in {"GET", "POST"}


def test_all_that_is_wrong_is_told_at_once(console: Console) -> None:
    errors = problem(program(console).get("/alerts?limit=0&kind=x&more=1&windowFrom=soon"), 400)
    assert sorted(error.partition(":")[0] for error in errors) == [
        "query.kind.0",
        "query.limit",
        "query.more",
        "query.windowFrom",
    ]


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("application/geo+json", "application/geo+json"),
        ("application/json;q=0.5, application/geo+json", "application/geo+json"),
        ("text/html, */*;q=0.1", "application/json"),
    ],
)
def test_the_caller_chooses_the_form(console: Console, accept: str, media: str) -> None:
    receive_pattern(console)
    assert program(console).get("/alerts", headers={"Accept": accept}).headers["content-type"] == media


def test_who_asks_too_fast_is_told_when_to_come_back(sqlite_engine: Engine, clock: Clock) -> None:
    rules = ConsoleSettings(api_requests_per_minute=20)
    with open_console(sqlite_engine, clock, console=rules, routers=[alerts_api()]) as console:
        ask = program(console, [Scope.ALERTS_READ])
        assert {ask.get("/collections").status_code for _ in range(20)} == {200}
        answer = ask.get("/collections")
        problem(answer, 429)
        assert 1 <= int(answer.headers["retry-after"]) <= 60
        assert program(console).get("/collections").status_code == 200
        clock.forward(minutes=1)
        assert ask.get("/collections").status_code == 200


def test_who_guesses_tokens_is_slowed_down(console: Console) -> None:
    def guess() -> httpx.Response:
        headers = {"Authorization": "Bearer guess"}
        return httpx.get(f"{console.url}/v1/alerts", headers=headers, trust_env=False, verify=NO_TLS)

    assert {guess().status_code for _ in range(30)} == {401}
    problem(guess(), 429)
