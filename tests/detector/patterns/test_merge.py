"""What one night's findings mean together."""

from hypothesis import given
from hypothesis import strategies as st
from town import finding

from detector.model import Family, Finding, StreamKind
from detector.patterns import PatternSettings, merge

SETTINGS = PatternSettings()
COMMUNITY = (StreamKind.COMMUNITY, "a")


def test_methods_that_see_the_same_reports_see_one_pattern() -> None:
    both = [finding("abcd", method="scan", interval=900), finding("abcde", method="threshold", interval=50)]
    merged = merge(both, SETTINGS)
    assert len(merged) == 1
    assert [one.method for one in merged[0].findings] == ["scan", "threshold"]
    assert merged[0].members == frozenset("abcd")


def test_a_chain_is_not_one_pattern() -> None:
    chain = [finding("abcd", interval=900), finding("cdef", interval=800), finding("efgh", interval=700)]
    assert [one.members for one in merge(chain, SETTINGS)] == [frozenset("abcd"), frozenset("efgh")]


def test_a_place_and_a_community_that_touch_stay_two() -> None:
    place = finding("abcdef")
    wave = finding("efghijklmn", family=Family.COMMUNITY, stream=COMMUNITY)
    assert len(merge([place, wave], SETTINGS)) == 2


def test_a_street_in_a_wave_through_the_city_stays_its_own() -> None:
    wave = finding("abcdefghijklmnopqrst", family=Family.COMMUNITY, stream=COMMUNITY)
    there = finding("abcdef", family=Family.PLACE_COMMUNITY, stream=COMMUNITY)
    assert len(merge([wave, there], SETTINGS)) == 2


def test_a_few_on_one_community_inside_a_place_are_no_pattern_of_their_own() -> None:
    place = finding("abcdefghij", interval=100)
    there = finding("ijk", family=Family.PLACE_COMMUNITY, stream=COMMUNITY, interval=900)
    merged = merge([place, there], SETTINGS)
    assert [one.findings for one in merged] == [(place, there)]
    six = finding("hijklm", family=Family.PLACE_COMMUNITY, stream=COMMUNITY, interval=900)
    assert [one.findings for one in merge([place, six], SETTINGS)] == [(six,), (place,)]


def test_a_few_that_a_place_and_a_wave_have_in_common_do_not_join_the_two() -> None:
    place = finding("abcdefgh", interval=300)
    wave = finding("fghijklmnopq", family=Family.COMMUNITY, stream=COMMUNITY, interval=200)
    both = finding("fgh", family=Family.PLACE_COMMUNITY, stream=COMMUNITY, interval=900)
    assert [one.findings for one in merge([wave, both, place], SETTINGS)] == [(place, both), (wave,)]


def test_a_place_and_a_community_of_mostly_the_same_reports_are_one() -> None:
    place = finding("abcdef", interval=100)
    there = finding("abcde", family=Family.PLACE_COMMUNITY, stream=COMMUNITY, interval=900)
    merged = merge([place, there], SETTINGS)
    assert len(merged) == 1
    assert merged[0].family is Family.PLACE_COMMUNITY
    assert merged[0].led_as(place).family is Family.PLACE
    assert set(merged[0].led_as(place).findings) == {place, there}


@given(
    st.lists(st.frozensets(st.sampled_from("abcdefgh"), min_size=3), max_size=6, unique=True), st.randoms(use_true_random=False)
)
def test_nothing_is_lost_and_order_does_not_matter(sets: list[frozenset[str]], random: object) -> None:
    findings = [finding(members, interval=100.0 + i) for i, members in enumerate(sets)]
    shuffled: list[Finding] = list(findings)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis hands out a random.Random
    merged = merge(shuffled, SETTINGS)
    assert merged == merge(findings, SETTINGS)
    assert sorted(one.recurrence_interval_days for group in merged for one in group.findings) == sorted(
        one.recurrence_interval_days for one in findings
    )
