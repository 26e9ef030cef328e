"""Packed counts: a set's counts in up to 64 windows that end now, side by side in four machine words or some more.

Counts are added and compared for all windows of four words at once. A lane of a word answers for one window, or for a few
neighbouring ones: then it holds the count of the longest and the bound of the shortest, which lets a few more through to the
exact comparison and never hides one. A replicate in which a count outgrows its lane is left to the plain kernel.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detector.model import FloatArray, IntArray
from detector.scan.jit import compiled
from detector.scan.kernel import Tables, level_of
from detector.scan.scores import permutation_llr
from detector.scan.vectors import WORDS, Words, any_reaches, either, lowest, nothing, with_words, word
from detector.scan.walk import Walk

_WORD_BITS = 64
_NARROW, _WIDE = 8, 16
_MOST_LANES = {_NARROW: 32, _WIDE: 64}
"""Large counts tell neighbouring windows well apart, so that few of them should share a lane."""
_DEVIATIONS = 5.0
"""Lanes are so wide that a count this many deviations above the largest expectation still fits."""


@dataclass(frozen=True, eq=False)
class Lanes:
    """Which windows every lane answers for, in groups of :data:`WORDS` words.

    ``first[g, l]`` and ``last[g, l]`` are the shortest and longest window of lane l of group g (-1 where it has none; the last
    lane always has). ``adds[g, unit]`` is what a case of that unit of time adds to the words of the group.
    """

    bits: int
    first: IntArray
    last: IntArray
    adds: Words

    @cached_property
    def packing(self) -> "Packing":
        """What compiled code needs of this."""
        guard = sum(1 << (bit + self.bits - 1) for bit in range(0, _WORD_BITS, self.bits))
        guards = np.full(WORDS, guard, dtype=np.uint64)
        return Packing(self.bits, _WORD_BITS // self.bits, self.first, self.last, guards, self.adds.reshape(-1))

    @property
    def groups(self) -> int:
        """How many groups of words there are."""
        return int(self.first.shape[0])


class Packing(NamedTuple):
    """:class:`Lanes` for compiled code; ``guards`` are four times the highest bits of all lanes, free for comparisons.

    ``adds`` lies in one row.
    """

    bits: int
    per_word: int
    first: IntArray
    last: IntArray
    guards: Words
    adds: Words


def lanes_for(windows: int, shortest: int, expected: float) -> Lanes | None:
    """Lanes for the windows ``shortest`` .. ``windows - 1``, or None where no lane is wide enough.

    Args:
        windows: number of windows.
        shortest: the first that counts.
        expected: the largest expected count of any set.
    """
    likely = expected + _DEVIATIONS * expected**0.5 + _DEVIATIONS
    fitting = [bits for bits in (_NARROW, _WIDE) if likely < 1 << (bits - 1)]
    if not fitting or windows - shortest < 1:
        return None
    bits = fitting[0]
    ends = _ends(shortest, windows, _MOST_LANES[bits])
    per_group = WORDS * _WORD_BITS // bits
    groups = -(-len(ends) // per_group)
    first, last = np.full((2, groups * per_group), -1, dtype=np.int64)
    last[-len(ends) :] = ends
    first[-len(ends) :] = [shortest, *(end + 1 for end in ends[:-1])]
    first, last = first.reshape(groups, per_group), last.reshape(groups, per_group)
    unit = np.arange(windows)[None, :, None]
    return Lanes(bits, first, last, packed((unit <= last[:, None, :]).astype(np.int64), bits))


@lru_cache(maxsize=64)
def _ends(shortest: int, windows: int, most: int) -> tuple[int, ...]:
    """The last window of every lane: one window each as long as there are lanes, else growing by the least part that fits."""
    if windows - shortest <= most:
        return tuple(range(shortest, windows))
    growth = 1.0
    while True:
        growth += 0.005
        ends = [shortest]
        while ends[-1] < windows - 1:
            ends.append(min(windows - 1, max(ends[-1] + 1, int((ends[-1] + 1) * growth) - 1)))
        if len(ends) <= most:
            return tuple(ends)


def packed(values: IntArray, bits: int) -> Words:
    """Lanes (the last axis) put side by side into words; larger values than fit become the largest that does."""
    lanes = _WORD_BITS // bits
    shifts = (np.arange(lanes) * bits).astype(np.uint64)
    narrow = np.minimum(values, (1 << (bits - 1)) - 1).astype(np.uint64)
    words: Words = np.bitwise_or.reduce(narrow.reshape(*values.shape[:-1], -1, lanes) << shifts, axis=-1)
    return words


@compiled
def packed_bounds(bits: int, first: IntArray, at_least: Tables) -> Words:
    """Levels × groups × rows × words, in one row: the least count of every lane's shortest window, or the most that fits.

    Args:
        bits: width of a lane.
        first: see :class:`Lanes`.
        at_least: levels × rows × windows (or more).
    """
    groups, lanes = first.shape
    per_word, most = 64 // bits, (1 << (bits - 1)) - 1
    bounds = np.zeros(at_least.shape[0] * groups * at_least.shape[1] * 4, np.uint64)
    at = 0
    for level in range(at_least.shape[0]):
        for group in range(groups):
            for row in range(at_least.shape[1]):
                for lane in range(lanes):
                    window = first[group, lane]
                    count = min(most, int(at_least[level, row, window])) if window >= 0 else most
                    bounds[at + lane // per_word] |= np.uint64(count) << np.uint64(bits * (lane % per_word))
                at += 4
    return bounds


@compiled
def best_packed(
    walk: Walk,
    bits: Words,
    words: Words,
    counts: NDArray[np.int32],
    base: FloatArray,
    rate: FloatArray,
    levels: FloatArray,
    bounds: Words,
    group: int,
    lanes: Packing,
    every_largest: FloatArray,
    least: int,
    cases: float,
    best: float,
) -> float:
    """The best high score over all reaches and one group's windows; NaN where a count outgrew its lane.

    After every place with cases the counts are compared with the bounds of the next set that ends; if more places enter that set
    the comparison is made again with them.

    Args:
        walk: see :class:`detector.scan.walk.Walk`.
        bits: see :func:`detector.scan.walk.set_bits`.
        words: places · :data:`WORDS`; counts per lane.
        counts: places × units, not added up.
        base: sets × strata.
        rate: strata × windows.
        levels: the bar and higher ones; see :class:`detector.scan.problem.Bar`.
        bounds: see :func:`packed_bounds`.
        group: the group of words.
        lanes: the lanes.
        every_largest: levels × counts, the largest expectation at which a count reaches the level; the last for all above it.
        least: the smallest count that counts.
        cases: number of cases in all.
        best: the bar, or what was found with other groups; what does not exceed it is not told.
    """
    guards = with_words(nothing(), lanes.guards, 0)
    start, first_word, step_at = walk.start, walk.first_word, walk.step
    level = level_of(best, 0, levels)
    table = bounds.shape[0] // levels.shape[0]  # numbers, not slices: a slice in the loop counts references
    begin = level * table + group * (table // lanes.first.shape[0])
    top = np.uint64(1) << np.uint64(63)
    place_of = np.uint64(0xFFFFFFFF)
    for reach in range(start.shape[0] - 1):
        held = highest = nothing()
        first = start[reach]
        for at in range(first_word[reach], first_word[reach + 1]):
            left = bits[np.uint64(at)]  # unsigned: see detector.scan.replicate
            while left != 0:
                k = first + lowest(left)
                left &= left - np.uint64(1)
                step = step_at[np.uint64(k)]
                held = with_words(held, words, int(step & place_of) << 2)
                highest = either(highest, held)
                row = begin + (np.int64(step >> np.uint64(32)) << 2)
                if not any_reaches(held, guards, bounds, row):
                    continue
                if word(highest, 3) & top:
                    return np.nan
                four = (word(held, 0), word(held, 1), word(held, 2), word(held, 3))
                found = _best_of_set(
                    walk, bits, reach, k, four, counts, base, rate, bounds, row, group, lanes, every_largest, level, least, cases
                )
                if found > best:
                    best = found
                    begin -= level * table
                    level = level_of(best, level, levels)
                    begin += level * table
            first += 64
        if word(highest, 3) & top:
            return np.nan
    return best


@compiled
def _best_of_set(
    walk: Walk,
    bits: Words,
    reach: int,
    last: int,
    held: tuple[np.uint64, np.uint64, np.uint64, np.uint64],
    counts: NDArray[np.int32],
    base: FloatArray,
    rate: FloatArray,
    bounds: Words,
    row: int,
    group: int,
    lanes: Packing,
    every_largest: FloatArray,
    level: int,
    least: int,
    cases: float,
) -> float:
    """The best score of the set that ends at or after position ``last``, over the windows whose lane reaches its bound."""
    best = 0.0
    number = walk.set_after[last]
    firsts, lasts, guards, largest = lanes.first[group], lanes.last[group], lanes.guards, every_largest[level]
    mask = (np.uint64(1) << np.uint64(lanes.bits)) - np.uint64(1)
    for which in range(4):
        over = ((held[which] | guards[which]) - bounds[row + which]) & guards[which]
        while over != 0:
            at = lowest(over)
            over &= over - np.uint64(1)
            lane = which * lanes.per_word + at // lanes.bits
            if firsts[lane] < 0:
                continue
            count = np.int64((held[which] >> np.uint64(at + 1 - lanes.bits)) & mask)
            first = firsts[lane]
            fewest = _expected(base, rate, number, first)
            for w in range(lasts[lane], first - 1, -1):
                most = largest[min(count, largest.shape[0] - 1)]
                if count < least or fewest > most:
                    break  # shorter windows hold no more, and none of them expects fewer
                expected = _expected(base, rate, number, w)
                if count > expected and expected <= most:
                    best = max(best, permutation_llr(float(count), expected, cases))
                if w > first:
                    count -= _count_in(walk, bits, reach, last, counts, w)
    return best


@compiled
def _expected(base: FloatArray, rate: FloatArray, number: int, window: int) -> float:
    expected = 0.0
    for s in range(rate.shape[0]):
        expected += base[number, s] * rate[s, window]
    return expected


@compiled
def _count_in(walk: Walk, bits: Words, reach: int, last: int, counts: NDArray[np.int32], unit: int) -> int:
    """Cases in one unit of time at the places of a reach up to position ``last``."""
    count = 0
    first, step_at = walk.start[reach], walk.step
    for at in range(walk.first_word[reach], walk.first_word[reach + 1]):
        left = bits[at]
        while left != 0:
            k = first + lowest(left)
            if k > last:
                return count
            left &= left - np.uint64(1)
            count += counts[np.int64(step_at[k] & np.uint64(0xFFFFFFFF)), unit]
        first += 64
    return count
