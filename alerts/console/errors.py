"""How a person is told that a page cannot be shown: always in the same words, whatever the reason behind it."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from alerts.console.languages import language_of
from alerts.console.rendering import page
from alerts.render.catalogue import catalogue, marked

SIGN_IN: Final = "/sign-in"


@dataclass(frozen=True, slots=True)
class ErrorView:
    """What the page of an error says."""

    title: str
    text: str


_WORDS: Final = {
    400: (marked("This request is not right"), marked("Go back, check what you filled in, and try again.")),
    403: (marked("This page is not for you"), marked("Your account does not have the role that this page is for.")),
    404: (marked("There is nothing here"), marked("The address is wrong, or what it led to is not for you.")),
    405: (marked("This request is not right"), marked("Go back, check what you filled in, and try again.")),
    429: (marked("Too many attempts"), marked("Wait a minute, then try again.")),
    500: (
        marked("Something went wrong"),
        marked("This is a fault of ours. Look whether your change was stored before you try again."),
    ),
}
_STALE_FORM: Final = (
    marked("This form is out of date"),
    marked("It was made for another session, and nothing was stored. Go back, load the page again, and send it once more."),
)


async def tell(request: Request, error: HTTPException) -> Response:
    """The page for an error."""
    return await run_in_threadpool(_tell, request, error)


def _tell(request: Request, error: HTTPException) -> Response:
    words = catalogue(language_of(request))
    known = _STALE_FORM if (error.status_code, error.detail) == (403, "form") else _WORDS.get(error.status_code, _WORDS[400])
    view = ErrorView(words.gettext(known[0]), words.gettext(known[1]))
    response = page(request, "error.html", status=error.status_code, view=view)
    for name, value in (error.headers or {}).items():
        response.headers[name] = value
    return response


def to_sign_in(request: Request) -> Response:
    """To the page where one signs in, and from there back to where the person was going."""
    wanted = request.url.path if request.method == "GET" else ""
    query = urlencode({"next": wanted}) if wanted not in {"", "/"} else ""
    return RedirectResponse(f"{SIGN_IN}?{query}" if query else SIGN_IN, status_code=303)
