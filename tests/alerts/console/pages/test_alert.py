"""The page of one alert, through a real server: who sees what, in every state."""

import re
from datetime import date, timedelta

from alert_page import ALERT, PAGE, SHOWN, do, seen, stand
from alerting import COMMUNITY, NOW, WORKER, Clock, full_pattern, make_follow_up, make_pattern
from consoling import Console, open_console
from sqlalchemy import Engine, select

from alerts import follow_ups
from alerts.alert import Action, ReviewState, Rights, Role
from alerts.console.settings import ConsoleSettings
from alerts.lifecycle import alert_id_of
from alerts.names import CodeName, Names
from alerts.pattern import Audience, Band, PatternKind, PatternState
from alerts.render import why
from alerts.store import tables as t


def test_each_role_sees_its_own_page_in_every_state(console: Console) -> None:
    for state in ReviewState:
        stand(console, state, key=state.value)
    pages = {state: f"/alerts/{alert_id_of(state.value)}" for state in ReviewState}
    worker = console.sign_in(Role.CASE_WORKER, language="nl")
    for page in pages.values():
        theirs = seen(worker, page)
        assert theirs.answer.status_code == 200
        assert "gewoonlijk zijn dat er 1 of 2" in theirs.text
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
    assert [browser.get(f"/alerts/{each}").status_code for each in ("x", "0" * 33, "..%2f")] == [404] * 3


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
    assert "Klingons" in everything
    assert "data-map" in everything
    where = console.sign_in(Role.POLICY_ADVISER, rights=Rights(sees_community=False), language="nl").get(PAGE).text
    assert "Zonnehoek" in where
    assert not re.search("(?i)klingons|Meld het!", where)
    whom = console.sign_in(Role.POLICY_ADVISER, rights=Rights(sees_place=False), language="nl").get(PAGE).text
    assert "Klingons" in whom
    assert not re.search("Zonnehoek|WK000101|data-map|5\\.1,52", whom)


def test_people_read_the_name_that_the_operator_gave_a_code(sqlite_engine: Engine, clock: Clock) -> None:
    figures = why.Figures(date(2026, 1, 5), Band(6, 10), 1.5)
    about = why.place_community_count(["Zonnehoek"], "district", "community", "klingons", figures)
    names = Names(communities={"klingons": CodeName(nl="Mensen van Qo’noS", en="People from Qo’noS")})
    with open_console(sqlite_engine, clock, names=names) as console:
        stand(console, ReviewState.RELEASED, kind=PatternKind.PLACE_COMMUNITY, community="klingons", why=(about,))
        pages = [console.sign_in(Role.POLICY_ADVISER, language="nl").get(each).text for each in (PAGE, "/alerts")]
        english = console.sign_in(Role.POLICY_ADVISER).get(PAGE).text
    assert "de gemeenschap ‘Mensen van Qo’noS’" in pages[0]
    assert '<option value="klingons">Mensen van Qo’noS</option>' in pages[1]
    assert not any("Klingons" in page for page in (*pages, english))
    assert "the community ‘People from Qo’noS’" in english


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
