"""Replicates: the same places and days with nothing going on, one stream of random numbers each.

Three ways to deal: dates permuted over the cases (within strata, such as days of the week); cases thrown over places and days in
proportion to what is expected there (Poisson); cases drawn from cases and controls (Bernoulli). All condition on the number of
cases. Only what can raise a score is dealt: for windows that end now, the cases of the longest window.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detector.model import FloatArray, IntArray
from detector.scan.jit import compiled
from detector.scan.random import advanced, below, stream_of, uniform

Places = NDArray[np.int32]

PERMUTED, POISSON, BERNOULLI = 0, 1, 2
_NOTHING = 1e-18
_SWAP_COST = 16
"""As many cards of a deck are copied in the time that it takes to put one back."""


class Deal(NamedTuple):
    """What replicates are dealt from; what its null does not need stays empty.

    Attributes:
        null: one of :data:`PERMUTED`, :data:`POISSON` and :data:`BERNOULLI`.
        cases: number of cases.
        first_column: the column of the counts into which the first unit of time goes.
        deck: the place of every case, stratum after stratum (Bernoulli: of every case and control).
        bounds: strata × 3: first case of the stratum in the deck, number of slots to fill, first case of the next stratum.
        slot_unit: column of each slot, stratum after stratum.
        alias: Poisson: alias table of the places.
        odds: of the alias table.
        until: Poisson: the part of all time in units 0 .. u, which go into the columns from ``first_column``.
    """

    null: int
    cases: int
    first_column: int
    deck: Places
    bounds: IntArray
    slot_unit: IntArray
    alias: IntArray
    odds: FloatArray
    until: FloatArray


class Hand(NamedTuple):
    """What one thread deals with: a deck of its own, and the place and column of every case that was dealt."""

    deck: Places
    swapped: IntArray
    where: Places
    when: Places


@compiled
def new_hand(deal: Deal) -> Hand:
    """Room for every case that can be dealt."""
    cases = deal.cases
    return Hand(deal.deck.copy(), np.empty(cases, np.int64), np.empty(cases, np.int32), np.empty(cases, np.int32))


@compiled
def dealt(deal: Deal, seed: np.uint64, replicate: int, hand: Hand) -> int:
    """Deal one replicate into ``where`` and ``when`` of the hand; how many cases were dealt. The deck is left as it was."""
    state = stream_of(seed, replicate)
    if deal.null == PERMUTED:
        return _permuted(state, deal.deck, hand.deck, deal.bounds, deal.slot_unit, hand.swapped, hand.where, hand.when)
    if deal.null == POISSON:
        return _poisson(state, deal.cases, deal.alias, deal.odds, deal.until, deal.first_column, hand.where, hand.when)
    return _bernoulli(state, hand.deck, deal.cases, hand.swapped, hand.where, hand.when)


@compiled
def _permuted(
    state: np.uint64,
    whole: Places,
    deck: Places,
    bounds: IntArray,
    slot_unit: IntArray,
    swapped: IntArray,
    places: Places,
    columns: Places,
) -> int:
    slot = 0
    for s in range(bounds.shape[0]):
        first, many, end = bounds[s, 0], bounds[s, 1], bounds[s, 2]
        for i in range(many):
            state = advanced(state)
            this = np.uint64(first + i)  # unsigned, as are all indices here, so that they cannot count from the end
            other, at = this + np.uint64(below(state, end - first - i)), np.uint64(slot + i)
            chosen = deck[other]
            deck[other] = deck[this]
            deck[this] = chosen
            swapped[at] = other
            places[at] = chosen
            columns[at] = slot_unit[at]
        slot += many
    if slot * _SWAP_COST > deck.shape[0]:
        deck[:] = whole
        return slot
    back = slot
    for s in range(bounds.shape[0] - 1, -1, -1):
        for i in range(bounds[s, 0] + bounds[s, 1] - 1, bounds[s, 0] - 1, -1):
            back -= 1
            _swap(deck, i, swapped[np.uint64(back)])
    return slot


@compiled
def _poisson(
    state: np.uint64,
    cases: int,
    alias: IntArray,
    odds: FloatArray,
    until: FloatArray,
    first_column: int,
    places: Places,
    columns: Places,
) -> int:
    """Throw ``cases`` over places (alias table) and units of time; those beyond the last ``until`` fall outside."""
    units = until.shape[0]
    share = until[units - 1]
    if share < 1.0:
        state = advanced(state)
        cases = binomial(uniform(state), cases, share)
    for i in range(cases):
        state = advanced(state)
        spot = uniform(state) * alias.shape[0]
        place = int(spot)
        if spot - place >= odds[np.uint64(place)]:
            place = alias[np.uint64(place)]
        unit = 0
        if units > 1:
            state = advanced(state)
            when = uniform(state) * share
            unit = min(units - 1, int(when / share * units))
            while unit > 0 and until[np.uint64(unit - 1)] > when:
                unit -= 1
            while unit < units - 1 and until[np.uint64(unit)] <= when:
                unit += 1
        places[i] = place
        columns[i] = first_column + unit
    return cases


@compiled
def _bernoulli(state: np.uint64, deck: Places, cases: int, swapped: IntArray, places: Places, columns: Places) -> int:
    """Draw the cases from all people into column 0."""
    for i in range(cases):
        state = advanced(state)
        other = i + below(state, deck.shape[0] - i)
        _swap(deck, i, other)
        swapped[i] = other
        places[i] = deck[i]
        columns[i] = 0
    for i in range(cases - 1, -1, -1):
        _swap(deck, i, swapped[i])
    return cases


@compiled
def _swap(deck: Places, one: int, other: int) -> None:
    kept = deck[np.uint64(one)]
    deck[np.uint64(one)] = deck[np.uint64(other)]
    deck[np.uint64(other)] = kept


@compiled
def binomial(u: float, size: int, p: float) -> int:
    """The binomial number that belongs to ``u`` in [0, 1): walked outwards from the most likely number, so exact and fast."""
    if p >= 1.0:
        return size
    middle = min(size, int((size + 1) * p))
    odds = p / (1.0 - p)
    log_p = (
        math.lgamma(size + 1.0)
        - math.lgamma(middle + 1.0)
        - math.lgamma(size - middle + 1.0)
        + middle * math.log(p)
        + (size - middle) * math.log1p(-p)
    )
    up = down = math.exp(log_p)
    u -= up
    low = high = middle
    while u >= 0.0 and (low > 0 or high < size):
        if high < size:
            up *= (size - high) / (high + 1.0) * odds
            high += 1
            u -= up
            if u < 0.0:
                return high
        if low > 0:
            down *= low / (size - low + 1.0) / odds
            low -= 1
            u -= down
            if u < 0.0:
                return low
        if up + down < _NOTHING:
            return middle
    return middle


@compiled
def alias_table(weight: FloatArray) -> tuple[IntArray, FloatArray]:
    """Walker's alias table (Vose 1991) for drawing places in proportion to ``weight``."""
    n = weight.shape[0]
    alias = np.arange(n)
    odds = weight * (n / weight.sum())
    small = np.empty(n, np.int64)
    large = np.empty(n, np.int64)
    few = many = 0
    for i in range(n):
        if odds[i] < 1.0:
            small[few] = i
            few += 1
        else:
            large[many] = i
            many += 1
    while few > 0 and many > 0:
        few -= 1
        less = small[few]
        more = large[many - 1]
        alias[less] = more
        odds[more] -= 1.0 - odds[less]
        if odds[more] < 1.0:
            many -= 1
            small[few] = more
            few += 1
    for i in range(few):
        odds[small[i]] = 1.0
    for i in range(many):
        odds[large[i]] = 1.0
    return alias, odds
