"""What the pages load is built, complete, and served so that a browser asks once."""

import asyncio
import gzip
import json
import re
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from alerts.console.assets import MANIFEST, STATIC_FOLDER, STATIC_PATH, AssetsError, asset, static_files

ENTRIES = ("console.css", "console.js", "favicon.svg", "map.css", "map.js", "map-worker.js")
LOCK = Path(__file__).resolve().parents[3] / "alerts" / "console" / "frontend" / "package-lock.json"


def _get(path: str, encoding: str = "identity") -> httpx.Response:
    app = FastAPI()
    app.mount(STATIC_PATH, static_files())

    async def get() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://console") as client:
            return await client.get(path, headers={"Accept-Encoding": encoding})

    return asyncio.run(get())


@pytest.mark.parametrize("name", ENTRIES)
def test_every_asset_is_served_for_a_year_under_a_name_with_its_hash(name: str) -> None:
    path = asset(name)
    stem, suffix = name.rsplit(".", 1)
    assert re.fullmatch(rf"{STATIC_PATH}/{stem}-[0-9A-Z]{{8}}\.{suffix}", path)
    plain = _get(path)
    packed = _get(path, "gzip, br")
    assert plain.status_code == packed.status_code == 200
    assert plain.content == packed.content == (STATIC_FOLDER / path.rpartition("/")[2]).read_bytes()
    assert packed.headers["content-encoding"] == "gzip"
    assert plain.headers["content-type"] == packed.headers["content-type"]
    assert plain.headers["cache-control"] == packed.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_what_is_not_there_is_named() -> None:
    with pytest.raises(AssetsError, match=r"there are: console\.css"):
        asset("konsole.css")
    missing = _get(f"{STATIC_PATH}/konsole.css")
    assert missing.status_code == 404
    assert "cache-control" not in missing.headers


def test_the_styles_name_no_host_and_every_file_they_load_is_there() -> None:
    styles = (STATIC_FOLDER / asset("console.css").rpartition("/")[2]).read_text(encoding="utf-8")
    loaded = re.findall(r"url\(([^)]+)\)", styles)
    assert loaded
    assert [name for name in loaded if not (STATIC_FOLDER / name.strip("\"'./")).is_file()] == []


def test_the_styles_carry_the_design_tokens_that_they_use_and_no_others() -> None:
    styles = (STATIC_FOLDER / asset("console.css").rpartition("/")[2]).read_text(encoding="utf-8")
    assert "--utrecht-button-primary-action-background-color:" in styles
    assert "--utrecht-digid-button-background-color:" not in styles  # what no page uses stays behind


def test_compressed_files_are_the_files() -> None:
    for packed in STATIC_FOLDER.glob("*.gz"):
        assert gzip.decompress(packed.read_bytes()) == packed.with_suffix("").read_bytes()
    assert set(json.loads((STATIC_FOLDER / MANIFEST).read_text(encoding="utf-8"))) == set(ENTRIES)


def test_the_lock_of_the_pages_names_no_host_and_every_package_has_a_hash() -> None:
    text = LOCK.read_text(encoding="utf-8")
    assert "://" not in text
    packages = json.loads(text)["packages"]
    assert all("integrity" in package for path, package in packages.items() if path)
