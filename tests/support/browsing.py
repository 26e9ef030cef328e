"""One real Chromium, a filled console, and people who sign in at it."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
from alerting import Clock
from consoling import PASSWORD, Console, open_console
from filled import fill
from playwright.sync_api import Browser, Page, expect, sync_playwright

from alerts.alert import ALL_RIGHTS, Rights, Role
from alerts.console.settings import ConsoleSettings
from alerts.store.engine import migrate, open_engine

Scheme = Literal["light", "dark"]
PATIENCE_MS = 60_000
"""How long to wait for what takes a moment, on a machine that has much else to do."""

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]
"""The last three: the map is drawn without a graphics card."""


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody to sign in as."""

    role: Role
    municipality: str | None = None
    rights: Rights = ALL_RIGHTS


WORKER = Who(Role.CASE_WORKER)
MANAGER = Who(Role.AREA_MANAGER, "GM0001")
ADVISER = Who(Role.POLICY_ADVISER, "GM0001")
ELSEWHERE = Who(Role.POLICY_ADVISER, "GM0002")


def chromium() -> str:
    """Where Debian's Chromium is; ``scripts/test`` sees to it and names it where it lies elsewhere."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not found or not Path(found).exists():
        pytest.exit("the browser tests need Chromium: run scripts/test, or apt-get install chromium", returncode=2)
    return found


@contextmanager
def launched() -> Iterator[Browser]:
    """A real Chromium without a window."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        yield browser
        browser.close()


@dataclass
class House:
    """A filled console, and browsers in which people are signed in."""

    console: Console
    chrome: Browser
    ids: dict[str, str]

    @contextmanager
    def page(self, who: Who | None = None, *, width: int = 1440, scheme: Scheme = "light", lang: str = "nl-NL") -> Iterator[Page]:
        """A page of a fresh browser, in which this person is signed in by the form."""
        context = self.chrome.new_context(
            base_url=self.console.url,
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            locale=lang,
            reduced_motion="reduce",
            # What a test serves with TLS has a certificate of nobody's.
            ignore_https_errors=True,
        )
        context.set_default_timeout(PATIENCE_MS)
        try:
            page = context.new_page()
            if who is not None:
                account = self.console.account(who.role, who.municipality, who.rights)
                page.goto("/sign-in")
                page.get_by_label("Naam").fill(account.name)
                page.get_by_label("Wachtwoord").fill(PASSWORD)
                page.locator('form[action="/sign-in"] button').click()
                page.wait_for_url(f"{self.console.url}/")
            yield page
        finally:
            context.close()


@contextmanager
def filled_house(chrome: Browser, folder: Path, settings: ConsoleSettings | None = None) -> Iterator[House]:
    """A filled console in this folder."""
    engine, clock = open_engine(f"sqlite:///{folder / 'alerts.sqlite'}"), Clock()
    migrate(engine)
    with open_console(engine, clock, console=settings) as console:
        yield House(console, chrome, fill(engine, console.alerts, clock))
    engine.dispose()
