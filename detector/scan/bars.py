"""Bars: the least count (and for low rates the greatest) with which a set of places could reach a score.

Sets are put together in rows by their expected count, so that the tables stay small enough for the processor's cache however
many circles there are; a row answers for the set with the least (for low rates the greatest) expectation in it.
"""

from dataclasses import dataclass

import numpy as np

from detector.model import FloatArray, IntArray
from detector.scan.jit import compiled
from detector.scan.kernel import Counts
from detector.scan.scores import bernoulli_llr, largest_expectation, low_llr

MOST_ROWS = {False: 1024, True: 256}
"""Rows of the tables; fewer where a row has a column for every day (intervals)."""
LANES = 16
"""Columns are filled up to a multiple of this, so that the comparisons need no remainder."""


@dataclass(frozen=True, eq=False)
class Rows:
    """``row_of[set]``, and per row the least and greatest of the sets' base (rows × strata)."""

    row_of: IntArray
    low: FloatArray
    high: FloatArray


def rows_of(base: FloatArray, *, intervals: bool) -> Rows:
    """Put sets of (nearly) equal base into a row; with several strata only equal sets share one."""
    most = MOST_ROWS[intervals]
    if base.shape[1] > 1:
        unique, row_of = np.unique(base, axis=0, return_inverse=True)
        return Rows(row_of.reshape(-1).astype(np.int64), unique, unique)
    values, row_of = np.unique(base[:, 0], return_inverse=True)
    if values.size > most:
        group = np.arange(values.size) * most // values.size
        first = np.searchsorted(group, np.arange(most), side="left")
        final = np.searchsorted(group, np.arange(most), side="right") - 1
        return Rows(group[row_of].astype(np.int64), values[first, None], values[final, None])
    return Rows(row_of.astype(np.int64), values[:, None], values[:, None])


def columns(windows: int) -> int:
    """Number of columns for so many windows; a single one is quickest alone."""
    return 1 if windows == 1 else -(-windows // LANES) * LANES


@compiled
def fill_at_least(base: FloatArray, rate: FloatArray, largest: FloatArray, least: int, shortest: int, at_least: Counts) -> None:
    """Poisson and permutation: the least count per row and window whose largest allowed expectation is not exceeded.

    ``largest[c]`` is :func:`detector.scan.scores.largest_expectation` of c. Counts that are never enough stay as they are in
    ``at_least``, which the caller fills with a number that is never reached. Rows in ascending order are quickest.
    """
    most = largest.shape[0] - 1
    for w in range(shortest, rate.shape[1]):
        count = least
        previous = 0.0
        for row in range(base.shape[0]):
            expected = base[row, 0] * rate[0, w]
            for s in range(1, rate.shape[0]):
                expected += base[row, s] * rate[s, w]
            if expected < previous:
                count = least
            previous = expected
            while count <= most and largest[count] < expected:
                count += 1
            if count <= most:
                at_least[row, w] = count


@compiled
def fill_at_most(base: FloatArray, rate: FloatArray, cases: float, bar: float, shortest: int, at_most: Counts) -> None:
    """Poisson and permutation: the greatest low count per row and window that reaches the bar; as it is where none does."""
    for row in range(base.shape[0]):
        for w in range(shortest, rate.shape[1]):
            expected = 0.0
            for s in range(rate.shape[0]):
                expected += base[row, s] * rate[s, w]
            below, above = -1, int(np.ceil(min(expected, cases)))
            while above - below > 1:
                middle = (above + below) // 2
                if low_llr(float(middle), expected, cases) * (1.0 + 1e-9) >= bar:
                    below = middle
                else:
                    above = middle
            if below >= 0:
                at_most[row, w] = below


@compiled
def fill_bernoulli(
    least_people: FloatArray,
    most_people: FloatArray,
    cases: float,
    total: float,
    bar: float,
    least: int,
    at_least: Counts,
    at_most: Counts,
) -> None:
    """Bernoulli: both bounds per row, one window; people are cases and controls."""
    for row in range(least_people.shape[0]):
        people = least_people[row]
        below, above = int(np.floor(people * cases / total)), int(min(most_people[row], cases)) + 1
        while above - below > 1:
            middle = (above + below) // 2
            if middle >= people or bernoulli_llr(float(middle), people, cases, total) * (1.0 + 1e-9) >= bar:
                above = middle
            else:
                below = middle
        at_least[row, 0] = max(above, least)
        people = most_people[row]
        below, above = -1, int(np.ceil(people * cases / total))
        while above - below > 1:
            middle = (above + below) // 2
            if bernoulli_llr(float(middle), people, cases, total) * (1.0 + 1e-9) >= bar:
                below = middle
            else:
                above = middle
        if below >= 0:
            at_most[row, 0] = below


@compiled
def largest_expectations(most: int, cases: float, bar: float, widest: float) -> FloatArray:
    """The largest expectation that lets each count reach the bar, 0 for a count of 0.

    For counts up to ``most``, or up to the first that may be expected to be ``widest``: no set is expected to have more, so that
    higher counts reach the bar wherever they are found.
    """
    largest = np.zeros(most + 1, np.float64)
    for count in range(1, most + 1):
        largest[count] = largest_expectation(float(count), cases, bar, (1.0 - 1e-8) * largest[count - 1])
        if largest[count] >= widest:
            return largest[: count + 1].copy()
    return largest
