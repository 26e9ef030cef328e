"""A scan made ready for the kernels: its columns, and for a bar the tables of counts that could reach it."""

from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from detector.model import FloatArray, IntArray
from detector.scan import replicate
from detector.scan.bars import Rows, columns, fill_at_least, fill_at_most, fill_bernoulli, largest_expectations
from detector.scan.kernel import LOW, Counts
from detector.scan.packed import Lanes, Words, packed_bounds
from detector.scan.stretches import Levels, Stretches, levels_of

LANES = 64
"""Intervals: columns are filled up to a multiple of this, so that the comparisons need no remainder."""


class Null(IntEnum):
    """How a replicate is dealt; see :mod:`detector.scan.replicate`."""

    PERMUTED = replicate.PERMUTED
    POISSON = replicate.POISSON
    BERNOULLI = replicate.BERNOULLI


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
    ``lanes`` and ``after`` (place, row and set of the first set that ends at or after a position) are for packed counts, None
    where these do not serve.
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
    lanes: Lanes | None = None
    after: tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.uint32]] | None = None
    stretches: Stretches | None = None

    @property
    def width(self) -> int:
        """Columns of the counts."""
        if self.blocks is None:
            return columns(self.rate.shape[1])
        return self.starts + int(self.blocks[-1])

    @property
    def starts(self) -> int:
        """Intervals: columns of a block in the tables, one for each day they can begin on, and some that none does."""
        units: int = self.rate.shape[1] - 1
        return -(-(units + 1) // LANES) * LANES

    @property
    def kind(self) -> type[np.int16] | type[np.int32]:
        """Type of the counts: as small as holds them."""
        return np.int16 if self.most < np.iinfo(np.int16).max else np.int32


@dataclass(frozen=True, eq=False)
class Bar:
    """Tables for one bar; what scores less than ``score`` may go unseen. Each table is worked out when it is first needed."""

    problem: Problem
    score: float

    @cached_property
    def largest(self) -> FloatArray:
        """Per count the largest expectation at which it reaches the bar."""
        problem = self.problem
        return largest_expectations(0 if problem.total else problem.most, float(problem.cases), self.score)

    @property
    def at_least(self) -> Counts:
        """See :func:`detector.scan.kernel.best_alive`."""
        return self._bounds[0]

    @property
    def at_most(self) -> Counts:
        """The same."""
        return self._bounds[1]

    @cached_property
    def words(self) -> Words | None:
        """The bounds for packed counts, None where these do not serve."""
        return packed_bounds(self.problem.lanes, self.at_least) if self.problem.lanes else None

    @cached_property
    def levels(self) -> Levels | None:
        """The bounds for stretches, None where these do not serve."""
        problem = self.problem
        if problem.stretches is None:
            return None
        return levels_of(problem.stretches, problem.rate, problem.most, float(problem.cases), self.score, problem.least)

    @cached_property
    def _bounds(self) -> tuple[Counts, Counts]:
        problem, score = self.problem, self.score
        wide = (problem.blocks.size - 1) * problem.starts if problem.blocks is not None else problem.width
        shape = (problem.rows.low.shape[0], wide)
        at_least = numbers(shape, int(np.iinfo(problem.kind).max), problem.kind)
        at_most = numbers(shape, -1, problem.kind)
        cases = float(problem.cases)
        if problem.total:
            people = problem.total / cases
            low, high = problem.rows.low[:, 0] * people, problem.rows.high[:, 0] * people
            fill_bernoulli(low, high, cases, float(problem.total), score, problem.least, at_least, at_most)
        elif problem.blocks is None:
            fill_at_least(problem.rows.low, problem.rate, self.largest, problem.least, problem.shortest, at_least)
            if problem.rates & LOW:
                fill_at_most(problem.rows.high, problem.rate, cases, score, problem.shortest, at_most)
        else:
            fewest = _fewest(problem.rate, problem.blocks, problem.starts)
            fill_at_least(problem.rows.low, fewest, self.largest, problem.least, 0, at_least)
            units, by_block = problem.rate.shape[1] - 1, at_least.reshape(shape[0], -1, problem.starts)
            for b, longest in enumerate(problem.blocks[1:].tolist()):
                by_block[:, b, units - longest + 1 :] = np.iinfo(problem.kind).max
        return at_least, at_most


def numbers(shape: tuple[int, int], value: int, kind: type[np.int16] | type[np.int32]) -> Counts:
    """A table filled with one number."""
    return np.full(shape, value, dtype=np.int16) if kind is np.int16 else np.full(shape, value, dtype=np.int32)


def _fewest(rate: FloatArray, blocks: IntArray, starts: int) -> FloatArray:
    """Strata × (blocks · starts): the least part of a stratum in a block's shortest intervals inside its longest from a day."""
    units = rate.shape[1] - 1
    fewest = np.zeros((rate.shape[0], blocks.size - 1, starts))
    for b, (below, longest) in enumerate(pairwise(blocks.tolist())):
        short = rate[:, below + 1 :] - rate[:, : units - below]
        inside = np.lib.stride_tricks.sliding_window_view(short, longest - below, axis=1)
        fewest[:, b, : inside.shape[1]] = inside.min(axis=2)
    return fewest.reshape(rate.shape[0], -1)
