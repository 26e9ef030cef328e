"""Real servers on free loopback ports, each of which serves one application after another.

Uvicorn takes a fifth of a second to stop, and hundreds of tests want an application of their own.
"""

import atexit
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socket import create_server
from typing import Any, Final

import uvicorn
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send


class Server:
    """A server in a thread of its own, and what it serves at the moment."""

    def __init__(self) -> None:
        self.app: FastAPI | None = None
        self._under_way = 0
        self._changed = threading.Condition()
        self._listener = create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        quiet: dict[str, Any] = {"log_config": None, "access_log": False, "server_header": False}
        self._server = uvicorn.Server(uvicorn.Config(self._serve, interface="asgi3", lifespan="off", **quiet))
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._listener]}, daemon=True)
        self._thread.start()
        while not self._server.started and self._thread.is_alive():
            self._thread.join(0.01)
        atexit.register(self._stop)

    def at_rest(self) -> None:
        """Wait until every request has been answered and done with."""
        with self._changed:
            assert self._changed.wait_for(lambda: not self._under_way, 60), "a request does not end"

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.app is not None, "a request after the application was taken away"
        self._count(1)
        try:
            await self.app(scope, receive, send)
        finally:
            self._count(-1)

    def _count(self, more: int) -> None:
        with self._changed:
            self._under_way += more
            self._changed.notify_all()

    def _stop(self) -> None:
        self._server.should_exit = True
        self._thread.join()


_IDLE: Final[list[Server]] = []


@contextmanager
def running(app: FastAPI) -> Iterator[str]:
    """The application behind a real server; gives its address."""
    server = _IDLE.pop() if _IDLE else Server()
    server.app = app
    try:
        yield server.url
    finally:
        server.at_rest()
        server.app = None
        _IDLE.append(server)
