"""Handing in a file by the keyboard: chosen, looked at row by row, taken in; and the pages beside it, in their four looks."""

import re
from pathlib import Path

from axe import faults_of
from browsing import WORKER, House, Who
from keyboard import press, reach
from playwright.sync_api import expect

from alerts.alert import Role

ROWS = """report_id,received_on,area,grounds,nature
nieuw-1,2026-02-20,BU99990001,herkomst_huidskleur,overig
nieuw-2,2026-02-21,BU99990001,leeftijd,bel 06 12345678
"""


def test_a_file_is_chosen_looked_at_and_taken_in(town: House, tmp_path: Path) -> None:
    file = tmp_path / "februari.csv"
    file.write_text(ROWS, encoding="utf-8")
    with town.page(WORKER) as page:
        press(page, page.locator(".pw-nav__link[href='/intake']"))
        page.wait_for_url("**/intake")
        field = page.get_by_label("Bestand", exact=True)
        expect(page.get_by_text("Nog geen bestand gekozen")).to_be_visible()
        reach(page, field)
        with page.expect_file_chooser() as chooser:
            # The page answers this only after it was told to hand the chooser over; a key pressed sooner opens one nobody sees.
            expect(page.locator(".pw-file__button")).to_have_css("outline-style", "solid")
            page.keyboard.press("Enter")
        chooser.value.set_files(file)
        expect(field).to_have_accessible_description(re.compile("februari.csv"))
        expect(page.get_by_text("februari.csv")).to_be_visible()
        faults = faults_of(page, "intake")
        press(page, page.get_by_role("button", name="Laat zien wat er zou gebeuren"))
        expect(page.get_by_role("heading", name="Wat er van het bestand zou worden")).to_be_visible()
        faults += faults_of(page, "preview")
        press(page, page.get_by_role("button", name="Dit bestand innemen"))
        expect(page.get_by_role("heading", name="Wat er van het bestand is geworden")).to_be_visible()
        press(page, page.locator(".pw-nav__link[href='/quarantine']"))
        expect(page.get_by_role("rowheader", name="februari.csv")).to_be_visible()
        faults += faults_of(page, "quarantine")
        assert faults == []


def test_runs_and_settings_in_their_four_looks(town: House) -> None:
    faults = []
    with town.page(Who(Role.OPERATOR)) as page:
        for path in ("/runs", "/settings"):
            page.goto(path)
            expect(page.get_by_role("table").first).to_be_visible()
            faults += faults_of(page, path)
    assert faults == []
