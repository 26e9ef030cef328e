"""The way of an alert, by the keyboard alone: the service releases it, the municipality acknowledges, agrees and closes."""

from browsing import ADVISER, WORKER, House
from keyboard import act, open_alert
from playwright.sync_api import Page, expect

from alerts.alert import Action, ReviewState
from alerts.render.states import review_words


def _act(page: Page, action: Action, filled: dict[str, str], then: ReviewState) -> None:
    """Do it without a mouse, and see that it was done."""
    act(page, action, filled)
    expect(page.locator(".pw-page-head .pw-badge").first).to_have_text(review_words(then, "nl"))


def test_from_new_to_closed_by_the_keyboard_alone(own_house: House) -> None:
    key = own_house.ids["both"]
    with own_house.page(ADVISER) as page:
        page.goto("/alerts")
        expect(page.locator(f"[data-alert-row='{key}']")).to_have_count(0)
    with own_house.page(WORKER) as page:
        open_alert(page, key)
        _act(page, Action.REVIEW, {}, ReviewState.IN_REVIEW)
        _act(page, Action.RELEASE, {}, ReviewState.RELEASED)
    with own_house.page(ADVISER) as page:
        open_alert(page, key)
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
