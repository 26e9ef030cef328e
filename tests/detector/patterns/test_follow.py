"""Patterns from night to night: same, merged, split, quiet, back, over, worn out."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from town import START, TOWN, finding, neighbourhood

from detector.model import Family, Finding, StreamKind
from detector.patterns import Followed, FollowState, PatternSettings, follow, from_json, merge, to_json

SETTINGS = PatternSettings()
HERE, THERE = (neighbourhood(0, 0),), (neighbourhood(0, 1),)
COMMUNITY = (StreamKind.COMMUNITY, "a")


def night(day: int) -> date:
    return START + timedelta(days=day)


def step(previous: Sequence[Followed], day: int, *findings: Finding) -> list[Followed]:
    rng = np.random.default_rng(day)
    return follow(previous, merge(findings, SETTINGS), night(day), SETTINGS, rng, municipality=TOWN)


def seen(members: str, day: int, areas: tuple[str, ...] = HERE, days: int = 28) -> Finding:
    return finding(members, areas=areas, window=(night(day - days + 1), night(day)))


def wave(members: str, day: int) -> Finding:
    return finding(members, family=Family.COMMUNITY, stream=COMMUNITY, areas=(TOWN,), window=(night(day - 27), night(day)))


def test_a_pattern_that_grows_keeps_its_key() -> None:
    patterns = step([], 30, seen("abc", 30))
    first = patterns[0]
    for day, members in ((31, "abcd"), (32, "bcde"), (40, "cdefg")):
        patterns = step(patterns, day, seen(members, day))
    assert [one.key for one in patterns] == [first.key]
    last = patterns[0]
    assert last.gathered == frozenset("abcdefg")
    assert last.members == frozenset("cdefg")
    assert (last.first_seen, last.last_seen, last.episode_from) == (night(30), night(40), night(30))
    assert (last.window_from, last.window_to) == (night(3), night(40))
    assert last.revision == 4


def test_what_is_usual_is_gathered_with_the_reports() -> None:
    wide = replace(seen("abcd", 30, HERE + THERE), expected=2.8)
    patterns = step([], 30, wide)
    assert patterns[0].expected_gathered == 2.8
    narrow = replace(seen("abcde", 37, days=14), expected=0.14)
    patterns = step(patterns, 37, narrow)
    assert (len(patterns), patterns[0].expected) == (1, 0.14)
    assert patterns[0].expected_gathered == pytest.approx(2.8 + 7 * 0.01), "of fourteen days seven are new"
    again = step(patterns, 38, replace(seen("abcde", 37, days=14), expected=0.14))
    assert again[0].expected_gathered == patterns[0].expected_gathered, "and then none"
    wider = replace(seen("bcdef", 44, HERE + THERE), expected=5.6)
    patterns = step(patterns, 44, wider)
    assert patterns[0].expected_gathered == pytest.approx(5.6), "all of a wider one's own, at least"
    anew = replace(seen("uvwxyz", 140), expected=0.28)
    patterns = step(step(patterns, 110), 140, anew)
    assert [one.gathered for one in patterns] == [frozenset("uvwxyz")]
    assert patterns[0].expected_gathered == 0.28


def test_a_night_without_news_changes_no_revision() -> None:
    patterns = step(step([], 30, seen("abc", 30)), 31, seen("abc", 31))
    assert patterns[0].revision == 1
    assert patterns[0].last_seen == night(31)


def test_keys_say_nothing() -> None:
    patterns = step([], 30, seen("abc", 30), seen("xyz", 30, THERE))
    assert all(len(one.key) == 10 and one.key.isalnum() for one in patterns)
    assert patterns[0].key != patterns[1].key


def test_two_looks_on_one_day_draw_the_same_numbers_and_still_give_two_keys() -> None:
    morning = step([], 30, seen("abc", 30))
    evening = step(morning, 30, seen("abc", 30), seen("xyz", 30, THERE))
    assert [one.gathered for one in evening] == [frozenset("abc"), frozenset("xyz")]
    assert evening[0].key == morning[0].key != evening[1].key


def test_unseen_goes_quiet_and_comes_back() -> None:
    first = step([], 30, seen("abc", 30))
    still = step(first, 57)
    assert (still[0].state, still[0].nights_unseen) == (FollowState.ACTIVE, 1)
    quiet = step(still, 58)
    assert quiet[0].state is FollowState.QUIET
    assert quiet[0].revision == 2
    back = step(quiet, 200, seen("xyz", 200))
    assert [one.key for one in back] == [first[0].key]
    assert back[0].state is FollowState.ACTIVE
    assert back[0].first_seen == night(30)
    assert back[0].episode_from == night(200)
    assert back[0].gathered == frozenset("xyz")


def test_elsewhere_is_not_back() -> None:
    patterns = step(step([], 30, seen("abc", 30)), 100, seen("xyz", 100, THERE))
    assert len({one.key for one in patterns}) == 2
    assert patterns[0].predecessors == ()


def test_after_a_year_it_is_over_and_a_new_one_comes() -> None:
    first = step([], 30, seen("abc", 30))
    over = step(first, 30 + 366)
    assert over[0].state is FollowState.OVER
    assert step(over, 30 + 367) == []
    again = step(over, 30 + 367, seen("xyz", 30 + 367))
    assert [one.key for one in again] != [first[0].key]


def test_a_community_comes_back_within_its_own_time() -> None:
    first = step([], 30, wave("abcde", 30))
    soon = step(first, 110, wave("vwxyz", 110))
    late = step(first, 130, wave("vwxyz", 130))
    assert soon[0].key == first[0].key
    assert late[0].key != first[0].key


def test_two_that_touch_for_a_night_go_their_own_ways_again() -> None:
    apart = step([], 30, seen("abcdef", 30), seen("uvwx", 30, THERE))
    one, other = (next(p.key for p in apart if letter in p.members) for letter in "au")
    touching = step(apart, 31, seen("abcdefuvwx", 31, HERE + THERE))
    merged = touching[0]
    assert merged.key == one
    assert merged.predecessors == (other,)
    again = step(touching, 32, seen("abcdef", 32), seen("uvwx", 32, THERE))
    assert {p.key: p.members for p in again} == {one: frozenset("abcdef"), other: frozenset("uvwx")}


def test_a_split_names_where_it_came_from() -> None:
    whole = step([], 30, seen("abcdefgh", 30, HERE + THERE))
    parts = step(whole, 31, seen("abcde", 31), seen("fgh", 31, THERE))
    by_size = {len(p.members): p for p in parts}
    assert by_size[5].key == whole[0].key
    assert by_size[3].key != whole[0].key
    assert by_size[3].predecessors == (whole[0].key,)


def test_a_wave_is_not_absorbed_by_a_street() -> None:
    joint = finding("abcd", family=Family.PLACE_COMMUNITY, stream=COMMUNITY, areas=HERE, window=(night(3), night(30)))
    patterns = step(step([], 30, joint), 40, wave("abcdefghijklmn", 40))
    assert len(patterns) == 2
    assert patterns[0].family is Family.COMMUNITY
    assert patterns[0].first_seen == night(40)


def joint(members: str, day: int, interval: float = 500.0) -> Finding:
    window = (night(day - 27), night(day))
    return finding(members, family=Family.PLACE_COMMUNITY, stream=COMMUNITY, areas=HERE, window=window, interval=interval)


def test_one_pattern_in_one_place_is_one_alert_however_it_is_cut() -> None:
    """Ten reports in one street over five weeks, some of them on one community, as a scan of three families sees them."""
    patterns: list[Followed] = []
    for week, members in enumerate(("abc", "abcde", "abcdefgh", "abcdefghij", "defghij")):
        day = 30 + 7 * week
        also = [joint("gh" + "i" * (week > 2), day, 2000.0)] if week >= 2 else []
        patterns = step(patterns, day, seen(members, day), *also)
    assert [one.gathered for one in patterns] == [frozenset("abcdefghij")]
    assert patterns[0].family is Family.PLACE


def test_a_few_that_were_told_are_not_told_again_and_keep_nothing_alive() -> None:
    first = step([], 30, seen("abcdefgh", 30))
    echo = step(first, 44, joint("ghx", 44))
    assert [(one.key, one.last_seen, one.gathered) for one in echo] == [(first[0].key, night(30), frozenset("abcdefgh"))]
    quiet = step(echo, 58, joint("ghx", 58))
    assert [one.state for one in quiet] == [FollowState.QUIET]
    grown = step(quiet, 60, joint("ghwxyz", 60))
    assert [one.gathered for one in grown if one.key != first[0].key] == [frozenset("ghwxyz")]


def test_a_wave_takes_over_the_street_that_was_told_before_and_the_street_can_part_from_it() -> None:
    street = step([], 30, joint("abc", 30))
    both = step(street, 37, wave("abcdefghij", 37), joint("abc", 37, 5000.0))
    taken = both[0]
    assert (taken.family, taken.predecessors) == (Family.COMMUNITY, (street[0].key,))
    assert {one.key: one.last_seen for one in both} == {taken.key: night(37), street[0].key: night(30)}
    parted = step(both, 44, wave("defghijklm", 44), joint("bcno", 44))
    assert {one.key: one.gathered for one in parted} == {
        taken.key: frozenset("abcdefghijklm"),
        street[0].key: frozenset("abcno"),
    }
    alone = step(both, 44, wave("abcdefghij", 44))
    faded = step(alone, 58, wave("defghijklm", 58))
    assert {one.key: one.state for one in faded} == {taken.key: FollowState.ACTIVE, street[0].key: FollowState.QUIET}


def test_years_on_end_are_not_one_pattern() -> None:
    """Seen every week for three years, each time with half the reports new."""
    letters = [f"r{n:04d}" for n in range(400)]
    patterns: list[Followed] = []
    keys = set()
    for week in range(156):
        day = 100 + 7 * week
        window = (night(day - 27), night(day))
        patterns = step(patterns, day, finding(frozenset(letters[2 * week : 2 * week + 8]), areas=HERE, window=window))
        keys.add(patterns[0].key)
        assert (patterns[0].window_to - patterns[0].window_from).days < 365 + 28 + 28 + 7
    assert 2 <= len(keys) <= 3
    assert patterns[0].predecessors


def test_it_survives_the_store() -> None:
    patterns = step(step([], 30, seen("abc", 30), wave("vwxyz", 30)), 31, seen("abcd", 31))
    assert [from_json(to_json(one)) for one in patterns] == patterns
    with pytest.raises(ValueError, match="validation error"):
        from_json('{"key": 1}')


@st.composite
def nights(draw: st.DrawFn) -> list[list[Finding]]:
    letters = "abcdefghijkl"
    return [
        [
            seen("".join(sorted(members)), 30 + day, draw(st.sampled_from([HERE, THERE, HERE + THERE])))
            for members in draw(st.lists(st.frozensets(st.sampled_from(letters), min_size=3, max_size=6), max_size=3))
        ]
        for day in range(draw(st.integers(1, 6)))
    ]


@given(nights())
def test_every_finding_with_news_is_followed_once_under_keys_that_stay_apart(history: list[list[Finding]]) -> None:
    patterns: list[Followed] = []
    for day, findings in enumerate(history):
        before = {one.key: one for one in patterns}
        tonight = merge(findings, SETTINGS)
        patterns = step(patterns, 30 + day, *findings)
        assert len({one.key for one in patterns}) == len(patterns)
        assert before.keys() <= {one.key for one in patterns}
        told = [
            merged
            for merged in tonight
            if len(merged.members) < SETTINGS.apart_from_reports
            and any(2 * len(merged.members & one.gathered) >= len(merged.members) for one in before.values())
        ]
        assert len(tonight) - len(told) <= sum(one.last_seen == night(30 + day) for one in patterns) <= len(tonight)
        for one in patterns:
            assert one.members <= one.gathered
            assert one.key not in one.predecessors
            assert one.first_seen <= one.episode_from <= one.last_seen
            if one.key in before and one.episode_from == before[one.key].episode_from:
                assert one.gathered >= before[one.key].gathered
