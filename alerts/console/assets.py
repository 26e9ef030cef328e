"""What the pages load: styles, scripts, fonts and the map, built by ``scripts/setup`` and served by the console itself."""

import json
from functools import cache
from pathlib import Path
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC_FOLDER: Final = Path(__file__).parent / "static"
STATIC_PATH: Final = "/static"
MANIFEST: Final = "manifest.json"

_FOR_A_YEAR: Final = "public, max-age=31536000, immutable"


class AssetsError(Exception):
    """What the pages load is not there; the text says what to do."""


@cache
def _manifest(folder: Path) -> dict[str, str]:
    try:
        names: dict[str, str] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except OSError as error:
        raise AssetsError("the console's styles and scripts are not built; run scripts/setup") from error
    return names


def asset(name: str) -> str:
    """The path under which ``name`` (``console.css``, ``map.js``) is served; it changes when the content does.

    Raises:
        AssetsError: nothing of that name was built.
    """
    names = _manifest(STATIC_FOLDER)
    if name not in names:
        raise AssetsError(f"no page asset is called {name!r}; there are: {', '.join(sorted(names))}")
    return f"{STATIC_PATH}/{names[name]}"


class _Files(StaticFiles):
    """The built files, compressed if the browser takes that; names carry a hash, so a browser need not ask again for a year."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        packed = f"{path}.gz"
        takes_gzip = "gzip" in Headers(scope=scope).get("accept-encoding", "")
        if takes_gzip and self.lookup_path(packed)[1] is not None:
            response = await super().get_response(packed, scope)
            response.headers["Content-Encoding"] = "gzip"
            response.headers["Content-Type"] = _CONTENT_TYPES[Path(path).suffix]
        else:
            response = await super().get_response(path, scope)
        response.headers["Vary"] = "Accept-Encoding"
        if path in _manifest(STATIC_FOLDER).values() or Path(path).suffix == ".woff2":
            response.headers["Cache-Control"] = _FOR_A_YEAR
        return response


_CONTENT_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


def static_files() -> StaticFiles:
    """The application to mount at ``STATIC_PATH``.

    Raises:
        AssetsError: nothing was built.
    """
    _manifest(STATIC_FOLDER)
    return _Files(directory=STATIC_FOLDER)
