"""A page in its four looks, and what axe-core finds in it against WCAG 2.2 AA."""

import os
from pathlib import Path

from browsing import Scheme
from playwright.sync_api import Page

AXE = Path(
    os.environ.get("AXE_CORE") or Path(__file__).resolve().parents[2] / "alerts/console/frontend/node_modules/axe-core/axe.min.js"
)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
LOOKS: tuple[tuple[int, Scheme], ...] = ((1440, "light"), (1440, "dark"), (320, "light"), (320, "dark"))


def violations(page: Page) -> list[str]:
    """What axe-core finds, a line each; it runs beside the page's own policy, as the browser's own tools do."""
    if page.evaluate("typeof axe === 'undefined'"):
        tools = page.context.new_cdp_session(page)
        tools.send("Runtime.evaluate", {"expression": AXE.read_text(encoding="utf-8")})
    found = page.evaluate(
        "rules => axe.run({runOnly: rules}).then(r => r.violations.flatMap(v => v.nodes.map(n => v.id + ': ' + n.html)))", RULES
    )
    return [str(each)[:300] for each in found]


def faults_of(page: Page, name: str) -> list[str]:
    """What is wrong with the page as it stands, in any of the four looks; it is left at the first."""
    faults = []
    if page.locator("[data-map]").count():
        page.wait_for_selector("[data-map-ready=yes]")
    for width, scheme in (*LOOKS[1:], LOOKS[0]):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        if page.evaluate("document.documentElement.scrollWidth") > width:
            faults.append(f"{name}: wider than a screen of {width}")
        faults.extend(f"{name} at {width}, {scheme}: {each}" for each in violations(page))
    return faults
