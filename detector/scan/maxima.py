"""The best scores of a run of replicates, each dealt and scored in compiled loops."""

import numpy as np
from numpy.typing import NDArray

from detector.model import FloatArray, IntArray
from detector.scan.jit import compiled
from detector.scan.kernel import Counts, best_alive, best_interval
from detector.scan.packed import Words, best_packed
from detector.scan.problem import Bar, Problem
from detector.scan.random import stream_of
from detector.scan.replicate import Places, deal
from detector.scan.stretch_kernel import best_in_stretches, fill_counts
from detector.scan.stretches import STRIDES, Small


@compiled
def _add_up(places: Places, columns: Places, dealt: int, counts: Counts) -> None:
    """Running totals over the columns of the cases that were dealt."""
    counts[:] = 0
    for i in range(dealt):
        counts[places[i], columns[i]] += 1
    for j in range(counts.shape[0]):
        for w in range(1, counts.shape[1]):
            counts[j, w] += counts[j, w - 1]


@compiled
def maxima_alive(
    seed: np.uint64,
    first: int,
    last: int,
    null: int,
    deck: Places,
    bounds: IntArray,
    slot_unit: IntArray,
    alias: IntArray,
    odds: FloatArray,
    until: FloatArray,
    start: IntArray,
    place: NDArray[np.int32],
    set_of: NDArray[np.int32],
    row_at: NDArray[np.int32],
    base: FloatArray,
    rate: FloatArray,
    at_least: Counts,
    at_most: Counts,
    rates: int,
    least: int,
    shortest: int,
    places: int,
    cases: int,
    total: int,
    bar: float,
) -> FloatArray:
    """Best scores of the replicates first .. last-1; at the bar where nothing exceeds it. Columns as in :class:`Problem`."""
    counts = np.zeros((places, at_least.shape[1]), at_least.dtype)
    own_deck = deck.copy()
    swapped = np.empty(cases, np.int64)
    where, when = np.empty(cases, np.int32), np.empty(cases, np.int32)
    best = np.empty(last - first, np.float64)
    for replicate in range(first, last):
        dealt = deal(
            null, stream_of(seed, replicate), cases, own_deck, bounds, slot_unit, swapped, alias, odds, until, 0, where, when
        )
        _add_up(where, when, dealt, counts)
        best[replicate - first] = best_alive(
            counts, 0, start.shape[0] - 1, start, place, set_of, row_at, base, rate, at_least, at_most, rates, least,
            shortest, float(cases), float(total), bar,
        )[0]  # fmt: skip
    return best


@compiled
def maxima_interval(
    seed: np.uint64,
    first: int,
    last: int,
    null: int,
    deck: Places,
    bounds: IntArray,
    slot_unit: IntArray,
    alias: IntArray,
    odds: FloatArray,
    until: FloatArray,
    start: IntArray,
    place: NDArray[np.int32],
    set_of: NDArray[np.int32],
    row_at: NDArray[np.int32],
    base: FloatArray,
    rate: FloatArray,
    at_least: Counts,
    largest: FloatArray,
    blocks: IntArray,
    rates: int,
    least: int,
    places: int,
    width: int,
    cases: int,
    bar: float,
) -> FloatArray:
    """As :func:`maxima_alive`, for intervals that begin and end anywhere."""
    counts = np.zeros((places, width), at_least.dtype)
    own_deck = deck.copy()
    swapped = np.empty(cases, np.int64)
    where, when = np.empty(cases, np.int32), np.empty(cases, np.int32)
    best = np.empty(last - first, np.float64)
    for replicate in range(first, last):
        dealt = deal(
            null, stream_of(seed, replicate), cases, own_deck, bounds, slot_unit, swapped, alias, odds, until, 1, where, when
        )
        _add_up(where, when, dealt, counts)
        best[replicate - first] = best_interval(
            counts, 0, start.shape[0] - 1, start, place, set_of, row_at, base, rate, at_least, largest, blocks, rates, least,
            float(cases), bar,
        )[0]  # fmt: skip
    return best


@compiled
def maxima_packed(
    seed: np.uint64,
    first: int,
    last: int,
    null: int,
    deck: Places,
    bounds: IntArray,
    slot_unit: IntArray,
    alias: IntArray,
    odds: FloatArray,
    until: FloatArray,
    start: IntArray,
    place: NDArray[np.uint32],
    row_after: NDArray[np.uint32],
    set_after: NDArray[np.uint32],
    base: FloatArray,
    rate: FloatArray,
    at_least: Words,
    lane_first: IntArray,
    lane_last: IntArray,
    adds: Words,
    bits: int,
    guard: np.uint64,
    largest: FloatArray,
    least: int,
    places: int,
    cases: int,
    bar: float,
) -> FloatArray:
    """As :func:`maxima_alive`, in packed counts (:mod:`detector.scan.packed`); NaN where a count outgrew its lane."""
    words, alive = np.zeros(places * 4, np.uint64), np.zeros(places, np.uint8)
    counts = np.zeros((places, rate.shape[1]), np.int32)
    seen = np.empty(np.max(start[1:] - start[:-1]) + 1, np.uint32)
    own_deck = deck.copy()
    swapped = np.empty(cases, np.int64)
    where, when = np.empty(cases, np.int32), np.empty(cases, np.int32)
    top = np.uint64(1) << np.uint64(63)
    best = np.full(last - first, bar)
    for replicate in range(first, last):
        dealt = deal(
            null, stream_of(seed, replicate), cases, own_deck, bounds, slot_unit, swapped, alias, odds, until, 0, where, when
        )
        for i in range(dealt):
            counts[where[i], when[i]] += 1
        score = bar
        for group in range(adds.shape[0]):
            for i in range(dealt):
                at, unit = where[i] * 4, when[i]
                for word in range(4):
                    words[at + word] += adds[group, unit, word]
                if words[at + 3] & top:
                    score = np.nan
                    break
                alive[where[i]] = words[at + 3] != 0
            if not np.isnan(score):
                score = best_packed(
                    words, alive, seen, counts, start, place, row_after, set_after, base, rate, at_least[group],
                    lane_first[group], lane_last[group], bits, guard, largest, least, float(cases), score,
                )  # fmt: skip
            for i in range(dealt):
                alive[where[i]] = 0
                words[where[i] * 4 : where[i] * 4 + 4] = np.uint64(0)
            if np.isnan(score):
                break
        best[replicate - first] = score
        for i in range(dealt):
            counts[where[i], when[i]] = 0
    return best


@compiled
def maxima_stretches(
    seed: np.uint64,
    first: int,
    last: int,
    null: int,
    deck: Places,
    bounds: IntArray,
    slot_unit: IntArray,
    alias: IntArray,
    odds: FloatArray,
    until: FloatArray,
    strides: IntArray,
    starts_of: IntArray,
    columns_of: IntArray,
    longest: int,
    counts: Small,
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
    at_least: Small,
    largest: FloatArray,
    mask: int,
    room: int,
    excess: int,
    least: int,
    cases: int,
    bar: float,
) -> FloatArray:
    """As :func:`maxima_interval`, over stretches (:mod:`detector.scan.stretches`); NaN where a count outgrew its number."""
    own_deck = deck.copy()
    swapped = np.empty(cases, np.int64)
    where, when, sorted_when = np.empty(cases, np.int32), np.empty(cases, np.int32), np.empty(cases, np.int32)
    places, units = counts.shape[0], rate.shape[1] - 1
    cases_of, total, added = np.empty(places + 1, np.int32), np.empty(units + 1, np.int32), np.empty(places, np.int32)
    held = np.empty(counts.shape[1], counts.dtype)
    best = np.empty(last - first, np.float64)
    for replicate in range(first, last):
        dealt = deal(
            null, stream_of(seed, replicate), cases, own_deck, bounds, slot_unit, swapped, alias, odds, until, 1, where, when
        )
        fill_counts(
            where, when, dealt, units, longest, strides, starts_of, columns_of, cases_of, sorted_when, total, counts, added
        )
        best[replicate - first] = best_in_stretches(
            counts, added, held, at, of_reach, least_base, row_of, blocks, place, set_of, base, rate, levels, at_least, largest,
            mask, room, excess, least, float(cases), bar,
        )  # fmt: skip
    return best


def run(problem: Problem, bar: Bar, seed: int, first: int, last: int) -> FloatArray:
    """Best scores of the replicates first .. last-1; what does not exceed the bar is at the bar."""
    best = (_run_stretches if problem.stretches else _run_packed)(problem, bar, seed, first, last)
    for i in np.flatnonzero(np.isnan(best)).tolist():
        best[i] = _run_plain(problem, bar, seed, first + i, first + i + 1)[0]
    return best


def _run_stretches(problem: Problem, bar: Bar, seed: int, first: int, last: int) -> FloatArray:
    found = problem.stretches
    if found is None or bar.levels is None:
        return np.full(last - first, np.nan)
    steps, counts = found.steps, np.zeros((problem.places, found.steps.width), found.kind)
    levels, mask = bar.levels, 2 * int(np.iinfo(found.kind).max) + 1
    return maxima_stretches(
        *_dealt(problem, seed, first, last), np.array(STRIDES), steps.starts_of, steps.columns_of, steps.longest, counts,
        found.at, found.of_reach, found.base, found.row, steps.blocks, problem.place, problem.set_of, problem.base, problem.rate,
        levels.score, levels.at_least, levels.largest, mask, *found.room, problem.least, problem.cases, bar.score,
    )  # fmt: skip


def _run_packed(problem: Problem, bar: Bar, seed: int, first: int, last: int) -> FloatArray:
    if problem.lanes is None or problem.after is None or bar.words is None:
        return _run_plain(problem, bar, seed, first, last)
    lanes = problem.lanes
    return maxima_packed(
        *_dealt(problem, seed, first, last), problem.start, *problem.after, problem.base, problem.rate, bar.words, lanes.first,
        lanes.last, lanes.adds, lanes.bits, lanes.guard, bar.largest, problem.least, problem.places, problem.cases, bar.score,
    )  # fmt: skip


def _run_plain(problem: Problem, bar: Bar, seed: int, first: int, last: int) -> FloatArray:
    dealt = _dealt(problem, seed, first, last)
    sets = (problem.start, problem.place, problem.set_of, problem.row_at, problem.base, problem.rate, bar.at_least)
    if problem.blocks is None:
        return maxima_alive(
            *dealt, *sets, bar.at_most, problem.rates, problem.least, problem.shortest, problem.places, problem.cases,
            problem.total, bar.score,
        )  # fmt: skip
    return maxima_interval(
        *dealt, *sets, bar.largest, problem.blocks, problem.rates, problem.least, problem.places, problem.width, problem.cases,
        bar.score,
    )  # fmt: skip


def _dealt(
    problem: Problem, seed: int, first: int, last: int
) -> tuple[np.uint64, int, int, int, Places, IntArray, IntArray, IntArray, FloatArray, FloatArray]:
    deal = problem.deal
    return (
        np.uint64(seed), first, last, int(deal.null), deal.deck, deal.bounds, deal.slot_unit, deal.alias, deal.odds, deal.until
    )  # fmt: skip
