from dataclasses import replace
from datetime import date
from itertools import product

import pytest
from alerting import NOW, make_pattern
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from alerts import areas, queries
from alerts.alert import Action, Actor, Alert, ReviewState, Rights, Role, UnknownAlertError, may_see
from alerts.areas import Area
from alerts.lifecycle import Alerts, alert_id_of
from alerts.pattern import Band, Breakdown, CampaignOverlap, Cell, Pattern, PatternKind, WhyPart, to_json
from alerts.render import why_sentence
from alerts.shown import shown_to

FIGURES: dict[str, str | int | float] = {"since": "2026-01-05", "band": "3-5", "expected": 0.8}
BOTH = make_pattern(
    key="GM0001-secret-people-Zonnehoek",
    kind=PatternKind.PLACE_COMMUNITY,
    community="secret_people",
    geometry={"type": "Point", "coordinates": [5.0, 52.0]},
    breakdowns=(Breakdown("ground", (Cell("secret_ground", Band(3, 5)),)), Breakdown("nature", (Cell("words", Band(3, 5)),))),
    campaigns=(CampaignOverlap("Week of the secret people", date(2026, 1, 5), date(2026, 1, 12)),),
    predecessors=("GM0001-secret-people-old",),
    why=(
        WhyPart(
            "place_community_count",
            {**FIGURES, "areas": "Zonnehoek", "level": "district", "rubric": "community", "code": "secret_people"},
        ),
        WhyPart(
            "campaign_overlap",
            {"campaign": "Week of the secret people", "starts_on": "2026-01-05", "ends_on": "2026-01-12"},
        ),
        WhyPart("chance", {"recurrence_interval_days": 400.0}),
    ),
)
NO_COMMUNITY, NO_PLACE = Rights(sees_community=False), Rights(sees_place=False)


def test_who_may_see_all_gets_the_very_same_pattern() -> None:
    assert shown_to(BOTH, Rights(area_codes=("WK000101",))) is BOTH


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_without_the_right_the_community_stands_nowhere_but_that_there_is_one_does(lang: str) -> None:
    shown = shown_to(BOTH, NO_COMMUNITY)
    assert "secret" not in to_json(shown)
    assert shown.kind is PatternKind.PLACE_COMMUNITY
    sentence = why_sentence(shown, lang)
    assert {"nl": "dezelfde gemeenschap", "en": "same community"}[lang] in sentence
    assert "Zonnehoek" in sentence
    assert {"nl": "een campagne", "en": "a campaign ran"}[lang] in sentence
    assert (shown.observed, shown.window_from, shown.weekly) == (BOTH.observed, BOTH.window_from, BOTH.weekly)


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_without_the_right_no_place_beneath_the_municipality_is_told(lang: str) -> None:
    shown = shown_to(BOTH, NO_PLACE)
    assert not {word for word in ("Zonnehoek", "WK000101", "coordinates") if word in to_json(shown)}
    assert (shown.area_codes, shown.area_names, shown.level) == (("GM0001",), ("Heiveen",), "municipality")
    assert "Heiveen" in why_sentence(shown, lang)
    assert "Week of" not in to_json(shown), "the name of a campaign can tell where it was"
    assert shown.community == BOTH.community


def test_a_ground_is_no_community() -> None:
    part = WhyPart("community_count", {**FIGURES, "municipality": "Heiveen", "rubric": "ground", "code": "godsdienst"})
    ground = make_pattern(kind=PatternKind.COMMUNITY, ground="godsdienst", why=(part,))
    assert replace(shown_to(ground, NO_COMMUNITY), key=ground.key) == ground


@given(st.booleans(), st.booleans())
def test_to_look_twice_shows_no_more_and_no_less(place: bool, community: bool) -> None:
    rights = Rights(sees_place=place, sees_community=community)
    assert shown_to(shown_to(BOTH, rights), rights) == shown_to(BOTH, rights)


def _town(engine: Engine) -> None:
    found = [
        Area("GM0001", "Heiveen", "municipality", None, "GM0001"),
        Area("WK000101", "Zonnehoek", "district", "GM0001", "GM0001"),
        Area("WK000102", "Veenrand", "district", "GM0001", "GM0001"),
        Area("BU00010101", "Zon-Noord", "neighbourhood", "WK000101", "GM0001"),
        Area("hof", "Het Hof", "neighbourhood", "WK000102", "GM0001"),
    ]
    areas.receive(engine, "GM0001", found, "digest", NOW)


PATTERNS = {
    "own": ("WK000101",),
    "in own": ("BU00010101",),
    "in own, by its digits": ("BU00010199",),
    "half own": ("WK000101", "WK000102"),
    "other": ("WK000102",),
    "in other, by its nesting": ("hof",),
    "whole": ("GM0001",),
}


def _filled(engine: Engine, alerts: Alerts) -> dict[str, str]:
    _town(engine)
    for key, codes in PATTERNS.items():
        alerts.receive(make_pattern(key, area_codes=codes, area_names=codes), NOW)
    alerts.receive(make_pattern("elsewhere", municipality="GM0002", area_codes=("WK000201",)), NOW)
    return {alert_id_of(key): key for key in (*PATTERNS, "elsewhere")}


@pytest.mark.parametrize(
    ("codes", "seen"),
    [
        (("WK000101",), {"own", "in own", "in own, by its digits", "half own"}),
        (("WK000102",), {"half own", "other", "in other, by its nesting"}),
        (("GM0001",), set(PATTERNS)),
        (("WK0001",), set()),
        ((), set(PATTERNS)),
    ],
)
def test_an_area_manager_sees_own_districts_and_all_that_lies_in_them(
    engine: Engine, alerts: Alerts, codes: tuple[str, ...], seen: set[str]
) -> None:
    names = _filled(engine, alerts)
    manager = Actor("mo", Role.AREA_MANAGER, "GM0001", Rights(area_codes=codes))
    listed = {names[alert.id] for alert in queries.find_alerts(engine, manager).alerts}
    # By its digits means CBS codes; a municipality's code holds everything in it by nesting only, as far as areas are known.
    expected = seen - {"in own, by its digits"} if codes == ("GM0001",) else seen
    assert listed == expected
    for alert_id, key in names.items():
        if key in expected:
            assert queries.get(engine, alert_id, manager).id == alert_id
        else:
            with pytest.raises(UnknownAlertError):
                queries.get(engine, alert_id, manager)


def test_every_reader_gets_one_by_one_exactly_what_the_list_has(engine: Engine, alerts: Alerts) -> None:
    names = _filled(engine, alerts)
    alerts.receive(make_pattern("held back", kind=PatternKind.COMMUNITY, community="c1"), NOW)
    everything = queries.find_alerts(engine, Actor("x", Role.CASE_WORKER)).alerts
    rights = (Rights(), Rights(area_codes=("WK000101",)), NO_PLACE, NO_COMMUNITY)
    for role, where, right in product([*Role], [None, "GM0001", "GM0002"], rights):
        actor = Actor("x", role, where, right)
        listed = {alert.id for alert in queries.find_alerts(engine, actor).alerts}
        assert listed == {alert.id for alert in everything if _gets(engine, alert, actor)}
        assert all(may_see(actor, alert) for alert in everything if alert.id in listed)
    assert len(names) + 1 == len(everything)
    assert any(alert.review is ReviewState.NEW for alert in everything)


def _gets(engine: Engine, alert: Alert, actor: Actor) -> bool:
    try:
        queries.get(engine, alert.id, actor)
    except UnknownAlertError:
        return False
    return True


def test_what_one_may_not_see_cannot_be_found_by_asking_for_it(engine: Engine, alerts: Alerts) -> None:
    alerts.receive(BOTH, NOW)
    worker = Actor("w", Role.CASE_WORKER)
    for wanted in (queries.Filter(community="secret_people"), queries.Filter(area_codes=("WK000101",))):
        assert len(queries.find_alerts(engine, worker, wanted).alerts) == 1
    blind = replace(worker, rights=NO_COMMUNITY)
    assert queries.find_alerts(engine, blind, queries.Filter(community="secret_people")).alerts == ()
    lost = replace(worker, rights=NO_PLACE)
    assert queries.find_alerts(engine, lost, queries.Filter(area_codes=("WK000101",))).alerts == ()
    assert queries.current_pattern(engine, alert_id_of(BOTH.key), blind).community is None
    (revision,) = queries.revisions(engine, alert_id_of(BOTH.key), lost)
    assert isinstance(revision, Pattern)
    assert revision.area_codes == ("GM0001",)


def test_what_others_wrote_is_for_who_sees_all_that_they_saw(engine: Engine, alerts: Alerts) -> None:
    alerts.receive(BOTH, NOW)
    alert_id = alert_id_of(BOTH.key)
    worker = Actor("w", Role.CASE_WORKER)
    alerts.act(alert_id, Action.NOTE, worker, NOW, text="Called the secret people")
    for rights in (NO_COMMUNITY, NO_PLACE):
        other = Actor("other", Role.CASE_WORKER, rights=rights)
        alerts.act(alert_id, Action.NOTE, other, NOW, text=f"My own {rights.sees_place}")
        for told in (queries.history(engine, alert_id, other), queries.dossier(engine, alert_id, other).events):
            assert "Called the secret people" not in {event.text for event in told}
            assert [event.text for event in told if event.actor == "other"][-1] == f"My own {rights.sees_place}"
            assert [event.actor for event in told].count("w") == 1
    assert "Called the secret people" in {event.text for event in queries.history(engine, alert_id, worker)}
    everything = Actor("third", Role.CASE_WORKER)
    assert "Called the secret people" in {event.text for event in queries.dossier(engine, alert_id, everything).events}
