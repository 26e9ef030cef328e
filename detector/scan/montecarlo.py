"""Monte Carlo: the best score of every replicate, shared out over threads, the same for any number of them."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from detector.model import FloatArray, IntArray
from detector.scan.bars import Rows, columns, fill_at_least, fill_at_most, fill_bernoulli, largest_expectations
from detector.scan.jit import compiled
from detector.scan.kernel import LOW, Counts, best_alive, best_interval
from detector.scan.random import stream_of
from detector.scan.replicate import deal_bernoulli, deal_permuted, deal_poisson

TIE = 1e-9
"""Scores that differ by less than this part are equal."""
LEAST_BAR = 1e-6
_PERMUTED, _POISSON, _BERNOULLI = 0, 1, 2
_PILOTS, _BATCH = 12, 32
_RUNGS = (8.0, 5.0, 3.0, 1.5, LEAST_BAR)
_BELOW_FIRST, _BELOW_PILOTS = 0.8, 0.93


class Null(IntEnum):
    """How a replicate is dealt; see :mod:`detector.scan.replicate`."""

    PERMUTED = _PERMUTED
    POISSON = _POISSON
    BERNOULLI = _BERNOULLI


@dataclass(frozen=True, eq=False)
class Deal:
    """What a replicate is dealt from; what its null does not need stays empty."""

    null: Null
    cases: int
    deck: NDArray[np.int32]
    bounds: IntArray
    slot_unit: IntArray
    alias: IntArray
    odds: FloatArray
    until: FloatArray


@dataclass(frozen=True, eq=False)
class Problem:
    """A scan ready for the kernel: see :func:`detector.scan.kernel.best_alive` for the columns.

    ``blocks`` is None for windows that end now (and for none at all, one window of everything); else the lengths of interval at
    which the kernel looks first, beginning with the shortest that counts less one. ``most`` is the largest count possible.
    """

    start: IntArray
    place: NDArray[np.int32]
    set_of: NDArray[np.int32]
    row_at: NDArray[np.int32]
    base: FloatArray
    rows: Rows
    rate: FloatArray
    places: int
    cases: int
    total: int
    rates: int
    least: int
    shortest: int
    blocks: IntArray | None
    most: int
    deal: Deal

    @property
    def width(self) -> int:
        """Columns of the counts."""
        return self.rate.shape[1] if self.blocks is not None else columns(self.rate.shape[1])

    @property
    def kind(self) -> type[np.int16] | type[np.int32]:
        """Type of the counts: as small as holds them."""
        return np.int16 if self.most < np.iinfo(np.int16).max else np.int32


@dataclass(frozen=True, eq=False)
class Bar:
    """Tables for one bar; what scores less than ``score`` may go unseen."""

    score: float
    at_least: Counts
    at_most: Counts
    largest: FloatArray


def numbers(shape: tuple[int, int], value: int, kind: type[np.int16] | type[np.int32]) -> Counts:
    """A table filled with one number."""
    return np.full(shape, value, dtype=np.int16) if kind is np.int16 else np.full(shape, value, dtype=np.int32)


def bar_of(problem: Problem, score: float) -> Bar:
    """Work out the tables that let through whatever scores ``score`` or more."""
    wide = (problem.blocks.size - 1) * (problem.rate.shape[1] - 1) if problem.blocks is not None else problem.width
    shape = (problem.rows.low.shape[0], wide)
    at_least = numbers(shape, int(np.iinfo(problem.kind).max), problem.kind)
    at_most = numbers(shape, -1, problem.kind)
    cases = float(problem.cases)
    largest = largest_expectations(0 if problem.total else problem.most, cases, score)
    if problem.total:
        people = problem.total / cases
        low, high = problem.rows.low[:, 0] * people, problem.rows.high[:, 0] * people
        fill_bernoulli(low, high, cases, float(problem.total), score, problem.least, at_least, at_most)
    elif problem.blocks is None:
        fill_at_least(problem.rows.low, problem.rate, largest, problem.least, problem.shortest, at_least)
        if problem.rates & LOW:
            fill_at_most(problem.rows.high, problem.rate, cases, score, problem.shortest, at_most)
    else:
        fewest = _fewest(problem.rate, problem.blocks)
        fill_at_least(problem.rows.low, fewest, largest, problem.least, 0, at_least)
    return Bar(score, at_least, at_most, largest)


def _fewest(rate: FloatArray, blocks: IntArray) -> FloatArray:
    """Strata × (blocks · units): the smallest part of a stratum in a block's shortest intervals inside its longest from a day."""
    units = rate.shape[1] - 1
    fewest = np.zeros((rate.shape[0], blocks.size - 1, units))
    for b, (below, longest) in enumerate(pairwise(blocks.tolist())):
        short = rate[:, below + 1 :] - rate[:, : units - below]
        inside = np.lib.stride_tricks.sliding_window_view(short, longest - below, axis=1)
        fewest[:, b, : inside.shape[1]] = inside.min(axis=2)
    return fewest.reshape(rate.shape[0], -1)


@compiled
def _deal(
    null: int,
    state: np.uint64,
    cases: int,
    deck: NDArray[np.int32],
    bounds: IntArray,
    slot_unit: IntArray,
    swapped: IntArray,
    alias: IntArray,
    odds: FloatArray,
    until: FloatArray,
    first_column: int,
    counts: Counts,
) -> None:
    counts[:] = 0
    if null == _PERMUTED:
        deal_permuted(state, deck, bounds, slot_unit, swapped, counts)
    elif null == _POISSON:
        deal_poisson(state, cases, alias, odds, until, first_column, counts)
    else:
        deal_bernoulli(state, deck, cases, swapped, counts)
    for j in range(counts.shape[0]):
        for w in range(1, counts.shape[1]):
            counts[j, w] += counts[j, w - 1]


@compiled
def maxima_alive(
    seed: np.uint64,
    first: int,
    last: int,
    null: int,
    deck: NDArray[np.int32],
    bounds: IntArray,
    slot_unit: IntArray,
    alias: IntArray,
    odds: FloatArray,
    until: FloatArray,
    start: IntArray,
    place: NDArray[np.int32],
    set_of: NDArray[np.int32],
    row_at: NDArray[np.int32],
    base: FloatArray,
    rate: FloatArray,
    at_least: Counts,
    at_most: Counts,
    rates: int,
    least: int,
    shortest: int,
    places: int,
    cases: int,
    total: int,
    bar: float,
) -> FloatArray:
    """Best scores of the replicates first .. last-1; at the bar where nothing exceeds it. Columns as in :class:`Problem`."""
    counts = np.zeros((places, at_least.shape[1]), at_least.dtype)
    own_deck = deck.copy()
    swapped = np.empty(max(slot_unit.shape[0], cases if null == _BERNOULLI else 0), np.int64)
    best = np.empty(last - first, np.float64)
    for replicate in range(first, last):
        _deal(null, stream_of(seed, replicate), cases, own_deck, bounds, slot_unit, swapped, alias, odds, until, 0, counts)
        best[replicate - first] = best_alive(
            counts, 0, start.shape[0] - 1, start, place, set_of, row_at, base, rate, at_least, at_most, rates, least,
            shortest, float(cases), float(total), bar,
        )[0]  # fmt: skip
    return best


@compiled
def maxima_interval(
    seed: np.uint64,
    first: int,
    last: int,
    null: int,
    deck: NDArray[np.int32],
    bounds: IntArray,
    slot_unit: IntArray,
    alias: IntArray,
    odds: FloatArray,
    until: FloatArray,
    start: IntArray,
    place: NDArray[np.int32],
    set_of: NDArray[np.int32],
    row_at: NDArray[np.int32],
    base: FloatArray,
    rate: FloatArray,
    at_least: Counts,
    largest: FloatArray,
    blocks: IntArray,
    rates: int,
    least: int,
    places: int,
    cases: int,
    bar: float,
) -> FloatArray:
    """As :func:`maxima_alive`, for intervals that begin and end anywhere."""
    counts = np.zeros((places, rate.shape[1]), at_least.dtype)
    own_deck = deck.copy()
    swapped = np.empty(slot_unit.shape[0], np.int64)
    best = np.empty(last - first, np.float64)
    for replicate in range(first, last):
        _deal(null, stream_of(seed, replicate), cases, own_deck, bounds, slot_unit, swapped, alias, odds, until, 1, counts)
        best[replicate - first] = best_interval(
            counts, 0, start.shape[0] - 1, start, place, set_of, row_at, base, rate, at_least, largest, blocks, rates, least,
            float(cases), bar,
        )[0]  # fmt: skip
    return best


def _run(problem: Problem, bar: Bar, seed: int, first: int, last: int) -> FloatArray:
    deal = problem.deal
    dealt = (
        np.uint64(seed),
        first,
        last,
        int(deal.null),
        deal.deck,
        deal.bounds,
        deal.slot_unit,
        deal.alias,
        deal.odds,
        deal.until,
    )
    sets = (problem.start, problem.place, problem.set_of, problem.row_at, problem.base, problem.rate, bar.at_least)
    if problem.blocks is None:
        return maxima_alive(
            *dealt, *sets, bar.at_most, problem.rates, problem.least, problem.shortest, problem.places, problem.cases,
            problem.total, bar.score,
        )  # fmt: skip
    return maxima_interval(
        *dealt, *sets, bar.largest, problem.blocks, problem.rates, problem.least, problem.places, problem.cases, bar.score
    )


class Ladder:
    """Bars from high to low: a replicate that stays below one is done again with the next.

    Where the bars lie decides how long it takes, never what comes out.
    """

    def __init__(self, problem: Problem, seed: int) -> None:
        self._problem = problem
        self._seed = seed
        self._scores = list(_RUNGS)
        self._bars: dict[float, Bar] = {}
        self._lock = Lock()

    def raise_to(self, score: float) -> None:
        """Begin at this bar from now on, if it is worth it."""
        self._scores = (
            [score, *(rung for rung in _RUNGS if rung < score * _BELOW_FIRST)] if score > _RUNGS[-2] else list(_RUNGS[-2:])
        )
        self._bar(self._scores[0])

    def best(self, first: int, last: int) -> FloatArray:
        """Best scores of the replicates first .. last-1."""
        best = _run(self._problem, self._bar(self._scores[0]), self._seed, first, last)
        for i in np.flatnonzero(best <= self._scores[0]).tolist():
            best[i] = 0.0
            for score in self._scores[1:]:
                again = float(_run(self._problem, self._bar(score), self._seed, first + i, first + i + 1)[0])
                if again > score:
                    best[i] = again
                    break
        return best

    def _bar(self, score: float) -> Bar:
        with self._lock:
            if score not in self._bars:
                self._bars[score] = bar_of(self._problem, score)
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
        ladder.raise_to(min(float(part.min()) for part in found) * _BELOW_PILOTS)
    batches = _batches(pilots, replicates)
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


def _batches(first: int, last: int) -> Iterator[tuple[int, int]]:
    for begin in range(first, last, _BATCH):
        yield begin, min(begin + _BATCH, last)


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
