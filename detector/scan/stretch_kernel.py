"""The inner loops over stretches (:mod:`detector.scan.stretches`): the best score of one retrospective replicate."""

import numpy as np
from numpy.typing import NDArray

from detector.model import FloatArray, IntArray
from detector.scan.jit import compiled
from detector.scan.kernel import level_of
from detector.scan.scores import permutation_llr
from detector.scan.vectors import Small, add_row, none_over

_BELOW, _LONGEST, _STRIDE, _BEFORE, _UNTIL, _TABLE, _STARTS = range(7)
_COARSE = 4
"""Units: steps in which the most that an interval of one place holds is looked for."""


@compiled
def fill_counts(
    where: NDArray[np.int32],
    when: NDArray[np.int32],
    dealt: int,
    units: int,
    longest: int,
    strides: IntArray,
    starts_of: IntArray,
    columns_of: IntArray,
    cases_of: NDArray[np.int32],
    sorted_when: NDArray[np.int32],
    total: NDArray[np.int32],
    counts: Small,
    added: NDArray[np.int32],
) -> None:
    """Running totals of the cases that were dealt, and per place at least the most that one interval of the longest length holds.

    Args:
        where: place of every case.
        when: unit of every case, from 1.
        dealt: how many were dealt.
        units: units of time.
        longest: length of the longest interval that is looked at.
        strides: see :class:`detector.scan.stretches.Steps`.
        starts_of: the same.
        columns_of: the same.
        cases_of: scratch space, places + 1.
        sorted_when: scratch space, one for every case.
        total: scratch space, units + 1.
        counts: filled; totals too large for it lose their high digits, differences stay right.
        added: filled, per place.
    """
    cases_of[:] = 0
    for i in range(dealt):
        cases_of[where[i] + 1] += 1
    for j in range(counts.shape[0]):
        cases_of[j + 1] += cases_of[j]
    for i in range(dealt):
        sorted_when[cases_of[where[i]]] = when[i]
        cases_of[where[i]] += 1
    begin = 0
    for j in range(counts.shape[0]):
        end = cases_of[j]
        if end == begin:
            added[j] = 0
            continue  # its counts are not read
        total[:] = 0
        for i in range(begin, end):
            total[sorted_when[i]] += 1
        held = 0
        for w in range(units + 1):
            held += total[w]
            total[w] = held
            counts[j, w] = counts.dtype.type(held)
        for w in range(units + 1, columns_of[0]):
            counts[j, w] = counts.dtype.type(held)
        most = held
        if units > longest + _COARSE:
            most = held - total[units - longest - _COARSE]
            for w in range(0, units - longest - _COARSE, _COARSE):
                most = max(most, total[w + longest + _COARSE] - total[w])
        added[j] = most
        for s in range(1, strides.shape[0]):
            stride, column = strides[s], starts_of[s]
            inside = min(columns_of[s], units // stride + 1)
            for v in range(inside):
                counts[j, column + v] = counts.dtype.type(total[v * stride])
            for v in range(inside, columns_of[s]):
                counts[j, column + v] = counts.dtype.type(held)
        begin = end


@compiled
def _best_of_sets(
    counts: Small, begin: int, end: int, count: int, part: float, mask: int, first: int, last: int, place: NDArray[np.int32],
    set_of: NDArray[np.int32], added: NDArray[np.int32], base: FloatArray, largest: FloatArray, least: int, cases: float,
    best: float,
) -> float:  # fmt: skip
    """The best score over the sets of a stretch (positions ``first`` .. ``last - 1``) in one interval, from the last set back."""
    k = last - 1
    while k >= first and count >= least:
        number = set_of[k]
        inside, changed = count, False
        while True:
            j = place[k]
            if added[j] > 0:
                changed = True
                count -= int((counts[j, end] - counts[j, begin]) & mask)
            k -= 1
            if k < first or set_of[k] >= 0:
                break
        if changed:
            expected = base[number, 0] * part
            if inside > expected and expected <= largest[inside]:
                best = max(best, permutation_llr(float(inside), expected, cases))
    return best


@compiled
def _best_of_step(
    counts: Small, held: Small, first_begin: int, last_begin: int, below: int, longest: int, mask: int, first: int, last: int,
    least_base: float, place: NDArray[np.int32], set_of: NDArray[np.int32], added: NDArray[np.int32], base: FloatArray,
    rate: FloatArray, largest: FloatArray, least: int, cases: float, best: float,
) -> float:  # fmt: skip
    """The best score over the sets of a stretch in intervals of one block that begin at ``first_begin`` .. ``last_begin - 1``."""
    units = rate.shape[1] - 1
    for begin in range(first_begin, last_begin):
        final = min(units, begin + longest)
        end = begin + below + 1
        most = int((held[final] - held[begin]) & mask)
        if end > units or most < least or least_base * (rate[0, end] - rate[0, begin]) > largest[most]:
            continue
        for stop in range(end, final + 1):
            count = int((held[stop] - held[begin]) & mask)
            part = rate[0, stop] - rate[0, begin]
            if count >= least and least_base * part <= largest[count]:
                best = _best_of_sets(
                    counts, begin, stop, count, part, mask, first, last, place, set_of, added, base, largest, least, cases, best
                )
    return best


@compiled
def best_in_stretches(
    counts: Small,
    added: NDArray[np.int32],
    held: Small,
    at: IntArray,
    of_reach: IntArray,
    least_base: FloatArray,
    row_of: IntArray,
    blocks: IntArray,
    place: NDArray[np.int32],
    set_of: NDArray[np.int32],
    base: FloatArray,
    rate: FloatArray,
    levels: FloatArray,
    every_bound: Small,
    every_coarse: Small,
    every_largest: FloatArray,
    mask: int,
    room: int,
    excess: int,
    least: int,
    cases: float,
) -> float:
    """The best high score over all sets and intervals; NaN where a count may have outgrown its number.

    A count c and its bound b stay within c - b < 2^(bits - 1), so that the sign of the difference is right: c was below b (or at
    most ``excess`` above it) before a stretch, and its places add at most ``room``.

    Args:
        counts: places × columns, see :func:`fill_counts`.
        added: the same.
        held: scratch space, one row of counts.
        at: see :class:`detector.scan.stretches.Stretches`.
        of_reach: the same.
        least_base: the same.
        row_of: the same.
        blocks: see :class:`detector.scan.stretches.Steps`.
        place: see :class:`detector.scan.geometry.Reaches`.
        set_of: number of the set that ends at a position, -1 where none does.
        base: sets × 1.
        rate: 1 × (units + 1).
        levels: the bar (what does not exceed it is not told) and higher ones, see :class:`detector.scan.stretches.Levels`.
        every_bound: least counts of every level.
        every_coarse: the least of them for every vector.
        every_largest: largest expectations of every level.
        mask: the digits that a number in ``counts`` keeps.
        room: see above.
        excess: see above.
        least: the smallest count that counts.
        cases: number of cases in all.
    """
    units, width, level, best = rate.shape[1] - 1, counts.shape[1], 0, float(levels[0])
    lanes = every_bound.shape[2] // every_coarse.shape[2]
    for reach in range(of_reach.shape[0] - 1):
        held[:] = 0
        level = level_of(best, level, levels)
        largest = every_largest[level]
        for stretch in range(of_reach[reach], of_reach[reach + 1]):
            grown = 0
            for k in range(at[stretch], at[stretch + 1]):
                j = place[k]
                if added[j] > 0:
                    grown += added[j]
                    add_row(held, counts, j * width)
            if grown == 0:
                continue
            if grown > room:
                return np.nan
            row = row_of[stretch]
            first_bound = (level * every_coarse.shape[1] + row) * every_coarse.shape[2]
            for b in range(blocks.shape[0]):
                before, until, table, starts = blocks[b, _BEFORE], blocks[b, _UNTIL], blocks[b, _TABLE], blocks[b, _STARTS]
                bound = first_bound + table // lanes
                if none_over(held, until, before, every_coarse, bound, starts):
                    continue
                for v in range(0, starts, lanes):
                    if none_over(held, until + v, before + v, every_coarse, bound + v // lanes, lanes):
                        continue
                    for u in range(v, v + lanes):
                        over = held.dtype.type(held[until + u] - held[before + u] - every_bound[level, row, table + u])
                        if over < 0:
                            continue
                        if over > excess:
                            return np.nan
                        best = _best_of_step(
                            counts, held, u * blocks[b, _STRIDE], min(units, (u + 1) * blocks[b, _STRIDE]), blocks[b, _BELOW],
                            blocks[b, _LONGEST], mask, at[stretch], at[stretch + 1], least_base[stretch], place, set_of, added,
                            base, rate, largest, least, cases, best,
                        )  # fmt: skip
    return best
