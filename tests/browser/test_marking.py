"""Marking a mass report, by the keyboard alone: from the alert to its reports, and the alert is recomputed at once."""

from axe import faults_of
from browsing import WORKER, House
from keyboard import open_alert, press, reach
from playwright.sync_api import expect


def test_mass_reports_are_marked_and_the_alert_is_recomputed(town: House) -> None:
    key = town.ids["six"]
    with town.page(WORKER) as page:
        open_alert(page, key)
        expect(page.locator(".pw-sentence")).to_contain_text("6 à 10 meldingen")
        press(page, page.get_by_role("link", name="Meldingen van dit patroon"))
        page.wait_for_url(f"**/alerts/{key}/reports")
        faults = faults_of(page, "reports")
        boxes = page.get_by_role("checkbox")
        expect(boxes).to_have_count(6)
        for number in range(4):
            reach(page, boxes.nth(number))
            page.keyboard.press("Space")
        reach(page, page.get_by_label("Wat het zijn"))
        page.keyboard.type("Massa")
        reach(page, page.get_by_label("Waarom"))
        page.keyboard.type("allemaal over één uitzending")
        press(page, page.get_by_role("button", name="Markeren"))
        expect(page.get_by_role("status").first).to_contain_text(
            "4 meldingen zijn gemarkeerd. Van dit patroon tellen nu 2 meldingen mee; eerst waren het er 6."
            " Geen enkele methode ziet het patroon nog."
        )
        expect(page.get_by_role("cell", name="Massamelding")).to_have_count(4)
        faults += faults_of(page, "reports, marked")
        press(page, page.locator(".pw-back"))
        page.wait_for_url(f"**/alerts/{key}")
        faults += faults_of(page, "alert")
        expect(page.get_by_text("Versie 2", exact=True)).to_be_visible()
        expect(page.get_by_text("dus de gemeente kan het niet zien")).to_be_visible()
        assert faults == []
