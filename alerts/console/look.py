"""How an installation looks its own: a municipality's design tokens, background tiles, whose console it is."""

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from alerts.console.maps import Tiles
from alerts.console.settings import ConsoleSettings

THEME_PATH: Final = "/theme.css"
LARGEST_THEME_BYTES: Final = 500_000

_DARK: Final = "prefers-color-scheme"
_IN_THE_LIGHT: Final = "@media not screen and (prefers-color-scheme: dark) {\n%s\n}\n"
_THEME_CLASS: Final = re.compile(r"\.([a-z][a-z0-9-]*-theme)\b")


class ThemeError(Exception):
    """The token file cannot be used; the text says why."""


@dataclass(frozen=True, slots=True)
class Theme:
    """A municipality's own design tokens: CSS, the classes it is written for, and where pages load it from.

    Tokens that say nothing of the dark count in the light only: dark letters on the console's dark ground would be unreadable.
    """

    css: str
    classes: tuple[str, ...]
    url: str


def theme_of(settings: ConsoleSettings) -> Theme | None:
    """The theme that the settings name, if any.

    Raises:
        ThemeError: the file cannot be read, is too large, or holds no class of a theme.
    """
    if not settings.theme_file:
        return None
    path = Path(settings.theme_file)
    try:
        return _theme(path, path.stat().st_mtime_ns)
    except OSError as error:
        raise ThemeError(f"console.theme_file: {path} cannot be read") from error


@lru_cache(maxsize=4)
def _theme(path: Path, _changed: int) -> Theme:
    content = path.read_bytes()
    if len(content) > LARGEST_THEME_BYTES:
        raise ThemeError(f"console.theme_file: {path} is larger than {LARGEST_THEME_BYTES} bytes")
    css = content.decode("utf-8", errors="replace")
    classes = tuple(dict.fromkeys(_THEME_CLASS.findall(css)))
    if not classes:
        raise ThemeError(f"console.theme_file: {path} sets its tokens on no class that ends in -theme, such as .voorbeeld-theme")
    css = css if _DARK in css else _IN_THE_LIGHT % css
    return Theme(css, classes, f"{THEME_PATH}?v={hashlib.sha256(content).hexdigest()[:12]}")


def tiles_of(settings: ConsoleSettings) -> Tiles | None:
    """The background tiles that the settings name, if any."""
    return Tiles(settings.tiles_url, settings.tiles_attribution) if settings.tiles_url else None


def tiles_origin(settings: ConsoleSettings) -> str:
    """The one host from which pages may load; empty where there are no tiles."""
    tiles = tiles_of(settings)
    return "" if tiles is None else tiles.origin
