"""What browser and server exchange while an area manager works: nothing outside the pages themselves gives anything away."""

import re

import pytest
from browsing import MANAGER, House
from filled import HIDDEN_COMMUNITY, HIDDEN_COMMUNITY_NAME, NAMES
from playwright.sync_api import Request, Response

REPORT_ID = re.compile(r"\br-\d+\b|report_id")


def test_nothing_leaks_while_an_area_manager_works(own_house: House, capsys: pytest.CaptureFixture[str]) -> None:
    asked: list[Request] = []
    bodies: list[str] = []

    def keep(response: Response) -> None:
        if "text/html" in response.headers.get("content-type", "") and response.status < 300:
            bodies.append(response.text())

    titles: list[str] = []
    with own_house.page(MANAGER) as page:
        page.on("request", lambda request: asked.append(request))  # noqa: PLW0108 - Playwright takes no built-in method
        page.on("response", keep)
        page.on("load", lambda loaded: titles.append(loaded.title()))
        page.goto("/alerts")
        page.wait_for_selector("[data-map-ready=yes]")
        page.get_by_text("Lijst filteren").click()
        page.get_by_label("Gemeenschap").select_option(HIDDEN_COMMUNITY)
        page.get_by_role("button", name="Tonen", exact=True).click()
        page.get_by_role("link", name="Heel Heiveen").click()
        page.get_by_role("link", name="Signalen").first.click()
        page.get_by_role("button", name="Alle signalen tonen").click()
        page.get_by_role("link", name="Havenkwartier").click()
        page.wait_for_load_state()
        cookies = [f"{cookie.get('name')}={cookie.get('value')}" for cookie in page.context.cookies()]
        headers = [f"{name}: {value}" for request in asked for name, value in request.all_headers().items()]
    logged = "".join(capsys.readouterr())

    outside = [request.url for request in asked] + titles + cookies + headers + [logged]
    assert len(asked) > 10
    assert len(bodies) > 4
    secrets = [HIDDEN_COMMUNITY, HIDDEN_COMMUNITY_NAME, *NAMES, "Heiveen"]
    assert [(secret, text) for secret in secrets for text in outside if secret in text] == []
    assert [header for header in headers if header.lower().startswith("referer:") and header[8:].strip()] == []
    # Of the alert that was not released nothing came over at all, and of no alert a report or an exact number.
    unreleased = own_house.ids["both"]
    assert [body for body in bodies if unreleased in body or "Oudeveen</a>" in body] == []
    assert [body for body in bodies if REPORT_ID.search(body)] == []
    assert [body for body in bodies if re.search(r"\b[12] meldingen\b", body)] == []
