"""The one gate: whatever comes in, what goes out keeps its floors, and says nothing twice."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from town import START, TOWN, district, finding, neighbourhood, report, town

from alerts.pattern import Audience, Band, Pattern, PatternKind, PatternState, RuleVersion, from_json, to_json
from alerts.render.why import REQUIRED
from detector.disclosure import DisclosureSettings, Surroundings, disclose
from detector.model import Campaign, Family, Finding, Level, PlaceKind, Report, StreamKind
from detector.patterns import Followed, PatternSettings, follow, merge

SMALL, LARGE = neighbourhood(0, 0), neighbourhood(0, 1)
AREAS = town(small=(SMALL, district(3)))
SETTINGS = DisclosureSettings()
AROUND = Surroundings(AREAS, SETTINGS, RuleVersion("settings", "code"))
NOW = datetime(2024, 1, 1, tzinfo=UTC)
SUBJECTS = {
    Family.PLACE: [(StreamKind.ALL, "")],
    Family.COMMUNITY: [(StreamKind.COMMUNITY, "x"), (StreamKind.GROUND, "g"), (StreamKind.DOMAIN, "d")],
    Family.PLACE_COMMUNITY: [(StreamKind.COMMUNITY, "x"), (StreamKind.GROUND, "g")],
}


def night(day: int) -> date:
    return START + timedelta(days=day)


def step(previous: list[Followed], day: int, *findings: Finding) -> list[Followed]:
    settings = PatternSettings()
    return follow(previous, merge(findings, settings), night(day), settings, np.random.default_rng(day), municipality=TOWN)


def about(reports: list[Report], day: int, family: Family, stream: tuple[StreamKind, str], areas: tuple[str, ...]) -> Finding:
    members = frozenset(one.key for one in reports)
    return finding(members, family=family, stream=stream, areas=areas, window=(night(day - 27), night(day)))


@st.composite
def lives(draw: st.DrawFn) -> tuple[list[Report], list[tuple[int, Finding | None]]]:
    """A pattern's life: reports that come in, and for each night what was seen, if anything."""
    family = draw(st.sampled_from(list(Family)))
    stream = draw(st.sampled_from(SUBJECTS[family]))
    reports: list[Report] = []
    nights: list[tuple[int, Finding | None]] = []
    day = 40
    for _ in range(draw(st.integers(1, 6))):
        day += draw(st.sampled_from([1, 3, 7, 40]))
        for _ in range(draw(st.integers(0, 5))):
            reports.append(
                report(
                    len(reports),
                    day - draw(st.integers(0, 9)),
                    draw(st.sampled_from([SMALL, LARGE, neighbourhood(3, 3)])),
                    x_m=123456.789,
                    y_m=987654.321,
                    place_key="venue-behind-the-church",
                    place_kind=draw(st.sampled_from(list(PlaceKind))),
                    communities=("x", *draw(st.lists(st.sampled_from("yz"), max_size=2))),
                    grounds=("g", *draw(st.lists(st.sampled_from("hi"), max_size=2))),
                    domains=("d", *draw(st.lists(st.sampled_from("ef"), max_size=1))),
                    nature=draw(st.sampled_from([None, "bejegening", "geweld"])),
                )
            )
        recent = [one for one in reports if (night(day) - one.received_on).days < 28]
        areas = draw(st.sampled_from([(SMALL,), (LARGE,), (LARGE, neighbourhood(1, 1)), (neighbourhood(3, 3),), (district(2),)]))
        if draw(st.integers(0, 5)) == 0:  # seen as something else for a night
            family = draw(st.sampled_from(list(Family)))
            stream = draw(st.sampled_from(SUBJECTS[family]))
        where = (TOWN,) if family is Family.COMMUNITY else areas
        nights.append((day, about(recent, day, family, stream, where) if len(recent) > 2 else None))
    return reports, nights


def told_over(reports: list[Report], nights: list[tuple[int, Finding | None]]) -> list[tuple[Pattern, Followed]]:
    """Every revision under every key, in order, with what was known when it was made."""
    patterns: list[Followed] = []
    handed: dict[str, list[Pattern]] = {}
    made = []
    for day, seen in nights:
        patterns = step(patterns, day, *([] if seen is None else [seen]))
        by_key = {one.key: one for one in reports if one.received_on <= night(day)}
        for followed in patterns:
            before = handed.setdefault(followed.key, [])
            told = disclose(followed, by_key, before, AROUND, NOW)
            if before and told is before[-1]:
                continue
            assert told.revision == len(before) + 1
            assert disclose(followed, by_key, [*before, told], AROUND, NOW) is told
            before.append(told)
            made.append((told, followed))
    return made


@given(lives())
def test_floors_hold_in_every_revision(life: tuple[list[Report], list[tuple[int, Finding | None]]]) -> None:
    reports, nights = life
    by_key = {one.key: one for one in reports}
    for told, followed in told_over(reports, nights):
        assert from_json(to_json(told)) == told
        floor = SETTINGS.community_floor if told.community or told.ground else SETTINGS.place_floor
        cells = [cell for part in told.breakdowns for cell in part.cells]
        if told.audience is Audience.ADV:
            assert (told.community, told.ground, told.domain, told.observed, told.relative_risk) == (None,) * 5
            assert (told.weekly, told.breakdowns, told.campaigns, told.area_codes) == ((), (), (), (TOWN,))
            continue
        assert told.observed is not None
        assert told.observed.low >= floor
        assert len(followed.gathered) >= told.observed.low
        for part in told.breakdowns:
            counts = Counter(
                code
                for key in followed.gathered
                for code in {"ground": by_key[key].grounds, "domain": by_key[key].domains}.get(
                    part.rubric, (by_key[key].nature or "",)
                )
            )
            assert all(counts[cell.code] >= floor for cell in part.cells)
        assert all(cell.band is not None and cell.band.low >= floor for cell in cells)
        assert told.weekly[-1].observed == told.observed
        levels = [0 if point.observed is None else point.observed.low for point in told.weekly]
        assert levels == sorted(levels)
        assert told.window_from.weekday() == 0
        assert told.window_to.weekday() == 6
        assert all(part.message in REQUIRED and REQUIRED[part.message] <= part.values.keys() for part in told.why)


@given(lives())
def test_nothing_points_at_anybody(life: tuple[list[Report], list[tuple[int, Finding | None]]]) -> None:
    reports, nights = life
    for told, _ in told_over(reports, nights):
        text = to_json(told)
        assert not any(one.report_id in text for one in reports)
        assert "venue" not in text
        assert "123456" not in text
        assert "987654" not in text
        for code in told.area_codes:
            area = AREAS.areas[AREAS.index[code]]
            assert area.level is Level.MUNICIPALITY or (area.inhabitants or 0) >= SETTINGS.min_inhabitants
            assert told.level == area.level.value
        if told.kind is not PatternKind.PLACE:
            assert told.level != "neighbourhood"


@given(lives())
def test_revisions_under_one_key_give_nothing_away_together(life: tuple[list[Report], list[tuple[int, Finding | None]]]) -> None:
    reports, nights = life
    by_pattern: dict[str, list[tuple[Pattern, Followed]]] = {}
    for told, followed in told_over(reports, nights):
        if told.audience is Audience.MUNICIPALITY:
            by_pattern.setdefault(told.key, []).append((told, followed))
    for revisions in by_pattern.values():
        subjects = {(told.kind, told.community, told.ground, told.domain) for told, _ in revisions}
        assert len(subjects) == 1
        if any(told.level == "neighbourhood" for told, _ in revisions):
            assert all(part.rubric != "ground" for told, _ in revisions for part in told.breakdowns)
        for (one, earlier), (other, later) in pairwise(revisions):
            if earlier.episode_from != later.episode_from:
                continue
            assert one.observed is not None
            assert other.observed is not None
            assert other.observed.low >= one.observed.low
            assert other.window_from <= one.window_from
            assert other.window_to >= one.window_to
            weeks = {point.week_from: point.observed for point in other.weekly}
            for point in one.weekly:
                now = weeks[point.week_from]
                assert point.observed is None or (now is not None and now.low >= point.observed.low)


def followed_with(count: int, family: Family = Family.PLACE, stream: tuple[StreamKind, str] = (StreamKind.ALL, "")) -> Followed:
    reports = burst(count)
    return replace(step([], 40, about(reports, 40, family, stream, (LARGE,)))[0], key="k")


def burst(count: int, **more: object) -> list[Report]:
    return [report(n, 37, LARGE, communities=("x",), grounds=("g",), nature="geweld", **more) for n in range(count)]


def told_of(count: int, family: Family = Family.PLACE, stream: tuple[StreamKind, str] = (StreamKind.ALL, "")) -> Pattern:
    return disclose(followed_with(count, family, stream), {one.key: one for one in burst(count)}, [], AROUND, NOW)


@pytest.mark.parametrize("counts", [(3, 4, 5), (6, 7, 10), (11, 12, 40)])
def test_every_count_of_a_band_is_told_alike(counts: tuple[int, ...]) -> None:
    assert len({to_json(told_of(count)) for count in counts}) == 1


def test_a_place() -> None:
    told = told_of(4)
    assert (told.kind, told.level, told.area_names, told.audience) == (
        PatternKind.PLACE,
        "neighbourhood",
        ("Buurt 0.1",),
        Audience.MUNICIPALITY,
    )
    assert told.observed == Band(3, 5)
    assert told.relative_risk == 6.0
    assert [part.message for part in told.why] == ["place_count", "chance"]
    assert {part.rubric for part in told.breakdowns} == {"nature"}


def test_a_community_under_its_floor_is_for_the_adv_alone() -> None:
    for stream in ((StreamKind.COMMUNITY, "x"), (StreamKind.GROUND, "g")):
        under, above = (told_of(count, Family.PLACE_COMMUNITY, stream) for count in (4, 5))
        assert under.audience is Audience.ADV
        assert '"x"' not in to_json(under)
        assert '"g"' not in to_json(under)
        assert above.audience is Audience.MUNICIPALITY
        assert (above.community, above.ground) == (("x", None) if stream[1] == "x" else (None, "g"))
        assert above.area_codes == (district(0),)
        assert str(above.observed) == "5-10"


def test_a_community_through_the_whole_town() -> None:
    told = told_of(6, Family.COMMUNITY, (StreamKind.COMMUNITY, "x"))
    assert (told.level, told.area_codes) == ("municipality", (TOWN,))
    assert told.why[0].message == "community_count"
    assert told.why[0].values["code"] == "x"


def test_a_key_that_named_a_neighbourhood_never_names_a_community() -> None:
    place = told_of(4)
    later = followed_with(8, Family.PLACE_COMMUNITY, (StreamKind.COMMUNITY, "x"))
    told = disclose(later, {one.key: one for one in burst(8)}, [place], AROUND, NOW)
    assert (told.kind, told.community, told.level) == (PatternKind.PLACE, None, "neighbourhood")


def test_a_key_that_named_a_community_never_names_a_neighbourhood() -> None:
    community = told_of(6, Family.PLACE_COMMUNITY, (StreamKind.COMMUNITY, "x"))
    told = disclose(followed_with(12), {one.key: one for one in burst(12)}, [community], AROUND, NOW)
    assert (told.community, told.level) == ("x", "district")


def test_a_level_once_told_never_narrows() -> None:
    """Not even in a later episode: two levels under one key would tell in which part of the wider one it was."""
    wide = followed_with(4)
    wide = replace(wide, region=replace(wide.region, area_codes=(SMALL,)))
    by_key = {one.key: one for one in burst(4)}
    first = disclose(wide, by_key, [], AROUND, NOW)
    assert first.level == "district"
    later = replace(
        followed_with(4), episode_from=first.last_seen + timedelta(days=9), last_seen=first.last_seen + timedelta(days=9)
    )
    assert disclose(later, by_key, [first], AROUND, NOW).level == "district"


def test_withdrawn_reports_take_a_pattern_back_below_its_floor() -> None:
    told = told_of(4)
    reports = {one.key: replace(one, withdrawn=number > 1) for number, one in enumerate(burst(4))}
    again = disclose(followed_with(4), reports, [told], AROUND, NOW)
    assert (again.audience, again.observed, again.revision) == (Audience.ADV, None, 2)


def test_a_quiet_pattern_says_until_when() -> None:
    patterns = step([], 40, about(burst(4), 40, Family.PLACE, (StreamKind.ALL, ""), (LARGE,)))
    by_key = {one.key: one for one in burst(4)}
    first = disclose(patterns[0], by_key, [], AROUND, NOW)
    quiet = disclose(step(patterns, 80)[0], by_key, [first], AROUND, NOW)
    assert quiet.state is PatternState.QUIET
    assert quiet.revision == 2
    assert quiet.why[0].values["until"] == quiet.window_to.isoformat()


def test_the_usual_number_belongs_to_all_the_areas_and_weeks_that_are_told() -> None:
    wide, narrow = (LARGE, neighbourhood(1, 1)), (LARGE,)
    few, more = burst(6), burst(12)
    by_key = {one.key: one for one in more}
    place = (StreamKind.ALL, "")
    patterns = step([], 40, replace(about(few, 40, Family.PLACE, place, wide), expected=2.8))
    first = disclose(patterns[0], by_key, [], AROUND, NOW)
    assert (set(first.area_codes), first.expected) == (set(wide), 3.0)
    [later] = step(patterns, 41, replace(about(more, 41, Family.PLACE, place, narrow), expected=0.05))
    told = disclose(later, by_key, [first], AROUND, NOW)
    assert (told.revision, set(told.area_codes)) == (2, set(wide)), "a region only grows"
    assert told.expected >= 3.0, "and with it what is usual there"
    assert told.why[0].values["expected"] == told.expected
    assert disclose(replace(later, expected_gathered=0.0), by_key, [], AROUND, NOW).expected < 1.0, "that of one street alone"


def test_a_figure_that_wobbles_makes_no_revision() -> None:
    followed = followed_with(4)
    by_key = {one.key: one for one in burst(4)}
    told = disclose(followed, by_key, [], AROUND, NOW)
    wobble = replace(followed, expected=followed.expected * 3, last_seen=followed.last_seen + timedelta(days=1))
    assert disclose(wobble, by_key, [told], AROUND, NOW) is told


def test_campaigns_in_the_same_weeks_and_place_are_named() -> None:
    campaigns = (
        Campaign("here", night(30), night(35), area_codes=(LARGE,)),
        Campaign("everywhere", night(39), night(99)),
        Campaign("elsewhere", night(30), night(35), area_codes=(district(2),)),
        Campaign("long ago", night(0), night(5)),
        Campaign("for others", night(30), night(35), communities=("y",)),
    )
    around = replace(AROUND, campaigns=campaigns)
    by_key = {one.key: one for one in burst(6)}
    place = disclose(followed_with(6), by_key, [], around, NOW)
    assert [one.name for one in place.campaigns] == ["here", "everywhere", "for others"]
    community = disclose(followed_with(6, Family.PLACE_COMMUNITY, (StreamKind.COMMUNITY, "x")), by_key, [], around, NOW)
    assert [one.name for one in community.campaigns] == ["here", "everywhere"]
    assert [part.message for part in community.why] == ["place_community_count", "chance", "campaign_overlap", "campaign_overlap"]


def test_the_outline_is_asked_for_told_areas_only() -> None:
    asked: list[tuple[str, ...]] = []

    def outline(codes: object) -> dict[str, object]:
        asked.append(tuple(codes))  # type: ignore[arg-type]  # a sequence of codes
        return {"type": "Polygon", "coordinates": []}

    told = disclose(
        followed_with(6, Family.PLACE_COMMUNITY, (StreamKind.COMMUNITY, "x")),
        {one.key: one for one in burst(6)},
        [],
        replace(AROUND, outline=outline),
        NOW,
    )
    assert told.geometry is not None
    assert set(asked) <= {(TOWN,), (district(0),)}
