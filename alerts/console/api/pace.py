"""How fast one caller may ask: so many requests a minute, in this process."""

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

_WINDOW: Final = timedelta(minutes=1)
_CALLERS_KEPT: Final = 10_000


@dataclass
class Pace:
    """Counts requests in windows of a minute; may be called from several threads."""

    _windows: OrderedDict[str, tuple[datetime, int]] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def wait_seconds(self, caller: str, at_most: int, now: datetime, *, cost: int = 1) -> int:
        """Count a request; 0 if it may go on, else after how many seconds the caller may come back."""
        with self._lock:
            began, count = self._windows.get(caller, (now, 0))
            if now - began >= _WINDOW:
                began, count = now, 0
            if count + cost > at_most:
                return max(1, round((began + _WINDOW - now).total_seconds()))
            self._windows[caller] = (began, count + cost)
            self._windows.move_to_end(caller)
            while len(self._windows) > _CALLERS_KEPT:
                self._windows.popitem(last=False)
        return 0
