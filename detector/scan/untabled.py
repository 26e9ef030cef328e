"""The scan over windows that end now, straight from the data: for what is looked at once or a few times.

Tables of least counts pay when thousands of replicates are compared with them. Without them a set is passed over by a bound that
needs no logarithm: the likelihood ratio is a divergence of Kullback and Leibler, and never exceeds that of Pearson,
(c - μ)²·N / (μ·(N - μ)), here for all windows of a set at once.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detector.model import FloatArray, IntArray
from detector.scan.jit import compiled
from detector.scan.kernel import HIGH, score_of
from detector.scan.replicate import Deal, dealt, new_hand


class Sets(NamedTuple):
    """The sets of a scan, and what counts: see :class:`detector.scan.problem.Problem`."""

    start: IntArray
    place: NDArray[np.int32]
    set_of: NDArray[np.int32]
    base: FloatArray
    rate: FloatArray
    rates: int
    least: int
    shortest: int
    cases: int
    total: int


@compiled
def best_of(
    counts: FloatArray, alive: NDArray[np.bool_], first: int, last: int, sets: Sets, bar: float
) -> tuple[float, int, int]:
    """Best set and window among the reaches first .. last-1.

    Args:
        counts: places × (windows or more); cases of the last w+1 units of time. Columns beyond them stay 0.
        alive: whether a place has any.
        first: reach to begin with.
        last: reach to stop before.
        sets: the sets.
        bar: only what exceeds it counts; above 0.

    Returns:
        Score, set and window of the best; set -1 if none exceeds the bar.
    """
    start, place, set_of, base, rate = sets.start, sets.place, sets.set_of, sets.base, sets.rate
    cases, total, only_high = float(sets.cases), float(sets.total), sets.rates == HIGH
    scale = cases * total / (total - cases) if total > 0.0 else cases
    windows, width = rate.shape[1], counts.shape[1]
    held, expected = np.zeros(width), np.zeros(width)
    best, best_set, best_window = bar, -1, -1
    for reach in range(first, last):
        held[:] = 0.0
        changed = False
        for k in range(start[reach], start[reach + 1]):
            j = place[k]
            if alive[j]:
                changed = True
                for w in range(width):
                    held[w] += counts[j, w]
            number = set_of[k]
            if number < 0 or (only_high and not changed):
                continue
            changed = False
            for w in range(windows):
                expected[w] = base[number, 0] * rate[0, w]
            for s in range(1, rate.shape[0]):
                for w in range(windows):
                    expected[w] += base[number, s] * rate[s, w]
            if not _may_exceed(held, expected, scale, cases, best, only_high):
                continue
            people = base[number, 0] * total / cases
            for w in range(sets.shortest, windows):
                if held[w] > expected[w] and held[w] < sets.least:
                    continue
                if not _exceeds(held[w] - expected[w], expected[w], scale, cases, best):
                    continue
                score = score_of(held[w], expected[w], people, cases, total, sets.rates)
                if score > best:
                    best, best_set, best_window = score, number, w
    return best, best_set, best_window


@compiled
def _exceeds(excess: float, expected: float, scale: float, cases: float, best: float) -> bool:
    return bool(excess * excess * scale > best * expected * (cases - expected))


@compiled
def _may_exceed(held: FloatArray, expected: FloatArray, scale: float, cases: float, best: float, only_high: bool) -> bool:
    """Whether any window could score more than ``best``; without a branch, so that several are compared at once."""
    over = False
    for w in range(held.shape[0]):
        excess = held[w] - expected[w]
        size = max(excess, 0.0) if only_high else excess
        over |= size * size * scale > best * expected[w] * (cases - expected[w])
    return over


@compiled
def best_of_each(counts: FloatArray, sets: Sets, bar: float) -> tuple[FloatArray, IntArray, IntArray]:
    """As :func:`best_of`, for every reach by itself."""
    alive = _alive(counts, sets.rate.shape[1])
    reaches = sets.start.shape[0] - 1
    score, number, window = np.empty(reaches), np.empty(reaches, np.int64), np.empty(reaches, np.int64)
    for reach in range(reaches):
        score[reach], number[reach], window[reach] = best_of(counts, alive, reach, reach + 1, sets, bar)
    return score, number, window


@compiled
def _alive(counts: FloatArray, windows: int) -> NDArray[np.bool_]:
    alive = np.empty(counts.shape[0], np.bool_)
    for j in range(counts.shape[0]):
        alive[j] = counts[j, windows - 1] > 0.0
    return alive


@compiled
def maxima_untabled(
    seed: np.uint64, replicates: IntArray, deal: Deal, sets: Sets, places: int, width: int, bar: float
) -> FloatArray:
    """Best score of every one of the ``replicates``; at the bar where nothing exceeds it."""
    counts, windows = np.zeros((places, width)), sets.rate.shape[1]
    hand = new_hand(deal)
    where, when = hand.where, hand.when
    best = np.empty(replicates.shape[0])
    for i in range(replicates.shape[0]):
        counts[:] = 0.0
        for case in range(dealt(deal, seed, replicates[i], hand)):
            counts[where[case], when[case]] += 1.0
        for j in range(places):
            for w in range(1, windows):
                counts[j, w] += counts[j, w - 1]
        best[i] = best_of(counts, _alive(counts, windows), 0, sets.start.shape[0] - 1, sets, bar)[0]
    return best
