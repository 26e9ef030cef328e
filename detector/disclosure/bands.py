"""Counts as bands and figures as steps, so coarse that no exact count can be worked out from them."""

import math
from collections.abc import Sequence
from itertools import pairwise

from alerts.pattern import Band


def bands(floor: int, edges: Sequence[int]) -> tuple[Band, ...]:
    """The bands from the floor up, each at least as wide as the floor, the last one open.

    A floor of 5 with edges 3, 6, 11 gives 5-10 and >10: a band 5-5 would be an exact count.
    """
    starts = [floor]
    for edge in edges:
        if edge >= starts[-1] + max(floor, 2) or (len(starts) > 1 and edge > starts[-1]):
            starts.append(edge)
    closed = [Band(low, following - 1) for low, following in pairwise(starts)]
    return (*closed, Band(starts[-1], None))


def band_of(count: int, among: Sequence[Band]) -> Band | None:
    """The band that holds the count; None below the floor."""
    return next((band for band in reversed(among) if count >= band.low), None)


def higher(one: Band | None, other: Band | None) -> Band | None:
    """The higher of two bands; None is lowest."""
    if one is None or other is None:
        return one or other
    return one if one.low >= other.low else other


def coarse(value: float, steps: Sequence[float]) -> float:
    """The step nearest to the value on a logarithmic scale; beyond the last step, tenfolds of those that are 1 or more."""
    scale = 1.0
    ladder = list(steps)
    tens = [step for step in steps if step >= 1.0]
    while tens and value > ladder[-1]:
        scale *= 10.0
        ladder += [step * scale for step in tens if step * scale > ladder[-1]]
    if value <= 0:
        return ladder[0]
    return min(ladder, key=lambda step: (abs(math.log(step / value)), step))


def step_down(value: float, steps: Sequence[int]) -> float:
    """The largest step that the value reaches; the first if it reaches none."""
    return float(max((step for step in steps if step <= value), default=steps[0]))
