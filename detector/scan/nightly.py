"""The nightly scan's kernel: how often do permuted dates give a cell as odd as tonight's?

Only the reports of the longest window can raise a score, so a replicate draws only those: which reports stand in the most
recent slots when all dates are dealt out anew. Whether a cell then beats tonight's best is a comparison of whole numbers,
its count against the least count that would, which is worked out once per (cell, window, number in the past).
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.model import FloatArray, IntArray
from detector.scan.cells import Cells
from detector.scan.exceedance import LLR, PREDICTIVE, Rules, exceedances, new_tables, score_of_cell
from detector.scan.jit import compiled

__all__ = ["LLR", "PREDICTIVE", "Look", "chance", "expected_count", "replicates_beating", "scores"]

_TIE = 1e-9
_FIRST_BATCH, _BATCH, _ALONE = 64, 512, 384
"""Replicates that are run at once, at first and later on; and those that one thread runs alone, as they are often enough."""


@dataclass(frozen=True, eq=False)
class Look:
    """One look at one family: its cells, and the reports in the order of their dates.

    ``slots[i]`` is the report with the i-th most recent date. ``cuts[w]`` is how many of them lie in window w, ascending.
    """

    cells: Cells
    slots: IntArray
    cuts: IntArray
    alpha: float
    min_reports: int
    statistic: int


@compiled
def _count_windows(
    drawn: NDArray[np.int32],
    cuts: IntArray,
    start_of: IntArray,
    cell_of: IntArray,
    counts: NDArray[np.int32],
    touched: NDArray[np.int32],
) -> int:
    """Add the drawn reports to ``counts[cell, first window that holds it]``; the last column counts them all.

    Returns the number of cells that have any; they are listed in ``touched``.
    """
    number = 0
    window = 0
    last = cuts.shape[0]
    for slot in range(drawn.shape[0]):
        while slot >= cuts[window]:
            window += 1
        report = drawn[slot]
        for k in range(start_of[report], start_of[report + 1]):
            cell = cell_of[k]
            if counts[cell, last] == 0:
                touched[number] = cell
                number += 1
            counts[cell, last] += 1
            counts[cell, window] += 1
    return number


@compiled
def observed_scores(
    slots: IntArray,
    cuts: IntArray,
    start_of: IntArray,
    cell_of: IntArray,
    size: IntArray,
    share: FloatArray,
    statistic: int,
    least: int,
    alpha: float,
) -> tuple[FloatArray, IntArray, IntArray]:
    """Per cell: its best score over the windows, the window (first of equals), and its count there."""
    reports = slots.shape[0]
    windows = cuts.shape[0]
    counts = np.zeros((size.shape[0], windows + 1), np.int32)
    touched = np.zeros(size.shape[0], np.int32)
    number = _count_windows(slots[: cuts[windows - 1]].astype(np.int32), cuts, start_of, cell_of, counts, touched)
    best = np.zeros(size.shape[0], np.float64)
    where = np.zeros(size.shape[0], np.int64)
    seen = np.zeros(size.shape[0], np.int64)
    in_past = reports - cuts[windows - 1]
    for i in range(number):
        cell = touched[i]
        past = size[cell] - counts[cell, windows]
        count = 0
        for w in range(windows):
            count += counts[cell, w]
            if count < least:
                continue
            score = score_of_cell(statistic, count, size[cell], past, share[cell], cuts[w], in_past, reports, alpha)
            if score > best[cell] * (1.0 + _TIE):
                best[cell], where[cell], seen[cell] = score, w, count
    return best, where, seen


def scores(look: Look) -> tuple[FloatArray, IntArray, IntArray]:
    """Per cell: tonight's best score over the windows, the index of that window, and the count in it."""
    cells = look.cells
    return observed_scores(
        look.slots,
        look.cuts,
        cells.start_of,
        cells.cell_of,
        cells.size,
        cells.share,
        look.statistic,
        look.min_reports,
        look.alpha,
    )


def expected_count(look: Look, cell: int, window: int) -> float:
    """What the cell would have had in the window, had nothing been going on."""
    cells, in_window = look.cells, int(look.cuts[window])
    if look.statistic == LLR:
        return float(cells.size[cell]) * in_window / cells.reports
    recent = int(look.cuts[-1])
    held = look.slots[:recent]
    inside = sum(int(cell in cells.cell_of[cells.start_of[r] : cells.start_of[r + 1]]) for r in held.tolist())
    shape = look.alpha + int(cells.size[cell]) - inside
    return in_window * shape / (look.alpha / float(cells.share[cell]) + cells.reports - recent)


def _rules(look: Look, bar: float) -> Rules:
    cells = look.cells
    return Rules(
        statistic=look.statistic,
        least=look.min_reports,
        alpha=look.alpha,
        bar=bar * (1.0 - _TIE),
        reports=cells.reports,
        cuts=look.cuts,
        start_of=cells.start_of,
        cell_of=cells.cell_of.astype(np.int32),
        size=cells.size,
        share=cells.share,
    )


def replicates_beating(look: Look, bar: float, seed: int, replicates: int, enough: int, threads: int) -> int | None:
    """How many of the replicates reach ``bar`` (ties included), or None as soon as it is sure that ``enough`` do.

    The replicates are the same whatever the number of threads and wherever the counting stops: an answer that is not None is the
    answer of all of them.
    """
    rules = _rules(look, bar)
    tables = new_tables(rules)

    def run(bounds: tuple[int, int]) -> int:
        return exceedances(np.uint64(seed), *bounds, enough, rules, tables)

    beaten, alone = 0, replicates if threads <= 1 else min(replicates, _ALONE)
    for bounds in _batches(0, alone):
        beaten += run(bounds)
        if beaten >= enough:
            return None
    if alone < replicates:
        with ThreadPoolExecutor(min(threads, os.cpu_count() or 1)) as pool:
            for part in pool.map(run, _batches(alone, replicates)):
                beaten += part
                if beaten >= enough:
                    pool.shutdown(cancel_futures=True)
                    return None
    return beaten


def chance(look: Look, bar: float, seed: int, replicates: int, enough: int) -> float:
    """P that permuted dates reach ``bar``: of all replicates, or of as many as it takes until ``enough`` do.

    Small chances are known exactly, large ones roughly and soon (Besag & Clifford 1991): for measuring.
    """
    rules = _rules(look, bar)
    tables = new_tables(rules)
    beaten, run, step = 0, 0, _FIRST_BATCH
    while beaten < enough and run < replicates:
        last = min(replicates, run + step)
        beaten += exceedances(np.uint64(seed), run, last, replicates + 1, rules, tables)
        run, step = last, 2 * step
    return (1 + beaten) / (1 + run)


def _batches(first: int, last: int) -> Iterator[tuple[int, int]]:
    """Batches that grow with what was done before, so that little is done in vain where a few replicates are enough."""
    while first < last:
        end = min(last, first + max(_FIRST_BATCH, min(_BATCH, first // 4)))
        yield first, end
        first = end
