"""How often one address may try something within a minute."""

import threading
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from fastapi import Request

_MINUTE: Final = timedelta(minutes=1)
_ADDRESSES_AT_MOST: Final = 10_000


class Limiter:
    """Counts attempts by address, in memory: a restart forgets them, the lock on a name does not."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._tried: dict[str, deque[datetime]] = {}

    def allows(self, address: str, at_most: int) -> bool:
        """Count an attempt; whether it is one of the first ``at_most`` of the last minute."""
        now = self._clock()
        with self._lock:
            if address not in self._tried and len(self._tried) >= _ADDRESSES_AT_MOST:
                self._tried = {key: tried for key, tried in self._tried.items() if tried[-1] > now - _MINUTE}
            tried = self._tried.setdefault(address, deque(maxlen=at_most + 1))
            while tried and tried[0] <= now - _MINUTE:
                tried.popleft()
            tried.append(now)
            return len(tried) <= at_most


def limiter_of(request: Request) -> Limiter:
    """The limiter of the running console."""
    found: Limiter = request.app.state.limiter
    return found


def address_of(request: Request) -> str:
    """Where the request comes from; behind a web server on this machine, what that says."""
    return request.client.host if request.client is not None else ""
