"""What runs the units of work: one municipality is one unit, and a unit that dies is run again without harm."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from typing import Protocol, TypeVar

Order = TypeVar("Order")
Outcome = TypeVar("Outcome")

PARENT_CHECK_SECONDS = 1.0


class Engine(Protocol):
    """Runs units of work somewhere; the only thing that units share is the store."""

    def run(self, work: Callable[[Order], Outcome], orders: Sequence[Order]) -> Iterator[tuple[Order, Outcome | Exception]]:
        """Each order with its outcome or with the error that stopped it, in the order of finishing.

        ``work`` is a module's function and an order can be pickled, so that both can travel to another machine.
        """
        ...

    def close(self) -> None:
        """Let go of processes and connections; running units are finished first."""
        ...


class LocalEngine:
    """Processes on this machine, kept warm between nights.

    Args:
        processes: how many at most; 0 means one for each core.
        tries: how often a unit whose process died (memory, a crash in a library) is run in all.
    """

    def __init__(self, processes: int, tries: int) -> None:
        self._processes = processes or os.cpu_count() or 1
        self._tries = tries
        self._pool: ProcessPoolExecutor | None = None

    def run(self, work: Callable[[Order], Outcome], orders: Sequence[Order]) -> Iterator[tuple[Order, Outcome | Exception]]:
        """Each order with its outcome or with the error that stopped it, in the order of finishing."""
        futures: dict[Future[Outcome], Order] = {}
        left = list(orders)
        try:
            while left:
                futures[self._ready().submit(work, left[-1])] = left[-1]
                left.pop()
        except BrokenProcessPool:
            self._drop()
        for future in as_completed(futures):
            error = future.exception()
            if isinstance(error, BrokenProcessPool):
                left.append(futures[future])
            else:
                yield futures[future], error if isinstance(error, Exception) else future.result()
        if left:
            self._drop()
        # A dying process takes every waiting unit's future with it. One at a time, only the culprit is to blame.
        for order in left:
            yield order, self._alone(work, order)

    def _alone(self, work: Callable[[Order], Outcome], order: Order) -> Outcome | Exception:
        failure: Exception = RuntimeError("no try was made")
        for _ in range(self._tries):
            try:
                return self._ready().submit(work, order).result()
            except BrokenProcessPool as error:
                self._drop()
                failure = error
            except Exception as error:  # noqa: BLE001 - whatever stopped one unit must not stop the others
                return error
        return failure

    def _ready(self) -> ProcessPoolExecutor:
        if self._pool is None:
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(
                self._processes, mp_context=context, initializer=begin_worker, initargs=(os.getpid(),)
            )
        return self._pool

    def _drop(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None

    def close(self) -> None:
        """Finish what runs, then end the processes."""
        if self._pool is not None:
            self._pool.shutdown(wait=True)
            self._pool = None


class SerialEngine:
    """This process, one unit after the other: for one municipality, where starting another process takes longer."""

    def run(self, work: Callable[[Order], Outcome], orders: Sequence[Order]) -> Iterator[tuple[Order, Outcome | Exception]]:
        """Each order with its outcome or with the error that stopped it, in their order."""
        for order in orders:
            try:
                outcome: Outcome | Exception = work(order)
            except Exception as error:  # noqa: BLE001 - whatever stopped one unit must not stop the others
                outcome = error
            yield order, outcome

    def close(self) -> None:
        """Nothing to let go of."""


def begin_worker(parent: int) -> None:
    """Leave signals to the parent, and end with it: a worker that outlived it would work beside its successor."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)

    def watch() -> None:
        pause = threading.Event()
        while os.getppid() == parent:
            pause.wait(PARENT_CHECK_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()
