import asyncio
import json
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from structlog.testing import capture_logs

from alerts.console.api import alerts_api
from alerts.console.shell import shell
from detector.ingest.errors import IntakeError
from detector.ingest.outcome import IntakeResult, Refused
from detector.problems.files import FileReason
from detector.problems.problem import Problem
from detector.problems.rows import RowReason
from detector.service.api import ApiServices, Health, api_router
from detector.service.api_door import hash_token
from detector.service.metrics import Metrics
from detector.store.errors import StoreError

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
TOKEN = "a-token-that-nobody-guesses"  # noqa: S105 - lets nobody in anywhere
LIMIT = 2000
HEADERS = {"authorization": f"Bearer {TOKEN}", "content-type": "application/json"}
Answer = Callable[..., httpx.Response]


@dataclass
class House:
    """The other side of the door: a memory of what was handed in, by the rules that the door is promised."""

    seen: dict[str, str] = field(default_factory=dict)
    profiles: list[str | None] = field(default_factory=list)
    fails: Exception | None = None

    def ingest(self, records: Sequence[Mapping[str, object]], profile: str | None) -> IntakeResult:
        if self.fails is not None:
            raise self.fails
        self.profiles.append(profile)
        accepted = updated = unchanged = 0
        refused = []
        for row, record in enumerate(records, start=1):
            if "report_id" not in record:
                refused.append(Refused(row, Problem(RowReason.NO_REPORT_ID)))
                continue
            key, text = str(record["report_id"]), json.dumps(record)
            accepted, updated = accepted + (key not in self.seen), updated + (self.seen.get(key, text) != text)
            unchanged += self.seen.get(key) == text
            self.seen[key] = text
        return IntakeResult(len(records), accepted, updated, unchanged, tuple(refused))


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[MutableMapping[str, Any]]]:
    with capture_logs() as entries:
        yield entries


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
def services(house: House) -> ApiServices:
    return ApiServices(
        token_hashes=lambda: [hash_token("another"), hash_token(TOKEN)],
        ingest=house.ingest,
        health=lambda: Health(database_reachable=True, last_cycle_at=NOW - timedelta(seconds=90), at_work=True),
        metrics=Metrics(),
        max_body_bytes=lambda: LIMIT,
        clock=lambda: NOW,
    )


def _caller(app: FastAPI) -> Answer:
    async def call(method: str, path: str, **said: object) -> httpx.Response:
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://door") as client:
            return await client.request(method, path, **said)  # type: ignore[arg-type] # handed on as the test says

    def run(method: str, path: str, **said: object) -> httpx.Response:
        return asyncio.run(call(method, path, **said))

    return run


@pytest.fixture
def ask(services: ApiServices) -> Answer:
    return _caller(shell([api_router(services)]))


def _post(ask: Answer, body: str | bytes, path: str = "/v1/reports", **headers: str | bytes) -> httpx.Response:
    return ask("POST", path, content=body, headers={**HEADERS, **headers})


def _problem(response: httpx.Response, status: int) -> list[str]:
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    return [error["detail"] for error in body.get("errors", [])]


@pytest.mark.parametrize(
    ("media", "body"),
    [
        ("application/json", '[{"report_id": "a"}, {"report_id": "b"}, {}]'),
        ("application/x-ndjson", '{"report_id": "a"}\r\n\n{"report_id": "b"}\n{}\n'),
        ("Application/JSON; charset=UTF-8", '\ufeff[{"report_id": "a"}, {"report_id": "b"}, {}]'),
    ],
)
def test_reports_come_in_and_every_row_is_accounted_for(ask: Answer, media: str, body: str) -> None:
    response = _post(ask, body, **{"content-type": media})
    assert response.status_code == 200
    refused = [{"row": 3, "reason": Problem(RowReason.NO_REPORT_ID).reason}]
    assert response.json() == {"read": 3, "accepted": 2, "updated": 0, "unchanged": 0, "refused": refused}
    again = _post(ask, body, **{"content-type": media}).json()
    assert (again["accepted"], again["unchanged"]) == (0, 2)


def test_one_object_is_one_report_and_the_profile_is_handed_on(ask: Answer, house: House) -> None:
    assert _post(ask, '{"report_id": "a"}', "/v1/reports?profile=adv-nl").json()["accepted"] == 1
    assert _post(ask, '{"report_id": "a"}').json()["unchanged"] == 1
    assert house.profiles == ["adv-nl", None]


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {hash_token(TOKEN)}", "Bearer é"]
)
def test_without_a_known_token_nothing_is_read(ask: Answer, house: House, authorization: str) -> None:
    response = _post(ask, "not even JSON", authorization=authorization.encode("latin-1"))
    assert _problem(response, 401) == []
    assert response.headers["www-authenticate"] == "Bearer"
    assert house.profiles == []


def test_without_tokens_in_the_settings_nobody_gets_in(services: ApiServices) -> None:
    ask = _caller(shell([api_router(replace(services, token_hashes=list))]))
    _problem(_post(ask, "[]"), 401)


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "text/csv"},
        {"content-type": ""},
        {"content-type": "application/json; charset=latin-1"},
        {"content-encoding": "gzip"},
    ],
)
def test_another_format_is_refused(ask: Answer, headers: dict[str, str]) -> None:
    _problem(_post(ask, "[]", **headers), 415)


def test_a_large_body_is_refused_whether_it_says_so_or_not(ask: Answer, house: House) -> None:
    fits = json.dumps([{"report_id": "a" * (LIMIT - len('[{"report_id": ""}]'))}])
    assert len(fits) == LIMIT
    assert _post(ask, fits).status_code == 200
    _problem(_post(ask, fits + " "), 413)

    async def parts() -> object:
        for _ in range(LIMIT):
            yield b"[]  "

    _problem(ask("POST", "/v1/reports", content=parts(), headers=HEADERS), 413)
    assert len(house.profiles) == 1


@pytest.mark.parametrize(
    ("media", "body", "errors"),
    [
        ("application/json", "{secret", ["not JSON: Expecting property name"]),
        ("application/json", "", ["not JSON: Expecting value"]),
        ("application/json", '[{"x_m": NaN}]', ["not JSON: NaN and Infinity"]),
        ("application/json", "[" * 1900, ["not JSON: "]),
        ("application/json", '["secret", {}, 3]', ["record 1: an object", "record 3: an object"]),
        ("application/x-ndjson", '{"a": 1}\n{secret\n{}\nnull,\n', ["line 2: not JSON", "line 4: not JSON"]),
        ("application/x-ndjson", '{}\n"secret"\n', ["line 2: an object"]),
        ("application/json", b'{"a": "\xe9"}', ["byte 8: not UTF-8"]),
    ],
)
def test_what_cannot_be_read_is_told_all_at_once_and_nothing_is_taken_in(
    ask: Answer, house: House, media: str, body: str | bytes, errors: list[str]
) -> None:
    response = _post(ask, body, **{"content-type": media})
    told = _problem(response, 400)
    assert len(told) == len(errors)
    assert all(one.startswith(start) for one, start in zip(told, errors, strict=True))
    assert "secret" not in response.text
    assert house.profiles == []


def test_a_profile_that_is_no_name_is_a_400_and_its_value_is_not_repeated(ask: Answer) -> None:
    response = _post(ask, "[]", "/v1/reports?profile=../../secret")
    assert _problem(response, 400)[0].startswith("query.profile: ")
    assert "secret" not in response.text


def test_what_intake_and_the_store_say(ask: Answer, house: House, logged: list[MutableMapping[str, Any]]) -> None:
    house.fails = IntakeError(Problem(FileReason.TOO_MANY_FIELDS, most=1_000))
    assert _problem(_post(ask, "[]"), 400) == [
        "the records have more than 1,000 different fields; export only those that are needed"
    ]
    house.fails = StoreError("reports database postgresql://host/name: no room; make room")
    response = _post(ask, "[]")
    _problem(response, 503)
    assert response.headers["retry-after"] == "30"
    assert "host" not in response.text
    house.fails = RuntimeError("secret row")
    response = _post(ask, "[]")
    _problem(response, 500)
    assert "secret" not in response.text
    told = [(entry["event"], entry.get("status")) for entry in logged]
    failed, request = "api.database_failed", "api.request"
    assert told == [(request, 400), (failed, None), (request, 503), ("api.failed", None), (request, 500)]
    assert {entry.get("path") for entry in logged if entry["event"] == request} == {"/v1/reports"}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/v1/reports/", 404),
        ("GET", "/health/", 404),
        ("GET", "/docs", 404),
        ("GET", "/v1/reports", 405),
        ("GET", "/openapi.json", 404),
    ],
)
def test_other_paths_are_problems_and_a_slash_is_no_redirect(ask: Answer, method: str, path: str, status: int) -> None:
    response = ask(method, path, headers=HEADERS)
    _problem(response, status)
    assert "location" not in response.headers


@pytest.mark.parametrize("path", ["/health", "/metrics", "/v1/openapi.json", "/v1/nothing", "/v1/reports"])
def test_every_response_has_version_and_security_headers(ask: Answer, path: str) -> None:
    headers = ask("GET", path).headers
    assert headers["api-version"] == "1.0.0"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["strict-transport-security"]
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert headers["cache-control"] == "no-store"


def test_the_description_is_open_to_all_and_tells_no_422(services: ApiServices) -> None:
    ask = _caller(shell([alerts_api(), api_router(services)]))
    response = ask("GET", "/v1/openapi.json")
    assert response.headers["access-control-allow-origin"] == "*"
    schema = response.json()
    assert schema["openapi"].startswith("3.")
    operation = schema["paths"]["/reports"]["post"]
    assert operation["responses"].keys() == {"200", "400", "401", "413", "415", "503"}
    assert operation["parameters"][0]["name"] == "profile"
    assert schema["components"]["securitySchemes"]["intakeToken"]["scheme"] == "bearer"
    assert "422" not in response.text


def test_health(services: ApiServices) -> None:
    response = _caller(shell([api_router(services)]))("GET", "/health")
    assert response.status_code == 200
    body = response.json()
    assert body["status"] == "ok"
    assert body["cycle"] == {"lastSuccessAgeSeconds": 90}
    assert body["instance"] == {"atWork": True}
    ill = replace(services, health=lambda: Health(database_reachable=False, last_cycle_at=None, at_work=False))
    response = _caller(shell([api_router(ill)]))("GET", "/health")
    assert (response.status_code, response.json()["status"]) == (503, "failing")


def test_metrics_are_refreshed_before_they_are_told(services: ApiServices) -> None:
    waiting: Iterator[int] = iter((3, 5))
    ask = _caller(
        shell([api_router(replace(services, refresh_metrics=lambda: services.metrics.patterns_waiting(next(waiting))))])
    )
    assert "patroonwacht_patterns_waiting 3.0" in ask("GET", "/metrics").text
    response = ask("GET", "/metrics")
    assert "patroonwacht_patterns_waiting 5.0" in response.text
    assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
