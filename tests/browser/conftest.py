"""One Chromium and one console for all browser tests; each test signs in anew."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import House, filled_house, launched
from housing import prepare, running_house
from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    """The browser. Not kept longer: while it runs, this thread has an event loop, and other tests bring their own."""
    with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
def house(chrome: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The console of all tests that only look."""
    with filled_house(chrome, tmp_path_factory.mktemp("console")) as opened:
        yield opened


@pytest.fixture
def own_house(chrome: Browser, tmp_path: Path) -> Iterator[House]:
    """A console of this test alone, which may change what is in it."""
    with filled_house(chrome, tmp_path) as opened:
        yield opened


@pytest.fixture(scope="module")
def town(chrome: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A console that runs together with the reports: a small town, and one alert on six reports at one place."""
    folder = tmp_path_factory.mktemp("town") / "var"
    prepare(folder)
    with running_house(folder) as running:
        yield House(running.console, chrome, {"six": running.alert.id})
