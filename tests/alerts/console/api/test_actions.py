from typing import Any

import pytest
from alerting import COMMUNITY, WORKER
from asking import MUNICIPAL, problem, program, receive_pattern
from consoling import Console

from alerts.alert import Action
from alerts.tokens import Scope

APPROACH = {"kind": "area_based", "owner": "Area team", "partners": ["School"], "reviewOn": "2026-09-01", "actions": "Talk"}


def test_from_acknowledged_to_closed_and_open_again(both: Console) -> None:
    alert_id = receive_pattern(both)
    ask = program(both, MUNICIPAL, "GM0001")
    steps: list[tuple[dict[str, Any], str]] = [
        ({"action": "acknowledge"}, "acknowledged"),
        ({"action": "agree", "approach": APPROACH}, "approach_agreed"),
        ({"action": "note", "text": "Called the school"}, "approach_agreed"),
        ({"action": "close", "approach": {**APPROACH, "outcome": "Calm again"}}, "closed"),
        ({"action": "reopen"}, "reopened"),
    ]
    version = ask.get(f"/alerts/{alert_id}").json()["version"]
    for said, review in steps:
        answer = ask.post(f"/alerts/{alert_id}/actions", json={**said, "version": version})
        assert answer.status_code == 200, answer.text
        assert (answer.json()["review"], answer.json()["repeated"]) == (review, False)
        again = ask.post(f"/alerts/{alert_id}/actions", json={**said, "version": version})
        assert (again.status_code, again.json()["repeated"], again.json()["version"]) == (200, True, version + 1)
        version = answer.json()["version"]
    approach = both.alerts.get(alert_id).approach
    assert approach is not None
    assert (approach.owner, approach.outcome) == ("Area team", "Calm again")
    own = [event for event in both.alerts.history(alert_id) if event.actor.startswith("token:")]
    assert [event.what for event in own] == [said["action"] for said, _ in steps]


def test_what_was_decided_upon_an_older_version_is_refused_and_nothing_stored(both: Console) -> None:
    alert_id = receive_pattern(both)
    ask = program(both, MUNICIPAL, "GM0001")
    version = ask.get(f"/alerts/{alert_id}").json()["version"]
    both.alerts.act(alert_id, Action.NOTE, WORKER, both.clock(), text="first")
    answer = ask.post(f"/alerts/{alert_id}/actions", json={"action": "acknowledge", "version": version})
    problem(answer, 409)
    assert answer.json()["title"] == "The alert was changed"
    assert both.alerts.get(alert_id).review == "released"
    # Another program with the same wish is no repetition.
    program(both).post(f"/alerts/{alert_id}/actions", json={"action": "acknowledge", "version": version + 1})
    problem(ask.post(f"/alerts/{alert_id}/actions", json={"action": "acknowledge", "version": version + 1}), 409)
    # Nor is the same action with other words.
    note = {"action": "note", "version": version + 2}
    assert ask.post(f"/alerts/{alert_id}/actions", json={**note, "text": "one"}).status_code == 200
    problem(ask.post(f"/alerts/{alert_id}/actions", json={**note, "text": "two"}), 409)


def test_what_a_token_may_not_do(console: Console) -> None:
    alert_id, hidden = receive_pattern(console), receive_pattern(console, "p2", **COMMUNITY)
    ask = program(console, MUNICIPAL, "GM0001")
    path = f"/alerts/{alert_id}/actions"
    problem(ask.post(path, json={"action": "review", "version": 1}), 403)
    problem(ask.post(path, json={"action": "close", "version": 2}), 409)
    problem(ask.post(f"/alerts/{hidden}/actions", json={"action": "acknowledge", "version": 1}), 404)
    reader = program(console, [Scope.ALERTS_READ], "GM0001")
    problem(reader.post(path, json={"action": "acknowledge", "version": 2}), 403)


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, ["body.action: Field required", "body.version: Field required"]),
        ({"action": "lapse", "version": 0, "more": 1}, ["body.version: ", "body.more: "]),
        ({"action": "dismiss", "version": 1}, ["body: Value error, dismiss needs a reason"]),
        ({"action": "lapse", "version": 1}, ["body: Value error, only the service itself"]),
        ({"action": "note", "version": 1, "text": " "}, ["body: Value error, note needs a text"]),
        ({"action": "note", "version": 1, "text": "secret\0"}, ["body.text: Value error, control characters"]),
        ({"action": "agree", "version": 1, "approach": {"kind": "secret"}}, ["body.approach.kind: ", "body.approach.owner: "]),
        ({"action": "review", "version": 1, "reason": "known", "approach": APPROACH}, ["body: Value error, a reason goes"]),
        ([], ["body: "]),
    ],
)
def test_everything_that_is_wrong_is_told_at_once_without_the_values(console: Console, body: object, errors: list[str]) -> None:
    ask = program(console)
    answer = ask.post(f"/alerts/{'0' * 32}/actions", json=body)
    told = problem(answer, 400)
    assert len(told) == len(errors)
    assert all(one.startswith(start) for one, start in zip(told, errors, strict=True)), told
    assert "secret" not in answer.text


def test_a_body_that_is_no_json_or_too_large(console: Console) -> None:
    ask, path = program(console), f"/alerts/{'0' * 32}/actions"
    problem(ask.post(path, content="{}", headers={"Content-Type": "text/plain"}), 415)
    problem(ask.post(path, content="{}"), 415)
    json = {"Content-Type": "application/json"}
    assert problem(ask.post(path, content="{", headers=json), 400)[0].startswith("not JSON")
    problem(ask.post(path, content=" " * 70_000, headers=json), 413)
    problem(ask.post("/alerts/_search", content=b'{"community": "\xe9"}', headers=json), 400)
    half = b'{"action": "note", "version": 1, "text": "\\ud800"}'
    problem(ask.post(path, content=half, headers=json), 400)
