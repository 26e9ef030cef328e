"""Stretches: what a retrospective replicate looks at together, several growing sets of a reach and several starts of an interval.

Sets of a reach lie inside one another. If the count of the last of them stays below what the first would need, none of them can
reach the bar. In the same way no interval holds more than a longer one around it: long intervals are looked at from every fourth
or sixteenth unit only, each long enough for all that begin before the next. Nothing is hidden by either; what is let through is
looked at one by one.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.model import BoolArray, FloatArray, IntArray
from detector.scan.bars import fill_at_least, largest_expectations
from detector.scan.jit import compiled
from detector.scan.vectors import Small, lanes_of

STRIDES = (1, 4, 16)
BELOW, LONGEST, STRIDE, BEFORE, UNTIL, TABLE, STARTS = range(7)
"""Columns of :attr:`Steps.blocks`."""
_LANES = 32
_TOGETHER: dict[type[np.int8 | np.int16], tuple[float, float, int]] = {
    np.int8: (1.2, 1.35, 4),
    np.int16: (1.2, 1.2, 8),
}
"""How much larger the last set of a stretch may be than the first, and an interval looked at than the shortest it stands for;
and how many strides long an interval is at least. As measured: larger numbers are cheaper to pass, and let more through."""
_ROWS_GROWTH = 1.1
_LEVELS = 1.08 ** np.arange(6.0)
_DEVIATIONS = 6.0
_ROOM: dict[type[np.int8 | np.int16], tuple[int, int]] = {np.int8: (95, 32), np.int16: (1 << 14, 1 << 13)}
"""What a stretch's places may add to a count, and how far a count may lie above its bound, so that a number can hold it."""


@dataclass(frozen=True, eq=False)
class Steps:
    """Time as a retrospective replicate looks at it.

    A row of counts holds running totals after every unit, then after every fourth, then after every sixteenth. Row by row
    ``blocks`` names intervals of more than BELOW and at most LONGEST units: they are looked at every STRIDE units, as the
    differences of the STARTS columns from UNTIL and those from BEFORE, and compared with the bounds from TABLE.
    ``starts_of[s]`` and ``columns_of[s]`` are the first column of a stride and how many it has.
    """

    units: int
    blocks: IntArray
    starts_of: IntArray
    columns_of: IntArray

    @property
    def width(self) -> int:
        """Columns of a row of counts."""
        return int(self.columns_of.sum())

    @property
    def longest(self) -> int:
        """Units in the longest interval that is looked at."""
        wide = (self.blocks[:, UNTIL] - self.blocks[:, BEFORE]) * self.blocks[:, STRIDE]
        return min(self.units, int(wide.max()))


@dataclass(frozen=True, eq=False)
class Stretches:
    """Runs of sets of one reach.

    Stretch i covers the positions ``at[i] .. at[i + 1] - 1``, reach r the stretches ``of_reach[r] .. of_reach[r + 1] - 1``.
    ``base[i]`` is the base of its first set, ``row[i]`` the row of bounds for it, and ``low`` the least base of every row.
    Counts are kept in ``kind``.
    """

    at: IntArray
    of_reach: IntArray
    base: FloatArray
    row: IntArray
    low: FloatArray
    steps: Steps
    kind: type[np.int8 | np.int16]

    @property
    def room(self) -> tuple[int, int]:
        """What places of a stretch may add to a count, and how far a count may lie above its bound."""
        return _ROOM[self.kind]


def stretches_for(
    start: IntArray,
    place: NDArray[np.int32],
    set_of: NDArray[np.int32],
    base: FloatArray,
    weight: FloatArray,
    rate: FloatArray,
    shortest: int,
    longest: int,
) -> Stretches:
    """Put sets and intervals together.

    Args:
        start: see :class:`detector.scan.geometry.Reaches`.
        place: the same.
        set_of: number of the set that ends at a position, -1 where none does.
        base: of every set.
        weight: what each place adds to it.
        rate: the part of all cases up to each unit (units + 1).
        shortest: length of the shortest interval.
        longest: of the longest.
    """
    for kind, (_, growth_of_time, strides) in _TOGETHER.items():
        steps = _steps(rate.size - 1, shortest, longest, growth_of_time, strides)
        part = float((rate[steps.longest :] - rate[: rate.size - steps.longest]).max())
        likely = _likely(weight * part)
        if likely.max() < _ROOM[kind][0] and _likely(base * part).max() < np.iinfo(kind).max:
            break
    at, of_reach = _cut(start, place, set_of, base, likely, _TOGETHER[kind][0], 0.8 * _ROOM[kind][0])
    ends = np.flatnonzero(set_of >= 0)
    first = set_of[ends[np.searchsorted(ends, at[:-1])]]
    lowest = base[first]
    group = np.full(lowest.size, -1, dtype=np.int64)
    group[lowest > 0] = np.floor(np.log(lowest[lowest > 0]) / np.log(_ROWS_GROWTH)).astype(np.int64) + (1 << 20)
    names, row = np.unique(group, return_inverse=True)
    low = np.full(names.size, np.inf)
    np.minimum.at(low, row, lowest)
    return Stretches(at, of_reach, lowest, row.astype(np.int64), low, steps, kind)


def _likely(expected: FloatArray) -> FloatArray:
    """A count that hardly any replicate exceeds."""
    most: FloatArray = expected + _DEVIATIONS * np.sqrt(expected) + 2.0
    return most


@compiled
def _cut(
    start: IntArray,
    place: NDArray[np.int32],
    set_of: NDArray[np.int32],
    base: FloatArray,
    likely: FloatArray,
    growth: float,
    room: float,
) -> tuple[IntArray, IntArray]:
    """First position of every stretch (and the end of the last), and the first stretch of every reach (and the end)."""
    at = np.empty(set_of.shape[0] + 1, np.int64)
    of_reach = np.empty(start.shape[0], np.int64)
    number = 0
    for reach in range(start.shape[0] - 1):
        of_reach[reach] = number
        opened = False
        first, held, added = 0.0, 0.0, 0.0
        position = start[reach]
        for k in range(start[reach], start[reach + 1]):
            added += likely[place[k]]
            if set_of[k] < 0:
                continue
            here = base[set_of[k]]
            if not opened or here > growth * first or held + added > room:
                at[number] = position
                number += 1
                opened, first, held = True, here, 0.0
            held += added
            added = 0.0
            position = k + 1
    of_reach[start.shape[0] - 1] = number
    at[number] = set_of.shape[0]
    return at[: number + 1].copy(), of_reach


def _steps(units: int, shortest: int, longest: int, growth: float, strides: int) -> Steps:
    """Blocks of lengths: each so that the interval looked at is at most about ``growth`` times the shortest in it."""
    found: list[tuple[int, int, int, int]] = []
    below = shortest - 1
    while below < longest:
        stride = max(s for s in STRIDES if s == 1 or below + 1 >= strides * s)
        wide = max(-(-(below + stride) // stride), int((below + 1) * growth / stride))
        last = min(longest, stride * wide - stride + 1)
        found.append((below, last, stride, -(-(last + stride - 1) // stride)))
        below = last
    columns: list[int] = []
    begin: list[int] = []
    for stride in STRIDES:
        reach = max((wide for _, _, s, wide in found if s == stride), default=0)
        needed = _whole(-(-units // stride)) + reach if reach or stride == 1 else 0
        begin.append(sum(columns))
        columns.append(_whole(needed))
    blocks, table = [], 0
    for below, last, stride, wide in found:
        at, starts = begin[STRIDES.index(stride)], _whole(-(-units // stride))
        blocks.append((below, last, stride, at, at + wide, table, starts))
        table += starts
    return Steps(units, *(np.array(values, dtype=np.int64) for values in (blocks, begin, columns)))


def _whole(columns: int) -> int:
    """So many columns, and some to fill up the processor's lanes."""
    return -(-columns // _LANES) * _LANES


@dataclass(frozen=True, eq=False)
class Levels:
    """Bars from low to high, so that a replicate that has found a good score looks on with a higher bar.

    ``largest[i]`` holds for level i, per count, the largest expectation at which it reaches ``score[i]``, and ``at_least[i]``
    (rows × columns) the least count with which an interval that begins in a step could. ``coarse[i]`` has the least of these for
    as many steps as a vector holds: what stays below it, as nearly all do, need not fetch the others from far.
    """

    score: FloatArray
    largest: FloatArray
    at_least: Small
    coarse: Small


def levels_of(stretches: Stretches, rate: FloatArray, most: int, cases: float, bar: float, least: int) -> Levels:
    """The levels from ``bar`` upwards.

    Args:
        stretches: rows and blocks.
        rate: 1 × (units + 1), the part of all cases up to each unit.
        most: the largest count possible.
        cases: number of cases in all.
        bar: the lowest level.
        least: the smallest count that counts.
    """
    kind = stretches.kind
    fewest, never = _fewest(stretches.steps, rate)
    score = bar * _LEVELS
    counted = min(most, 2 * int(np.iinfo(kind).max) + 1)
    largest = np.stack([largest_expectations(counted, cases, one, np.inf) for one in score.tolist()])
    at_least = np.full((score.size, stretches.low.size, fewest.size), np.iinfo(np.int16).max, dtype=np.int16)
    for level in range(score.size):
        fill_at_least(stretches.low[:, None], fewest[None, :], largest[level], least, 0, at_least[level])
    at_least[:, :, never] = np.iinfo(np.int16).max
    small = np.minimum(at_least, int(np.iinfo(kind).max))
    kept = np.ascontiguousarray(small.astype(kind))
    coarse = np.ascontiguousarray(kept.reshape(score.size, stretches.low.size, -1, lanes_of(kind)).min(axis=3))
    return Levels(score, largest, kept, coarse)


def _fewest(steps: Steps, rate: FloatArray) -> tuple[FloatArray, BoolArray]:
    """Per column of bounds the least part of all cases in an interval that begins in the step, and whether none does."""
    units = steps.units
    fewest, never = [], []
    for block in steps.blocks:
        stride, starts = int(block[STRIDE]), int(block[STARTS])
        part = np.full(starts * stride, np.inf)
        begins = max(0, units - int(block[BELOW]))
        part[:begins] = rate[0, units - begins + 1 :][:begins] - rate[0, :begins] if begins else 0.0
        low = part.reshape(starts, stride).min(axis=1)
        never.append(np.isinf(low))
        fewest.append(np.where(np.isinf(low), 0.0, low))
    return np.concatenate(fewest), np.concatenate(never)
