"""What was worked out once and is kept while there is room, because it follows from what never changes."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from time import monotonic
from typing import Final, Generic, TypeVar

_A_DAY_S: Final = 24 * 3600.0

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
S = TypeVar("S")


class Kept(Generic[K, V]):
    """Values by key, those used last; may be used from several threads.

    A key must name one value for good: nothing is ever taken out because it changed. ``room`` bounds the sum of the weights,
    in whatever unit the user counts; what is heavier than all of the room is not kept. Nothing stays for longer than a day: what
    is deleted from the database must not live on here.
    """

    def __init__(self, room: int, seconds: Callable[[], float] = monotonic) -> None:
        self._room = room
        self._seconds = seconds
        self._since = seconds()
        self._held = 0
        self._values: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: K) -> V | None:
        """The value, if it is kept."""
        with self._lock:
            self._forget()
            found = self._values.get(key)
            if found is None:
                return None
            self._values.move_to_end(key)
            return found[0]

    def put(self, key: K, value: V, weight: int = 1) -> V:
        """Keep the value, in place of what was not used for longest; gives it back."""
        with self._lock:
            self._forget()
            if key not in self._values and weight <= self._room:
                self._values[key] = (value, weight)
                self._held += weight
                while self._held > self._room:
                    _, (_, freed) = self._values.popitem(last=False)
                    self._held -= freed
        return value

    def _forget(self) -> None:
        if self._seconds() - self._since >= _A_DAY_S:
            self._values.clear()
            self._held, self._since = 0, self._seconds()


class Drawn(Generic[S, V]):
    """What follows from an object that nobody changes, by that very object: for what cannot be told apart by its content quickly.

    The object is kept too, so that no other can come to stand for it. ``room``: how many.
    """

    def __init__(self, draw: Callable[[S], V], room: int) -> None:
        self._draw = draw
        self._kept: Kept[int, tuple[S, V]] = Kept(room)

    def __call__(self, source: S) -> V:
        """What follows from this object."""
        known = self._kept.get(id(source))
        if known is not None:
            return known[1]
        drawn = self._draw(source)
        self._kept.put(id(source), (source, drawn))
        return drawn
