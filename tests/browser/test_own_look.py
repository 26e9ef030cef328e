"""An installation's own look: a token file changes colours and stays readable, background tiles come from the one host named."""

import io
import re
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import trustme
from axe import faults_of
from browsing import MANAGER, House, filled_house
from matplotlib import image
from numpy import full, uint8
from playwright.sync_api import Browser, Page

from alerts.console.settings import ConsoleSettings

LOOK = Path(__file__).resolve().parents[2] / "docs" / "look.md"
ACTION = "element => getComputedStyle(element).backgroundColor"
OWN_LIGHT, OWN_DARK = "rgb(110, 16, 44)", "rgb(243, 179, 197)"


def _colour(page: Page) -> str:
    return str(page.locator('form[action="/sign-in"] button').evaluate(ACTION))


def test_the_token_file_of_the_manual_changes_colours_and_keeps_them_readable(
    chrome: Browser, house: House, tmp_path: Path
) -> None:
    [css] = re.findall(r"```css\n(.*?)```", LOOK.read_text(encoding="utf-8"), re.DOTALL)
    theme = tmp_path / "voorbeeldstad.css"
    theme.write_text(css, encoding="utf-8")
    with house.page() as page:
        page.goto("/sign-in")
        usual = _colour(page)
    with filled_house(chrome, tmp_path, ConsoleSettings(theme_file=str(theme), organisation="Voorbeeldstad")) as own:
        with own.page() as page:
            page.goto("/sign-in")
            assert _colour(page) == OWN_LIGHT != usual
            page.emulate_media(color_scheme="dark")
            assert _colour(page) == OWN_DARK
            faults = faults_of(page, "sign-in")
        with own.page(MANAGER) as page:
            page.goto("/alerts")
            faults += faults_of(page, "alerts")
            page.goto(f"/alerts/{own.ids['some']}")
            faults += faults_of(page, "alert")
    assert faults == []


def test_a_token_file_without_the_dark_leaves_the_dark_as_it_is(chrome: Browser, house: House, tmp_path: Path) -> None:
    theme = tmp_path / "voorbeeldstad.css"
    theme.write_text(
        ".voorbeeldstad-theme { --voorbeeld-kleuren-violet-500: #6e102c; --basis-color-default-color-document: #111; }",
        encoding="utf-8",
    )
    with house.page() as page:
        page.emulate_media(color_scheme="dark")
        page.goto("/sign-in")
        usual = _colour(page)
    with filled_house(chrome, tmp_path, ConsoleSettings(theme_file=str(theme))) as own, own.page() as page:
        page.goto("/sign-in")
        assert _colour(page) == OWN_LIGHT
        page.emulate_media(color_scheme="dark")
        assert _colour(page) == usual != OWN_LIGHT
        faults = faults_of(page, "sign-in")
    assert faults == []


def _tile() -> bytes:
    """A grey square."""
    file = io.BytesIO()
    image.imsave(file, full((256, 256, 3), 200, dtype=uint8), format="png")
    return file.getvalue()


@contextmanager
def tile_server() -> Iterator[tuple[str, list[str]]]:
    """A server of tiles on loopback, at another origin than the console's; gives its address and the paths that were asked."""
    asked: list[str] = []
    tile = _tile()

    class Tiles(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "image/png")
            self.send_header("Access-Control-Allow-Origin", "*")
            self.end_headers()
            self.wfile.write(tile)

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Tiles)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA(key_type=trustme.KeyType.ECDSA).issue_cert("127.0.0.1", key_type=trustme.KeyType.ECDSA).configure_cert(context)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.parametrize("configured", [True, False])
def test_tiles_come_from_the_host_that_is_named_and_from_none_otherwise(
    chrome: Browser, tmp_path: Path, configured: bool
) -> None:
    with tile_server() as (tiles, asked):
        settings = ConsoleSettings(
            tiles_url=f"{tiles}/{{z}}/{{x}}/{{y}}.png" if configured else "", tiles_attribution="© Voorbeeld"
        )
        with filled_house(chrome, tmp_path, settings) as house, house.page(MANAGER) as page:
            complaints: list[str] = []
            hosts: set[str] = set()
            page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
            page.on("request", lambda request: hosts.add("/".join(request.url.split("/")[:3])))
            tile = page.expect_event("requestfinished", lambda request: request.url.startswith(tiles))
            with tile if configured else nullcontext():
                answer = page.goto("/alerts")
            page.wait_for_selector("[data-map-ready=yes]")
            assert answer is not None
            policy = answer.headers["content-security-policy"]
            assert (f"connect-src 'self' {tiles};" in policy) == configured
            assert complaints == []
            assert hosts == ({house.console.url, tiles} if configured else {house.console.url})
            assert bool(asked) == configured
            assert all(re.fullmatch(r"/\d+/\d+/\d+\.png", path) for path in asked)
            if configured:
                assert page.get_by_text("© Voorbeeld").first.is_visible()
                # The page tells that host nothing but which tiles it wants.
                refused = page.evaluate("fetch('https://127.0.0.1:1/').then(() => 'got', error => String(error))")
                assert "TypeError" in refused


def test_the_map_stands_there_where_the_host_of_the_background_does_not_answer(chrome: Browser, tmp_path: Path) -> None:
    settings = ConsoleSettings(tiles_url="https://127.0.0.1:1/{z}/{x}/{y}.png", tiles_attribution="© Voorbeeld")
    with filled_house(chrome, tmp_path, settings) as house, house.page(MANAGER) as page:
        with page.expect_event("requestfailed", lambda request: request.url.startswith("https://127.0.0.1:1/")):
            page.goto("/alerts")
        page.wait_for_selector("[data-map-ready=yes]")
        assert page.locator("[data-map-canvas] canvas").is_visible()
        assert page.locator("[data-map-failed]").is_hidden()
