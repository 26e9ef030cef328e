"""The way of an alert, by the keyboard alone: the service releases it, the municipality acknowledges, agrees and closes."""

from browsing import ADVISER, WORKER, House
from playwright.sync_api import Locator, Page, expect

from alerts.alert import Action, ReviewState
from alerts.render.states import review_words

STEPS_AT_MOST = 200


def _reach(page: Page, target: Locator) -> None:
    """Press Tab until the target has the focus."""
    for _ in range(STEPS_AT_MOST):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {target}")


def _act(page: Page, action: Action, filled: dict[str, str], then: ReviewState) -> None:
    """Open the form of an action, fill it in and send it, without a mouse."""
    form = page.locator(f"#do-{action}")
    _reach(page, form.locator("summary"))
    page.keyboard.press("Enter")
    for name, text in filled.items():
        _reach(page, form.locator(f"[name={name}]").first)
        page.keyboard.type(text)
    _reach(page, form.locator("form button:not([name])"))
    page.keyboard.press("Enter")
    expect(page.locator(".pw-page-head .pw-badge").first).to_have_text(review_words(then, "nl"))


def _open(page: Page, key: str) -> None:
    """Go from the first page to the alert: through the navigation and the list."""
    _reach(page, page.locator(".pw-nav__link[href='/alerts']"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/alerts")
    _reach(page, page.locator(f"[data-alert-row='{key}'] a"))
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/alerts/{key}")


def test_from_new_to_closed_by_the_keyboard_alone(own_house: House) -> None:
    key = own_house.ids["both"]
    with own_house.page(ADVISER) as page:
        page.goto("/alerts")
        expect(page.locator(f"[data-alert-row='{key}']")).to_have_count(0)
    with own_house.page(WORKER) as page:
        _open(page, key)
        _act(page, Action.REVIEW, {}, ReviewState.IN_REVIEW)
        _act(page, Action.RELEASE, {}, ReviewState.RELEASED)
    with own_house.page(ADVISER) as page:
        _open(page, key)
        _act(page, Action.ACKNOWLEDGE, {}, ReviewState.ACKNOWLEDGED)
        _act(page, Action.AGREE, {"kind": " ", "owner": "Team wijken"}, ReviewState.APPROACH_AGREED)
        _act(page, Action.CLOSE, {"outcome": "Gesprek gevoerd, afspraken gemaakt."}, ReviewState.CLOSED)
        expect(page.get_by_text("Gesprek gevoerd, afspraken gemaakt.").first).to_be_visible()


def test_two_at_once_are_told_and_nothing_is_overwritten(own_house: House) -> None:
    key = own_house.ids["some"]
    with own_house.page(ADVISER) as one, own_house.page(ADVISER) as other:
        for page in (one, other):
            page.goto(f"/alerts/{key}")
        _act(one, Action.ACKNOWLEDGE, {}, ReviewState.ACKNOWLEDGED)
        form = other.locator(f"#do-{Action.ACKNOWLEDGE}")
        form.locator("summary").click()
        form.locator("form button:not([name])").click()
        expect(other.get_by_role("alert")).to_contain_text("Iemand was u voor")
