"""Signing in at an identity provider with a real browser, which holds the form to the page's own policy."""

from pathlib import Path

from alerting import Clock
from axe import faults_of
from consoling import open_console
from identity_provider import CLIENT, SECRET, open_provider
from playwright.sync_api import Browser

from alerts.console.oidc.settings import OidcSettings
from alerts.console.settings import ConsoleSettings
from alerts.store.engine import migrate, open_engine


def test_somebody_signs_in_at_the_provider_by_keyboard(chrome: Browser, tmp_path: Path) -> None:
    engine, clock = open_engine(f"sqlite:///{tmp_path / 'alerts.sqlite'}"), Clock()
    migrate(engine)
    with open_provider(clock) as provider:
        values = {"issuer": provider.url, "client_id": CLIENT, "client_secret": SECRET, "roles": {"pw-worker": "case_worker"}}
        settings = ConsoleSettings(oidc=OidcSettings.model_validate(values))
        with open_console(engine, clock, console=settings) as console:
            context = chrome.new_context(base_url=console.url, locale="nl-NL")
            page = context.new_page()
            page.goto("/sign-in?next=/account")
            assert faults_of(page, "sign-in") == []
            page.get_by_role("button", name="Aanmelden met het account van uw organisatie").focus()
            page.keyboard.press("Enter")
            page.wait_for_url(f"{console.url}/account")
            assert "Noor" in page.locator("main").inner_text()
            assert provider.refusals == []
            context.close()
    engine.dispose()
