"""What people do on the page of an alert, through a real server, and what two do at once."""

import re
from datetime import date

import pytest
from alert_page import ALERT, APPROACH, PAGE, Seen, do, seen, stand
from alerting import ADVISER, NOW
from consoling import Console

from alerts import silences
from alerts.alert import Action, Approach, ApproachKind, ReviewState, Role


def test_from_new_to_closed_by_the_forms_alone(console: Console) -> None:
    stand(console, ReviewState.NEW)
    worker, adviser = console.sign_in(Role.CASE_WORKER, language="nl"), console.sign_in(Role.POLICY_ADVISER, language="nl")

    def version() -> int:
        return console.alerts.get(ALERT).version

    assert "In beoordeling genomen" in do(worker, "review", version()).text
    do(worker, "release", version(), text="klopt met wat wij horen")
    do(adviser, "acknowledge", version())
    agreed = do(adviser, "agree", version(), kind="both", owner="S. de Boer", partners="politie, moskee", review_on="2026-06-01")
    assert "S. de Boer" in agreed.text
    assert "politie en moskee" in agreed.text
    assert "Meldingen tellen mee vanaf 9 maart" in agreed.text
    closed = do(adviser, "close", version(), outcome="Minder spanning")
    assert "Minder spanning" in closed.text
    assert "klopt met wat wij horen" not in closed.text, "what the service wrote stays there"
    alert = console.alerts.get(ALERT)
    assert alert.review is ReviewState.CLOSED
    made = Approach(ApproachKind.BOTH, "S. de Boer", ("politie", "moskee"), date(2026, 6, 1), "", "Minder spanning")
    assert alert.approach == made
    gone = do(adviser, "reopen", version())
    assert gone.answer.url.path == "/alerts", "it went back to the service, which reviews it first"


def test_dismissing_needs_a_reason_and_says_so_beside_what_was_typed(console: Console) -> None:
    stand(console, ReviewState.IN_REVIEW)
    browser = console.sign_in(Role.CASE_WORKER, language="nl")
    refused = do(browser, "dismiss", console.alerts.get(ALERT).version, text="lang verhaal")
    assert refused.answer.status_code == 400
    assert "Kies een reden." in refused.text
    assert "lang verhaal" in refused.answer.text
    assert console.alerts.get(ALERT).review is ReviewState.IN_REVIEW
    done = do(browser, "dismiss", console.alerts.get(ALERT).version, text="lang verhaal", dismiss_reason="known")
    assert "Al bekend, en er wordt aan gewerkt" in done.text


def test_two_people_at_once_the_second_hears_what_the_first_did_and_loses_nothing(console: Console) -> None:
    stand(console, ReviewState.ACKNOWLEDGED)
    first, second = console.sign_in(Role.POLICY_ADVISER, language="nl"), console.sign_in(Role.AREA_MANAGER, language="nl")
    page = second.get(PAGE).text
    before = console.alerts.get(ALERT).version
    last = re.findall(r'name="seen" value="(\d+)"', page)[0]
    do(first, "agree", before, kind="both", owner="De eerste")
    mine = {"kind": "other", "owner": "De tweede", "actions": "Mijn plan"}
    told = Seen(second.post(PAGE, page=PAGE, action="agree", version=before, seen=last, **mine))
    assert told.answer.status_code == 409
    assert "Iemand was u voor" in told.text
    assert f"Aanpak vastgelegd – {first.name}" in told.text
    assert "In beoordeling genomen –" not in told.text, "only what happened since"
    assert 'value="De tweede"' in told.answer.text
    assert "Mijn plan" in told.answer.text
    kept = console.alerts.get(ALERT).approach
    assert kept is not None
    assert kept.owner == "De eerste"
    again = do(second, "agree", console.alerts.get(ALERT).version, **mine)
    assert again.answer.status_code == 200


def test_what_is_no_longer_possible_is_said_with_what_was_typed(console: Console) -> None:
    stand(console, ReviewState.IN_REVIEW)
    first, second = console.sign_in(Role.CASE_WORKER, language="nl"), console.sign_in(Role.CASE_WORKER, language="nl")
    before = console.alerts.get(ALERT).version
    do(first, "release", before)
    told = do(second, "dismiss", before, dismiss_reason="known", text="Dit is al opgepakt door team Noord")
    assert told.answer.status_code == 409
    assert "Afwijzen kan niet meer" in told.text
    assert "Dit is al opgepakt door team Noord" in told.text


def test_a_note_never_stands_in_anybodys_way(console: Console) -> None:
    stand(console, ReviewState.ACKNOWLEDGED)
    browser = console.sign_in(Role.AREA_MANAGER)
    console.alerts.act(ALERT, Action.AGREE, ADVISER, NOW, approach=APPROACH)
    assert do(browser, "note", 1, text="gebeld met de wijkagent").answer.status_code == 200


@pytest.mark.parametrize("action", ["lapse", "fly", ""])
def test_what_is_no_action_changes_nothing(console: Console, action: str) -> None:
    stand(console, ReviewState.ACKNOWLEDGED)
    before = console.alerts.get(ALERT)
    assert do(console.sign_in(Role.CASE_WORKER), action, before.version).answer.status_code == 400
    assert console.alerts.get(ALERT) == before


def test_another_municipality_can_do_nothing(console: Console) -> None:
    stand(console, ReviewState.RELEASED)
    before = console.alerts.get(ALERT)
    browser = console.sign_in(Role.POLICY_ADVISER, "GM0002")
    token = browser.csrf("/")
    for path in (PAGE, f"{PAGE}/silences", f"{PAGE}/silences/{'0' * 32}/end"):
        answer = browser.http.post(path, data={"csrf_token": token, "action": "acknowledge", "version": before.version})
        assert answer.status_code == 404
    assert console.alerts.get(ALERT) == before


def test_a_silence_is_made_and_ended_on_the_page(console: Console) -> None:
    stand(console, ReviewState.RELEASED)
    worker, adviser = console.sign_in(Role.CASE_WORKER, language="nl"), console.sign_in(Role.POLICY_ADVISER, language="nl")
    refused = Seen(worker.post(f"{PAGE}/silences", page=PAGE, text="", until="2020-01-01"))
    assert refused.answer.status_code == 400
    assert "Schrijf waarom." in refused.text
    made = Seen(worker.post(f"{PAGE}/silences", page=PAGE, text="er loopt overleg", until="2026-03-10"))
    assert "Stilte tot 11 maart 2026, 00:00" in made.text
    assert "er loopt overleg" not in seen(adviser).text
    (silence,) = silences.list_silences(console.engine)
    assert silence.matchers.alert == (ALERT,)
    token = adviser.csrf(PAGE)
    sent = {"csrf_token": token, "text": "x", "until": "2026-03-10"}
    assert adviser.http.post(f"{PAGE}/silences", data=sent).status_code == 400
    ended = Seen(worker.post(f"{PAGE}/silences/{silence.id}/end", page=PAGE))
    assert "De stilte is beëindigd" in ended.text
    assert silences.list_silences(console.engine, active_at=console.clock()) == ()
