"""Somebody who has a keyboard and nothing else."""

from playwright.sync_api import Locator, Page

STEPS_AT_MOST = 200


def reach(page: Page, target: Locator) -> None:
    """Press Tab until the target has the focus."""
    for _ in range(STEPS_AT_MOST):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {target}")


def press(page: Page, target: Locator) -> None:
    """Go to a link, button or summary, and press Enter."""
    reach(page, target)
    page.keyboard.press("Enter")


def fill(page: Page, target: Locator, text: str) -> None:
    """Go to a field, and type over what is in it."""
    reach(page, target)
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(text)


def act(page: Page, action: str, filled: dict[str, str]) -> None:
    """Open the form of an action on an alert, fill it in and send it."""
    form = page.locator(f"#do-{action}")
    press(page, form.locator("summary"))
    for name, text in filled.items():
        reach(page, form.locator(f"[name={name}]").first)
        page.keyboard.type(text)
    press(page, form.locator("form button:not([name])"))


def open_alert(page: Page, key: str) -> None:
    """Go from wherever the navigation stands to the alert: through the list."""
    press(page, page.locator(".pw-nav__link[href='/alerts']"))
    page.wait_for_url("**/alerts")
    press(page, page.locator(f"[data-alert-row='{key}'] a"))
    page.wait_for_url(f"**/alerts/{key}")
