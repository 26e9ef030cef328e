"""Every page, as each role, light and dark, narrow and wide: nothing that axe-core finds against WCAG 2.2 AA, nothing cut off."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import ADVISER, ELSEWHERE, MANAGER, WORKER, House, Scheme, Who
from playwright.sync_api import Page

from alerts.alert import Role

AXE = Path(
    os.environ.get("AXE_CORE") or Path(__file__).resolve().parents[2] / "alerts/console/frontend/node_modules/axe-core/axe.min.js"
)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
OPERATOR, AUDITOR, ADMINISTRATOR = Who(Role.OPERATOR), Who(Role.AUDITOR), Who(Role.ADMINISTRATOR)
PUBLIC = ("/sign-in", "/uitleg", "/toegankelijkheid")
LOOKS: tuple[tuple[int, Scheme], ...] = ((1440, "light"), (1440, "dark"), (320, "light"), (320, "dark"))
LARGEST_BYTES = 500_000


def _violations(page: Page) -> list[str]:
    """What axe-core finds, a line each; it runs beside the page's own policy, as the browser's own tools do."""
    tools = page.context.new_cdp_session(page)
    tools.send("Runtime.evaluate", {"expression": AXE.read_text(encoding="utf-8")})
    found = page.evaluate(
        "rules => axe.run({runOnly: rules}).then(r => r.violations.flatMap(v => v.nodes.map(n => v.id + ': ' + n.html)))", RULES
    )
    return [str(each)[:300] for each in found]


def _linked(page: Page) -> Iterator[str]:
    """The pages to which this one's navigation leads."""
    for link in page.locator(".pw-nav__link").all():
        yield link.get_attribute("href") or "/"


def _check(page: Page, path: str, faults: list[str]) -> None:
    answer = page.goto(path)
    assert answer is not None
    assert answer.status < 400, f"{path}: {answer.status}"
    assert len(answer.body()) < LARGEST_BYTES, path
    if page.locator("[data-map]").count():
        page.wait_for_selector("[data-map-ready=yes]")
    for width, scheme in LOOKS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        if page.evaluate("document.documentElement.scrollWidth") > width:
            faults.append(f"{path}: wider than a screen of {width}")
        faults.extend(f"{path} at {width}, {scheme}: {each}" for each in _violations(page))


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
