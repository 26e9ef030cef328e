"""Several threads that want the same short piece of work done at once: one does it for all that wait."""

from collections.abc import Callable, Sequence
from threading import Lock
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class _Waiting(Generic[Item, Result]):
    def __init__(self, item: Item) -> None:
        self.item = item
        self.result: Result | None = None
        self.done = False


class Together(Generic[Item, Result]):
    """Does ``work`` for items, those of all who wait at once; every caller gets the result of its own item, when it is done.

    ``work`` takes items and gives a result for each, all of them or (by an error) none. It never runs twice at once. Where it
    fails for several, each of them is tried by itself, so that nobody gets an error that is another's.
    """

    def __init__(self, work: Callable[[Sequence[Item]], Sequence[Result]]) -> None:
        self._work = work
        self._waiting: list[_Waiting[Item, Result]] = []
        self._lock = Lock()
        self._working = Lock()

    def __call__(self, item: Item) -> Result:
        """The result for this item. Raises what ``work`` raises."""
        mine: _Waiting[Item, Result] = _Waiting(item)
        with self._lock:
            self._waiting.append(mine)
        with self._working:
            if not mine.done:
                self._do(self._batch(mine), mine)
        assert mine.result is not None  # noqa: S101 - for the type checker: it is done
        return mine.result

    def _batch(self, mine: _Waiting[Item, Result]) -> list[_Waiting[Item, Result]]:
        with self._lock:
            if mine not in self._waiting:  # another tried for both, and that failed
                return [mine]
            batch, self._waiting = self._waiting, []
        return batch

    def _do(self, batch: list[_Waiting[Item, Result]], mine: _Waiting[Item, Result]) -> None:
        try:
            results = self._work([each.item for each in batch])
        except Exception:
            if len(batch) == 1:
                raise
            self._do([mine], mine)
            return
        for each, result in zip(batch, results, strict=True):
            each.result, each.done = result, True
