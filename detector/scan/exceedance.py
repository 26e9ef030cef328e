"""The nightly scan's inner loops: does a replicate have a cell that scores as high as tonight's?

A cell's counts in all windows stand side by side in one word (or a few), so a report adds to all of them at once. They are
compared with bounds that hold as long as the cell has no unusual number in the longest window; what passes them is looked at with
the least counts for just the number that it has in the past.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detector.model import FloatArray, IntArray
from detector.scan.jit import compiled
from detector.scan.random import advanced, below, stream_of
from detector.scan.scores import permutation_llr, predictive_surprise
from detector.scan.vectors import Words

PREDICTIVE, LLR = 0, 1
_DEVIATIONS = 4.0
"""Bounds hold for cells with a total at most so many deviations above what is expected."""
_MANY_CELLS = 64
"""Cells per report dealt; emptying so many costs as much as looking up those that have any."""


class Rules(NamedTuple):
    """What is scored, and against which bar.

    Attributes:
        statistic: :data:`PREDICTIVE` or :data:`LLR`.
        least: the smallest count that counts.
        alpha: weight of the prior share, in reports.
        bar: the score.
        reports: number of reports.
        cuts: number of reports in each window, ascending.
        start_of: see :class:`detector.scan.cells.Cells`.
        cell_of: the same.
        size: the same.
        share: the same.
    """

    statistic: int
    least: int
    alpha: float
    bar: float
    reports: int
    cuts: IntArray
    start_of: IntArray
    cell_of: NDArray[np.int32]
    size: IntArray
    share: FloatArray


class Tables(NamedTuple):
    """What is worked out once and kept; threads may share it, since all would write the same.

    Attributes:
        bits: width of a lane of a word; its highest bit is free for comparisons.
        words: how many words a cell has.
        guard: the highest bits of all lanes.
        adds: windows × words: what a report adds that first lies in this window.
        bounds: cells × words; 0 where not yet worked out.
        least_at: the first entry of every cell in ``least``.
        least: [least_at[cell] + past · windows + window], the least count that reaches the bar; 0 where not yet worked out.
    """

    bits: int
    words: int
    guard: np.uint64
    adds: Words
    bounds: Words
    least_at: IntArray
    least: NDArray[np.int32]


def new_tables(rules: Rules) -> Tables:
    """Empty tables; lanes are as wide as all reports of the longest window need."""
    bits = 16 if int(rules.cuts[-1]) < 1 << 15 else 32
    windows, per_word = rules.cuts.size, 64 // bits
    words = -(-windows // per_word)
    adds = np.zeros((windows, words), dtype=np.uint64)
    for first in range(windows):
        for window in range(first, windows):
            adds[first, window // per_word] |= np.uint64(1 << bits * (window % per_word))
    entries = (rules.size + 1) * windows
    return Tables(
        bits=bits,
        words=words,
        guard=np.uint64(sum(1 << (bits * lane + bits - 1) for lane in range(per_word))),
        adds=adds.reshape(-1),
        bounds=np.zeros(rules.size.size * words, dtype=np.uint64),
        least_at=np.concatenate([[0], np.cumsum(entries[:-1])]).astype(np.int64),
        least=np.zeros(int(entries.sum()), dtype=np.int32),
    )


@compiled
def score_of_cell(
    statistic: int, count: int, size: int, past: int, share: float, in_window: int, in_past: int, reports: int, alpha: float
) -> float:
    """Score of ``count`` reports of a cell in a window; 0 when they are no more than expected."""
    if statistic == LLR:
        return permutation_llr(float(count), size * in_window / reports, float(reports))
    hits, weight = alpha + past, alpha / share + in_past
    if count * weight <= in_window * hits:
        return 0.0
    return predictive_surprise(count, in_window, hits, weight - hits)


@compiled
def _least_count(rules: Rules, cell: int, past: int, window: int) -> int:
    """The smallest count that scores at least the bar, at most one more than possible; more never score less."""
    in_window, in_past = rules.cuts[window], rules.reports - rules.cuts[-1]
    too_few, enough = rules.least - 1, min(rules.size[cell] - past, in_window) + 1
    while enough - too_few > 1:
        middle = (enough + too_few) // 2
        score = score_of_cell(
            rules.statistic, middle, rules.size[cell], past, rules.share[cell], in_window, in_past, rules.reports, rules.alpha
        )
        if score >= rules.bar:
            enough = middle
        else:
            too_few = middle
    return int(max(enough, rules.least))


@compiled
def _fill_bounds(rules: Rules, tables: Tables, cell: int) -> None:
    """Per window the least count that could do in a cell with fewer than ``many`` in the longest; ``many`` always could."""
    size, windows = rules.size[cell], rules.cuts.shape[0]
    expected = size * rules.cuts[-1] / rules.reports
    many = int(expected + _DEVIATIONS * np.sqrt(expected)) + 2
    most = min(size, rules.cuts[-1])
    past = size - min(most, many - 1)
    per_word, at = 64 // tables.bits, cell * tables.words
    bounds = np.zeros(tables.words, np.uint64)
    for window in range(windows):
        count = _least_count(rules, cell, past, window)
        if window == windows - 1 and most >= many:
            count = min(count, many)
        bounds[window // per_word] |= np.uint64(count) << np.uint64(tables.bits * (window % per_word))
    for lane in range(windows, tables.words * per_word):  # no window: never reached
        bounds[lane // per_word] |= np.uint64(1) << np.uint64(tables.bits * (lane % per_word))
    tables.bounds[at : at + tables.words] = bounds


@compiled
def _reaches(rules: Rules, tables: Tables, cell: int, held: Words) -> bool:
    """Whether the counts of a cell reach the bar in any window."""
    at = cell * tables.words
    if tables.bounds[at] == 0:
        _fill_bounds(rules, tables, cell)
    windows, per_word = rules.cuts.shape[0], 64 // tables.bits
    mask = (np.uint64(1) << np.uint64(tables.bits)) - np.uint64(1)
    last = windows - 1
    total = np.int64((held[at + last // per_word] >> np.uint64(tables.bits * (last % per_word))) & mask)
    past = rules.size[cell] - total
    for window in range(windows):
        count = np.int64((held[at + window // per_word] >> np.uint64(tables.bits * (window % per_word))) & mask)
        if count < rules.least:
            continue
        entry = tables.least_at[cell] + past * windows + window
        if tables.least[entry] == 0:
            tables.least[entry] = _least_count(rules, cell, past, window)
        if count >= tables.least[entry]:
            return True
    return False


@compiled
def _any_reaches(rules: Rules, tables: Tables, deck: NDArray[np.int32], held: Words) -> bool:
    """Add the reports in the recent slots of the deck to their cells, until a cell reaches the bar; whether one does.

    Whatever a cell gets later in a window only raises its score, so it may be looked at whenever its bounds are passed.
    """
    cuts, start_of, cell_of = rules.cuts, rules.start_of, rules.cell_of  # outside the loops: see detector.scan.packed
    words, guard, adds, bounds = tables.words, tables.guard, tables.adds, tables.bounds
    slot = 0
    for window in range(cuts.shape[0]):
        add = adds[window * words]
        while slot < cuts[window]:
            report = deck[slot]
            slot += 1
            for k in range(start_of[report], start_of[report + 1]):
                at = cell_of[k] * words
                more = held[at] + add
                held[at] = more
                over = (more | guard) - bounds[at]
                for i in range(1, words):
                    more = held[at + i] + adds[window * words + i]
                    held[at + i] = more
                    over |= (more | guard) - bounds[at + i]
                if over & guard != 0 and _reaches(rules, tables, cell_of[k], held):
                    return True
    return False


@compiled
def _emptied(rules: Rules, words: int, deck: NDArray[np.int32], held: Words) -> None:
    """No counts any more: of all cells, or where these are very many of those that have any."""
    start_of, cell_of, recent = rules.start_of, rules.cell_of, rules.cuts[-1]
    if held.shape[0] <= _MANY_CELLS * recent:
        held[:] = np.uint64(0)
        return
    for slot in range(recent):
        for k in range(start_of[deck[slot]], start_of[deck[slot] + 1]):
            for i in range(words):
                held[cell_of[k] * words + i] = np.uint64(0)


@compiled
def exceedances(seed: np.uint64, first: int, last: int, enough: int, rules: Rules, tables: Tables) -> int:
    """How many of the replicates first .. last-1 have a cell that reaches the bar; stops counting at ``enough``."""
    recent, reports, words = rules.cuts[-1], rules.reports, tables.words
    deck = np.arange(reports).astype(np.int32)
    swapped = np.empty(recent, np.int64)
    held = np.zeros(rules.size.shape[0] * words, np.uint64)
    beaten = 0
    for replicate in range(first, last):
        state = stream_of(seed, replicate)
        for slot in range(recent):
            state = advanced(state)
            other = slot + below(state, reports - slot)
            deck[slot], deck[other] = deck[other], deck[slot]
            swapped[slot] = other
        if _any_reaches(rules, tables, deck, held):
            beaten += 1
        _emptied(rules, words, deck, held)
        for slot in range(recent - 1, -1, -1):  # the same deck for every replicate, so that its stream alone decides
            other = swapped[slot]
            deck[slot], deck[other] = deck[other], deck[slot]
        if beaten >= enough:
            break
    return beaten
