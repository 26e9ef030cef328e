from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.pattern import Band, Pattern, WhyPart, from_json, to_json
from alerts.render import why, why_sentence
from alerts.render.labels import code_words
from alerts.render.sentence import part_sentence

FIGURES = why.Figures(date(2026, 3, 2), Band(6, 10), 1.4)
OVER = why.Figures(date(2026, 3, 2), Band(11, None), 0.3, until=date(2026, 5, 17))
UNTOLD = why.Figures(date(2026, 3, 2), None, 1.4)
UNTOLD_OVER = why.Figures(date(2026, 3, 2), None, 1.4, until=date(2026, 5, 17))


@pytest.mark.parametrize(
    ("part", "nl", "en"),
    [
        (
            why.place_count(["Molenkwartier"], "district", FIGURES),
            "In de wijk Molenkwartier kwamen sinds 2 maart 6 à 10 meldingen binnen; gewoonlijk zijn dat er 1 of 2.",
            "Since 2 March, 6 to 10 reports have come in from the district of Molenkwartier; usually there are 1 or 2.",
        ),
        (
            why.place_count(["Molenkwartier", "De Wei"], "neighbourhood", OVER),
            (
                "In de buurten Molenkwartier en De Wei kwamen van 2 maart tot en met 17 mei meer dan 10 meldingen binnen; "
                "gewoonlijk zijn dat er minder dan 1."
            ),
            (
                "From 2 March to 17 May inclusive, more than 10 reports came in from the neighbourhoods of "
                "Molenkwartier and De Wei; "
                "usually there are less than 1."
            ),
        ),
        (
            why.place_count(["Molenkwartier"], "district", UNTOLD),
            "In de wijk Molenkwartier kwamen sinds 2 maart meer meldingen dan gewoonlijk binnen.",
            "Since 2 March, more reports than usual have come in from the district of Molenkwartier.",
        ),
        (
            why.community_count("Voorbeeldstad", "community", "moslims", FIGURES),
            (
                "In de gemeente Voorbeeldstad kwamen sinds 2 maart 6 à 10 meldingen binnen over de gemeenschap ‘Moslims’; "
                "gewoonlijk zijn dat er 1 of 2."
            ),
            (
                "Since 2 March, 6 to 10 reports that concern the community ‘Muslims’ have come in from the municipality of "
                "Voorbeeldstad; usually there are 1 or 2."
            ),
        ),
        (
            why.community_count("Voorbeeldstad", "ground", "godsdienst", UNTOLD_OVER),
            (
                "In de gemeente Voorbeeldstad kwamen van 2 maart tot en met 17 mei meer meldingen dan gewoonlijk binnen "
                "over de grond ‘Godsdienst’."
            ),
            (
                "From 2 March to 17 May inclusive, more reports on the ground ‘Religion’ than usual came in from the "
                "municipality of "
                "Voorbeeldstad."
            ),
        ),
        (
            why.place_community_count(["Molenkwartier"], "district", "domain", "onderwijs", FIGURES),
            (
                "In de wijk Molenkwartier kwamen sinds 2 maart 6 à 10 meldingen binnen op het terrein ‘Onderwijs’; "
                "gewoonlijk zijn dat er 1 of 2."
            ),
            (
                "Since 2 March, 6 to 10 reports in the domain ‘Education’ have come in from the district of Molenkwartier; "
                "usually there are 1 or 2."
            ),
        ),
        (
            why.campaign_overlap("Meld het", date(2026, 3, 1), date(2026, 4, 30)),
            "In deze weken liep de campagne ‘Meld het’ (1 maart tot en met 30 april); die kan een stijging verklaren.",
            "In these weeks the campaign ‘Meld het’ ran (1 March to 30 April inclusive); it may explain a rise.",
        ),
        (
            why.chance(430.2),
            "Door toeval alleen zou dit hooguit eens in de 14 maanden gebeuren.",
            "By chance alone this would happen at most once in 14 months.",
        ),
        (
            WhyPart("moon_phase", {"phase": "full"}),
            "Er is nog een toelichting (moon_phase), die een nieuwere versie van deze pagina nodig heeft.",
            "There is a further explanation (moon_phase) that needs a newer version of this page.",
        ),
    ],
)
def test_tells_each_part_in_both_languages(part: WhyPart, nl: str, en: str) -> None:
    assert part_sentence(part, "nl", this_year=2026) == nl
    assert part_sentence(part, "en", this_year=2026) == en


def test_the_sentence_is_the_parts_in_their_order(make_pattern: Callable[..., Pattern]) -> None:
    assert why_sentence(make_pattern(), "nl") == (
        "In de wijk Molenkwartier kwamen sinds 2 maart 6 à 10 meldingen binnen; gewoonlijk zijn dat er 1 of 2. "
        "Door toeval alleen zou dit hooguit eens in de 14 maanden gebeuren."
    )


def test_the_sentence_survives_the_way_from_one_side_to_the_other(make_pattern: Callable[..., Pattern]) -> None:
    pattern = make_pattern()
    assert why_sentence(from_json(to_json(pattern)), "en") == why_sentence(pattern, "en")


def test_every_message_is_made_by_a_function_here_with_all_it_requires() -> None:
    parts = [
        why.place_count(["A"], "district", OVER),
        why.community_count("A", "ground", "x", OVER),
        why.place_community_count(["A"], "district", "ground", "x", OVER),
        why.campaign_overlap("A", date(2026, 1, 1), date(2026, 1, 2)),
        why.chance(1.0),
    ]
    assert {part.message for part in parts} == set(why.REQUIRED)
    for part in parts:
        assert part.values.keys() - why.OPTIONAL == why.REQUIRED[part.message]


@pytest.mark.parametrize("message", why.REQUIRED)
def test_a_part_that_lacks_a_value_says_which(message: str) -> None:
    with pytest.raises(ValueError, match=min(why.REQUIRED[message])):
        part_sentence(WhyPart(message, {}), "nl")


@pytest.mark.parametrize(("key", "value"), [("since", "yesterday"), ("band", "many"), ("expected", "few"), ("until", "x")])
def test_a_value_of_the_wrong_kind_is_refused(key: str, value: str) -> None:
    part = why.place_count(["A"], "district", FIGURES)
    with pytest.raises(ValueError, match=r"date|band|float"):
        part_sentence(WhyPart(part.message, {**part.values, key: value}), "nl")


def test_a_place_must_be_named_and_a_rubric_known() -> None:
    with pytest.raises(ValueError, match="at least one area"):
        why.place_count([], "district", FIGURES)
    with pytest.raises(ValueError, match="community, ground, domain"):
        why.community_count("A", "colour", "x", FIGURES)


names = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30)
bands = st.none() | st.builds(
    lambda low, more: Band(low, None if more is None else low + more), st.integers(1, 99), st.none() | st.integers(0, 9)
)
days = st.dates(date(2000, 1, 1), date(2100, 1, 1))
figures = st.builds(why.Figures, since=days, band=bands, expected=st.floats(0, 500), until=st.none() | days)


@given(st.lists(names, min_size=1, max_size=4), names, figures, st.sampled_from(["nl", "en"]))
def test_any_name_and_figure_can_be_told(areas: list[str], code: str, figures: why.Figures, lang: str) -> None:
    told = part_sentence(why.place_community_count(areas, "district", "community", code, figures), lang)
    assert all(name in told for area in areas for name in area.split(why.AREA_SEPARATOR))
    assert code_words("community", code, lang) in told
    assert ("gewoonlijk" if lang == "nl" else "usual") in told
