"""A scan made ready for the kernels: its columns, and for a bar the tables of counts that could reach it."""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from detector.model import FloatArray, IntArray
from detector.scan.bars import Rows, columns, fill_at_least, fill_at_most, fill_bernoulli, largest_expectations
from detector.scan.kernel import LOW, Counts, Tables
from detector.scan.packed import Lanes, packed_bounds
from detector.scan.replicate import Deal
from detector.scan.stretches import Levels, Stretches, levels_of
from detector.scan.untabled import Sets
from detector.scan.vectors import Words
from detector.scan.walk import Walk

LANES = 64
"""Intervals: columns are filled up to a multiple of this, so that the comparisons need no remainder."""


@dataclass(frozen=True, eq=False)
class Problem:
    """A scan ready for the kernel: see :func:`detector.scan.kernel.best_alive` for the columns.

    ``blocks`` is None for windows that end now (and for none at all, one window of everything); else the lengths of interval at
    which the kernel looks first, beginning with the shortest that counts less one. ``most`` is the largest count possible.
    ``lanes`` and ``walk`` are for packed counts, None where these do not serve; ``stretches`` is for intervals, the same.
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
    walk: Walk | None = None
    stretches: Stretches | None = None

    @property
    def width(self) -> int:
        """Columns of the counts."""
        if self.blocks is None:
            return columns(self.rate.shape[1])
        return self.starts + int(self.blocks[-1])

    @property
    def sets(self) -> Sets:
        """What is needed without tables."""
        return Sets(
            self.start, self.place, self.set_of, self.base, self.rate, self.rates, self.least, self.shortest, self.cases,
            self.total,
        )  # fmt: skip

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
    """Tables for one bar; what scores less than ``score`` may go unseen. Each table is worked out when it is first needed.

    A scan that has found a better score goes on with the tables of a higher level: ``rungs`` says how many levels there are,
    each ``growth`` times the one below. Where they lie decides how long it takes, never what comes out.
    """

    problem: Problem
    score: float
    rungs: int = 1
    growth: float = 1.1

    @cached_property
    def levels(self) -> FloatArray:
        """The scores of the levels, the bar first."""
        scores: FloatArray = self.score * self.growth ** np.arange(float(self.rungs))
        return scores

    @cached_property
    def largest(self) -> FloatArray:
        """Levels × counts: the largest expectation at which a count reaches the level.

        For windows that end now the last count answers for all above it.
        """
        problem, cases = self.problem, float(self.problem.cases)
        widest = (1 + 1e-9) * float((problem.rows.high @ problem.rate[:, -1]).max()) if problem.blocks is None else np.inf
        most = 0 if problem.total else problem.most
        highest = largest_expectations(most, cases, float(self.levels[-1]), widest)  # reaches furthest
        below = [largest_expectations(highest.size - 1, cases, score, np.inf) for score in self.levels[:-1].tolist()]
        return np.stack([*below, highest])

    @property
    def at_least(self) -> Tables:
        """See :func:`detector.scan.kernel.best_alive`."""
        return self._bounds[0]

    @property
    def at_most(self) -> Tables:
        """The same."""
        return self._bounds[1]

    @cached_property
    def words(self) -> Words | None:
        """The bounds for packed counts, None where these do not serve."""
        lanes = self.problem.lanes
        return packed_bounds(lanes.bits, lanes.first, self.at_least) if lanes else None

    @cached_property
    def stretched(self) -> Levels | None:
        """The bounds for stretches, None where these do not serve."""
        problem = self.problem
        if problem.stretches is None:
            return None
        return levels_of(problem.stretches, problem.rate, problem.most, float(problem.cases), self.score, problem.least)

    @cached_property
    def _bounds(self) -> tuple[Tables, Tables]:
        problem = self.problem
        wide = (problem.blocks.size - 1) * problem.starts if problem.blocks is not None else problem.width
        shape = (self.rungs, problem.rows.low.shape[0], wide)
        at_least = numbers(shape, int(np.iinfo(problem.kind).max), problem.kind)
        at_most = numbers(shape if problem.rates & LOW or problem.total else (self.rungs, 0, 0), -1, problem.kind)
        for level in range(self.rungs):
            self._fill(level, at_least[level], at_most[level])
        return at_least, at_most

    def _fill(self, level: int, at_least: Counts, at_most: Counts) -> None:
        problem, score = self.problem, float(self.levels[level])
        cases = float(problem.cases)
        if problem.total:
            people = problem.total / cases
            low, high = problem.rows.low[:, 0] * people, problem.rows.high[:, 0] * people
            fill_bernoulli(low, high, cases, float(problem.total), score, problem.least, at_least, at_most)
        elif problem.blocks is None:
            fill_at_least(problem.rows.low, problem.rate, self.largest[level], problem.least, problem.shortest, at_least)
            if problem.rates & LOW:
                fill_at_most(problem.rows.high, problem.rate, cases, score, problem.shortest, at_most)
        else:
            fewest = _fewest(problem.rate, problem.blocks, problem.starts)
            fill_at_least(problem.rows.low, fewest, self.largest[level], problem.least, 0, at_least)
            units, by_block = problem.rate.shape[1] - 1, at_least.reshape(at_least.shape[0], -1, problem.starts)
            for b, longest in enumerate(problem.blocks[1:].tolist()):
                by_block[:, b, units - longest + 1 :] = np.iinfo(problem.kind).max


def numbers(shape: tuple[int, ...], value: int, kind: type[np.int16] | type[np.int32]) -> Counts:
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
