from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from alerting import make_follow_up

from alerts.console.alert.effect_view import EffectView, effect_view, range_words
from alerts.effect import FollowUp, Interval
from alerts.pattern import Band

ZONE = ZoneInfo("Europe/Amsterdam")
BEGAN = datetime(2026, 3, 2, 9, tzinfo=UTC)


def view(follow_up: FollowUp | None, lang: str = "nl") -> EffectView:
    return effect_view(BEGAN, follow_up, date(2026, 6, 1), ZONE, lang)


def test_before_the_first_follow_up_the_page_says_when_it_comes() -> None:
    told = view(None)
    assert told.sentences == (
        "Meldingen tellen mee vanaf 9 maart. Na 4 hele weken, op 6 april, is er een eerste vergelijking met de weken ervoor.",
    )
    assert told.picture is None


def test_few_reports_are_never_called_a_fall() -> None:
    told = view(make_follow_up(before=Band(3, 5), weeks=4))
    assert (
        told.sentences[0]
        == "Vóór de aanpak waren er 3 à 5 meldingen in 8 weken. Vanaf 9 maart 2026 waren het er minder dan 3 in 4 weken."
    )
    assert told.sentences[1].startswith(
        "Of er nu per week minder of meer meldingen binnenkomen dan ervoor, is met zo weinig niet te zeggen"
    )
    assert told.sentences[-1] == "De volgende vergelijking is op 4 mei."


def test_a_fall_is_told_with_all_that_it_can_mean() -> None:
    told = view(make_follow_up(before=Band(6, 10), weeks=52))
    assert told.sentences[1].startswith("Per week komen er nu minder meldingen binnen dan ervoor: hooguit ")
    assert "vertrouwen" in told.cautions[0]
    assert "vanzelf voorbij" in told.cautions[1]
    assert not any("volgende vergelijking" in sentence for sentence in told.sentences), "after a year it ends"


def test_beside_the_city_a_second_range_is_drawn() -> None:
    city = Band(58, 62)
    told = view(make_follow_up(before=Band(11, None), weeks=8, city_before=city, city_after=city))
    assert told.picture is not None
    assert len(told.picture.bars) == 2
    alone = view(make_follow_up()).picture
    assert alone is not None
    assert len(alone.bars) == 1
    assert alone.height < told.picture.height


def test_ranges_lie_on_the_axis_and_say_where_they_go_on() -> None:
    picture = view(make_follow_up(before=Band(11, None), after=Band(11, None))).picture
    assert picture is not None
    (bar,) = picture.bars
    assert (bar.open_left, bar.open_right) == (True, True)
    assert picture.left <= bar.left < picture.one < bar.right <= picture.right
    assert bar.words == "van alles"


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.0, 0.73, "hooguit 0,7 keer zoveel"),
        (0.0, 0.96, "hooguit 0,96 keer zoveel"),
        (0.03, 0.5, "0,03 tot 0,5 keer zoveel"),
        (1.4, 12.3, "1,4 tot 12,3 keer zoveel"),
        (1.4, float("inf"), "minstens 1,4 keer zoveel"),
        (0.0, float("inf"), "van alles"),
    ],
)
def test_ranges_in_words(low: float, high: float, words: str) -> None:
    assert range_words(Interval(low, high), "nl") == words
