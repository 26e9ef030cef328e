"""Trying another threshold, by the keyboard alone: change it, wait for the replay, see the difference, take the file along."""

import re
import tomllib
from pathlib import Path

from axe import faults_of
from browsing import House, Who
from keyboard import fill, press, reach
from playwright.sync_api import Page, expect

from alerts.alert import Role

OPERATOR = Who(Role.OPERATOR)
SCROLLS_SIDEWAYS = """[...document.querySelectorAll('.pw-chart-box, .pw-table-box')]
    .filter(box => box.scrollWidth > box.clientWidth).map(box => box.getAttribute('aria-label'))"""
BEGIN = "form#tuning > button"


def _open(page: Page) -> None:
    """Go to the page from the navigation; with one municipality it opens at once."""
    press(page, page.locator(".pw-nav__link[href='/tuning']"))
    page.wait_for_url("**/tuning/GM9999")


def test_a_threshold_is_tuned_and_the_difference_seen(town: House, tmp_path: Path) -> None:
    with town.page(OPERATOR) as page:
        _open(page)
        faults = faults_of(page, "tuning")
        fill(page, page.get_by_label("Meldingen, regel 1"), "9")
        press(page, page.locator(BEGIN))
        expect(page.get_by_role("heading", name="Wat er anders zou zijn")).to_be_visible(timeout=60_000)
        expect(page.get_by_text("ten minste 9 meldingen in één buurt binnen 90 dagen")).to_be_visible()
        gone = page.get_by_role("table", name="De signalen").locator("tr", has_text="Valt weg")
        expect(gone.first).to_contain_text("6 à 10")
        faults += faults_of(page, "replay")
        page.set_viewport_size({"width": 320, "height": 900})
        assert page.evaluate(SCROLLS_SIDEWAYS) == [], "the whole timeline and every column show on a telephone"
        page.set_viewport_size({"width": 1440, "height": 900})
        with page.expect_download() as saved:
            press(page, page.get_by_role("link", name="local.toml downloaden"))
        saved.value.save_as(tmp_path / "local.toml")
        own = tomllib.loads((tmp_path / "local.toml").read_text())
        assert own["detection"]["threshold"]["rules"][0]["min_reports"] == 9
        assert faults == []


def test_a_replay_tells_how_far_it_is_and_can_be_broken_off(town: House) -> None:
    with town.page(OPERATOR) as page:
        _open(page)
        # The scan takes its time, so that this replay is still going on when it is looked at.
        reach(page, page.get_by_label("De scan", exact=True))
        page.keyboard.press("Space")
        for name in ("years", "every"):
            reach(page, page.locator(f"[name={name}]"))
            page.keyboard.press("End")
        press(page, page.locator(BEGIN))
        told = re.compile(r"De proef is bezig\. [\d.]+ van 2\.190 nachten")
        expect(page.get_by_role("progressbar")).to_have_accessible_name(told, timeout=30_000)
        assert faults_of(page, "progress") == []
        press(page, page.get_by_role("button", name="Afbreken"))
        expect(page.get_by_text("De proef is afgebroken.")).to_be_visible()
