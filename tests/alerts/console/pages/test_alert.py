"""The page of one alert, through a real server: who sees what, in every state, and what people do there."""

import html
import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from alerting import ADVISER, COMMUNITY, NOW, WORKER, Clock, full_pattern, make_follow_up, make_pattern
from consoling import Browser, Console, open_console
from sqlalchemy import Engine, select

from alerts import follow_ups, silences
from alerts.alert import Action, Approach, ApproachKind, DismissReason, ReviewState, Rights, Role
from alerts.console.settings import ConsoleSettings
from alerts.lifecycle import alert_id_of
from alerts.pattern import Audience, Band, PatternKind, PatternState
from alerts.render import why
from alerts.store import tables as t

ALERT = alert_id_of("p1")
PAGE = f"/alerts/{ALERT}"
APPROACH = Approach(ApproachKind.AREA_BASED, "S. de Boer", ("politie",), actions="Gesprekken op het plein")
Step = tuple[Action, Any, dict[str, Any]]

STEPS: dict[ReviewState, tuple[Step, ...]] = {
    ReviewState.NEW: (),
    ReviewState.IN_REVIEW: ((Action.REVIEW, WORKER, {}),),
    ReviewState.HELD: ((Action.REVIEW, WORKER, {}), (Action.HOLD, WORKER, {})),
    ReviewState.DISMISSED: ((Action.REVIEW, WORKER, {}), (Action.DISMISS, WORKER, {"dismiss_reason": DismissReason.KNOWN})),
    ReviewState.RELEASED: ((Action.REVIEW, WORKER, {}), (Action.RELEASE, WORKER, {})),
}
STEPS[ReviewState.ACKNOWLEDGED] = (*STEPS[ReviewState.RELEASED], (Action.ACKNOWLEDGE, ADVISER, {}))
STEPS[ReviewState.APPROACH_AGREED] = (*STEPS[ReviewState.ACKNOWLEDGED], (Action.AGREE, ADVISER, {"approach": APPROACH}))
STEPS[ReviewState.CLOSED] = (*STEPS[ReviewState.APPROACH_AGREED], (Action.CLOSE, ADVISER, {}))
STEPS[ReviewState.REOPENED] = (*STEPS[ReviewState.CLOSED], (Action.REOPEN, ADVISER, {}))
SHOWN = {ReviewState.RELEASED, ReviewState.ACKNOWLEDGED, ReviewState.APPROACH_AGREED, ReviewState.CLOSED}


@dataclass(frozen=True)
class Seen:
    """A page, as somebody reads it."""

    answer: httpx.Response

    @property
    def text(self) -> str:
        without = re.sub(r"<script.*?</script>|<[^>]+>", " ", self.answer.text, flags=re.DOTALL)
        return " ".join(html.unescape(without).split())

    @property
    def forms(self) -> list[str]:
        return re.findall(r'name="action" value="(\w+)"', self.answer.text)


def stand(console: Console, state: ReviewState, **changes: Any) -> None:
    """An alert in this state; it concerns a community, so that nothing is released by rule."""
    console.alerts.receive(full_pattern(**{**COMMUNITY, "observed": Band(6, 10), **changes}), console.clock())
    for action, actor, more in STEPS[state]:
        console.alerts.act(alert_id_of(changes.get("key", "p1")), action, actor, console.clock(), **more)


def seen(browser: Browser, path: str = PAGE) -> Seen:
    return Seen(browser.get(path))


def do(browser: Browser, action: str, version: int, **fields: Any) -> Seen:
    return Seen(browser.post(PAGE, page=PAGE, action=action, version=version, seen=0, **fields))


def test_each_role_sees_its_own_page_in_every_state(console: Console) -> None:
    for state in ReviewState:
        stand(console, state, key=state.value)
    pages = {state: f"/alerts/{alert_id_of(state.value)}" for state in ReviewState}
    worker = console.sign_in(Role.CASE_WORKER, language="nl")
    for page in pages.values():
        theirs = seen(worker, page)
        assert theirs.answer.status_code == 200
        assert "gewoonlijk zijn dat er 1 à 2" in theirs.text
        assert "note" in theirs.forms
    for role in (Role.AREA_MANAGER, Role.POLICY_ADVISER):
        browser = console.sign_in(role, language="nl")
        for state, page in pages.items():
            theirs = seen(browser, page)
            assert theirs.answer.status_code == (200 if state in SHOWN else 404)
            assert not {"review", "release", "hold", "dismiss"} & set(theirs.forms)
    browser = console.sign_in(Role.POLICY_ADVISER, "GM0002", language="nl")
    nobodys = seen(browser, f"/alerts/{'0' * 32}")
    for page in pages.values():
        other = seen(browser, page)
        assert other.answer.status_code == 404
        assert other.text == nobodys.text, "the same words as for an alert that there never was"


def test_an_address_that_is_no_id_is_an_alert_that_does_not_exist(console: Console) -> None:
    browser = console.sign_in(Role.CASE_WORKER)
    assert [browser.get(f"/alerts/{each}").status_code for each in ("x", "%00", "0" * 33, "..%2f")] == [404] * 4


def test_who_is_not_signed_in_is_asked_to(console: Console) -> None:
    stand(console, ReviewState.RELEASED)
    answer = console.browser().get(PAGE)
    assert "Zonnehoek" not in answer.text
    assert 'name="password"' in answer.text


def test_the_page_tells_everything_in_its_order(console: Console) -> None:
    stand(console, ReviewState.RELEASED)
    text = seen(console.sign_in(Role.POLICY_ADVISER, language="nl")).text
    text = text.replace("Wat u kunt doen", "", 1)  # the link to it, for narrow screens
    order = [
        "In de wijk Zonnehoek kwamen sinds 5 januari 6 à 10 meldingen binnen",
        "Waar",
        "Hoe het groeide, week voor week",
        "Wat bekend is",
        "Waarom het systeem dit zegt",
        "eens in de 14 maanden",
        "Wat dit niet zegt",
        "Campagnes in deze weken",
        "Hoe het is gemeld",
        "Wat u kunt doen",
        "Wat er gebeurde",
    ]
    places = [text.find(each) for each in order]
    assert -1 not in places
    assert places == sorted(places)


def test_below_its_floor_nothing_is_on_the_page_that_is_not_in_the_pattern(console: Console) -> None:
    console.alerts.receive(make_pattern(audience=Audience.ADV, observed=None, **{**COMMUNITY, "community": None}), NOW)
    worker = seen(console.sign_in(Role.CASE_WORKER, language="nl"))
    assert "ligt nog onder de ondergrens" in worker.text
    assert "niet getoond" in worker.text
    assert "release" not in worker.forms
    assert seen(console.sign_in(Role.POLICY_ADVISER)).answer.status_code == 404


def test_titles_and_addresses_name_no_place_community_or_count(console: Console) -> None:
    stand(console, ReviewState.RELEASED)
    page = console.sign_in(Role.POLICY_ADVISER, language="nl").get(PAGE).text
    assert re.findall("<title>(.*?)</title>", page)[0] == "Signaal – Patroonwacht"
    addresses = " ".join(re.findall(r'(?:href|src|action)="([^"]*)"', page))
    assert not re.search("Zonnehoek|WK0001|c1|6-10", addresses)


def test_the_page_has_no_style_or_script_of_its_own(console: Console) -> None:
    stand(console, ReviewState.CLOSED)
    page = console.sign_in(Role.CASE_WORKER).get(PAGE).text
    assert not re.search(r"\sstyle=|\son\w+=|<style", page)
    assert all("src=" in tag or "application/json" in tag for tag in re.findall("<script[^>]*>", page))


def test_what_people_write_is_text_and_nothing_else(console: Console) -> None:
    stand(console, ReviewState.RELEASED)
    browser = console.sign_in(Role.CASE_WORKER)
    page = do(browser, "note", 0, text="<script>alert('x')</script> & {{ 7 * 7 }}").answer.text
    assert "&lt;script&gt;alert(" in page
    assert "{{ 7 * 7 }}" in page
    assert "<script>alert" not in page


def test_who_may_not_see_where_or_whom_finds_neither_anywhere_on_the_page(console: Console) -> None:
    figures = why.Figures(date(2026, 1, 5), Band(6, 10), 1.5)
    about = why.place_community_count(["Zonnehoek"], "district", "community", "klingons", figures)
    stand(console, ReviewState.RELEASED, kind=PatternKind.PLACE_COMMUNITY, community="klingons", why=(about,))
    everything = console.sign_in(Role.POLICY_ADVISER, language="nl").get(PAGE).text
    assert "Zonnehoek" in everything
    assert "klingons" in everything
    assert "data-map" in everything
    where = console.sign_in(Role.POLICY_ADVISER, rights=Rights(sees_community=False), language="nl").get(PAGE).text
    assert "Zonnehoek" in where
    assert not re.search("klingons|Meld het!", where)
    whom = console.sign_in(Role.POLICY_ADVISER, rights=Rights(sees_place=False), language="nl").get(PAGE).text
    assert "klingons" in whom
    assert not re.search("Zonnehoek|WK000101|data-map|5\\.1,52", whom)


def test_an_area_manager_of_another_district_finds_no_such_alert(console: Console) -> None:
    stand(console, ReviewState.RELEASED)
    assert console.sign_in(Role.AREA_MANAGER, rights=Rights(("WK000101",))).get(PAGE).status_code == 200
    other = console.sign_in(Role.AREA_MANAGER, rights=Rights(("WK000102",)))
    assert other.get(PAGE).status_code == 404
    sent = {"csrf_token": other.csrf("/"), "action": "acknowledge", "version": 1}
    assert other.http.post(PAGE, data=sent).status_code == 404


def test_the_map_has_the_background_of_the_settings_and_else_none(console: Console, sqlite_engine: Engine, clock: Clock) -> None:
    stand(console, ReviewState.RELEASED)
    assert '"tiles":null' in console.sign_in(Role.POLICY_ADVISER).get(PAGE).text
    settings = ConsoleSettings(tiles_url="https://tiles.example/{z}/{x}/{y}.png")
    with open_console(sqlite_engine, clock, console=settings) as other:
        assert "https://tiles.example/{z}/{x}/{y}.png" in other.sign_in(Role.POLICY_ADVISER).get(PAGE).text


def test_every_view_is_in_the_audit_log_and_a_refused_one_is_not(console: Console) -> None:
    stand(console, ReviewState.RELEASED)
    mine, others = console.sign_in(Role.POLICY_ADVISER), console.sign_in(Role.POLICY_ADVISER, "GM0002")
    for browser in (mine, mine, others):
        browser.get(PAGE)
    with console.engine.connect() as connection:
        query = select(t.audit.c.actor).where(t.audit.c.event == "alert_viewed")
        assert connection.scalars(query).all() == [mine.name, mine.name]


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


def test_the_effect_is_told_after_the_approach(console: Console) -> None:
    stand(console, ReviewState.APPROACH_AGREED)
    city = Band(58, 62)
    follow_ups.receive(console.engine, make_follow_up(weeks=32, city_before=city, city_after=city), NOW + timedelta(weeks=33))
    page = seen(console.sign_in(Role.AREA_MANAGER, language="nl"))
    assert "Per week komen er nu minder meldingen binnen dan ervoor" in page.text
    assert "Minder meldingen kan ook minder vertrouwen betekenen" in page.text
    assert page.answer.text.count('<svg class="pw-chart ') == 2
    assert 'aria-labelledby="effect-title effect-desc"' in page.answer.text


def test_related_alerts_are_linked_as_far_as_they_may_be_seen(console: Console) -> None:
    console.alerts.receive(full_pattern(), NOW)
    console.alerts.receive(full_pattern(key="p2", predecessors=("p1",)), NOW)
    hidden = full_pattern(key="p3", audience=Audience.ADV, observed=None, predecessors=("p1",))
    console.alerts.receive(hidden, NOW)
    page = console.sign_in(Role.POLICY_ADVISER).get(PAGE).text
    assert f'href="/alerts/{alert_id_of("p2")}"' in page
    assert alert_id_of("p3") not in page
    assert f'href="{PAGE}"' in console.sign_in(Role.POLICY_ADVISER).get(f"/alerts/{alert_id_of('p2')}").text


def test_a_municipality_sees_of_the_history_only_what_is_its_business(console: Console) -> None:
    console.alerts.receive(full_pattern(audience=Audience.ADV, observed=None), NOW)
    console.alerts.receive(full_pattern(revision=2), NOW)
    console.alerts.act(ALERT, Action.NOTE, WORKER, NOW, text="twijfel")
    console.alerts.receive(full_pattern(revision=3, state=PatternState.QUIET), NOW)
    adviser, worker = console.sign_in(Role.POLICY_ADVISER, language="nl"), console.sign_in(Role.CASE_WORKER, language="nl")
    assert "Versie 1 " not in seen(adviser).text
    assert "twijfel" not in seen(adviser).text
    assert "Versie 1 " in seen(worker).text
    assert "twijfel" in seen(worker).text
