"""In which language a page speaks: the person's choice, else the browser's, else the settings'."""

from typing import Final

from fastapi import Request
from starlette.responses import Response

from alerts.console.people import is_secure
from alerts.console.services import services_of
from alerts.render.catalogue import LANGUAGES

COOKIE: Final = "language"
_A_YEAR_S: Final = 365 * 24 * 3600


def language_of(request: Request) -> str:
    """One of ``LANGUAGES``."""
    chosen = request.cookies.get(COOKIE)
    if chosen in LANGUAGES:
        return chosen
    return _accepted(request.headers.get("accept-language", "")) or services_of(request).language


def _accepted(header: str) -> str | None:
    """The language that the browser likes best among ours; None if it names none of them."""
    liked: list[tuple[float, str]] = []
    for part in header.split(","):
        tag, _, quality = part.strip().partition(";q=")
        language = tag.partition("-")[0].lower()
        if language in LANGUAGES:
            try:
                liked.append((float(quality or 1), language))
            except ValueError:
                continue
    return max(liked, key=lambda one: one[0])[1] if liked else None


def choose(response: Response, request: Request, language: str) -> None:
    """Remember the choice, for a year."""
    response.set_cookie(COOKIE, language, max_age=_A_YEAR_S, path="/", secure=is_secure(request), httponly=True, samesite="lax")
