"""Forms that people send: every one must carry the token of the browser it was made for."""

import hmac
from typing import Annotated, Final
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

from alerts.console.people import cookie_name
from alerts.console.problems import for_programs
from alerts.console.sessions import csrf_of

FIELD: Final = "csrf_token"
HEADER: Final = "X-CSRF-Token"
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


async def protect(request: Request) -> None:
    """Refuse what changes something and was not sent from a page of ours; holds for every page, by ``create_console``.

    Raises:
        HTTPException: 403.
    """
    if request.method in _SAFE or for_programs(request.url.path):
        return
    origin = request.headers.get("origin", "null")
    # Pages send no referrer, and then a browser says "null" for where a form stands, and tells apart only whose site it is.
    if origin != "null" and urlsplit(origin).netloc != request.headers.get("host"):
        raise HTTPException(403, "form")
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise HTTPException(403, "form")
    token = request.cookies.get(cookie_name(request), "")
    sent = request.headers.get(HEADER) or (await request.form()).get(FIELD)
    if not token or not isinstance(sent, str) or not hmac.compare_digest(sent.encode(), csrf_of(token).encode()):
        raise HTTPException(403, "form")


async def legible(request: Request) -> None:
    """Refuse a text with a NUL in it, in an address or a form: nobody types one, and PostgreSQL can hold none.

    What programs send is looked at where it is read, and all that is wrong with it is told at once.

    Raises:
        HTTPException: 400.
    """
    if for_programs(request.url.path):
        return
    texts = [request.scope["path"], *(text for _, text in request.query_params.multi_items())]
    if request.method not in _SAFE:
        texts += [text for _, text in (await request.form()).multi_items() if isinstance(text, str)]
    if any("\0" in text for text in texts):
        raise HTTPException(400)


async def form_of(request: Request) -> FormData:
    """What was filled in."""
    return await request.form()


Filled = Annotated[FormData, Depends(form_of)]


def field(form: FormData, name: str) -> str:
    """What stands in a field of text, without blanks around it; empty where there is none."""
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""
