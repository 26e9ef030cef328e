"""The best scores of a run of replicates, each dealt and scored in compiled loops."""

import numpy as np
from numpy.typing import NDArray

from detector.model import FloatArray, IntArray
from detector.scan.jit import compiled
from detector.scan.kernel import Counts, Tables, best_alive, best_interval
from detector.scan.packed import Packing, best_packed
from detector.scan.problem import Bar, Problem
from detector.scan.replicate import Deal, Hand, dealt, new_hand
from detector.scan.stretch_kernel import best_in_stretches, fill_counts
from detector.scan.stretches import STRIDES
from detector.scan.untabled import maxima_untabled
from detector.scan.vectors import Small, Words, either, nothing, put, with_words, word
from detector.scan.walk import CROWDED, Walk, set_all, set_bits


@compiled
def _add_up(hand: Hand, many: int, counts: Counts) -> None:
    """Running totals over the columns of the cases that were dealt."""
    where, when = hand.where, hand.when
    counts[:] = 0
    for i in range(many):
        counts[where[i], when[i]] += 1
    for j in range(counts.shape[0]):
        for w in range(1, counts.shape[1]):
            counts[j, w] += counts[j, w - 1]


@compiled
def maxima_alive(
    seed: np.uint64,
    replicates: IntArray,
    deal: Deal,
    start: IntArray,
    place: NDArray[np.int32],
    set_of: NDArray[np.int32],
    row_at: NDArray[np.int32],
    base: FloatArray,
    rate: FloatArray,
    levels: FloatArray,
    at_least: Tables,
    at_most: Tables,
    rates: int,
    least: int,
    shortest: int,
    places: int,
    total: int,
) -> FloatArray:
    """Best score of every one of the ``replicates``; at the bar where nothing exceeds it. Columns as in :class:`Problem`."""
    counts = np.zeros((places, at_least.shape[2]), at_least.dtype)
    hand = new_hand(deal)
    best = np.empty(replicates.shape[0], np.float64)
    for i in range(replicates.shape[0]):
        _add_up(hand, dealt(deal, seed, replicates[i], hand), counts)
        best[i] = best_alive(
            counts, 0, start.shape[0] - 1, start, place, set_of, row_at, base, rate, levels, at_least, at_most, rates, least,
            shortest, float(deal.cases), float(total),
        )[0]  # fmt: skip
    return best


@compiled
def maxima_interval(
    seed: np.uint64,
    replicates: IntArray,
    deal: Deal,
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
    places: int,
    width: int,
) -> FloatArray:
    """As :func:`maxima_alive`, for intervals that begin and end anywhere."""
    counts = np.zeros((places, width), at_least.dtype)
    hand = new_hand(deal)
    best = np.empty(replicates.shape[0], np.float64)
    for i in range(replicates.shape[0]):
        _add_up(hand, dealt(deal, seed, replicates[i], hand), counts)
        best[i] = best_interval(
            counts, 0, start.shape[0] - 1, start, place, set_of, row_at, base, rate, levels, at_least, largest, blocks, rates,
            least, float(deal.cases),
        )[0]  # fmt: skip
    return best


@compiled
def maxima_packed(
    seed: np.uint64,
    replicates: IntArray,
    deal: Deal,
    walk: Walk,
    base: FloatArray,
    rate: FloatArray,
    levels: FloatArray,
    bounds: Words,
    lanes: Packing,
    largest: FloatArray,
    least: int,
    places: int,
) -> FloatArray:
    """As :func:`maxima_alive`, in packed counts (:mod:`detector.scan.packed`); NaN where a count outgrew its lane."""
    words, alive = np.zeros(places * 4, np.uint64), np.zeros(places, np.bool_)
    bits = np.zeros(walk.first_word[-1], np.uint64)
    counts = np.zeros((places, rate.shape[1]), np.int32)
    hand = new_hand(deal)
    where, when, adds = hand.where, hand.when, lanes.adds
    top = np.uint64(1) << np.uint64(63)
    best = np.full(replicates.shape[0], levels[0])
    units, groups = rate.shape[1], lanes.first.shape[0]
    shared = (lanes.last > lanes.first).any()  # only lanes of several windows need counts by unit
    all_set = False
    for replicate in range(replicates.shape[0]):
        many = dealt(deal, seed, replicates[replicate], hand)
        if shared:
            for i in range(many):
                counts[where[i], when[i]] += 1
        if many < CROWDED * places:
            set_bits(walk, where, many, alive, bits)
            all_set = False
        elif not all_set:
            set_all(walk, bits)
            all_set = True
        score = levels[0]
        for group in range(groups):
            highest = nothing()
            for i in range(many):
                at = where[i] * 4
                held = with_words(with_words(nothing(), words, at), adds, (group * units + when[i]) * 4)
                highest = either(highest, held)
                put(held, words, at)
            if word(highest, 3) & top:
                score = np.nan
            else:
                score = best_packed(
                    walk, bits, words, counts, base, rate, levels, bounds, group, lanes, largest, least, float(deal.cases), score
                )
            for i in range(many):
                put(nothing(), words, where[i] * 4)
            if np.isnan(score):
                break
        best[replicate] = score
        if shared:
            for i in range(many):
                counts[where[i], when[i]] = 0
    return best


@compiled
def maxima_stretches(
    seed: np.uint64,
    replicates: IntArray,
    deal: Deal,
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
    coarse: Small,
    largest: FloatArray,
    mask: int,
    room: int,
    excess: int,
    least: int,
) -> FloatArray:
    """As :func:`maxima_interval`, over stretches (:mod:`detector.scan.stretches`); NaN where a count outgrew its number."""
    hand = new_hand(deal)
    sorted_when = np.empty(deal.cases, np.int32)
    places, units = counts.shape[0], rate.shape[1] - 1
    cases_of, total, added = np.empty(places + 1, np.int32), np.empty(units + 1, np.int32), np.empty(places, np.int32)
    held = np.empty(counts.shape[1], counts.dtype)
    best = np.empty(replicates.shape[0], np.float64)
    for i in range(replicates.shape[0]):
        many = dealt(deal, seed, replicates[i], hand)
        fill_counts(
            hand.where, hand.when, many, units, longest, strides, starts_of, columns_of, cases_of, sorted_when, total, counts,
            added,
        )  # fmt: skip
        best[i] = best_in_stretches(
            counts, added, held, at, of_reach, least_base, row_of, blocks, place, set_of, base, rate, levels, at_least, coarse,
            largest, mask, room, excess, least, float(deal.cases),
        )  # fmt: skip
    return best


def run(problem: Problem, bar: Bar, seed: int, replicates: IntArray) -> FloatArray:
    """Best score of every one of the ``replicates``; what does not exceed the bar is at the bar."""
    best = (_run_stretches if problem.stretches else _run_packed)(problem, bar, seed, replicates)
    again = np.isnan(best)
    if again.any():
        best[again] = _run_plain(problem, bar, seed, replicates[again])
    return best


def run_untabled(problem: Problem, bar: float, seed: int, replicates: IntArray) -> FloatArray:
    """As :func:`run`, without tables: for a few replicates, and windows that end now."""
    return maxima_untabled(np.uint64(seed), replicates, problem.deal, problem.sets, problem.places, problem.width, bar)


def _run_stretches(problem: Problem, bar: Bar, seed: int, replicates: IntArray) -> FloatArray:
    found = problem.stretches
    if found is None or bar.stretched is None:
        return np.full(replicates.size, np.nan)
    steps, counts = found.steps, np.zeros((problem.places, found.steps.width), found.kind)
    levels, mask = bar.stretched, 2 * int(np.iinfo(found.kind).max) + 1
    return maxima_stretches(
        np.uint64(seed), replicates, problem.deal, np.array(STRIDES), steps.starts_of, steps.columns_of, steps.longest, counts,
        found.at, found.of_reach, found.base, found.row, steps.blocks, problem.place, problem.set_of, problem.base, problem.rate,
        levels.score, levels.at_least, levels.coarse, levels.largest, mask, *found.room, problem.least,
    )  # fmt: skip


def _run_packed(problem: Problem, bar: Bar, seed: int, replicates: IntArray) -> FloatArray:
    if problem.lanes is None or problem.walk is None or bar.words is None:
        return _run_plain(problem, bar, seed, replicates)
    return maxima_packed(
        np.uint64(seed), replicates, problem.deal, problem.walk, problem.base, problem.rate, bar.levels, bar.words,
        problem.lanes.packing, bar.largest, problem.least, problem.places,
    )  # fmt: skip


def _run_plain(problem: Problem, bar: Bar, seed: int, replicates: IntArray) -> FloatArray:
    sets = (problem.start, problem.place, problem.set_of, problem.row_at, problem.base, problem.rate, bar.levels, bar.at_least)
    if problem.blocks is None:
        return maxima_alive(
            np.uint64(seed), replicates, problem.deal, *sets, bar.at_most, problem.rates, problem.least, problem.shortest,
            problem.places, problem.total,
        )  # fmt: skip
    return maxima_interval(
        np.uint64(seed), replicates, problem.deal, *sets, bar.largest, problem.blocks, problem.rates, problem.least,
        problem.places, problem.width,
    )  # fmt: skip
