"""What the contest says of a method: the share seen with its interval, how soon, how well; and stated against measured."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2

from detector.methods.scan import Scan
from detector.simulate.plan import PlantKind
from judging.cities import Setting
from judging.contest import Entry, Knob, Method, Order
from judging.counting import Sight, alerts_of, false_alerts, sight

Entries = Sequence[tuple[Order, Entry]]
_NORMAL = 1.96


@dataclass(frozen=True, slots=True)
class Outcome:
    """One method on one kind of pattern in one setting, at one price in false alerts."""

    setting: Setting
    method: str
    kind: PlantKind
    price: float
    measured: float
    sights: tuple[Sight, ...]

    @property
    def seen(self) -> float:
        """Share seen within the time."""
        return float(np.mean([one.seen for one in self.sights]))

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of that share."""
        n, p, z = len(self.sights), self.seen, _NORMAL
        middle, half = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return max(0.0, (middle - half) / (1 + z * z / n)), min(1.0, (middle + half) / (1 + z * z / n))

    def median(self, field: str) -> float:
        """Median of a figure over the patterns that were seen; NaN where none was."""
        values = [getattr(one, field) for one in self.sights if one.seen]
        return float(np.median(values)) if values else math.nan

    @property
    def alerts_per_pattern(self) -> float:
        """Alerts that hold reports of the pattern, for each pattern that was seen."""
        numbers = [one.alerts for one in self.sights if one.seen]
        return float(np.mean(numbers)) if numbers else math.nan


@dataclass(frozen=True, slots=True)
class Honesty:
    """What the scan says it gives at most on a city without patterns, and what it gave; with the interval of a Poisson count."""

    setting: Setting
    every_days: int
    stated: float
    measured: float
    low: float
    high: float

    @property
    def too_many(self) -> bool:
        """Whether chance does not explain that there are more than stated."""
        return self.low > self.stated


def outcomes(setting: Setting, entries: Entries, methods: Sequence[Method], prices: Sequence[float]) -> Iterator[Outcome]:
    """Every method at every price on every kind."""
    here = [(order, entry) for order, entry in entries if order.setting == setting]
    for method in methods:
        knob = _knob(method, here)
        for price in prices:
            bars, measured = knob.set_for(price)
            for kind in PlantKind:
                sights = tuple(
                    sight(case, alerts_of(case, looks[method.name], bars)) for order, (case, looks) in here if order.kind is kind
                )
                yield Outcome(setting, method.name, kind, price, measured, sights)


def stated_and_measured(
    setting: Setting, entries: Entries, methods: Sequence[Method], prices: Sequence[float], every_days: int
) -> Iterator[Honesty]:
    """The scan's own limits on quiet histories: what it says it would give, and what it gave."""
    here = [(order, entry) for order, entry in entries if order.setting == setting and order.kind is None]
    for method in (method for method in methods if method.name == "ours"):
        knob = _knob(method, here)
        years = sum(case.years for case in knob.cases)
        for price in prices:
            scan = Scan(false_alerts_per_year=price, share=1.0)
            limits = {family.value: scan.limit(family, every_days) for family in scan.family_shares}
            measured = false_alerts(knob.cases, knob.looks, {name: 1 / limit for name, limit in limits.items()})
            count = round(measured * years)
            low = float(chi2.ppf(0.025, 2 * count)) / 2 / years if count else 0.0
            yield Honesty(setting, every_days, price, measured, low, float(chi2.ppf(0.975, 2 * count + 2)) / 2 / years)


def _knob(method: Method, entries: Entries) -> Knob:
    quiet = [entry for order, entry in entries if order.kind is None]
    return Knob(method, [case for case, _ in quiet], [looks[method.name] for _, looks in quiet])
