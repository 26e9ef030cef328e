"""Sign-ins on their way: the browser holds a random token, everything else stays here until it comes back, once."""

import hmac
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from alerts.console.sessions import hash_of

MINUTES: Final = 10
"""How long somebody may take at the provider."""

_AT_MOST: Final = 10_000


@dataclass(frozen=True, slots=True)
class Attempt:
    """What one sign-in must come back with, and where it leads; ``verifier`` is the secret of PKCE (RFC 7636)."""

    state: str
    nonce: str
    verifier: str
    next: str
    until: datetime


class Attempts:
    """Attempts in memory, by the hash of the browser's token: a restart forgets them, and people begin anew."""

    def __init__(self, clock: Callable[[], datetime], new_secret: Callable[[], str]) -> None:
        self._clock = clock
        self._new_secret = new_secret
        self._lock = threading.Lock()
        self._waiting: dict[str, Attempt] = {}

    def begin(self, next_path: str) -> tuple[str, Attempt]:
        """A new attempt, and the token for the browser that makes it."""
        now = self._clock()
        # The verifier has 43 characters at least, as the standard wants.
        token, state, nonce, verifier = (self._new_secret() for _ in range(4))
        attempt = Attempt(state, nonce, verifier, next_path, now + timedelta(minutes=MINUTES))
        with self._lock:
            self._waiting = {key: one for key, one in self._waiting.items() if one.until > now}
            while len(self._waiting) >= _AT_MOST:
                del self._waiting[next(iter(self._waiting))]
            self._waiting[hash_of(token)] = attempt
        return token, attempt

    def take(self, token: str, state: str) -> Attempt | None:
        """The attempt of this browser, if it is in time and ``state`` is its own; either way it cannot be used again."""
        with self._lock:
            attempt = self._waiting.pop(hash_of(token), None)
        if attempt is None or attempt.until <= self._clock():
            return None
        return attempt if hmac.compare_digest(attempt.state.encode(), state.encode()) else None
