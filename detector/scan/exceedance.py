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
def _least_count(rules: Rules, cell: int, past: int, window: int, least: int) -> int:
    """The smallest count from ``least`` on that scores at least the bar, at most one more than possible; more never score less.

    What a shorter window needs, a longer one needs too.
    """
    in_window, in_past = rules.cuts[window], rules.reports - rules.cuts[-1]
    too_few, enough, step = least - 1, min(rules.size[cell] - past, in_window) + 1, 1
    while enough - too_few > 1:
        middle = min(too_few + step, (enough + too_few) // 2)
        score = score_of_cell(
            rules.statistic, middle, rules.size[cell], past, rules.share[cell], in_window, in_past, rules.reports, rules.alpha
        )
        if score >= rules.bar:
            enough, step = middle, rules.reports
        else:
            too_few, step = middle, 2 * step
    return int(max(enough, least))


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
    least = rules.least
    for window in range(windows):
        count = least = _least_count(rules, cell, past, window, least)
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
            tables.least[entry] = _least_count(rules, cell, past, window, rules.least)
        if count >= tables.least[entry]:
            return True
    return False


@compiled
def _any_reaches(
    rules: Rules, tables: Tables, state: np.uint64, deck: NDArray[np.uint32], swapped: NDArray[np.uint32], held: Words
) -> tuple[bool, int]:
    """Deal reports into the recent slots of the deck and add them to their cells, until a cell reaches the bar.

    Whatever a cell gets later in a window only raises its score, so it may be looked at whenever its bounds are passed.

    Returns:
        Whether a cell reaches it, and how many slots were dealt.
    """
    cuts, start_of, cell_of = rules.cuts, rules.start_of, rules.cell_of  # outside the loops: see detector.scan.packed
    words, guard, adds, bounds = tables.words, tables.guard, tables.adds, tables.bounds
    slot = 0
    for window in range(cuts.shape[0]):
        while slot < cuts[window]:
            state = advanced(state)
            this = np.uint64(slot)  # unsigned, as are all indices here, so that they cannot count from the end
            other = this + np.uint64(below(state, rules.reports - slot))
            report = np.uint64(deck[other])
            deck[other], deck[this], swapped[this] = deck[this], np.uint32(report), np.uint32(other)
            slot += 1
            begin, end = start_of[report], start_of[report + np.uint64(1)]
            if words > 1:
                if _add_words(rules, tables, window, int(begin), int(end), held):
                    return True, slot
                continue
            for k in range(np.uint64(begin), np.uint64(end)):
                at = np.uint64(cell_of[k])
                more = held[at] + adds[window]
                held[at] = more
                if ((more | guard) - bounds[at]) & guard != 0 and _reaches(rules, tables, cell_of[k], held):
                    return True, slot
    return False, slot


@compiled
def _add_words(rules: Rules, tables: Tables, window: int, begin: int, end: int, held: Words) -> bool:
    """Add a report to its cells where these have several words each; whether one reaches the bar."""
    words, guard = tables.words, tables.guard
    for k in range(begin, end):
        at = rules.cell_of[k] * words
        over = np.uint64(0)
        for i in range(words):
            held[at + i] += tables.adds[window * words + i]
            over |= (held[at + i] | guard) - tables.bounds[at + i]
        if over & guard != 0 and _reaches(rules, tables, rules.cell_of[k], held):
            return True
    return False


@compiled
def _emptied(rules: Rules, words: int, deck: NDArray[np.uint32], dealt: int, held: Words) -> None:
    """No counts any more: of all cells, or where these are very many of those that have any."""
    start_of, cell_of = rules.start_of, rules.cell_of
    if held.shape[0] <= _MANY_CELLS * dealt:
        held[:] = np.uint64(0)
        return
    for slot in range(dealt):
        for k in range(start_of[deck[slot]], start_of[deck[slot] + np.uint32(1)]):
            for i in range(words):
                held[cell_of[k] * words + i] = np.uint64(0)


@compiled
def exceedances(seed: np.uint64, first: int, last: int, enough: int, rules: Rules, tables: Tables) -> int:
    """How many of the replicates first .. last-1 have a cell that reaches the bar; stops counting at ``enough``."""
    deck = np.arange(rules.reports).astype(np.uint32)
    swapped = np.empty(rules.cuts[-1], np.uint32)
    held = np.zeros(rules.size.shape[0] * tables.words, np.uint64)
    beaten = 0
    for replicate in range(first, last):
        reached, dealt = _any_reaches(rules, tables, stream_of(seed, replicate), deck, swapped, held)
        beaten += reached
        _emptied(rules, tables.words, deck, dealt, held)
        for slot in range(dealt - 1, -1, -1):  # the same deck for every replicate, so that its stream alone decides
            other = swapped[slot]
            deck[slot], deck[other] = deck[other], deck[slot]
        if beaten >= enough:
            break
    return beaten
