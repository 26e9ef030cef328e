import re
from typing import Any

import httpx
import pytest
from alerting import Clock, make_pattern
from consoling import COOKIE, PASSWORD, Console, open_console, sessions_in
from fastapi import APIRouter
from sqlalchemy import Engine
from structlog.testing import capture_logs

from alerts import audit
from alerts.alert import Role
from alerts.console.door import page_policy
from alerts.console.groups import PageGroup
from alerts.pattern import Audience, PatternKind

PEOPLE = [role for role in Role if role is not Role.SYSTEM]


def test_the_first_page_asks_who_you_are_and_comes_back_to_what_you_wanted(console: Console) -> None:
    account = console.account(Role.CASE_WORKER)
    browser = console.browser()
    asked = browser.get("/")
    assert asked.url.path == "/sign-in"
    welcome = browser.post("/sign-in", name=account.name, password=PASSWORD, next="/?x=1")
    assert (welcome.status_code, welcome.url.path) == (200, "/")
    assert account.name in welcome.text


@pytest.mark.parametrize("wanted", ["//elsewhere.example/", "https://elsewhere.example/", "/\\elsewhere.example", "next"])
def test_signing_in_leads_nowhere_else(console: Console, wanted: str) -> None:
    account = console.account(Role.CASE_WORKER)
    browser = console.browser()
    browser.http.follow_redirects = False
    answer = browser.post("/sign-in", name=account.name, password=PASSWORD, next=wanted)
    assert answer.headers["location"] == "/"


def test_a_text_that_postgresql_cannot_hold_is_refused_before_it_gets_anywhere(engine: Engine, clock: Clock) -> None:
    with open_console(engine, clock) as console:
        stranger, worker = console.browser(), console.sign_in(Role.CASE_WORKER)
        assert stranger.post("/sign-in", name="a\0b", password=PASSWORD).status_code == 400
        assert worker.post("/filters", page="/alerts", area="\0").status_code == 400
        assert worker.get("/alerts", params={"page": "\0"}).status_code == 400
        assert worker.get("/areas/GM%00").status_code == 400
        assert worker.get("/alerts").status_code == 200


def test_a_wrong_password_and_an_unknown_name_are_told_in_the_same_words(console: Console) -> None:
    account = console.account(Role.CASE_WORKER)
    answers = []
    for name in (account.name, "nobody"):
        browser = console.browser()
        csrf = browser.csrf()
        answer = browser.http.post("/sign-in", data={"csrf_token": csrf, "name": name, "password": "wrong", "next": "/"})
        assert answer.status_code == 401
        answers.append(answer.text.replace(csrf, "").replace(name, ""))
    assert answers[0] == answers[1]
    assert [entry.event for entry in audit.entries(console.engine)].count("sign_in_refused") == 2
    assert sessions_in(console.engine) == 0


def test_signing_in_gives_a_new_token_and_signing_out_ends_the_session(console: Console) -> None:
    account = console.account(Role.CASE_WORKER)
    browser = console.browser()
    before = browser.csrf() and browser.http.cookies[COOKIE]
    browser.post("/sign-in", name=account.name, password=PASSWORD)
    token = browser.http.cookies[COOKIE]
    assert token != before
    assert browser.get("/").url.path == "/"
    browser.post("/sign-out", page="/")
    assert sessions_in(console.engine) == 0
    browser.http.cookies.set(COOKIE, token, domain="127.0.0.1", path="/")
    assert browser.get("/").url.path == "/sign-in"
    events = [entry.event for entry in audit.entries(console.engine, subject=account.name)]
    assert events == ["account_added", "signed_in", "signed_out"]


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(console: Console) -> None:
    held = console.browser().get("/sign-in").headers["set-cookie"]
    assert held.startswith(f"{COOKIE}=")
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(held.split("; "))
    assert "Secure" not in held
    elsewhere = console.browser().get("/sign-in", headers={"host": "patroonwacht.example"}).headers["set-cookie"]
    assert elsewhere.startswith("__Host-patroonwacht=")
    assert "Secure" in elsewhere.split("; ")
    assert "Domain" not in elsewhere


@pytest.mark.parametrize("path", ["/", "/sign-in", "/nothing", "/v1/nothing", "/health"])
def test_every_response_has_the_headers(console: Console, path: str) -> None:
    headers = console.sign_in(Role.OPERATOR).get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert "unsafe" not in headers["content-security-policy"]
    assert "server" not in headers


def test_the_policy_names_another_host_only_if_it_was_set() -> None:
    assert "http" not in page_policy()
    assert "img-src 'self' data: blob: https://tiles.example" in page_policy(tiles="https://tiles.example")


@pytest.mark.parametrize("sent", [{}, {"csrf_token": ""}, {"csrf_token": "0" * 64}, {"csrf_token": "é"}])
def test_a_form_from_elsewhere_changes_nothing(console: Console, sent: dict[str, str]) -> None:
    browser = console.sign_in(Role.CASE_WORKER)
    answer = browser.http.post("/sign-out", data=sent)
    assert answer.status_code == 403
    assert "out of date" in answer.text
    assert sessions_in(console.engine) == 1


def test_another_persons_token_is_no_good_and_neither_is_another_origin(console: Console) -> None:
    one, other = console.sign_in(Role.CASE_WORKER), console.sign_in(Role.CASE_WORKER)
    assert one.http.post("/sign-out", data={"csrf_token": other.csrf("/")}).status_code == 403
    right = {"csrf_token": one.csrf("/")}
    assert one.http.post("/sign-out", data=right, headers={"origin": "https://elsewhere.example"}).status_code == 403
    # As a browser says it of a page that sends no referrer: by the site alone.
    for site in ("cross-site", "same-site"):
        headers = {"origin": "null", "sec-fetch-site": site}
        assert one.http.post("/sign-out", data=right, headers=headers).status_code == 403
    null = {"origin": "null", "sec-fetch-site": "same-origin"}
    assert one.http.post("/language", data={**right, "language": "en"}, headers=null).status_code == 200
    assert one.http.post("/sign-out", headers={"x-csrf-token": right["csrf_token"], "origin": console.url}).status_code == 200


def test_no_page_that_is_added_can_forget_the_token(sqlite_engine: Engine, clock: Clock) -> None:
    router = APIRouter()
    done = []

    @router.post("/added")
    def added() -> None:
        done.append(1)

    with open_console(sqlite_engine, clock, groups=[PageGroup(router)]) as console:
        assert console.sign_in(Role.CASE_WORKER).http.post("/added").status_code == 403
    assert not done


def test_an_error_of_ours_is_told_as_a_page_to_people_and_as_a_problem_to_programs(sqlite_engine: Engine, clock: Clock) -> None:
    router = APIRouter()

    @router.get("/breaks")
    @router.get("/v1/breaks")
    def breaks() -> None:
        raise RuntimeError("secret words")

    with open_console(sqlite_engine, clock, groups=[PageGroup(router)]) as console, capture_logs() as logged:
        browser = console.sign_in(Role.CASE_WORKER)
        page, problem = browser.get("/breaks"), browser.get("/v1/breaks")
    assert (page.status_code, problem.status_code) == (500, 500)
    assert "Something went wrong" in page.text
    assert browser.name in page.text
    assert problem.headers["content-type"] == "application/problem+json"
    assert "secret words" not in page.text + problem.text
    assert [entry["event"] for entry in logged] == ["console.failed", "api.failed"]


@pytest.mark.parametrize("role", PEOPLE)
def test_what_is_not_there_is_told_in_the_readers_language(console: Console, role: Role) -> None:
    for language, words in (("en", "There is nothing here"), ("nl-NL,nl;q=0.9", "Hier is niets")):
        answer = console.sign_in(role, language=language).get("/nothing")
        assert answer.status_code == 404
        assert words in answer.text


def test_the_language_is_the_persons_choice_then_the_browsers_then_dutch(console: Console) -> None:
    def lang(answer: httpx.Response) -> str:
        return answer.headers["content-language"]

    browser = console.browser(language="fr")
    assert lang(browser.get("/sign-in")) == "nl"
    assert lang(console.browser(language="de, en;q=0.8, nl;q=0.3").get("/sign-in")) == "en"
    chosen = browser.post("/language", language="en", next="/sign-in")
    assert (chosen.url.path, lang(chosen)) == ("/sign-in", "en")


def test_a_session_ends_when_nothing_is_asked_for_and_in_any_case_after_a_day_of_work(console: Console) -> None:
    browser = console.sign_in(Role.CASE_WORKER)
    for _ in range(9):
        console.clock.forward(minutes=55)
        assert browser.get("/").url.path == "/"
    console.clock.forward(minutes=61)
    assert browser.get("/").url.path == "/sign-in"
    other = console.sign_in(Role.CASE_WORKER)
    for _ in range(11):
        console.clock.forward(minutes=54)
        assert other.get("/").url.path == "/"
    console.clock.forward(minutes=10)
    assert other.get("/").url.path == "/sign-in"


def test_the_first_page_counts_what_waits_and_what_is_new_since_the_last_visit(console: Console) -> None:
    console.alerts.receive(make_pattern("a"), console.clock())
    console.clock.forward(days=1)
    account = console.account(Role.POLICY_ADVISER)
    for _ in range(2):
        browser = console.browser()
        text = browser.post("/sign-in", name=account.name, password=PASSWORD).text
        console.clock.forward(days=1)
    assert "1 alert waits" in text
    assert "new or changed" not in text
    console.alerts.receive(make_pattern("b"), console.clock())
    console.clock.forward(days=1)
    text = console.browser().post("/sign-in", name=account.name, password=PASSWORD).text
    assert "2 alerts wait" in text
    assert "1 alert is new" in text


def test_the_first_page_leads_to_just_what_waits(console: Console) -> None:
    console.alerts.receive(make_pattern("a", area_names=("Zonnehoek",)), console.clock())  # released by the rule
    whole: dict[str, Any] = {
        "level": "municipality",
        "area_codes": ("GM0001",),
        "area_names": ("Heiveen",),
        "audience": Audience.ADV,
    }
    console.alerts.receive(make_pattern("b", kind=PatternKind.COMMUNITY, community="moslims", **whole), console.clock())
    worker = console.sign_in(Role.CASE_WORKER)
    assert "1 alert waits" in worker.get("/").text
    assert "2 alerts" in worker.get("/alerts").text
    listed = worker.post("/filters", page="/", state="waiting").text
    assert "1 alert" in listed
    assert "Zonnehoek" not in re.sub("<option.*?</option>", "", listed)
    adviser = console.sign_in(Role.POLICY_ADVISER)
    assert "Zonnehoek" in adviser.post("/filters", page="/", state="waiting").text
    auditor = console.sign_in(Role.AUDITOR)
    assert 'value="waiting"' not in auditor.get("/").text, "an auditor acts on none"
