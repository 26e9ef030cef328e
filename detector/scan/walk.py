"""The walk over all reaches: only the places with recent cases are visited, found by their bits."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detector.model import IntArray
from detector.scan.jit import compiled
from detector.scan.vectors import Words

_WORD_BITS = 64
_ROW = 32
CROWDED = 1.5
"""Cases per place from which on it is quicker to visit all places than to find those with a case."""


class Walk(NamedTuple):
    """The positions of all reaches as bits, one reach after the other, each beginning with a word of its own.

    Attributes:
        first_word: first word of every reach, and the end.
        start: first position of every reach, and the end; see :class:`detector.scan.geometry.Reaches`.
        step: per position its place, and (from the 32nd bit on) the row of bounds of the first set that ends at or after it.
        set_after: that set.
        of_place: first entry in ``bit`` of every place, and the end.
        bit: the number of the bit of every position of a place.
    """

    first_word: IntArray
    start: IntArray
    step: Words
    set_after: NDArray[np.uint32]
    of_place: IntArray
    bit: NDArray[np.uint32]


def walk_of(start: IntArray, place: IntArray, places: int, ends: IntArray, row_of: IntArray) -> Walk:
    """The steps of reaches whose sets end at the positions ``ends`` and belong to the rows ``row_of``; every reach ends one."""
    sizes = np.diff(start)
    first_word = np.concatenate([[0], np.cumsum(-(-sizes // _WORD_BITS))]).astype(np.int64)
    bit = np.arange(place.size) + np.repeat(first_word[:-1] * _WORD_BITS - start[:-1], sizes)
    following = np.repeat(np.arange(ends.size), np.diff(ends, prepend=-1))
    step = place.astype(np.uint64) | row_of[following].astype(np.uint64) << np.uint64(_ROW)
    of_place = np.concatenate([[0], np.cumsum(np.bincount(place, minlength=places))]).astype(np.int64)
    by_place = bit[np.argsort(place, kind="stable")].astype(np.uint32)
    return Walk(first_word, start, step, following.astype(np.uint32), of_place, by_place)


@compiled
def set_bits(walk: Walk, where: NDArray[np.int32], dealt: int, alive: NDArray[np.bool_], bits: Words) -> None:
    """The bits of the positions whose places have a case; ``alive`` is filled and emptied again."""
    of_place, bit_at = walk.of_place, walk.bit  # outside the loops: every look into a tuple counts references
    bits[:] = np.uint64(0)
    for i in range(dealt):
        j = np.uint64(where[i])  # unsigned: see detector.scan.replicate
        if alive[j]:
            continue
        alive[j] = True
        for at in range(np.uint64(of_place[j]), np.uint64(of_place[j + np.uint64(1)])):
            bit = bit_at[at]
            bits[bit >> np.uint32(6)] |= np.uint64(1) << np.uint64(bit & np.uint32(63))
    for i in range(dealt):
        alive[np.uint64(where[i])] = False


@compiled
def set_all(walk: Walk, bits: Words) -> None:
    """The bits of all positions."""
    start, first_word = walk.start, walk.first_word
    bits[:] = ~np.uint64(0)
    for reach in range(start.shape[0] - 1):
        over = (start[reach + 1] - start[reach]) & 63
        if over > 0:
            bits[first_word[reach + 1] - 1] = (np.uint64(1) << np.uint64(over)) - np.uint64(1)
