import math
from datetime import date, timedelta
from itertools import product

import pytest
from alerting import make_follow_up
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, binomtest, nchypergeom_fisher

from alerts import effect
from alerts.effect import Interval, Verdict, effect_of, rate_ratio, ratio_of_ratios, verdict, weeks_due
from alerts.pattern import Band


def exact(before: int, after: int, before_weeks: float = 1, after_weeks: float = 1) -> Interval:
    return rate_ratio(Band(before, before), before_weeks, Band(after, after), after_weeks)


@given(st.integers(0, 40), st.integers(0, 40), st.floats(1, 60), st.floats(1, 60))
def test_the_interval_is_that_of_the_exact_binomial_test(
    before: int, after: int, before_weeks: float, after_weeks: float
) -> None:
    if before + after == 0:
        assert exact(0, 0) == Interval(0, math.inf)
        return
    share = binomtest(after, before + after).proportion_ci(0.95, method="exact")
    found = exact(before, after, before_weeks, after_weeks)
    scale = before_weeks / after_weeks
    assert found.low == pytest.approx(share.low / (1 - share.low) * scale if share.low < 1 else math.inf, rel=1e-6)
    assert found.high == pytest.approx(share.high / (1 - share.high) * scale if share.high < 1 else math.inf, rel=1e-6)


@pytest.mark.parametrize("ratio", [0.1, 0.5, 1.0, 2.0, 7.0])
@pytest.mark.parametrize("total", [1, 3, 8, 20])
def test_it_holds_the_truth_at_least_as_often_as_it_says(ratio: float, total: int) -> None:
    """Every outcome, weighed by its chance."""
    share = ratio / (1 + ratio)
    inside = [
        binom.pmf(after, total, share)
        for after in range(total + 1)
        if exact(total - after, after).low <= ratio <= exact(total - after, after).high
    ]
    assert sum(inside) >= 0.95


BANDS = [Band(0, 2), Band(0, 4), Band(3, 5), Band(5, 10), Band(6, 10), Band(11, None)]


@pytest.mark.parametrize(("before", "after"), list(product(BANDS, BANDS)))
def test_a_range_covers_the_interval_of_every_count_in_it(before: Band, after: Band) -> None:
    found = rate_ratio(before, 8, after, 12)
    every = [
        exact(x1, x2, 8, 12)
        for x1 in range(before.low, (before.high or 60) + 1)
        for x2 in range(after.low, (after.high or 60) + 1)
    ]
    assert found.low <= min(interval.low for interval in every)
    assert found.high >= max(interval.high for interval in every)
    if before.high is not None and after.high is not None:
        assert (found.low, found.high) == (min(i.low for i in every), max(i.high for i in every)), "and no more than that"


def test_the_comparison_with_the_city_covers_every_count() -> None:
    before, after, city_before, city_after = Band(6, 8), Band(0, 2), Band(28, 30), Band(33, 35)
    found = ratio_of_ratios(before, after, city_before, city_after)
    every = [
        ratio_of_ratios(Band(x1, x1), Band(x2, x2), Band(c1, c1), Band(c2, c2))
        for x1 in range(6, 9)
        for x2 in range(3)
        for c1 in range(28, 31)
        for c2 in range(33, 36)
    ]
    assert found.low == pytest.approx(min(interval.low for interval in every))
    assert found.high == pytest.approx(max(interval.high for interval in every))


@pytest.mark.parametrize("odds", [0.3, 1.0, 3.0])
def test_the_comparison_with_the_city_holds_the_truth_at_least_as_often_as_it_says(odds: float) -> None:
    pattern, city_after, city = 9, 20, 45
    chance = nchypergeom_fisher(city, pattern, city_after, odds)
    inside = 0.0
    for after in range(pattern + 1):
        counts = (pattern - after, after, city - city_after, city_after)
        x1, x2, before, later = (Band(count, count) for count in counts)
        found = ratio_of_ratios(x1, x2, before, later)
        inside += chance.pmf(after) if found.low <= odds <= found.high else 0.0
    assert inside >= 0.95


def test_an_open_band_ends_at_the_city() -> None:
    alone = effect_of(make_follow_up(before=Band(11, None)))
    beside = effect_of(make_follow_up(before=Band(11, None), after=Band(3, 5), city_before=Band(28, 32), city_after=Band(28, 32)))
    assert alone.beside_city is None
    assert alone.pattern.low == 0
    assert beside.pattern.low > 0
    assert beside.beside_city is not None


def test_what_is_hidden_is_anything_below_the_floor() -> None:
    follow_up = make_follow_up()
    assert (follow_up.before_weeks, follow_up.after_range, follow_up.approach_to) == (8, Band(0, 2), date(2026, 5, 3))
    assert effect_of(follow_up).pattern == rate_ratio(Band(6, 10), 8, Band(0, 2), 8)


def test_few_reports_leave_it_open_and_many_do_not() -> None:
    assert effect_of(make_follow_up(before=Band(3, 5), weeks=4)).verdict is Verdict.UNSURE
    assert effect_of(make_follow_up(before=Band(6, 10), weeks=32)).verdict is Verdict.FEWER
    assert verdict(rate_ratio(Band(3, 5), 12, Band(11, 20), 4)) is Verdict.MORE


@given(st.dates(date(2026, 1, 1), date(2027, 1, 1)), st.integers(0, 500))
def test_after_begins_on_the_next_monday_and_is_told_every_four_whole_weeks(agreed: date, days: int) -> None:
    first = effect.follows_from(agreed)
    assert first.weekday() == 0
    assert 1 <= (first - agreed).days <= 7
    weeks = weeks_due(first, agreed + timedelta(days=days))
    assert weeks % 4 == 0
    assert 0 <= weeks <= 52
    assert weeks == 0 or first + timedelta(weeks=weeks) <= agreed + timedelta(days=days)


def test_a_follow_up_comes_back_as_it_was_and_a_newer_one_is_refused() -> None:
    follow_up = make_follow_up(after=Band(11, None), city_before=Band(18, 22))
    assert effect.from_json(effect.to_json(follow_up)) == follow_up
    with pytest.raises(ValueError, match="upgrade this side"):
        effect.from_json(effect.to_json(make_follow_up(schema=2)))


@pytest.mark.parametrize(("weeks", "confidence"), [(0, 0.95), (4, 1.0)])
def test_nonsense_is_refused(weeks: int, confidence: float) -> None:
    with pytest.raises(ValueError, match="longer than 0 weeks"):
        rate_ratio(Band(3, 5), weeks, Band(3, 5), 4, confidence)
    with pytest.raises(ValueError, match="both sides"):
        ratio_of_ratios(Band(3, 5), Band(3, 5), Band(20, None), Band(20, 24))
