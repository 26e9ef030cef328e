"""The inner loops of the scan over circles: the best score of one set of counts, over all places, radii and windows of time.

A set of places is a *row* of the tables of least counts: whether its count could reach the bar is a comparison of small whole
numbers, sixteen or more at a time; only those that could are scored with logarithms. Rows may round the expected count down
(see :mod:`detector.scan.bars`), which lets a few more through and never hides one.
"""

import numpy as np
from numpy.typing import NDArray

from detector.model import FloatArray, IntArray
from detector.scan.jit import compiled
from detector.scan.scores import bernoulli_llr, low_llr, permutation_llr

Numbers = NDArray[np.int8] | NDArray[np.int16] | NDArray[np.int32] | NDArray[np.int8 | np.int16]
Counts = NDArray[np.int16] | NDArray[np.int32]
Tables = NDArray[np.int16] | NDArray[np.int32]
"""One table of least (or greatest) counts per level."""

HIGH, LOW, BOTH = 1, 2, 3


@compiled
def score_of(count: float, expected: float, people: float, cases: float, total: float, rates: int) -> float:
    """Score of one set: Bernoulli where ``total`` (people in all) > 0, else Poisson of ``expected`` among ``cases``."""
    if total > 0:
        if (count > expected and rates & 1) or (count < expected and rates & 2):
            return bernoulli_llr(count, people, cases, total)
        return 0.0
    if count > expected:
        return permutation_llr(count, expected, cases) if rates & 1 else 0.0
    return low_llr(count, expected, cases) if rates & 2 else 0.0


@compiled
def add_to(held: Numbers, more: Numbers) -> None:
    """Add ``more``, sixteen numbers or more at a time."""
    for t in range(held.shape[0]):
        held[t] = held.dtype.type(held[t] + more[t])


@compiled
def none_reaches(until: Numbers, before: Numbers, bound: Numbers) -> bool:
    """Whether every difference ``until - before`` stays below its bound."""
    sign = until.dtype.type(-1)
    for t in range(bound.shape[0]):
        sign = until.dtype.type(sign & (until[t] - before[t] - bound[t]))
    return bool(sign < 0)


@compiled
def level_of(score: float, level: int, levels: FloatArray) -> int:
    """The highest level, ``level`` or above it, that a score has reached."""
    while level + 1 < levels.shape[0] and score >= levels[level + 1]:
        level += 1
    return level


@compiled
def best_alive(
    counts: Counts,
    first: int,
    last: int,
    start: IntArray,
    place: NDArray[np.int32],
    set_of: NDArray[np.int32],
    row_at: NDArray[np.int32],
    base: FloatArray,
    rate: FloatArray,
    levels: FloatArray,
    at_least: Tables,
    at_most: Tables,
    rates: int,
    least: int,
    shortest: int,
    cases: float,
    total: float,
) -> tuple[float, int, int]:
    """Best set and window among the reaches first .. last-1, for windows that end now.

    Args:
        counts: places × (windows or more); cases of the last w+1 units of time. Columns beyond them only fill up.
        first: reach to begin with.
        last: reach to stop before.
        start: see :class:`detector.scan.geometry.Reaches`.
        place: the same.
        set_of: number of the set that ends at a position, -1 where none does.
        row_at: row of the tables of that set, -1 where none ends.
        base: sets × strata; expected(set, w) = Σ base · rate.
        rate: strata × windows.
        levels: the bar (only what exceeds it counts) and higher ones, which take over as soon as something scores as high.
        at_least: levels × rows × columns of ``counts``; a high count below it cannot reach the level.
        at_most: the same; a low count above it cannot reach the level.
        rates: which of high (1) and low (2) count.
        least: the smallest high count that counts.
        shortest: first window that counts.
        cases: number of cases in all.
        total: Bernoulli: cases and controls in all; 0 for the other models.

    Returns:
        Score, set and window of the best; set -1 if none exceeds the bar.
    """
    windows, width = rate.shape[1], counts.shape[1]
    held = np.zeros(width, counts.dtype)
    alive = np.empty(counts.shape[0], np.bool_)  # small enough to stay at hand, where ``counts`` may not be
    for j in range(counts.shape[0]):
        alive[j] = counts[j, windows - 1] > 0
    best, best_set, best_window = levels[0], -1, -1
    level = 0
    only_high = rates == HIGH
    for reach in range(first, last):
        held[:] = 0
        changed = False
        for k in range(start[reach], start[reach + 1]):
            j = place[k]
            if alive[j]:
                changed = True
                for w in range(width):
                    held[w] += counts[j, w]
            elif only_high and not changed:
                continue
            row = row_at[k]
            if row < 0:
                continue
            changed = False
            sign = held.dtype.type(-1)  # stays below 0 while no count reaches its bound
            for w in range(width):
                sign = held.dtype.type(sign & (held[w] - at_least[level, row, w]))
            if not only_high:
                for w in range(width):
                    sign = held.dtype.type(sign & (at_most[level, row, w] - held[w]))
            if sign < 0:
                continue
            number = set_of[k]
            for w in range(shortest, windows):
                count = held[w]
                if count < at_least[level, row, w] and (only_high or count > at_most[level, row, w]):
                    continue
                expected = 0.0
                for s in range(rate.shape[0]):
                    expected += base[number, s] * rate[s, w]
                if count > expected and count < least:
                    continue
                score = score_of(float(count), expected, base[number, 0] * total / cases, cases, total, rates)
                if score > best:
                    best, best_set, best_window = score, number, w
            level = level_of(best, level, levels)
    return best, best_set, best_window


@compiled
def best_interval(
    counts: Counts,
    first: int,
    last: int,
    start: IntArray,
    place: NDArray[np.int32],
    set_of: NDArray[np.int32],
    row_at: NDArray[np.int32],
    base: FloatArray,
    rate: FloatArray,
    levels: FloatArray,
    at_least: Tables,
    largest: FloatArray,
    blocks: IntArray,
    rates: int,
    least: int,
    cases: float,
) -> tuple[float, int, int, int]:
    """Best set and interval of time, for intervals that begin and end anywhere.

    As :func:`best_alive`, but ``counts`` and ``rate`` are running totals over units + 1 columns, ``counts`` with more behind.
    Lengths are tried in blocks:
    no interval of ``blocks[b] + 1 .. blocks[b + 1]`` units inside the ``blocks[b + 1]`` units from t holds more than those do,
    so if that stays below ``at_least[level, row, b * starts + t]`` none of them is looked at. ``largest[level, c]`` is the
    largest expectation at which a count c reaches the level.

    Returns:
        Score, set, first and last unit of the best; set -1 if none exceeds the bar.
    """
    units, width = rate.shape[1] - 1, counts.shape[1]
    starts = at_least.shape[2] // (blocks.shape[0] - 1)
    held = np.zeros(width, counts.dtype)
    best, best_set, best_from, best_to = levels[0], -1, -1, -1
    level = 0
    only_high = rates == HIGH
    for reach in range(first, last):
        held[:] = 0
        changed = False
        for k in range(start[reach], start[reach + 1]):
            j = place[k]
            if counts[j, units] > 0:
                changed = True
                add_to(held, counts[j])
            row = row_at[k]
            if row < 0 or (only_high and not changed):
                continue
            changed = False
            number = set_of[k]
            for b in range(blocks.shape[0] - 1):
                longest = blocks[b + 1]
                # slices, so that indices need no check
                until, bound = held[longest : longest + starts], at_least[level, row, b * starts : (b + 1) * starts]
                if only_high and none_reaches(until, held[:starts], bound):
                    continue
                for t in range(units - longest + 1):
                    if only_high and until[t] - held[t] < bound[t]:
                        continue
                    for length in range(blocks[b] + 1, longest + 1):
                        # an interval is looked at where it begins; only the last t answers for those that begin later
                        for begin in range(t, t + 1 + (longest - length if t == units - longest else 0)):
                            count = held[begin + length] - held[begin]
                            if only_high and count < least:
                                continue
                            expected = 0.0
                            for s in range(rate.shape[0]):
                                expected += base[number, s] * (rate[s, begin + length] - rate[s, begin])
                            if only_high and expected > largest[level, count]:
                                continue
                            if count > expected and count < least:
                                continue
                            score = score_of(float(count), expected, 0.0, cases, 0.0, rates)
                            if score > best:
                                best, best_set, best_from, best_to = score, number, begin, begin + length - 1
            level = level_of(best, level, levels)
    return best, best_set, best_from, best_to
