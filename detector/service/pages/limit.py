"""A route whose requests have a largest size, kept while the body comes in and not after it was read."""

from collections.abc import Callable, Coroutine
from typing import Any, Final

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.types import Message

FORM_BYTES: Final = 64 * 1024
"""What a form may take beside the file in it."""


def limited(at_most_bytes: Callable[[], int]) -> type[APIRoute]:
    """A class of routes that refuse more than this (and the form around it) with 413, before anybody reads the form."""

    class LimitedRoute(APIRoute):
        """Counts what comes in."""

        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            """The handler behind the count."""
            handle = super().get_route_handler()

            async def counted(request: Request) -> Response:
                most = at_most_bytes() + FORM_BYTES
                told = request.headers.get("content-length", "")
                if told.isdigit() and int(told) > most:
                    raise HTTPException(413)
                received = 0

                async def receive() -> Message:
                    nonlocal received
                    message = await request.receive()
                    received += len(message.get("body", b""))
                    if received > most:
                        raise HTTPException(413)
                    return message

                inner = Request(request.scope, receive)
                try:
                    return await handle(inner)
                finally:
                    # Lets go of the files in its form.
                    await inner.close()

            return counted

    return LimitedRoute
