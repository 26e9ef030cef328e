"""Users who ask for pages, all at once; over plain sockets, so that asking takes little of the cores that answer."""

import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from socket import create_connection, socket

from crowd.users import PAGES, User


@dataclass(frozen=True)
class Answer:
    """One answer as the user saw it."""

    page: str
    status: int
    seconds: float
    kilobytes: float


@dataclass(frozen=True)
class Pace:
    """How users behave: so many rounds over all pages, with so long between two on average, and no longer than this."""

    rounds: int
    pause_s: float
    seconds: float


def measure(port: int, users: Sequence[User], pace: Pace) -> list[Answer]:
    """Every user asks for every page so many times, all at once; bounded in number and in time."""
    answers: list[Answer] = []
    until = time.monotonic() + pace.seconds
    threads = [threading.Thread(target=_use, args=(port, user, pace, until, answers)) for user in users]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def _use(port: int, user: User, pace: Pace, until: float, told: list[Answer]) -> None:
    rng = random.Random(user.seed)  # noqa: S311 - made-up behaviour
    line = _Line(port)
    for _ in range(pace.rounds):
        for page in rng.sample(PAGES, len(PAGES)):
            if pace.pause_s:
                time.sleep(rng.expovariate(1 / pace.pause_s))
            if time.monotonic() > until:
                return
            request = page.request(user)
            began = time.perf_counter()
            status, size = line.ask(request)
            told.append(Answer(page.name, status, time.perf_counter() - began, size / 1000))


class _Line:
    """A connection that is kept open, as a browser's; opened anew where the server ended it meanwhile."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket | None = None

    def ask(self, request: bytes) -> tuple[int, int]:
        """Status, and size of the body in bytes."""
        if self._socket is not None:
            try:
                return self._ask(self._socket, request)
            except ConnectionError:
                self._socket.close()
        self._socket = create_connection(("127.0.0.1", self._port), timeout=60)
        return self._ask(self._socket, request)

    @staticmethod
    def _ask(line: socket, request: bytes) -> tuple[int, int]:
        line.sendall(request)
        head = b""
        while (end := head.find(b"\r\n\r\n")) < 0:
            head += _more(line)
        said = head[:end].lower()
        size = int(said.partition(b"content-length:")[2].partition(b"\r\n")[0])
        left = size - (len(head) - end - 4)
        while left > 0:
            left -= len(_more(line))
        return int(said.split(b" ", 2)[1]), size


def _more(line: socket) -> bytes:
    got = line.recv(1 << 18)
    if not got:
        raise ConnectionResetError("the server ended the line")
    return got
