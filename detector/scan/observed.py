"""What was observed: the best score around every place, to choose clusters from."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.model import FloatArray, IntArray
from detector.scan.jit import compiled
from detector.scan.kernel import Counts, Tables, best_interval
from detector.scan.problem import Bar, Problem, numbers
from detector.scan.untabled import best_of_each


@dataclass(frozen=True, eq=False)
class Candidates:
    """Per reach: best score (the bar where nothing exceeds it), its set (-1 for none), first and last column of its window."""

    score: FloatArray
    set_of: IntArray
    first: IntArray
    last: IntArray


@compiled
def _each_interval(
    counts: Counts,
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
) -> tuple[FloatArray, IntArray, IntArray, IntArray]:
    reaches = start.shape[0] - 1
    score = np.zeros(reaches, np.float64)
    number = np.zeros(reaches, np.int64)
    first = np.zeros(reaches, np.int64)
    last = np.zeros(reaches, np.int64)
    for i in range(reaches):
        score[i], number[i], first[i], last[i] = best_interval(
            counts, i, i + 1, start, place, set_of, row_at, base, rate, levels, at_least, largest, blocks, rates, least, cases
        )
    return score, number, first, last


def candidates(problem: Problem, counts: IntArray, score: float) -> Candidates:
    """The best of every reach, as far as it scores more than ``score``.

    Args:
        problem: the scan.
        counts: places × columns, cases per unit of time (not added up).
        score: above 0; for intervals, the lower, the longer it takes.
    """
    if problem.blocks is None:
        held = np.zeros((problem.places, problem.width))
        np.cumsum(counts, axis=1, out=held[:, : counts.shape[1]])
        best, number, window = best_of_each(held, problem.sets, score)
        return Candidates(best, number, np.zeros(best.size, dtype=np.int64), window)
    bar = Bar(problem, score)  # one look at the data does not earn back the tables of more levels
    added = numbers((problem.places, problem.width), 0, problem.kind)
    added[:, : counts.shape[1]] = counts
    np.cumsum(added, axis=1, out=added)
    return Candidates(
        *_each_interval(
            added, problem.start, problem.place, problem.set_of, problem.row_at, problem.base, problem.rate, bar.levels,
            bar.at_least, bar.largest, problem.blocks, problem.rates, problem.least, float(problem.cases),
        )
    )  # fmt: skip
