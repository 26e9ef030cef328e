import math
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.message import Reason
from alerts.names import CodeName, Names
from alerts.pattern import Band
from alerts.render.catalogue import LANGUAGES, language_of
from alerts.render.labels import code_words, method_words, rubric_words
from alerts.render.words import (
    areas_words,
    band_words,
    date_words,
    expected_words,
    list_words,
    number_words,
    parse_band,
    period_words,
    reason_words,
    recurrence_words,
)


@pytest.mark.parametrize(
    ("days", "nl", "en"),
    [
        (0.2, "hooguit eens per dag", "at most once a day"),
        (1.4, "hooguit eens per dag", "at most once a day"),
        (2, "hooguit eens in de 2 dagen", "at most once in 2 days"),
        (13.9, "hooguit eens in de 14 dagen", "at most once in 14 days"),
        (14, "hooguit eens in de 2 weken", "at most once in 2 weeks"),
        (59, "hooguit eens in de 8 weken", "at most once in 8 weeks"),
        (61, "hooguit eens in de 2 maanden", "at most once in 2 months"),
        (365, "hooguit eens in de 12 maanden", "at most once in 12 months"),
        (430, "hooguit eens in de 14 maanden", "at most once in 14 months"),
        (731, "hooguit eens in de 2 jaar", "at most once in 2 years"),
        (3652, "hooguit eens in de 10 jaar", "at most once in 10 years"),
        (40_000, "minder dan eens in de 100 jaar", "less than once in 100 years"),
        (math.inf, "minder dan eens in de 100 jaar", "less than once in 100 years"),
    ],
)
def test_tells_how_often_chance_alone_would_do_it(days: float, nl: str, en: str) -> None:
    assert recurrence_words(days, "nl") == nl
    assert recurrence_words(days, "en") == en


@pytest.mark.parametrize("days", [0, -1, math.nan, -math.inf])
def test_no_interval_is_nothing_or_less(days: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        recurrence_words(days, "nl")


@given(st.floats(0.01, 1e9), st.sampled_from(LANGUAGES))
def test_any_interval_has_words_without_a_number_of_one(days: float, lang: str) -> None:
    words = recurrence_words(days, lang)
    assert " 1 " not in words
    assert " 0 " not in words
    assert "%" not in words


@pytest.mark.parametrize(
    ("expected", "nl", "en"),
    [
        (0, "minder dan 1", "less than 1"),
        (0.8, "minder dan 1", "less than 1"),
        (0.9, "ongeveer 1", "about 1"),
        (1.1, "ongeveer 1", "about 1"),
        (1.4, "1 of 2", "1 or 2"),
        (7.5, "7 of 8", "7 or 8"),
        (19.5, "19 of 20", "19 or 20"),
        (25.4, "ongeveer 25", "about 25"),
        (1234.5, "ongeveer 1.234", "about 1,234"),
    ],
)
def test_tells_an_expected_count_without_false_precision(expected: float, nl: str, en: str) -> None:
    assert expected_words(expected, "nl") == nl
    assert expected_words(expected, "en") == en


@pytest.mark.parametrize("expected", [-0.1, math.nan, math.inf])
def test_no_expected_count_is_negative_or_endless(expected: float) -> None:
    with pytest.raises(ValueError, match="from 0 up"):
        expected_words(expected, "nl")


@given(st.floats(0, 1e6))
def test_words_for_an_expected_count_hold_it(expected: float) -> None:
    numbers = [int(part.replace(",", "")) for part in expected_words(expected, "en").split() if part[0].isdigit()]
    assert min(numbers) - 1 <= expected <= max(numbers) + 1


@pytest.mark.parametrize(
    ("band", "nl", "en"),
    [
        (Band(3, 5), "3 à 5", "3 to 5"),
        (Band(11, None), "meer dan 10", "more than 10"),
        (Band(4, 4), "4", "4"),
        (None, "niet getoond", "not shown"),
    ],
)
def test_tells_a_band(band: Band | None, nl: str, en: str) -> None:
    assert band_words(band, "nl") == nl
    assert band_words(band, "en") == en


@given(st.integers(0, 10**6), st.none() | st.integers(0, 10**6))
def test_reads_back_what_a_band_writes(low: int, more: int | None) -> None:
    band = Band(low + 1, None if more is None else low + 1 + more)
    assert parse_band(str(band)) == band


def test_no_band_is_the_count_that_may_not_be_told() -> None:
    assert parse_band("") is None


@pytest.mark.parametrize("text", ["-", "x", "3", ">", "3-x", "> 10x"])
def test_refuses_what_is_no_band(text: str) -> None:
    with pytest.raises(ValueError, match="3-5 or >10"):
        parse_band(text)


def test_writes_days_as_the_language_does() -> None:
    assert date_words(date(2026, 3, 2), "nl") == "2 maart 2026"
    assert date_words(date(2026, 3, 2), "en") == "2 March 2026"
    assert date_words(date(2026, 3, 2), "nl", this_year=2026) == "2 maart"
    assert date_words(date(2025, 3, 2), "nl", this_year=2026) == "2 maart 2025"


def test_a_period_over_two_years_names_both() -> None:
    begun, week_end = date(2026, 3, 2), date(2026, 5, 17)
    assert period_words(begun, week_end, "nl", this_year=2026, today=date(2026, 5, 14)) == "sinds 2 maart"
    assert period_words(begun, week_end, "nl", this_year=2026, today=date(2026, 5, 18)) == "2 maart tot en met 17 mei"
    assert period_words(date(2025, 12, 1), week_end, "en", today=date(2026, 5, 17)) == "since 1 December 2025"
    assert period_words(date(2026, 3, 2), date(2026, 5, 17), "nl", this_year=2026) == "2 maart tot en met 17 mei"
    assert (
        period_words(date(2025, 12, 1), date(2026, 1, 4), "en", this_year=2026) == "1 December 2025 to 4 January 2026 inclusive"
    )


@pytest.mark.parametrize(
    ("names", "level", "nl", "en"),
    [
        (["A"], "district", "de wijk A", "the district of A"),
        (["A", "B"], "district", "de wijken A en B", "the districts of A and B"),
        (["A"], "neighbourhood", "de buurt A", "the neighbourhood of A"),
        (["A", "B", "C"], "neighbourhood", "de buurten A, B en C", "the neighbourhoods of A, B and C"),
        (["A"], "municipality", "de gemeente A", "the municipality of A"),
        (["A", "B"], "municipality", "de gemeenten A en B", "the municipalities of A and B"),
        (["A"], "ward", "A", "A"),
        (["100% B"], "district", "de wijk 100% B", "the district of 100% B"),
    ],
)
def test_names_areas(names: list[str], level: str, nl: str, en: str) -> None:
    assert areas_words(names, level, "nl") == nl
    assert areas_words(names, level, "en") == en


def test_lists_and_numbers() -> None:
    assert list_words([], "nl") == ""
    assert number_words(1234.56, "nl", decimals=1) == "1.234,6"
    assert number_words(5.0, "en", decimals=1) == "5"


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_words_in_both_languages(reason: Reason) -> None:
    assert reason_words(reason, "nl") != reason_words(reason, "en")


def test_codes_have_the_words_of_their_rubric() -> None:
    assert code_words("ground", "godsdienst", "nl") == "Godsdienst"
    assert code_words("ground", "godsdienst", "en") == "Religion"
    assert code_words("domain", "onderwijs", "en") == "Education"
    assert code_words("nature", "geweld", "en") == "Violence"
    assert code_words("community", "surinaams", "nl") == "Mensen van Surinaamse herkomst"
    assert code_words("community", "jonge_ouders", "nl") == "Jonge ouders"
    assert rubric_words("domain", "nl") == "Terrein"
    assert method_words("scan", "en") == "scan statistic"
    assert method_words("own", "en") == "own"


def test_names_that_the_operator_sets_go_first() -> None:
    names = Names(
        communities={"surinaams": CodeName(nl="Surinaamse Nederlanders"), "molukkers": CodeName(nl="Molukkers", en="Moluccans")}
    )
    assert code_words("community", "surinaams", "nl", names) == "Surinaamse Nederlanders"
    assert code_words("community", "surinaams", "en", names) == "Surinaamse Nederlanders"  # no English one was given
    assert code_words("community", "molukkers", "en-GB", names) == "Moluccans"
    assert code_words("ground", "molukkers", "nl", names) == "Molukkers", "not a name of a ground, but it reads the same"
    assert code_words("domain", "onderwijs", "nl", names) == "Onderwijs"


@pytest.mark.parametrize(
    ("tag", "language"),
    [("nl", "nl"), ("NL", "nl"), ("en", "en"), ("en-GB", "en"), ("en_US", "en"), ("de", "nl"), ("", "nl"), ("english", "nl")],
)
def test_a_language_that_is_not_there_is_dutch(tag: str, language: str) -> None:
    assert language_of(tag) == language
