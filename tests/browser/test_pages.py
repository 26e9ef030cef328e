"""Every page, as each role, light and dark, narrow and wide: nothing that axe-core finds against WCAG 2.2 AA, nothing cut off."""

from collections.abc import Iterator

import pytest
from axe import faults_of
from browsing import ADVISER, ELSEWHERE, MANAGER, WORKER, House, Who
from playwright.sync_api import Page

from alerts.alert import Role

OPERATOR, AUDITOR, ADMINISTRATOR = Who(Role.OPERATOR), Who(Role.AUDITOR), Who(Role.ADMINISTRATOR)
PUBLIC = ("/sign-in", "/uitleg", "/toegankelijkheid")
LARGEST_BYTES = 500_000


def _linked(page: Page) -> Iterator[str]:
    """The pages to which this one's navigation leads."""
    for link in page.locator(".pw-nav__link").all():
        yield link.get_attribute("href") or "/"


def _check(page: Page, path: str, faults: list[str]) -> None:
    answer = page.goto(path)
    assert answer is not None
    assert answer.status < 400, f"{path}: {answer.status}"
    assert len(answer.body()) < LARGEST_BYTES, path
    faults.extend(faults_of(page, path))


def test_public_pages(house: House) -> None:
    faults: list[str] = []
    with house.page() as page:
        for path in PUBLIC:
            _check(page, path, faults)
    assert faults == []


@pytest.mark.parametrize("who", [WORKER, MANAGER, ADVISER, OPERATOR, AUDITOR, ADMINISTRATOR], ids=lambda who: who.role.value)
def test_pages_of_a_role(house: House, who: Who) -> None:
    faults: list[str] = []
    with house.page(who) as page:
        paths = list(_linked(page))
        assert paths
        if who in {WORKER, MANAGER}:
            paths += [f"/alerts/{house.ids[name]}" for name in ("some", "community")]
        for path in paths:
            _check(page, path, faults)
    assert faults == []


def test_no_page_breaks_its_own_policy_or_asks_another_host(house: House) -> None:
    with house.page(MANAGER) as page:
        complaints: list[str] = []
        hosts: set[str] = set()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("request", lambda request: hosts.add("/".join(request.url.split("/")[:3])))
        for path in ["/", "/alerts", f"/alerts/{house.ids['some']}", *PUBLIC]:
            page.goto(path)
            if page.locator("[data-map]").count():
                page.wait_for_selector("[data-map-ready=yes]")
        assert complaints == []
        assert hosts <= {house.console.url}


def test_another_municipalitys_alert_does_not_exist(house: House) -> None:
    with house.page(ELSEWHERE) as page:
        for path in (f"/alerts/{house.ids['some']}", f"/alerts/{'0' * 32}"):
            answer = page.goto(path)
            assert answer is not None
            assert answer.status == 404
