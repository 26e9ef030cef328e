import html
import re
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from alerting import NOW, OPERATOR, Clock, Recorder, make_pattern
from consoling import Console, open_console
from sqlalchemy import Engine, update

from alerts import audit, deliveries, queries, silences
from alerts.alert import SYSTEM, Actor, Role
from alerts.console.pages.audit_log import PAGE_SIZE
from alerts.console.pages.silences import about_words
from alerts.delivery import deliver_due
from alerts.message import DeliveryError, Reason
from alerts.pattern import Audience, PatternKind
from alerts.rules import Matchers
from alerts.settings import DeliverySettings
from alerts.store import tables as t
from alerts.store.engine import write

SERVICE_PAGES = {
    "/deliveries": {Role.OPERATOR, Role.ADMINISTRATOR},
    "/silences": {Role.CASE_WORKER, Role.OPERATOR, Role.ADMINISTRATOR},
    "/audit": {Role.AUDITOR, Role.ADMINISTRATOR},
}


@pytest.mark.parametrize("path", SERVICE_PAGES)
@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SYSTEM])
def test_a_page_is_for_its_roles_and_in_their_navigation_only(console: Console, path: str, role: Role) -> None:
    browser = console.sign_in(role)
    assert browser.get(path).status_code == (200 if role in SERVICE_PAGES[path] else 403)
    assert (f'href="{path}"' in browser.get("/").text) == (role in SERVICE_PAGES[path])


def _dead(console: Console) -> None:
    """An alert whose message to the service failed for good."""
    console.alerts.receive(make_pattern(), console.clock())
    failing = Recorder(failures=[DeliveryError("refused for ever", permanent=True) for _ in range(9)])
    channels = dict.fromkeys(("adv", "heiveen", "duinrade"), failing)
    deliver_due(console.engine, channels, console.clock, np.random.default_rng(1), DeliverySettings())


def test_what_is_dead_is_shown_with_its_attempts_and_tried_again(console: Console) -> None:
    _dead(console)
    browser = console.sign_in(Role.OPERATOR)
    text = browser.get("/deliveries?state=dead").text
    assert "refused for ever" in text
    message = re.search(r'name="message" value="([0-9a-f-]+)"', text)
    assert message is not None
    said = browser.post("/deliveries/retry", page="/deliveries", message=message[1])
    assert "The message is tried again." in said.text
    again = browser.post("/deliveries/retry", page="/deliveries", message=message[1])
    assert "cannot be tried again" in again.text
    before = sum(one.dead for one in deliveries.destinations(console.engine))
    browser.post("/deliveries/retry", page="/deliveries", destination="adv")
    browser.post("/deliveries/retry", page="/deliveries", destination="heiveen")
    assert before > 0
    assert sum(one.dead for one in deliveries.destinations(console.engine)) == 0


def test_the_deliveries_of_all_are_not_for_somebody_of_one_municipality(console: Console) -> None:
    assert console.sign_in(Role.OPERATOR, "GM0001").get("/deliveries").status_code == 403


def test_a_silence_is_made_shown_and_ended(console: Console) -> None:
    console.alerts.receive(make_pattern(), console.clock())
    browser = console.sign_in(Role.CASE_WORKER)
    empty = browser.post("/silences", page="/silences", municipality="", areas="", kind="", comment="why", days="7")
    assert empty.status_code == 400
    made = browser.post("/silences", page="/silences", municipality="GM0001", areas="", kind="place", comment="moving", days="7")
    assert "Silenced." in made.text
    (silence,) = silences.list_silences(console.engine, active_at=console.clock())
    assert (silence.author, silence.comment) == (browser.name, "moving")
    assert silence.matchers.municipality == ("GM0001",)
    ended = browser.post("/silences/end", page="/silences", silence=silence.id)
    assert "has ended" in ended.text
    assert silences.list_silences(console.engine, active_at=console.clock()) == ()


def test_somebody_of_one_municipality_knows_of_its_silences_only(console: Console) -> None:
    made = {}
    for code in ("GM0001", "GM0002"):
        matchers = Matchers(municipality=(code,))
        made[code] = silences.add(
            console.engine, matchers, OPERATOR, NOW, comment=f"of {code}", starts_at=NOW, ends_at=NOW.replace(year=2027)
        )
    browser = console.sign_in(Role.OPERATOR, "GM0001")
    text = browser.get("/silences").text
    assert "of GM0001" in text
    assert "of GM0002" not in text
    assert browser.post("/silences/end", page="/silences", silence=made["GM0002"].id).status_code == 404
    refused = browser.post("/silences", page="/silences", municipality="GM0002", areas="", kind="", comment="x", days="1")
    assert refused.status_code == 400
    assert made["GM0002"] in silences.list_silences(console.engine)


def test_the_audit_log_shows_who_saw_what_and_that_it_is_whole_or_not(console: Console) -> None:
    browser = console.sign_in(Role.AUDITOR)
    console.sign_in(Role.CASE_WORKER, name="Els")
    log = browser.get("/audit").text
    assert "Account made" in log
    assert "role: Auditor" in log
    assert "account_added" not in log.split("<tbody")[1]
    said = browser.post("/audit/verify", page="/audit", noted="")
    noted = re.search(r"Note elsewhere: (\d+ [0-9a-f]{64})", said.text)
    assert noted is not None
    assert "The log is whole" in browser.post("/audit/verify", page="/audit", noted=noted[1]).text
    with write(console.engine) as connection:
        connection.execute(update(t.audit).where(t.audit.c.subject == "Els").values(actor="somebody else"))
    assert "tampered with" in browser.post("/audit/verify", page="/audit", noted="").text


def test_an_auditor_of_one_municipality_reads_of_its_alerts_and_people_only(console: Console) -> None:
    own = console.alerts.receive(make_pattern("a"), console.clock()).alert_id
    other = console.alerts.receive(
        replace(make_pattern("b"), municipality="GM0002", area_codes=("WK000201",)), console.clock()
    ).alert_id
    worker = Actor("w", Role.CASE_WORKER)
    for alert_id in (own, other):
        queries.record_view(console.engine, alert_id, worker, console.clock())
    browser = console.sign_in(Role.AUDITOR, "GM0001")
    text = browser.get("/audit").text
    assert own in text
    assert other not in text
    assert audit.verify(console.engine).intact


def numbers(text: str) -> list[int]:
    """The entries that a page of the log shows."""
    return [int(number) for number in re.findall(r'data-label="Number">(\d+)<', text)]


def test_the_log_is_searched_by_who_what_about_and_day_and_page_by_page(console: Console) -> None:
    alert_id = console.alerts.receive(make_pattern(), console.clock()).alert_id
    worker = Actor("w", Role.CASE_WORKER)
    for _ in range(PAGE_SIZE + 1):
        queries.record_view(console.engine, alert_id, worker, console.clock())
    console.clock.forward(minutes=2 * 24 * 60)
    queries.record_view(console.engine, alert_id, Actor("v", Role.CASE_WORKER), console.clock())
    browser = console.sign_in(Role.AUDITOR)
    views = [entry.seq for entry in audit.entries(console.engine, subject=alert_id, limit=1000) if entry.event == "alert_viewed"]
    [*by_w, by_v] = views
    sought = {"who": "w", "event": "alert_viewed", "about": alert_id, "first": "", "last": ""}
    shown = browser.get("/audit", params=sought)
    assert numbers(shown.text) == by_w[:0:-1]
    older = html.unescape(re.findall(r'href="([^"]+)" rel="next"', shown.text)[0])
    assert numbers(browser.get(older).text) == by_w[:1]
    assert numbers(browser.get("/audit", params={"who": "v"}).text) == [by_v]
    zone = console.services.zone
    today = console.clock().astimezone(zone).date()
    assert numbers(browser.get("/audit", params={"about": alert_id, "first": today.isoformat()}).text) == [by_v]
    yesterday = (today - timedelta(days=1)).isoformat()
    assert by_v not in numbers(browser.get("/audit", params={"last": yesterday}).text)
    assert by_v in numbers(browser.get("/audit", params={"last": today.isoformat()}).text)
    assert by_v in numbers(browser.get("/audit", params={"last": "someday", "event": "no such", "before": "0"}).text)
    assert "The log has no entry like that." in browser.get("/audit", params={"who": "nobody of that name"}).text


def test_whatever_an_address_asks_of_the_log_there_is_an_answer(engine: Engine, clock: Clock) -> None:
    with open_console(engine, clock) as console:
        browser = console.sign_in(Role.AUDITOR)
        for name, text in {"first": "0001-01-01", "last": "0001-01-01"}.items():
            assert browser.get("/audit", params={name: text}).status_code == 200, name
        assert numbers(browser.get("/audit", params={"first": "0001-01-01", "last": "9999-12-31"}).text)
        assert browser.get("/audit", params={"before": str(10**30)}).status_code == 400


def test_who_did_it_is_found_by_the_name_that_the_log_shows(console: Console) -> None:
    with write(console.engine) as connection:
        audit.append(connection, at=console.clock(), actor=SYSTEM.name, event="message_delivered", subject="m")
    shown = console.sign_in(Role.AUDITOR, language="nl").get("/audit", params={"who": "Patroonwacht zelf"}).text
    assert len(re.findall('data-label="Nummer">', shown)) == 1


def test_an_entry_leads_to_the_alert_for_who_may_open_it(console: Console) -> None:
    alert_id = console.alerts.receive(make_pattern(), console.clock()).alert_id
    queries.record_view(console.engine, alert_id, Actor("w", Role.CASE_WORKER), console.clock())
    auditor, administrator = console.sign_in(Role.AUDITOR), console.sign_in(Role.ADMINISTRATOR)
    assert f'<a href="/alerts/{alert_id}">' in auditor.get("/audit").text
    assert auditor.get(f"/alerts/{alert_id}").status_code == 200
    seen = administrator.get("/audit").text
    assert alert_id in seen
    assert f"/alerts/{alert_id}" not in seen


def test_a_silence_says_in_words_what_it_is_about() -> None:
    names = {"GM0001": "Heiveen", "WK000101": "Zonnehoek"}
    matchers = Matchers(municipality=("GM0001",), areas=("WK000101", "WK9"), kind=(PatternKind.PLACE,), alert=("0" * 32,))
    assert about_words(matchers, names, "nl") == (
        "Gemeente: Heiveen; Gebieden: Zonnehoek en WK9; Soort patroon: Op één plek; Alleen: 1 signaal"
    )
    assert about_words(Matchers(audience=(Audience.ADV,), reason=(Reason.GROWN,)), {}, "en") == (
        "For whom: the anti-discrimination service; Message: The pattern has grown"
    )


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.ADMINISTRATOR])
def test_for_who_keeps_the_service_running_there_are_no_alerts(console: Console, role: Role) -> None:
    alert = console.alerts.receive(make_pattern(), console.clock()).alert_id
    browser = console.sign_in(role)
    page = browser.get(f"/alerts/{alert}")
    assert page.status_code == 404
    assert page.text == browser.get(f"/alerts/{'0' * 32}").text.replace("0" * 32, alert)
    assert "Zonnehoek" not in browser.get("/alerts").text
    assert 'href="/alerts"' not in browser.get("/").text
    assert [each for each in audit.entries(console.engine) if each.event == "alert_viewed"] == []


def test_the_first_page_tells_an_operator_of_messages_and_an_auditor_of_no_work(console: Console) -> None:
    _dead(console)
    assert "could not be delivered" in console.sign_in(Role.OPERATOR).get("/").text
    assert "accounts of your municipality" in console.sign_in(Role.ADMINISTRATOR, "GM0001").get("/").text
    assert "silences of your municipality" in console.sign_in(Role.OPERATOR, "GM0001").get("/").text
    auditor = console.sign_in(Role.AUDITOR).get("/").text
    assert "or a colleague" not in auditor
    assert "1 alert is new" in auditor
