"""The effect of an agreed approach: how often reports came in before and after it, beside the rest of the city. Pure.

What is known are ranges, never counts: bands, *fewer than the floor*, a city's total to within two. Each answer here covers every
count that the ranges allow, so it is wider than one from the counts themselves, and never surer.
"""

import math
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from pydantic import TypeAdapter

from alerts.pattern import Band

SCHEMA: Final = 1
CONFIDENCE: Final = 0.95
WEEKS_AT_ONCE: Final = 4
"""A follow-up comes after every four whole weeks."""

WEEKS_AT_MOST: Final = 52
DAYS_A_WEEK: Final = 7


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What the detector's side tells of a pattern since an approach was agreed; all that the effect is computed from.

    ``before`` is the band that was told when the approach was agreed, of the days ``before_from``/``before_to`` (whole weeks);
    ``after`` the band of what came in since ``approach_from``, a Monday, in ``weeks`` whole weeks: None for fewer than ``floor``.
    ``city_before``/``city_after``: all reports of the municipality in the same weeks, those of the pattern included, to within
    two; None where they are too few to be told. ``recorded_at`` is UTC.
    """

    pattern_key: str
    approach_from: date
    weeks: int
    floor: int
    before_from: date
    before_to: date
    before: Band
    after: Band | None
    city_before: Band | None
    city_after: Band | None
    recorded_at: datetime
    schema: int = SCHEMA

    @property
    def before_weeks(self) -> int:
        """Whole weeks before."""
        return ((self.before_to - self.before_from).days + 1) // DAYS_A_WEEK

    @property
    def approach_to(self) -> date:
        """The last day that counts as after; a Sunday."""
        return self.approach_from + timedelta(days=DAYS_A_WEEK * self.weeks - 1)

    @property
    def after_range(self) -> Band:
        """What the count after may be."""
        return Band(0, self.floor - 1) if self.after is None else self.after


@dataclass(frozen=True, slots=True)
class Interval:
    """A rate ratio lies between these, at 95 % or better; ``high`` may be infinite."""

    low: float
    high: float


class Verdict(StrEnum):
    """What an interval says: all of it below 1, all of it above, or neither."""

    FEWER = "fewer"
    MORE = "more"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Effect:
    """After against before: in the pattern, and in the pattern against the rest of the city (None where that is not known)."""

    pattern: Interval
    beside_city: Interval | None

    @property
    def verdict(self) -> Verdict:
        """What can be said of the pattern by itself."""
        return verdict(self.pattern)


_ADAPTER = TypeAdapter(FollowUp)


def to_json(follow_up: FollowUp) -> str:
    """A follow-up as one line of JSON."""
    return _ADAPTER.dump_json(follow_up).decode()


def from_json(text: str | bytes) -> FollowUp:
    """Read a follow-up back.

    Raises:
        ValueError: the text is none of a schema that this version knows.
    """
    found = _ADAPTER.validate_json(text)
    if found.schema > SCHEMA:
        raise ValueError(f"a follow-up has schema {found.schema}; this version reads up to {SCHEMA}: upgrade this side first")
    return found


def follows_from(agreed_on: date) -> date:
    """The first day that counts as after: the Monday that follows the day on which the approach was agreed."""
    return agreed_on + timedelta(days=DAYS_A_WEEK - agreed_on.weekday())


def weeks_due(approach_from: date, today: date) -> int:
    """How many weeks the follow-up that is due now covers; 0 while none is. Only days before ``today`` are whole."""
    whole = max(0, (today - approach_from).days // DAYS_A_WEEK)
    return min(whole // WEEKS_AT_ONCE * WEEKS_AT_ONCE, WEEKS_AT_MOST)


def effect_of(follow_up: FollowUp) -> Effect:
    """The effect that a follow-up tells of."""
    before, after = _within(follow_up.before, follow_up.city_before), _within(follow_up.after_range, follow_up.city_after)
    beside = None
    if follow_up.city_before is not None and follow_up.city_after is not None:
        beside = ratio_of_ratios(before, after, follow_up.city_before, follow_up.city_after)
    return Effect(rate_ratio(before, follow_up.before_weeks, after, follow_up.weeks), beside)


def verdict(interval: Interval) -> Verdict:
    """What an interval says."""
    if interval.high < 1:
        return Verdict.FEWER
    return Verdict.MORE if interval.low > 1 else Verdict.UNSURE


def rate_ratio(before: Band, before_weeks: float, after: Band, after_weeks: float, confidence: float = CONFIDENCE) -> Interval:
    """How many times as many reports a week after as before, for every pair of counts that the ranges allow.

    Two Poisson counts, x₁ in t₁ weeks before and x₂ in t₂ weeks after, with rates λ₁ and λ₂. Given n = x₁ + x₂, x₂ is binomial
    with probability p = λ₂t₂ / (λ₁t₁ + λ₂t₂). The exact interval of Clopper and Pearson for p, from the beta distribution,

        pL = B(α/2; x₂, n - x₂ + 1),   pU = B(1 - α/2; x₂ + 1, n - x₂),

    gives that of the ratio: λ₂/λ₁ = p / (1 - p) · t₁/t₂. Its limits rise with x₂ and fall with x₁, so the lowest and highest of
    all pairs are at the corners of the ranges. Exact means that it holds the truth *at least* as often as it says.

    When it misleads: the weeks before were picked out because many reports came in, and such a peak mostly passes by itself, so a
    fall is to be expected of no approach at all; and reports that come in bundles vary more than Poisson says.

    Args:
        before: reports before; an open range (``high`` None) allows any number.
        before_weeks: length, above 0.
        after: reports after.
        after_weeks: length, above 0.
        confidence: between 0 and 1.

    Raises:
        ValueError: a length or the confidence is out of bounds.

    Sources: Przyborowski and Wilenski, Biometrika 31 (1940) 313; Clopper and Pearson, Biometrika 26 (1934) 404.
    """
    if before_weeks <= 0 or after_weeks <= 0 or not 0 < confidence < 1:
        raise ValueError("a rate ratio needs periods longer than 0 weeks, and a confidence between 0 and 1")
    from scipy.special import betaincinv  # noqa: PLC0415 - every working process of a night would load it, and only pages need it

    tail = (1 - confidence) / 2
    scale = before_weeks / after_weeks
    low, high = 0.0, math.inf
    if after.low > 0 and before.high is not None:
        low = _odds(float(betaincinv(after.low, before.high + 1, tail))) * scale
    if after.high is not None and before.low > 0:
        high = _odds(float(betaincinv(after.high + 1, before.low, 1 - tail))) * scale
    return Interval(low, high)


def ratio_of_ratios(before: Band, after: Band, city_before: Band, city_after: Band, confidence: float = CONFIDENCE) -> Interval:
    """The pattern's rate ratio over that of the rest of the city, for all counts that the ranges allow.

    With the rest of the city R = city - pattern, (x₂/x₁) / (R₂/R₁) is the odds ratio of the table of pattern and rest by after
    and before; the lengths of the periods cancel. Given its margins, x₂ has Fisher's noncentral hypergeometric distribution,
    whose exact conditional interval this is. It rises with x₂ and R₁ and falls with x₁ and R₂.
    Source: Cornfield, Proc. Third Berkeley Symposium 4 (1956) 135.

    Args:
        before: reports of the pattern before; part of ``city_before``.
        after: reports of the pattern after; part of ``city_after``.
        city_before: all reports of the municipality in the same weeks, an end on both sides.
        city_after: the same after.
        confidence: between 0 and 1.

    Raises:
        ValueError: a city's range is open.
    """
    if city_before.high is None or city_after.high is None:
        raise ValueError("the city's counts need an end on both sides")
    most_before = city_before.high if before.high is None else before.high
    most_after = city_after.high if after.high is None else after.high
    low = _conditional(after.low, most_before, city_after.high - after.low, city_before.low - most_before, confidence).low
    high = _conditional(most_after, before.low, city_after.low - most_after, city_before.high - before.low, confidence).high
    return Interval(low, high)


def _conditional(after: int, before: int, rest_after: int, rest_before: int, confidence: float) -> Interval:
    """The exact interval of one table; where nothing is left of the rest, nothing is known."""
    table = [[after, before], [max(0, rest_after), max(0, rest_before)]]
    if 0 in {sum(row) for row in table} | {sum(column) for column in zip(*table, strict=True)}:
        return Interval(0.0, math.inf)
    from scipy.stats.contingency import odds_ratio  # noqa: PLC0415 - takes half a second to load, and few pages need it

    found = odds_ratio(table, kind="conditional").confidence_interval(confidence)
    return Interval(float(found.low), float(found.high))


def _within(counted: Band, city: Band | None) -> Band:
    """A pattern has no more reports than its city: an open band ends there."""
    if city is None or city.high is None:
        return counted
    high = city.high if counted.high is None else min(counted.high, city.high)
    return Band(min(counted.low, high), high)


def _odds(share: float) -> float:
    return math.inf if share >= 1 else share / (1 - share)
