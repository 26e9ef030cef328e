"""Signing in at a real identity provider on loopback, and everything that can be wrong with what comes back."""

import logging
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from alerting import Clock
from consoling import ADMIN, PASSWORD, Browser, Console, open_console, sessions_in
from identity_provider import CLIENT, SECRET, IdentityProvider, key_pair, open_provider
from joserfc.jwk import OctKey
from sqlalchemy import Engine
from structlog.testing import capture_logs

from alerts import account_changes, accounts, audit
from alerts.account_changes import Wanted
from alerts.accounts import Account
from alerts.alert import ALL_RIGHTS, Role
from alerts.console.oidc.settings import OidcSettings
from alerts.console.settings import ConsoleSettings


@pytest.fixture
def provider(clock: Clock) -> Iterator[IdentityProvider]:
    with open_provider(clock) as opened:
        yield opened


@pytest.fixture
def console(sqlite_engine: Engine, clock: Clock, provider: IdentityProvider) -> Iterator[Console]:
    values = {
        "issuer": provider.url,
        "client_id": CLIENT,
        "client_secret": SECRET,
        "name": "Heiveen",
        "roles": {"pw-worker": "case_worker", "pw-area": "area_manager", "pw-audit": "auditor"},
        "municipality_claim": "city",
        "municipalities": {"heiveen": "GM0001", "adv": ""},
    }
    provider.person["city"] = "adv"
    settings = ConsoleSettings(oidc=OidcSettings.model_validate(values))
    with open_console(sqlite_engine, clock, console=settings) as opened:
        yield opened


def _go(browser: Browser, wanted: str = "/") -> httpx.Response:
    """Press the button, and follow wherever it leads."""
    return browser.post("/sign-in/provider", next=wanted)


def _way_back(browser: Browser) -> str:
    """Go to the provider, and stop on the way back: the address that the browser would ask for."""
    browser.http.follow_redirects = False
    there = _go(browser)
    assert there.status_code == 303
    return httpx.get(there.headers["location"], trust_env=False).headers["location"]


def _people(console: Console) -> list[Account]:
    return list(accounts.accounts(console.engine))


def _refusals(console: Console) -> list[str]:
    return [entry.details for entry in audit.entries(console.engine) if entry.event == "sign_in_refused"]


def test_somebody_signs_in_at_the_provider_and_gets_an_account(console: Console, provider: IdentityProvider) -> None:
    browser = console.browser()
    assert "Sign in at Heiveen" in browser.get("/sign-in").text
    welcome = _go(browser, "/account?x=1")
    assert (welcome.status_code, welcome.url.path, str(welcome.url.query)) == (200, "/account", "b''")
    assert "Noor" in welcome.text
    (noor,) = _people(console)
    assert (noor.name, noor.role, noor.municipality, noor.rights) == ("Noor", Role.CASE_WORKER, None, ALL_RIGHTS)
    assert (noor.issuer, noor.subject) == (provider.url, "sub-7f3a")
    assert [(entry.actor, entry.event) for entry in audit.entries(console.engine)] == [
        ("system", "account_added"),
        ("Noor", "signed_in"),
    ]
    assert accounts.verify(console.engine, "Noor", "") is None
    assert provider.refusals == []


def test_the_second_time_it_is_the_same_account_with_what_the_claims_give_now(
    console: Console, provider: IdentityProvider
) -> None:
    first, second = console.browser(), console.browser()
    _go(first)
    provider.person |= {"roles": ["pw-area", "something else"], "city": "heiveen", "preferred_username": "Noor Anders"}
    assert _go(second).url.path == "/"
    (noor,) = _people(console)
    assert (noor.name, noor.role, noor.municipality) == ("Noor", Role.AREA_MANAGER, "GM0001")
    assert first.get("/").url.path == "/sign-in"
    assert second.get("/").url.path == "/"
    assert "account_changed" in [entry.event for entry in audit.entries(console.engine)]


WRONG: dict[str, dict[str, Any]] = {
    "nonce of another": {"nonce": "another"},
    "no nonce": {"nonce": None},
    "expired": {"exp": 1},
    "no end": {"exp": None},
    "for another client": {"aud": "another"},
    "for several, and not by us": {"aud": [CLIENT, "another"], "azp": "another"},
    "of another issuer": {"iss": "https://elsewhere.example"},
    "about nobody": {"sub": ""},
    "about a number": {"sub": 7},
}


@pytest.mark.parametrize("wrong", WRONG)
def test_an_id_token_that_does_not_hold_lets_nobody_in(console: Console, provider: IdentityProvider, wrong: str) -> None:
    provider.over = WRONG[wrong]
    with capture_logs() as logs:
        answer = _go(console.browser())
    assert answer.status_code == 400, answer.text
    assert "it did not work" in answer.text
    assert (_people(console), sessions_in(console.engine)) == ([], 0)
    assert "failed" in _refusals(console)[0]
    assert [line["event"] for line in logs if line["log_level"] == "warning"] == ["console.provider_refused"]


@pytest.mark.parametrize(("number", "algorithm"), [(2, "RS256"), (0, "HS256")])
def test_a_signature_by_another_key_or_by_a_shared_secret_lets_nobody_in(
    console: Console, provider: IdentityProvider, number: int, algorithm: str
) -> None:
    provider.key = key_pair(number) if number else OctKey.import_key(SECRET * 2)
    provider.algorithm = algorithm
    assert _go(console.browser()).status_code == 400
    assert _people(console) == []


@pytest.mark.parametrize(
    ("language", "text"), [("en", "gives you no role in this console"), ("nl", "geeft u geen rol in deze console")]
)
@pytest.mark.parametrize("roles", [["unknown"], [], None, ["pw-worker", "pw-audit"]])
def test_no_role_or_two_is_told_in_plain_words(
    console: Console, provider: IdentityProvider, language: str, text: str, roles: list[str] | None
) -> None:
    provider.person["roles"] = roles
    answer = _go(console.browser(language=language))
    assert answer.status_code == 403
    assert text in answer.text
    assert (_people(console), sessions_in(console.engine)) == ([], 0)
    assert "no_role" in _refusals(console)[0]


@pytest.mark.parametrize("city", [None, "elsewhere", ["heiveen", "adv"]])
def test_a_municipality_that_is_not_said_makes_nobody_one_of_the_service(
    console: Console, provider: IdentityProvider, city: str | list[str] | None
) -> None:
    provider.person["city"] = city
    assert _go(console.browser()).status_code == 403
    assert _people(console) == []


def test_who_lost_their_role_is_out_and_an_account_that_is_shut_stays_shut(console: Console, provider: IdentityProvider) -> None:
    browser = console.browser()
    _go(browser)
    provider.person["roles"] = []
    assert _go(console.browser()).status_code == 403
    assert browser.get("/").url.path == "/sign-in"
    provider.person["roles"] = ["pw-worker"]
    (noor,) = _people(console)
    account_changes.change(console.engine, noor, Wanted(noor.role, None, ALL_RIGHTS, disabled=True), ADMIN, console.clock())
    answer = _go(console.browser())
    assert answer.status_code == 403
    assert "is shut" in answer.text
    assert sessions_in(console.engine) == 0
    assert [entry.subject for entry in audit.entries(console.engine) if entry.event == "sign_in_refused"] == ["Noor", "Noor"]


def test_an_account_with_a_password_is_not_taken_over_by_its_name(console: Console) -> None:
    own = console.account(Role.ADMINISTRATOR, name="Noor")
    answer = _go(console.browser())
    assert answer.status_code == 403
    assert "that of another account" in answer.text
    assert [one.role for one in _people(console)] == [Role.ADMINISTRATOR]
    assert console.browser().post("/sign-in", name=own.name, password=PASSWORD).url.path == "/"


@pytest.mark.parametrize("name", ["", "system", "(nobody)", "x" * 201, None, "a\u202eb"])
def test_a_name_that_would_mislead_is_refused(console: Console, provider: IdentityProvider, name: str | None) -> None:
    provider.person["preferred_username"] = name
    assert _go(console.browser()).status_code == 403
    assert _people(console) == []


def test_the_way_back_works_once_and_for_its_own_browser_in_time(console: Console, provider: IdentityProvider) -> None:
    browser, other = console.browser(), console.browser()
    back = _way_back(browser)
    other.get("/sign-in")
    assert other.get(back).status_code == 400
    assert browser.get(back).headers["location"] == "/"
    assert browser.get(back).status_code == 400
    assert sessions_in(console.engine) == 1
    late = _way_back(console.browser())
    console.clock.forward(minutes=11)
    assert browser.get(late).status_code == 400
    assert provider.refusals == []


@pytest.mark.parametrize("changed", [{"state": ["another"]}, {"state": []}, {"code": []}, {"iss": ["https://elsewhere.example"]}])
def test_a_way_back_that_was_changed_lets_nobody_in(console: Console, changed: dict[str, list[str]]) -> None:
    browser = console.browser()
    query = parse_qs(urlsplit(_way_back(browser)).query) | changed
    assert browser.get("/sign-in/provider/back", params=query).status_code == 400
    assert browser.get("/sign-in/provider/back").status_code == 400
    assert sessions_in(console.engine) == 0


def test_too_late_is_too_late_for_the_browser_itself(console: Console) -> None:
    browser = console.browser()
    back = _way_back(browser)
    console.clock.forward(minutes=10)
    # The browser itself throws the cookie away at the same time; here it still sends it.
    assert browser.get(back).status_code == 400


def test_a_code_of_somebody_elses_sign_in_is_worth_nothing(console: Console, provider: IdentityProvider) -> None:
    stolen = parse_qs(urlsplit(_way_back(console.browser())).query)["code"]
    browser = console.browser()
    own = parse_qs(urlsplit(_way_back(browser)).query)
    assert browser.get("/sign-in/provider/back", params=own | {"code": stolen}).status_code == 400
    assert provider.refusals == ["code_verifier"]
    assert _people(console) == []


def test_a_provider_that_does_not_answer_or_calls_itself_otherwise(console: Console, provider: IdentityProvider) -> None:
    provider.called = "https://elsewhere.example"
    answer = _go(console.browser())
    assert answer.status_code == 502
    assert "does not answer" in answer.text


def test_no_token_and_no_claim_stands_in_a_log_or_an_address_of_ours(
    console: Console, provider: IdentityProvider, caplog: pytest.LogCaptureFixture
) -> None:
    provider.person |= {"email": "noor@city.example", "groups": ["secret-group"]}
    browser = console.browser()
    asked: list[str] = []
    browser.http.event_hooks["request"].append(lambda request: asked.append(str(request.url)))
    with caplog.at_level(logging.DEBUG), capture_logs() as logs:
        assert _go(browser).status_code == 200
        provider.over = {"nonce": "another"}
        assert _go(console.browser()).status_code == 400
    ours = [url for url in asked if url.startswith(console.url)]
    # The browser and the provider live in this process too: the browser in this thread, and both servers keep their access logs
    # under one name, which the service silences.
    records = [one for one in caplog.records if one.threadName != "MainThread" and one.name != "uvicorn.access"]
    told = str(logs) + "".join(record.getMessage() for record in records)
    assert "console.provider_refused" in told
    codes = [value for url in ours for value in parse_qs(urlsplit(url).query).get("code", [])]
    secret = [one for one in provider.given if one not in codes] + [SECRET, "noor@city.example", "secret-group", "sub-7f3a"]
    assert len(secret) >= 8
    for one in secret:
        assert one not in told
        assert not [url for url in ours if one in url]
    # A code is on its way by the address, as the standard has it; without the verifier it is worth nothing, and no log has it.
    assert not [code for code in codes if code in told]


def test_pages_let_the_form_lead_to_the_provider_and_nowhere_else(console: Console, provider: IdentityProvider) -> None:
    policy = console.browser().get("/sign-in").headers["content-security-policy"]
    assert f"form-action 'self' {provider.url};" in policy


def test_the_cookie_of_the_way_is_for_no_script_and_short_lived(console: Console) -> None:
    browser = console.browser()
    browser.http.follow_redirects = False
    (cookie,) = [one for one in _go(browser).headers.get_list("set-cookie") if one.startswith("patroonwacht-provider=")]
    assert "HttpOnly" in cookie
    assert "Max-Age=600" in cookie
    assert "SameSite=lax" in cookie


def test_attempts_are_counted_and_a_form_from_elsewhere_is_refused(console: Console) -> None:
    browser = console.browser()
    browser.http.follow_redirects = False
    assert browser.http.post("/sign-in/provider").status_code == 403
    assert [_go(browser).status_code for _ in range(21)] == [303] * 20 + [429]


def test_without_a_provider_there_is_no_button_and_no_address(sqlite_engine: Engine, clock: Clock) -> None:
    with open_console(sqlite_engine, clock) as plain:
        browser = plain.browser()
        assert "/sign-in/provider" not in browser.get("/sign-in").text
        assert browser.post("/sign-in/provider").status_code == 404
        assert browser.get("/sign-in/provider/back").status_code == 404
        assert "form-action 'self';" in browser.get("/sign-in").headers["content-security-policy"]
