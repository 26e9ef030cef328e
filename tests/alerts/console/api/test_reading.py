from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from alerting import COMMUNITY, WORKER
from asking import EVERYTHING, MUNICIPAL, SQUARE, problem, program, receive_areas, receive_pattern
from consoling import Console

from alerts import audit
from alerts.alert import Action
from alerts.pattern import Audience, PatternKind, PatternState
from alerts.tokens import Scope


def ids(answer: Any) -> list[str]:
    return [alert["id"] for alert in answer.json()["alerts"]]


def test_pages_follow_one_another_until_there_are_no_more(both: Console) -> None:
    made = [receive_pattern(both, f"p{number}") for number in range(5)]
    ask = program(both)
    found, answer = [], ask.get("/alerts", params={"limit": 2})
    for _ in range(3):
        assert answer.status_code == 200
        found += ids(answer)
        following = [link["href"] for link in answer.json()["links"] if link["rel"] == "next"]
        if not following:
            break
        answer = ask.get(following[0])
    assert found == made[::-1]
    assert following == []


def test_a_list_says_what_is_seen_and_how_it_stands(both: Console) -> None:
    alert_id = receive_pattern(both)
    (alert,) = program(both).get("/alerts").json()["alerts"]
    assert (alert["id"], alert["review"], alert["detection"]) == (alert_id, "released", "active")
    assert alert["municipality"] == {"code": "GM0001", "name": "Heiveen"}
    assert alert["createdAt"].endswith("Z")
    assert alert["pattern"]["areas"] == [{"code": "WK000101", "name": "Zonnehoek"}]
    assert alert["pattern"]["observed"] == {"low": 3, "high": 5}
    assert alert["pattern"]["windowFrom"] == "2026-01-05"
    assert urlsplit(alert["links"][0]["href"]).path == f"/v1/alerts/{alert_id}"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("review=released", ["p0", "p2", "p4"]),
        ("review=new&review=held", ["p3", "p1"][::-1]),
        ("kind=place", ["p0", "p2", "p4"]),
        ("detection=quiet", ["p4"]),
        ("areaCode=WK000102", ["p2"]),
        ("municipality=GM0002", ["p4"]),
        ("windowFrom=2026-03-02", ["p2"]),
        ("windowTo=2026-01-04", []),
        ("updatedSince=2026-03-02T08:03:00Z", ["p3", "p4"]),
        ("updatedSince=2026-03-02T09:03:00%2B01:00&kind=place", ["p4"]),
    ],
)
def test_filters(both: Console, query: str, expected: list[str]) -> None:
    made = {
        receive_pattern(both, "p0"): "p0",
        receive_pattern(both, "p1", **COMMUNITY): "p1",
        receive_pattern(both, "p2", area_codes=("WK000102",), window_to=both.clock().date()): "p2",
        receive_pattern(both, "p3", **COMMUNITY): "p3",
        receive_pattern(both, "p4", municipality="GM0002"): "p4",
    }
    receive_pattern(both, "p4", 2, municipality="GM0002", state=PatternState.QUIET)
    answer = program(both).get(f"/alerts?{query}")
    assert answer.status_code == 200, answer.text
    assert sorted(made[each] for each in ids(answer)) == sorted(expected)


def test_a_community_is_found_by_body_and_never_by_address(both: Console) -> None:
    alert_id = receive_pattern(both, "p1", **COMMUNITY)
    receive_pattern(both, "p2", **{**COMMUNITY, "community": "c2"})
    ask = program(both)
    assert ids(ask.post("/alerts/_search", json={"community": "c1"})) == [alert_id]
    assert problem(ask.get("/alerts?community=c1"), 400) == ["query.community: Extra inputs are not permitted"]
    first = ask.post("/alerts/_search", json={"limit": 1, "kind": ["community"]})
    (following,) = [link["href"] for link in first.json()["links"] if link["rel"] == "next"]
    assert "c2" not in following
    cursor = following.partition("cursor=")[2].replace("%3D", "=")
    assert ids(ask.post("/alerts/_search", json={"limit": 1, "kind": ["community"], "cursor": cursor})) == [alert_id]


def test_without_the_scopes_neither_place_nor_community_shows_anywhere(both: Console) -> None:
    alert_id = receive_pattern(both, "p1", **COMMUNITY, level="district")
    for bare in (program(both, [Scope.ALERTS_READ]),):
        for path in ("/alerts", f"/alerts/{alert_id}", f"/alerts/{alert_id}/revisions", f"/alerts/{alert_id}/history"):
            for accept in ("application/json", "application/geo+json"):
                answer = bare.get(path, headers={"Accept": accept})
                assert answer.status_code in {200, 406}
                assert not [word for word in ("c1", "WK000101", "Zonnehoek", "5.38") if word in answer.text], path
        problem(bare.get("/alerts?areaCode=WK000101"), 403)
        problem(bare.get("/collections/alerts/items?bbox=5,52,6,53"), 403)
        response = bare.post("/alerts/_search", json={"community": "c1"})
        problem(response, 403)
        assert "communities:read" in response.headers["www-authenticate"]
    assert "c1" in program(both).get(f"/alerts/{alert_id}").text


def test_a_municipality_sees_its_own_released_alerts_and_for_the_rest_there_is_nothing(both: Console) -> None:
    own = receive_pattern(both, "own")
    hidden = receive_pattern(both, "hidden", **COMMUNITY)
    small = receive_pattern(both, "small", audience=Audience.ADV)
    others = receive_pattern(both, "others", municipality="GM0002")
    ask = program(both, MUNICIPAL, "GM0001")
    assert ids(ask.get("/alerts")) == [own]
    assert ids(ask.get("/alerts?municipality=GM0002")) == []
    unknown = "0" * 32
    for part in ("", "/revisions", "/history"):
        assert ask.get(f"/alerts/{own}{part}").status_code == 200
        answers = [ask.get(f"/alerts/{each}{part}") for each in (hidden, small, others, unknown)]
        assert {(each.status_code, each.text) for each in answers} == {(404, answers[0].text)}
    assert len(ids(program(both).get("/alerts"))) == 4


def test_a_token_for_some_areas_sees_no_others(both: Console) -> None:
    receive_areas(both)
    own, other = receive_pattern(both, "own"), receive_pattern(both, "other", area_codes=("WK000102",))
    ask = program(both, MUNICIPAL, "GM0001", "WK000101")
    assert ids(ask.get("/alerts")) == [own]
    problem(ask.get(f"/alerts/{other}"), 404)
    problem(ask.post(f"/alerts/{other}/actions", json={"action": "acknowledge", "version": 1}), 404)


def test_one_alert_in_full(both: Console) -> None:
    alert_id = receive_pattern(both)
    receive_pattern(both, revision=2, predecessors=("old",))
    old = receive_pattern(both, "old", kind=PatternKind.PLACE)
    alert = program(both).get(f"/alerts/{alert_id}").json()
    assert alert["pattern"]["revision"] == 2
    assert alert["pattern"]["rule"] == {"settingsHash": "abc", "codeVersion": "0.1.0"}
    assert alert["possibleActions"] == ["review", "acknowledge", "note"]
    assert alert["predecessors"] == [old]
    assert program(both, [Scope.ALERTS_READ]).get(f"/alerts/{alert_id}").json()["possibleActions"] == []
    revisions = program(both).get(f"/alerts/{alert_id}/revisions").json()["revisions"]
    assert [each["revision"] for each in revisions] == [1, 2]


def test_the_history_shows_a_municipality_no_words_of_the_service(both: Console) -> None:
    alert_id = receive_pattern(both, "p1", **COMMUNITY)
    for action in (Action.REVIEW, Action.RELEASE):
        both.alerts.act(alert_id, action, WORKER, both.clock(), text="between us")
    events = program(both).get(f"/alerts/{alert_id}/history").json()["events"]
    assert [each["what"] for each in events] == ["created", "review", "release"]
    theirs = program(both, MUNICIPAL, "GM0001").get(f"/alerts/{alert_id}/history")
    assert [each["what"] for each in theirs.json()["events"]] == ["release"]
    assert "between us" not in theirs.text


def test_who_saw_what_stands_in_the_audit_log(both: Console) -> None:
    alert_id = receive_pattern(both)
    ask = program(both, [Scope.ALERTS_READ], "GM0001")
    ask.get("/alerts")
    ask.get(f"/alerts/{alert_id}")
    entries = [each for each in audit.entries(both.engine, limit=1000) if each.actor.startswith("token:")]
    assert [(each.event, each.subject) for each in entries] == [("alerts_listed", "alerts"), ("alert_viewed", alert_id)]
    assert audit.verify(both.engine).intact


def test_areas_are_those_of_the_callers_municipality(both: Console) -> None:
    receive_areas(both)
    receive_areas(both, "GM0002")
    own = program(both, [Scope.ALERTS_READ], "GM0001")
    answer = own.get("/areas")
    assert [each["code"] for each in answer.json()["areas"]] == ["GM0001", "WK000101", "WK000102"]
    assert [each["code"] for each in own.get("/areas?level=district").json()["areas"]] == ["WK000101", "WK000102"]
    problem(own.get("/areas?municipality=GM0002"), 404)
    ask = program(both)
    assert problem(ask.get("/areas"), 400) == ["query.municipality: name it, as the token is for several"]
    assert len(ask.get("/areas?municipality=GM0002").json()["areas"]) == 3
    problem(ask.get("/areas?municipality=GM0009"), 404)
    shown = own.get("/areas", headers={"Accept": "application/geo+json"}).json()["features"]
    assert [each["geometry"] for each in shown] == [SQUARE, SQUARE, None]


def test_messages_and_how_their_sending_stands(both: Console) -> None:
    receive_pattern(both, "p1")
    receive_pattern(both, "p2")
    ask = program(both)
    found = ask.get("/deliveries").json()["deliveries"]
    assert {each["destination"] for each in found} == {"adv", "heiveen"}
    assert {each["state"] for each in found} == {"waiting"}
    assert ask.get("/deliveries?state=dead").json()["deliveries"] == []
    assert {each["destination"] for each in ask.get("/deliveries?destination=adv").json()["deliveries"]} == {"adv"}
    page = ask.get("/deliveries?limit=1").json()
    (following,) = [link["href"] for link in page["links"] if link["rel"] == "next"]
    assert ask.get(following).json()["deliveries"][0]["id"] != page["deliveries"][0]["id"]
    problem(program(both, [Scope.ALERTS_READ]).get("/deliveries"), 403)


def test_a_token_that_is_wrong_expired_or_ended_lets_nobody_in(console: Console) -> None:
    ask = program(console, EVERYTHING)
    assert ask.get("/alerts").status_code == 200
    problem(ask.get("/alerts", headers={"Authorization": ""}), 401)
    for said in ("Bearer", "Bearer wrong", ask.headers["authorization"].replace("Bearer", "Basic")):
        answer = ask.get("/alerts", headers={"Authorization": said})
        problem(answer, 401)
        assert answer.headers["www-authenticate"] == "Bearer"
    console.clock.at += timedelta(days=31)
    problem(ask.get("/alerts"), 401)
