"""The whole service as one command: files and posts go in, messages come out, and it says how it does."""

from collections.abc import Callable
from contextlib import suppress
from socket import create_server
from typing import Any

import httpx

AREA, OTHER = "BU99990000", "BU99990101"


def test_up_takes_in_posted_reports_and_tells_how_it_does(make_service: Callable[..., Any], wait_for: Callable[..., Any]) -> None:
    service = make_service(PATROONWACHT_INTAKE__TOKENS='["a-token-of-some-length-0001"]')
    process = service.start("up")
    base = f"http://127.0.0.1:{service.environ['PATROONWACHT_PORT']}"
    with httpx.Client(base_url=base, trust_env=False, timeout=30) as client:
        wait_for(lambda: answers(client), "it answers")
        wait_for(lambda: client.get("/health").json()["instance"] == {"atWork": True}, "it is at work")
        service.drop("model", OTHER, 5)
        wait_for(lambda: service.told() == [("first", 1)], "a file is told of")
        with (service.inbox / "done" / "model.csv").open() as file:
            received = [line.split(",")[1] for line in file][1:]
        rows = [
            {"report_id": f"p{n}", "received_on": day, "municipality": "GM9999", "area": AREA} for n, day in enumerate(received)
        ]
        assert client.post("/v1/reports", json=rows).status_code == 401
        refused = client.post("/v1/reports", json=rows, headers={"Authorization": "Bearer a-token-of-some-length-0002"})
        assert refused.status_code == 401
        taken = client.post("/v1/reports", json=rows, headers={"Authorization": "Bearer a-token-of-some-length-0001"})
        assert taken.json() == {"read": 5, "accepted": 5, "updated": 0, "unchanged": 0, "refused": []}
        wait_for(lambda: service.told() == [("first", 1), ("first", 1)], "what was posted is told of")
        health = client.get("/health").json()
        assert [health["status"], health["database"]] == ["ok", {"reachable": True}]
        assert 0 <= health["cycle"]["lastSuccessAgeSeconds"] < 600
        lines = wait_for(lambda: metrics_with(client, 'patroonwacht_deliveries{state="delivered"} 2.0'), "the figures say so")
        assert 'patroonwacht_rows_total{outcome="accepted"} 10.0' in lines
        assert "patroonwacht_patterns_waiting 0.0" in lines
    assert service.stop(process) == 0


def answers(client: httpx.Client) -> bool:
    with suppress(httpx.TransportError):
        return client.get("/health").status_code == 200
    return False


def metrics_with(client: httpx.Client, line: str) -> list[str]:
    lines = client.get("/metrics").text.splitlines()
    return lines if line in lines else []


def test_up_on_a_port_that_is_taken_says_so(make_service: Callable[..., Any]) -> None:
    service = make_service()
    with create_server(("127.0.0.1", int(service.environ["PATROONWACHT_PORT"]))):
        process = service.start("up")
        assert process.wait(60) == 1
    said = service.log.read_text()
    assert f"nothing can listen on 127.0.0.1 port {service.environ['PATROONWACHT_PORT']}" in said
    assert "Traceback" not in said
    assert not service.events("daemon.at_work")
