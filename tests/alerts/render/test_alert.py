from collections.abc import Callable

import pytest

from alerts.pattern import Pattern, PatternKind, PatternState
from alerts.render import alert_text

Make = Callable[..., Pattern]


def test_tells_a_place_pattern_in_dutch(make_pattern: Make) -> None:
    assert alert_text(make_pattern(), "nl") == (
        "Meerdere meldingen op één plek\n"
        "\n"
        "In de wijk Molenkwartier kwamen sinds 2 maart 6 à 10 meldingen binnen; gewoonlijk zijn dat er 1 of 2. "
        "Door toeval alleen zou dit hooguit eens in de 14 maanden gebeuren.\n"
        "\n"
        "Gemeente: Voorbeeldstad\n"
        "Waar: de wijk Molenkwartier\n"
        "Periode: 2 maart 2026 tot en met 17 mei 2026\n"
        "Meldingen: 6 à 10\n"
        "Gewoonlijk: 1 of 2\n"
        "Vergeleken: ongeveer 5,7 keer zoveel\n"
        "Door toeval: hooguit eens in de 14 maanden\n"
        "Gezien door: scanstatistiek (hooguit eens in de 14 maanden)\n"
        "Gezien door: regel van het meldpunt (hooguit eens in de 3 maanden; at least 4 within 90 days)\n"
        "Campagne: Meld het (1 maart 2026 tot en met 30 april 2026)\n"
        "Toestand: gaat door\n"
        "Voor het eerst gezien: 18 mei 2026\n"
        "Voor het laatst gezien: 20 mei 2026\n"
        "Patroon: p-7, versie 2\n"
        "Regels: a1b2c3, 0.1.0\n"
        "\n"
        "Grond:\n"
        "  Godsdienst: 3 à 5\n"
        "  Leeftijd: niet getoond\n"
        "\n"
        "Meldingen tot dan toe, aan het einde van elke week:\n"
        "  week van 4 mei 2026: niet getoond (gewoonlijk ongeveer 1)\n"
        "  week van 11 mei 2026: 6 à 10 (gewoonlijk 1 of 2)\n"
        "\n"
        "Dit is geen oordeel over een gebied, een groep of een persoon: het zegt dat er meer meldingen binnenkwamen dan "
        "gewoonlijk. Meer meldingen kunnen ook betekenen dat mensen het meldpunt beter weten te vinden. Wat ‘niet getoond’ is, "
        "is te klein om te vertellen, of zou een ander aantal verraden."
    )


def test_tells_a_community_pattern_in_english(make_pattern: Make) -> None:
    told = alert_text(
        make_pattern(
            kind=PatternKind.COMMUNITY,
            state=PatternState.QUIET,
            level="municipality",
            area_names=("Voorbeeldstad",),
            community="moslims",
            ground="godsdienst",
            relative_risk=None,
            predecessors=("p-1", "p-3"),
            weekly=(),
            breakdowns=(),
            campaigns=(),
        ),
        "en",
    )
    for line in (
        "Several reports that concern one group or subject",
        "Community: Muslims",
        "Ground: Religion",
        "State: quiet now",
        "Came from: p-1 and p-3",
    ):
        assert line in told.splitlines()
    for absent in ("Where:", "Compared:", "Campaign:", "week of", "not shown"):
        assert absent not in told


@pytest.mark.parametrize("lang", ["nl", "en"])
@pytest.mark.parametrize("kind", PatternKind)
def test_every_kind_has_a_heading(make_pattern: Make, kind: PatternKind, lang: str) -> None:
    heading = alert_text(make_pattern(kind=kind), lang).splitlines()[0]
    assert heading.startswith("Meerdere" if lang == "nl" else "Several")


def test_a_count_that_may_not_be_told_is_not(make_pattern: Make) -> None:
    told = alert_text(make_pattern(observed=None, why=(), weekly=(), breakdowns=()), "nl")
    assert "Meldingen: niet getoond" in told
    assert "zou een ander aantal verraden" in told
