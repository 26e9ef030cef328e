"""Packed counts: a set's counts in up to 32 windows that end now, side by side in four or eight machine words.

Counts are added and compared for all windows of four words at once. A lane of a word answers for one window, or for a few
neighbouring ones: then it holds the count of the longest and the bound of the shortest, which lets a few more through to the
exact comparison and never hides one. A replicate in which a count outgrows its lane is left to the plain kernel.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.model import FloatArray, IntArray
from detector.scan.jit import compiled
from detector.scan.kernel import Counts
from detector.scan.scores import permutation_llr

Words = NDArray[np.uint64]

WORDS = 4
_MOST_LANES = 32
_FEW_LANES, _FEW_WINDOWS = 16, 40
_WORD_BITS = 64
_NARROW, _WIDE = 8, 16
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

    @property
    def guard(self) -> np.uint64:
        """The highest bit of every lane, which stays free for comparisons."""
        return np.uint64(sum(1 << (bit + self.bits - 1) for bit in range(0, _WORD_BITS, self.bits)))

    @property
    def groups(self) -> int:
        """How many groups of words there are."""
        return int(self.first.shape[0])


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
    ends = _ends(shortest, windows, _FEW_LANES if bits == _WIDE and windows <= _FEW_WINDOWS else _MOST_LANES)
    per_group = WORDS * _WORD_BITS // bits
    groups = -(-len(ends) // per_group)
    first, last = np.full((2, groups * per_group), -1, dtype=np.int64)
    last[-len(ends) :] = ends
    first[-len(ends) :] = [shortest, *(end + 1 for end in ends[:-1])]
    first, last = first.reshape(groups, per_group), last.reshape(groups, per_group)
    unit = np.arange(windows)[None, :, None]
    return Lanes(bits, first, last, packed((unit <= last[:, None, :]).astype(np.int64), bits))


def _ends(shortest: int, windows: int, most: int) -> list[int]:
    """The last window of every lane: one window each as long as there are lanes, else growing by the least part that fits."""
    if windows - shortest <= most:
        return list(range(shortest, windows))
    growth = 1.0
    while True:
        growth += 0.005
        ends = [shortest]
        while ends[-1] < windows - 1:
            ends.append(min(windows - 1, max(ends[-1] + 1, int((ends[-1] + 1) * growth) - 1)))
        if len(ends) <= most:
            return ends


def packed(values: IntArray, bits: int) -> Words:
    """Lanes (the last axis) put side by side into words; larger values than fit become the largest that does."""
    lanes = _WORD_BITS // bits
    shifts = (np.arange(lanes) * bits).astype(np.uint64)
    narrow = np.minimum(values, (1 << (bits - 1)) - 1).astype(np.uint64)
    words: Words = np.bitwise_or.reduce(narrow.reshape(*values.shape[:-1], -1, lanes) << shifts, axis=-1)
    return words


def packed_bounds(lanes: Lanes, at_least: Counts) -> Words:
    """Groups × (rows · words): the least count of every lane's shortest window."""
    most = 1 << _WIDE
    bounds = np.where(lanes.first[:, None, :] >= 0, at_least[:, np.maximum(lanes.first, 0)].swapaxes(0, 1).astype(np.int64), most)
    return packed(bounds, lanes.bits).reshape(lanes.groups, -1)


@compiled
def best_packed(
    words: Words,
    alive: NDArray[np.uint8],
    seen: NDArray[np.uint32],
    counts: NDArray[np.int32],
    start: IntArray,
    place: NDArray[np.uint32],
    row_after: NDArray[np.uint32],
    set_after: NDArray[np.uint32],
    base: FloatArray,
    rate: FloatArray,
    at_least: Words,
    first: IntArray,
    last: IntArray,
    bits: int,
    guard: np.uint64,
    largest: FloatArray,
    least: int,
    cases: float,
    best: float,
) -> float:
    """The best high score over all reaches and one group's windows; NaN where a count outgrew its lane.

    After every place with cases the counts are compared with the bounds of the next set that ends; if more places enter that set
    the comparison is made again with them.

    Args:
        words: places · :data:`WORDS`; counts per lane.
        alive: 1 for places with any.
        seen: scratch space, as long as the longest reach.
        counts: places × units, not added up.
        start: see :class:`detector.scan.geometry.Reaches`.
        place: the same.
        row_after: row of ``at_least`` of the first set that ends at or after a position.
        set_after: that set.
        base: sets × strata.
        rate: strata × windows.
        at_least: rows · :data:`WORDS`; see :func:`packed_bounds`.
        first: shortest window per lane.
        last: longest window per lane.
        bits: width of a lane.
        guard: see :attr:`Lanes.guard`.
        largest: per count the largest expectation at which it reaches the bar.
        least: the smallest count that counts.
        cases: number of cases in all.
        best: the bar; what does not exceed it is not told.
    """
    per_word = 64 // bits
    mask = (np.uint64(1) << np.uint64(bits)) - np.uint64(1)
    top = np.uint64(1) << np.uint64(63)
    for reach in range(start.shape[0] - 1):
        n = 0
        for k in range(start[reach], start[reach + 1]):
            seen[n] = k
            n += alive[place[k]]
        a = b = c = d = np.uint64(0)
        for i in range(n):
            k = seen[i]
            at = place[k] * 4
            a += words[at]
            b += words[at + 1]
            c += words[at + 2]
            d += words[at + 3]
            row = row_after[k] * 4
            hit = ((a | guard) - at_least[row]) | ((b | guard) - at_least[row + 1])
            hit |= ((c | guard) - at_least[row + 2]) | ((d | guard) - at_least[row + 3])
            if ((hit & guard) | (d & top)) == 0:
                continue
            if d & top:
                return np.nan
            number = set_after[k]
            for lane in range(first.shape[0]):
                if first[lane] < 0:
                    continue
                word, shift = lane // per_word, np.uint64(bits * (lane % per_word))
                held = (a, b, c, d)[word]
                count = np.int64((held >> shift) & mask)
                if count < np.int64((at_least[row + word] >> shift) & mask):
                    continue
                for w in range(last[lane], first[lane] - 1, -1):
                    expected = 0.0
                    for s in range(rate.shape[0]):
                        expected += base[number, s] * rate[s, w]
                    if count >= least and count > expected and expected <= largest[count]:
                        score = permutation_llr(float(count), expected, cases)
                        best = max(best, score)
                    if w > first[lane]:
                        for other in range(i + 1):
                            count -= counts[place[seen[other]], w]
    return best
