"""Operators' own rules: what fires, what it costs, how it is read aloud."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from town import START, district, neighbourhood, quiet_reports, report, town

from detector.methods.threshold import Rule, RuleLevel, Threshold, read_aloud, rule_cost
from detector.model import Family, Level, Report, StreamKind, Window
from detector.permute import chance_of_busiest, episodes_per_year
from detector.rules import Limit, RuleCells, cells_of
from detector.window import make_window

AREAS = town()
BUURT = Rule("buurt", 4, 90, RuleLevel.NEIGHBOURHOOD)
GROEP = Rule("groep", 5, 60, RuleLevel.MUNICIPALITY, StreamKind.COMMUNITY)
ANY_COST = 1e9
USUAL = ("wat in het jaar ervoor gewoon was", "what was usual in the year before")


def window_of(reports: list[Report], day: int = 400) -> Window:
    return make_window(reports, AREAS, START + timedelta(days=day), look_days=7)


def fired(rule: Rule, window: Window) -> set[tuple[str, str, int]]:
    found = Threshold(rules=(rule,), max_false_alerts_per_year=ANY_COST).detect(window, np.random.default_rng(0))
    return {(one.region.area_codes[0], one.stream_code, one.observed) for one in found}


def background() -> list[Report]:
    return [report(1000 + n, 5 * n, neighbourhood(n % 4, n % 9), communities=("abc"[n % 3],)) for n in range(60)]


def test_the_fourth_report_within_the_days_fires() -> None:
    place = neighbourhood(3, 8)
    three = [report(n, 330 + 20 * n, place) for n in range(3)]
    assert fired(BUURT, window_of([*background(), *three])) == set()
    assert fired(BUURT, window_of([*background(), *three, report(9, 311, place)])) == {(place, "", 4)}
    assert fired(BUURT, window_of([*background(), *three, report(9, 310, place)])) == set()


@given(st.integers(0, 2**32 - 1), st.sampled_from(list(RuleLevel)), st.sampled_from(list(StreamKind)), st.integers(2, 6))
def test_what_fires_is_what_counting_one_by_one_gives(seed: int, level: RuleLevel, stream: StreamKind, least: int) -> None:
    if level is RuleLevel.MUNICIPALITY and stream is StreamKind.ALL:
        return
    reports = quiet_reports(np.random.default_rng(seed), 400, 80)
    counts: dict[tuple[str, str], int] = {}
    for one in reports:
        if one.received_on <= START + timedelta(days=400 - 45):
            continue
        codes = {
            StreamKind.ALL: ("",),
            StreamKind.COMMUNITY: one.communities,
            StreamKind.GROUND: one.grounds,
            StreamKind.DOMAIN: one.domains,
        }[stream]
        where = AREAS.municipality.code
        if level is not RuleLevel.MUNICIPALITY:
            if one.area_code is None:
                continue
            chain = [AREAS.areas[row] for row in AREAS.ancestors(AREAS.index[one.area_code])]
            where = next(area.code for area in chain if area.level is Level(level.value))
        for code in codes:
            counts[where, code] = counts.get((where, code), 0) + 1
    wanted = {(where, code, count) for (where, code), count in counts.items() if count >= least}
    assert fired(Rule("r", least, 45, level, stream), window_of(reports)) == wanted


def test_families_follow_from_level_and_stream() -> None:
    assert BUURT.family is Family.PLACE
    assert GROEP.family is Family.COMMUNITY
    assert replace(GROEP, level=RuleLevel.DISTRICT).family is Family.PLACE_COMMUNITY


def test_codes_limit_a_rule() -> None:
    reports = [*background(), *(report(n, 390 + n, communities=("z", "a")) for n in range(5))]
    assert {code for _, code, _ in fired(GROEP, window_of(reports))} == {"a", "z"}
    assert {code for _, code, _ in fired(replace(GROEP, codes=("z",)), window_of(reports))} == {"z"}


def test_a_ratio_asks_for_more_than_usual() -> None:
    """30 a year before: 3.45 in six weeks is usual, so 8 are 2.3 times that."""
    usual = [report(n, 12 * n, communities=("z",)) for n in range(30)]
    rise = [report(100 + n, 366 + 4 * n, communities=("z",)) for n in range(8)]
    rule = Rule("golf", 8, 42, RuleLevel.MUNICIPALITY, StreamKind.COMMUNITY, min_ratio=2.2)
    window = window_of([*usual, *rise], 407)
    assert len(fired(rule, window)) == 1
    assert fired(replace(rule, min_ratio=2.4), window) == set()
    found = Threshold(rules=(rule,), max_false_alerts_per_year=ANY_COST).detect(window, np.random.default_rng(0))
    assert found[0].expected == pytest.approx(30 * 42 / 365, rel=0.05)


def test_a_ratio_is_silent_while_nothing_is_usual_yet() -> None:
    reports = [report(n, 150 + n, communities=("z",)) for n in range(8)]
    rule = Rule("golf", 8, 42, RuleLevel.MUNICIPALITY, StreamKind.COMMUNITY, min_ratio=2.0)
    assert fired(rule, window_of([report(99, 0), *reports], 160)) == set()


def naive_episodes(cells: RuleCells, limit: Limit, from_day: int, rng: np.random.Generator) -> int:
    """One deal of the dates, counted the slow way."""
    order = rng.permutation(cells.day.size)
    seen: dict[int, list[int]] = {}
    last: dict[int, int] = {}
    episodes = 0
    for day, row in zip(cells.day.tolist(), order.tolist(), strict=True):
        for cell in cells.cell_of[cells.start_of[row] : cells.start_of[row + 1]].tolist():
            seen.setdefault(cell, []).append(day)
            count = sum(day - limit.within_days < other <= day for other in seen[cell])
            before = min(365, day - limit.within_days + 1 - cells.first_day)
            usual = sum(day - limit.within_days - before < other <= day - limit.within_days for other in seen[cell])
            enough = limit.min_ratio == 0 or (before >= 180 and count * before >= limit.min_ratio * usual * limit.within_days)
            if count >= limit.min_reports and enough:
                episodes += day >= from_day and day - last.get(cell, -(10**9)) > limit.within_days
                last[cell] = day
    return episodes


@pytest.mark.parametrize("limit", [Limit(3, 60), Limit(4, 90), Limit(3, 40, 2.0)])
def test_the_cost_is_what_dealing_the_slow_way_gives(limit: Limit) -> None:
    window = window_of(quiet_reports(np.random.default_rng(3), 700, 60), 700)
    rule = Rule("r", limit.min_reports, limit.within_days, RuleLevel.NEIGHBOURHOOD, StreamKind.ALL, (), limit.min_ratio)
    cells, _ = cells_of(rule, window)
    from_day = window.first_day + 100
    rng = np.random.default_rng(5)
    slow = np.array([naive_episodes(cells, limit, from_day, rng) for _ in range(300)]) * 365.25 / (window.last_day - from_day + 1)
    quick = episodes_per_year(cells, limit, from_day, window.last_day, seed=1, replicates=3000)
    assert quick == pytest.approx(slow.mean(), abs=5 * slow.std() / 300**0.5 + 1e-9)
    assert slow.mean() > 0


def test_the_chance_of_the_busiest_is_exact_where_it_can_be_worked_out() -> None:
    """Of 10 reports 4 are in the one cell and 3 in the window: all three of them are with chance 4·3·2 / 10·9·8."""
    cells = RuleCells(
        day=np.arange(10),
        first_day=0,
        start_of=np.minimum(np.arange(11), 4),
        cell_of=np.zeros(4, dtype=np.int64),
        size=np.array([4]),
    )
    assert chance_of_busiest(cells, 3, 3, seed=2, replicates=40_000) == pytest.approx(24 / 720, abs=0.004)
    assert chance_of_busiest(cells, 3, 0, seed=2, replicates=9) == 1.0


def test_a_rule_that_cries_wolf_is_silent_and_says_so() -> None:
    window = window_of(quiet_reports(np.random.default_rng(4), 800, 400), 800)
    method = Threshold(rules=(GROEP,))
    cost = method.costs(window)[0]
    assert cost.silent
    assert cost.false_alerts_per_year > method.max_false_alerts_per_year
    assert method.detect(window, np.random.default_rng(0)) == []
    assert method.expected_false_alerts_per_year(window, np.random.default_rng(0)) == 0
    patient = replace(method, max_false_alerts_per_year=ANY_COST)
    assert patient.detect(window, np.random.default_rng(0))
    assert patient.expected_false_alerts_per_year(window, np.random.default_rng(0)) == cost.false_alerts_per_year


def test_a_rule_costs_more_where_more_is_reported() -> None:
    costs = [
        rule_cost(BUURT, window_of(quiet_reports(np.random.default_rng(1), 800, rate), 800), np.random.default_rng(0))
        for rate in (60, 150, 400)
    ]
    assert costs == sorted(costs)
    assert costs[0] < 0.5
    assert costs[2] > 1


def test_costs_hold_for_a_quarter() -> None:
    reports = quiet_reports(np.random.default_rng(6), 800, 100)
    april, may = (window_of(reports, day) for day in (460, 500))
    assert Threshold().costs(april) == Threshold().costs(may)


@pytest.mark.parametrize(
    ("rule", "dutch", "english"),
    [
        (BUURT, "ten minste 4 meldingen in één buurt binnen 90 dagen", "at least 4 reports in one neighbourhood within 90 days"),
        (
            GROEP,
            "ten minste 5 meldingen over één gemeenschap binnen 60 dagen",
            "at least 5 reports on one community within 60 days",
        ),
        (
            Rule("x", 3, 30, RuleLevel.DISTRICT, StreamKind.GROUND, ("ras", "geslacht"), 1.5),
            "ten minste 3 meldingen over ras of geslacht in één wijk binnen 30 dagen, en minstens 1,5 maal " + USUAL[0],
            "at least 3 reports on ras or geslacht in one district within 30 days, and at least 1.5 times " + USUAL[1],
        ),
    ],
)
def test_rules_are_read_aloud(rule: Rule, dutch: str, english: str) -> None:
    assert (read_aloud(rule, "nl"), read_aloud(rule, "en")) == (dutch, english)


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ({"level": "municipality"}, "counts everything everywhere"),
        ({"level": "district", "codes": ["a"]}, "say which stream"),
        ({"level": "postcode"}, "neighbourhood"),
        ({"level": "district", "min_reports": 1}, "greater than or equal to 2"),
        ({"level": "district", "colour": "red"}, "colour"),
    ],
)
def test_rules_that_make_no_sense_are_refused(rule: dict[str, object], says: str) -> None:
    whole = {"name": "r", "min_reports": 3, "within_days": 30, **rule}
    with pytest.raises(ValidationError, match=says):
        TypeAdapter(Threshold).validate_python({"rules": [whole]})


def test_two_rules_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="same name"):
        Threshold(rules=(BUURT, BUURT))


def test_a_district_counts_its_neighbourhoods() -> None:
    reports = [*background(), *(report(n, 395 + n, neighbourhood(2, n)) for n in range(5))]
    rule = Rule("wijk", 5, 10, RuleLevel.DISTRICT)
    assert fired(rule, window_of(reports)) == {(district(2), "", 5)}
