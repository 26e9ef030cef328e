"""The contest: every method over the same histories, its bars set so that all give the same number of false alerts."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from detector.simulate.plan import PlantKind
from judging.candidates import Contestant, Looks
from judging.cities import Case, Setting, planted_case, quiet_case
from judging.counting import alerts_of, false_alerts

_STEPS = 14


@dataclass(frozen=True, slots=True)
class Method:
    """A contestant and how its budget is divided over its channels; ``exact`` where its score is one over a p-value."""

    name: str
    looks: Contestant
    shares: Mapping[str, float]
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """One history to be looked at by some methods; ``kind`` is None where nothing is planted."""

    setting: Setting
    seed: int
    kind: PlantKind | None
    every_days: int


Entry = tuple[Case, dict[str, Looks]]
"""A case, and what each method would have told."""


def look_at(order: Order, methods: Sequence[Method]) -> Entry:
    """Make the history and let the methods look at it."""
    case, history = (
        quiet_case(order.setting, order.seed) if order.kind is None else planted_case(order.setting, order.seed, order.kind)
    )
    return case, {method.name: method.looks(case, history, order.every_days) for method in methods}


def look_at_all(orders: Iterable[Order], methods: Sequence[Method], processes: int) -> Iterator[tuple[Order, Entry]]:
    """All orders, in their order, by so many processes."""
    orders = list(orders)
    if processes <= 1:
        yield from ((order, look_at(order, methods)) for order in orders)
        return
    with ProcessPoolExecutor(processes) as pool:
        yield from zip(orders, pool.map(look_at, orders, [methods] * len(orders), chunksize=4), strict=True)


@dataclass(frozen=True, eq=False)
class Knob:
    """One method's bars at any strictness, on the histories of one setting in which nothing is planted."""

    method: Method
    cases: Sequence[Case]
    looks: Sequence[Looks]
    _sorted: dict[str, np.ndarray] = field(init=False)

    def __post_init__(self) -> None:
        found = {
            channel: np.sort([c.score for told in self.looks for _, some in told for c in some if c.channel == channel])[::-1]
            for channel in self.method.shares
        }
        object.__setattr__(self, "_sorted", found)

    def bars(self, per_year: float) -> dict[str, float]:
        """Bars that let through, on quiet histories, about so many looks a year, divided over the channels by their shares."""
        if self.method.exact:
            return {channel: 365.25 / per_year / share for channel, share in self.method.shares.items() if share > 0}
        years = sum(case.years for case in self.cases)
        bars = {}
        for channel, share in self.method.shares.items():
            found = self._sorted[channel]
            rank = round(per_year * share * years)
            bars[channel] = max(1e-6, float(found[min(rank, found.size) - 1])) if found.size and rank > 0 else math.inf
        return bars

    def set_for(self, false_per_year: float) -> tuple[dict[str, float], float]:
        """The loosest bars with at most so many false alerts a year, and how many those give."""
        low, high = 1e-3, 1e5
        bars, measured = self.bars(low), 0.0
        for _ in range(_STEPS):
            middle = math.sqrt(low * high)
            tried = self.bars(middle)
            rate = false_alerts(self.cases, self.looks, tried)
            if rate <= false_per_year:
                low, bars, measured = middle, tried, rate
            else:
                high = middle
        return bars, measured


__all__ = ["Entry", "Knob", "Method", "Order", "alerts_of", "look_at", "look_at_all"]
