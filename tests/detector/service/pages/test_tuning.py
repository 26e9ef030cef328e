"""Tuning: errors beside their fields, a replay in a process of its own, its result told no further than the floors allow."""

import re
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from consoling import Browser
from housing import House

from alerts.alert import Rights, Role
from detector.configuration import load
from detector.patterns import Followed
from detector.service.pages.comparison import Change, changes, same
from detector.service.pages.proposal import propose, shown
from detector.service.pages.replay import ReplayOrder
from detector.service.pages.replays import BusyError, Replays, ReplayState

PAUSE = threading.Event()
PAGE = "/tuning/GM9999"


def filled(house: House, **changed: str) -> dict[str, list[str]]:
    values = shown(house.work.settings, "GM9999") | {"years": ["1"], "every": ["7"]}
    return values | {key.replace("__", "."): [value] for key, value in changed.items()}


def begin(house: House, browser: Browser, **changed: str) -> str:
    answer = browser.post(PAGE, page=PAGE, **filled(house, **changed))
    assert answer.status_code == 200, answer.text
    return answer.url.path


def ended(house: House, at: str) -> ReplayState:
    give_up = time.monotonic() + 120
    while (state := house.replay(at).state) is ReplayState.RUNNING:
        assert time.monotonic() < give_up
        PAUSE.wait(0.1)
    return state


def test_a_threshold_is_tuned_and_the_difference_seen(house: House) -> None:
    browser = house.sign_in(Role.OPERATOR)
    at = begin(house, browser, rules__0__min_reports="9")
    assert ended(house, at) is ReplayState.DONE
    result = house.replays.result("GM9999", at.rpartition("/")[2])
    assert result.before.alerts > result.after.alerts
    assert result.count(Change.DISAPPEARS) == result.before.alerts - result.count(Change.STAYS)
    page = browser.get(at).text.replace("\N{NO-BREAK SPACE}", " ")
    assert "at least 9 reports in one neighbourhood within 90 days" in page
    assert "Disappears" in page
    assert "<svg" in page
    assert "stroke-dasharray" in page
    assert "here-" not in page
    assert len(house.audited("replay_begun")) == len(house.audited("replay_viewed")) == 1


def test_the_file_to_take_along_gives_what_was_tried(house: House, tmp_path: Path) -> None:
    browser = house.sign_in(Role.OPERATOR)
    at = begin(house, browser, rules__0__min_reports="9")
    text = browser.get(f"{at}/local.toml")
    assert text.headers["content-disposition"] == 'attachment; filename="local.toml"'
    own = tmp_path / "local.toml"
    own.write_text(text.text)
    tried = propose(house.work.settings, "GM9999", filled(house, rules__0__min_reports="9")).settings
    assert load({"PATROONWACHT_DATA_DIR": str(house.folder)}, own=own).settings == tried


def test_what_is_wrong_stands_beside_its_field_and_nothing_begins(house: House) -> None:
    browser = house.sign_in(Role.OPERATOR)
    answer = browser.post(PAGE, page=PAGE, **filled(house, detection__false_alerts_per_year="0", rules__0__within_days="x"))
    assert answer.status_code == 400
    assert '<a href="#detection.false_alerts_per_year">This has to be more than 0.</a>' in answer.text
    assert '<a href="#rules.0.within_days">Fill in a whole number.</a>' in answer.text
    assert house.replays.list("GM9999") == []


@pytest.mark.parametrize("role", [Role.CASE_WORKER, Role.AUDITOR, Role.AREA_MANAGER, Role.POLICY_ADVISER])
def test_tuning_is_for_operators(house: House, role: Role) -> None:
    browser = house.sign_in(role, "GM9999" if role in {Role.AREA_MANAGER, Role.POLICY_ADVISER} else None)
    assert browser.get("/tuning").status_code == 403
    assert browser.post(PAGE, page="/", **filled(house)).status_code == 403


def test_a_municipality_that_one_does_not_serve_does_not_exist(house: House) -> None:
    assert house.sign_in(Role.OPERATOR).get("/tuning/GM0000").status_code == 404
    other = house.sign_in(Role.OPERATOR, "GM0002")
    assert other.get(PAGE).status_code == 404
    assert other.get("/tuning/..%2f..").status_code == 404
    assert house.sign_in(Role.OPERATOR).get(f"{PAGE}/0123456789abcdef").status_code == 404


def test_one_at_a_time_can_be_broken_off_and_survives_a_reload(house: House) -> None:
    browser = house.sign_in(Role.OPERATOR)
    at = begin(house, browser, every="1", years="3")
    running = browser.get(at).text
    assert "Break off" in running
    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in running
    part = browser.get(f"{at}?part=true")
    assert "<progress" in part.text
    assert "<html" not in part.text
    assert "under way already" in browser.post(PAGE, page=PAGE, **filled(house)).text
    elsewhere = Replays(house.folder / "tuning")
    with pytest.raises(BusyError):
        elsewhere.start(order(house), "somebody", {})
    assert "broken off" in browser.post(f"{at}/cancel", page=at).text
    assert house.replay(at).state is ReplayState.CANCELLED
    assert browser.get(f"{at}?part=true").headers["hx-refresh"] == "true"
    elsewhere.start(replace(order(house), every_days=300), "somebody", {})
    elsewhere.close()


def order(house: House) -> ReplayOrder:
    now, settings = house.clock(), house.work.settings
    first = now.date().replace(year=now.year - 3)
    return ReplayOrder(settings, settings, "GM9999", first, now.date(), 1, now, house.folder)


def test_it_ends_with_the_service(house: House) -> None:
    replay = house.replays.start(order(house), "somebody", {})
    process = house.replays._running["GM9999"].process
    house.replays.close()
    assert not process.is_alive()
    assert house.replay(f"{PAGE}/{replay}").state is ReplayState.LOST


def test_who_may_not_see_communities_or_places_sees_neither(house: House) -> None:
    at = begin(house, house.sign_in(Role.OPERATOR))
    assert ended(house, at) is ReplayState.DONE
    alerts = house.replays.result("GM9999", at.rpartition("/")[2]).alerts
    [name] = next(one.area_names for one in alerts if one.band is not None)
    seen = house.sign_in(Role.OPERATOR).get(at).text
    blind = house.console.sign_in(Role.OPERATOR, rights=Rights((), sees_place=False, sees_community=False)).get(at).text
    assert name in seen
    assert name not in blind


def test_alerts_are_the_same_when_they_share_half_of_the_smaller_ones_reports() -> None:
    assert same(frozenset("abcd"), frozenset("cdefgh"))
    assert not same(frozenset("abcd"), frozenset("defgh"))
    assert not same(frozenset(), frozenset("a"))


def test_every_alert_of_either_side_is_told_once(followed: Callable[..., Followed]) -> None:
    before = [followed("one", "abc"), followed("two", "xyz")]
    after = [followed("three", "abcd"), followed("four", "mno")]
    assert sorted((change.value, one.key) for change, one in changes(before, after)) == [
        ("appears", "four"),
        ("disappears", "two"),
        ("stays", "three"),
    ]


def test_the_page_holds_no_count_below_its_floor(house: House) -> None:
    """Of the pattern's six reports two are on one community: neither that community nor a two may be told of it."""
    at = begin(house, house.sign_in(Role.OPERATOR))
    assert ended(house, at) is ReplayState.DONE
    page = house.sign_in(Role.OPERATOR).get(at).text
    assert "roma" not in page.lower()
    kept = (house.folder / "tuning" / "GM9999" / at.rpartition("/")[2] / "result.json").read_text()
    assert not re.search(r"roma|here-|patroonwacht:", kept)
    assert (house.folder / "tuning" / "GM9999").stat().st_mode & 0o077 == 0
