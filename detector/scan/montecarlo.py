"""Monte Carlo: the best score of every replicate, shared out over threads, the same for any number of them."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from threading import Lock

import numpy as np

from detector.model import FloatArray, IntArray
from detector.scan.maxima import run, run_untabled
from detector.scan.problem import Bar, Problem

TIE = 1e-9
"""Scores that differ by less than this part are equal."""
LEAST_BAR = 1e-6
_PILOTS, _BATCH, _BATCH_SLOW, _MANY = 12, 256, 24, 100_000
"""Replicates that tell how high the bar can lie, and how many a thread does at once: fewer where there are many positions, or
where a few may be enough."""
_RUNGS = (8.0, 5.0, 3.0, 1.5, LEAST_BAR)
"""Of intervals; for windows that end now the last alone, as a look without tables costs less than tables do."""
_BELOW_FIRST, _BELOW_PILOTS, _BELOW_BAR = 0.8, 0.93, 0.75
_LEVELS, _PASSING = (6, 1.12), (3, 1.25)
"""How many levels the bar of most replicates has, and one for a few; and the growth from one to the next."""


class Ladder:
    """Bars from high to low: a replicate that stays below one is done again with the next.

    Where the bars lie decides how long it takes, never what comes out.
    """

    def __init__(self, problem: Problem, seed: int) -> None:
        self._problem = problem
        self._seed = seed
        self._rungs = _RUNGS if problem.blocks is not None else _RUNGS[-1:]
        self._scores = list(self._rungs)
        self._bars: dict[float, Bar] = {}
        self._final: float | None = None
        self._lock = Lock()

    def raise_to(self, score: float, *, final: bool = False) -> None:
        """Begin at this bar from now on, if it is worth it; ``final`` if most replicates will."""
        self._scores = (
            [score, score * _BELOW_BAR, *(rung for rung in self._rungs if rung < score * _BELOW_BAR * _BELOW_FIRST)]
            if score > _RUNGS[-2]
            else list(self._rungs[-2:])
        )
        self._final = self._scores[0] if final else None

    def best(self, first: int, last: int) -> FloatArray:
        """Best scores of the replicates first .. last-1."""
        best, low = np.zeros(last - first), np.arange(last - first)
        for score in self._scores:
            again = self._run(score, first + low)
            found = again > score
            best[low[found]] = again[found]
            low = low[~found]
            if low.size == 0:
                break
        return best

    def _run(self, score: float, replicates: IntArray) -> FloatArray:
        if score == LEAST_BAR and self._problem.blocks is None:
            return run_untabled(self._problem, score, self._seed, replicates)
        return run(self._problem, self._bar(score), self._seed, replicates)

    def _bar(self, score: float) -> Bar:
        with self._lock:
            if score not in self._bars:
                self._bars[score] = Bar(self._problem, score, *(_LEVELS if score == self._final else _PASSING))
            return self._bars[score]


def maxima(
    problem: Problem,
    replicates: int,
    seed: int,
    *,
    threads: int = 1,
    stop_at: tuple[float, int] | None = None,
    progress: Callable[[int], None] | None = None,
) -> FloatArray:
    """Best scores of the replicates, in order; shorter than asked only where ``stop_at`` ended it.

    A few pilots tell how high the bar can lie; a replicate that stays below it is done again with the bar lower down.

    Args:
        problem: the scan.
        replicates: how many.
        seed: of all their streams.
        threads: how many work at once; changes nothing but time.
        stop_at: a score and a number of replicates that reach it, after which no more are needed (Besag & Clifford 1991).
        progress: called with the number of replicates done so far.
    """
    ladder = Ladder(problem, seed)
    pilots = min(_PILOTS, replicates)
    found = [ladder.best(i, i + 1) for i in range(min(1, pilots))]
    if pilots > 1:
        ladder.raise_to(float(found[0][0]) * _BELOW_FIRST)
        found.append(ladder.best(1, pilots))
        ladder.raise_to(min(float(part.min()) for part in found) * _BELOW_PILOTS, final=True)
    slow = problem.place.size > _MANY or problem.stretches is not None or stop_at is not None
    batches = _batches(pilots, replicates, _BATCH_SLOW if slow else _BATCH, threads)
    if threads <= 1:
        for first, last in batches:
            found.append(ladder.best(first, last))
            _tell(progress, last)
            if _enough(found, stop_at):
                break
    else:
        with ThreadPoolExecutor(threads) as pool:
            for part in pool.map(lambda bounds: ladder.best(*bounds), batches):
                found.append(part)
                _tell(progress, sum(done.size for done in found))
                if _enough(found, stop_at):
                    pool.shutdown(cancel_futures=True)
                    break
    return _cut(np.concatenate(found), stop_at)


def _tell(progress: Callable[[int], None] | None, done: int) -> None:
    if progress is not None:
        progress(done)


def _batches(first: int, last: int, size: int, threads: int) -> Iterator[tuple[int, int]]:
    """Batches of at most ``size``, nearly equal, and as many for one thread as for another."""
    rounds = -(-(last - first) // (size * threads))
    bounds = np.linspace(first, last, rounds * threads + 1).astype(np.int64).tolist()
    return ((begin, end) for begin, end in pairwise(bounds) if begin < end)


def reached(best: FloatArray, score: float) -> int:
    """How many of the replicates' best scores are at least ``score``, equal ones included."""
    return int(np.count_nonzero(best >= score * (1.0 - TIE)))


def _enough(found: list[FloatArray], stop_at: tuple[float, int] | None) -> bool:
    return stop_at is not None and sum(reached(part, stop_at[0]) for part in found) >= stop_at[1]


def _cut(best: FloatArray, stop_at: tuple[float, int] | None) -> FloatArray:
    """The replicates up to the one that was enough, so that the size of a batch is no part of the answer."""
    if stop_at is None:
        return best
    at = np.flatnonzero(best >= stop_at[0] * (1.0 - TIE))
    return best[: at[stop_at[1] - 1] + 1] if at.size >= stop_at[1] else best
