"""The effect of an approach, by the keyboard alone: weeks after it was agreed, somebody closes it and sees before and after."""

from alerting import make_follow_up
from axe import faults_of
from browsing import ADVISER, House
from keyboard import act, open_alert, reach
from playwright.sync_api import expect

from alerts import follow_ups
from alerts.alert import Action, ReviewState
from alerts.pattern import Band
from alerts.render.states import review_words


def test_after_closing_the_effect_is_there_to_see(own_house: House) -> None:
    key, console = own_house.ids["some"], own_house.console
    with own_house.page(ADVISER) as page:
        open_alert(page, key)
        act(page, Action.ACKNOWLEDGE, {})
        act(page, Action.AGREE, {"kind": " ", "owner": "Team wijken"})
        expect(page.get_by_role("heading", name="Sinds de aanpak")).to_be_visible()
        expect(page.get_by_text("is er een eerste vergelijking met de weken ervoor")).to_be_visible()
    console.clock.forward(weeks=9)
    told = make_follow_up(
        pattern_key="some",
        before=Band(6, 10),
        after=None,
        city_before=Band(58, 62),
        city_after=Band(58, 62),
        recorded_at=console.clock(),
    )
    assert follow_ups.receive(console.engine, told, console.clock())
    with own_house.page(ADVISER) as page:
        open_alert(page, key)
        act(page, Action.CLOSE, {"outcome": "Gesprek gevoerd, afspraken gemaakt."})
        expect(page.locator(".pw-page-head .pw-badge").first).to_have_text(review_words(ReviewState.CLOSED, "nl"))
        expect(page.get_by_text("Vóór de aanpak waren er 6 à 10 meldingen in 8 weken.")).to_be_visible()
        expect(page.get_by_text("Minder meldingen kan ook minder vertrouwen betekenen")).to_be_visible()
        chart = page.get_by_role("group", name="Hoeveel keer zoveel meldingen per week")
        reach(page, chart)
        expect(chart.get_by_role("img")).to_be_visible()
        assert faults_of(page, "effect") == []
