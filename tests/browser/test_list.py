"""The list of alerts and the map beside it: they mirror each other, and filters stay out of every address."""

from browsing import ELSEWHERE, MANAGER, WORKER, House
from filled import HIDDEN_COMMUNITY
from playwright.sync_api import Page, expect

READY = "[data-map-ready=yes]"


def _open(page: Page) -> None:
    page.goto("/alerts")
    page.wait_for_selector(READY)


def _rows(page: Page) -> list[str]:
    return [name.strip() for name in page.locator("[data-alert-row] th a").all_inner_texts()]


def test_a_row_and_its_shape_show_each_other_and_the_keyboard_goes_both_ways(house: House) -> None:
    with house.page(WORKER) as page:
        _open(page)
        key = house.ids["some"]
        row, marker = page.locator(f"[data-alert-row='{key}']"), page.locator(f".pw-map__marker[data-alert='{key}']")
        row.locator("a").focus()
        expect(marker).to_have_class("pw-map__marker pw-map__marker--2 maplibregl-marker maplibregl-marker-anchor-center"
            " pw-map__marker--chosen")  # fmt: skip
        marker.focus()
        expect(row).to_have_class("pw-row--chosen")
        page.keyboard.press("Enter")
        expect(row.locator("a")).to_be_focused()
        expect(marker).to_have_accessible_name("6–10 Havenkwartier: 6 à 10 meldingen; Vrijgegeven. Naar de regel in de lijst")


def test_the_map_has_every_alert_of_the_list_that_has_a_place(house: House) -> None:
    with house.page(MANAGER) as page:
        _open(page)
        keys = {row.get_attribute("data-alert-row") for row in page.locator("[data-alert-row]").all()}
        on_map = {marker.get_attribute("data-alert") for marker in page.locator(".pw-map__marker").all()}
        assert keys - on_map == {house.ids["community"]}
        assert on_map <= keys
        expect(page.get_by_text("1 signaal uit de lijst heeft geen locatie")).to_be_visible()


def test_a_filter_on_no_place_or_a_community_works_and_stands_in_no_address(house: House) -> None:
    with house.page(WORKER) as page:
        seen: list[str] = []
        page.on("request", lambda request: seen.append(request.url))
        _open(page)
        page.get_by_text("Lijst filteren").click()
        page.get_by_label("Wijk").select_option("none")
        page.get_by_role("button", name="Tonen", exact=True).click()
        assert sorted(_rows(page)) == ["Heel Duinrade", "Heel Heiveen"]
        page.get_by_label("Wijk").select_option("")
        page.get_by_label("Gemeenschap").select_option(HIDDEN_COMMUNITY)
        page.get_by_role("button", name="Tonen", exact=True).click()
        assert sorted(_rows(page)) == ["Heel Heiveen", "Oudeveen, Heiveen"]
        page.get_by_label("Dit filter opslaan als").fill("mijn filter")
        page.get_by_role("button", name="Opslaan", exact=True).click()
        page.get_by_role("button", name="Alle signalen tonen").click()
        assert len(_rows(page)) == 6
        page.get_by_role("link", name="mijn filter").click()
        assert len(_rows(page)) == 2
        page.get_by_role("button", name="Verwijder het filter mijn filter").click()
        expect(page.get_by_role("link", name="mijn filter")).to_have_count(0)
        assert [url for url in seen if HIDDEN_COMMUNITY in url or "WK0001" in url] == []


def test_sorting_by_place_turns_around(house: House) -> None:
    with house.page(MANAGER) as page:
        _open(page)
        page.get_by_role("link", name="Patroon", exact=True).click()
        page.wait_for_url("**/alerts?sort=place&direction=up")
        down = _rows(page)
        page.get_by_role("link", name="Patroon", exact=True).click()
        page.wait_for_url("**/alerts?sort=place&direction=down")
        assert _rows(page) == down[::-1]
        expect(page.locator("th[aria-sort]")).to_have_attribute("aria-sort", "descending")


def test_another_municipality_sees_its_own_alerts_and_outlines_only(house: House) -> None:
    with house.page(ELSEWHERE) as page:
        page.goto("/alerts")
        assert _rows(page) == ["Heel Duinrade"]
        answer = page.goto("/areas/GM0001")
        assert answer is not None
        assert answer.status == 404


def test_an_empty_list_does_not_say_that_nothing_is_wrong(house: House) -> None:
    with house.page(MANAGER) as page:
        _open(page)
        page.get_by_text("Lijst filteren").click()
        page.get_by_label("Vanaf").fill("2030-01-01")
        page.get_by_role("button", name="Tonen", exact=True).click()
        expect(page.get_by_text("Dat zegt niets over wat er speelt")).to_be_visible()
