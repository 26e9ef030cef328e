"""The kernels against the formulas written out in plain numpy, and what must not matter to the answer."""

import math
from dataclasses import replace

import numpy as np
import pytest
from formulas import FIRST, Case, brute, fits, likelihood, scans, sets, windows
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import stats

from detector.model import IntArray
from detector.scan.inference import Trials, answer, gumbel_p
from detector.scan.montecarlo import maxima, reached
from detector.scan.observed import candidates
from detector.scan.problem import Problem
from detector.scan.replicate import alias_table, binomial, dealt, new_hand
from detector.scan.scores import predictive_surprise
from detector.scan.study import Data, Model, Question, Rates, ScanError, Ties, Time, prepare

EASY = settings(max_examples=25, deadline=None)


@EASY
@given(scans().filter(fits))
def test_the_best_score_is_that_of_the_formulas(case: Case) -> None:
    found = answer(case.data, case.question, Trials(0), clusters=1).clusters
    assert (found[0].llr if found else 0.0) == pytest.approx(brute(case.data, case.question), rel=1e-9, abs=1e-5)


@EASY
@given(scans().filter(fits), st.integers(0, 1000))
def test_order_names_dates_and_direction_do_not_matter(case: Case, seed: int) -> None:
    rng = np.random.default_rng(seed)
    data, question = case.data, case.question
    assert data.case_day is not None
    assert data.weight is not None
    assert data.controls is not None
    assert data.x is not None
    assert data.y is not None
    rows, name = rng.permutation(data.case_place.size), rng.permutation(data.places)
    new = np.argsort(name)  # place i is called new[i]
    later = 0 if question.day_of_week else int(rng.integers(0, 500))
    # ellipses and the order of ties go by the axes, so they turn with them
    angle = 0.0 if question.ellipses or question.ties is Ties.APART else 0.7
    x, y = data.x * math.cos(angle) - data.y * math.sin(angle), data.x * math.sin(angle) + data.y * math.cos(angle)
    other = Data(
        places=data.places,
        case_place=new[data.case_place[rows]],
        case_day=data.case_day[rows] + later,
        x=x[name],
        y=y[name],
        weight=data.weight[name],
        controls=data.controls[name],
        zones=[new[zone] for zone in data.zones] if data.zones is not None else None,
    )
    shifted = replace(question, first_day=(question.first_day or 0) + later, last_day=(question.last_day or 0) + later)
    one, two = (answer(*pair, Trials(0), clusters=1).clusters for pair in ((data, question), (other, shifted)))
    assert [c.llr for c in one] == pytest.approx([c.llr for c in two], rel=1e-9)


@EASY
@given(scans().filter(fits))
def test_threads_and_bars_change_nothing(case: Case) -> None:
    study = prepare(case.data, case.question)
    best = maxima(study.problem, 20, 3)
    again = maxima(study.problem, 20, 3, threads=2)
    assert best.tolist() == again.tolist()
    assert (best >= 0).all()
    every = candidates(study.problem, study.counts, 1e-6)
    few = candidates(study.problem, study.counts, 1.0)
    assert max(every.score.max(), 1.0) == pytest.approx(max(few.score.max(), 1.0), rel=1e-12)


QUIET_END = Case(
    Data(
        places=2,
        case_place=np.array([0, 1, 0, 1, 0, 1, 0, 1]),
        case_day=FIRST + np.arange(8),
        x=np.array([0.0, 5.0]),
        y=np.array([0.0, 5.0]),
        weight=np.array([3.0, 7.0]),
        controls=np.zeros(2, dtype=np.int64),
    ),
    Question(Model.POISSON, Time.PROSPECTIVE, FIRST, FIRST + 13, max_days=5, max_share=1.0),
)
"""No case in any window: what is thrown into a replicate is more than the data have there."""


@EASY
@given(scans().filter(fits))
@example(QUIET_END)
def test_a_replicate_scores_as_the_formulas_say(case: Case) -> None:
    """Also one that brings more cases into the longest window than the data have there."""
    data, question = case.data, case.question
    study = prepare(data, question)
    problem, axis_end = study.problem, (question.last_day or 0) - FIRST
    if question.day_of_week or question.time in {Time.SPATIAL, Time.TEMPORAL}:
        return
    best = maxima(problem, 12, 11)
    for replicate, score in enumerate(best.tolist()):
        place, column = _dealt(problem, 11, replicate)
        assert data.weight is not None
        size = np.bincount(data.case_place, minlength=data.places) if question.model is Model.PERMUTATION else data.weight
        back = column if question.time is Time.PROSPECTIVE else study.units - column
        day = axis_end - question.step_days * back  # the last of its unit of time
        again = 0.0
        for inside in sets(data, question, size.astype(np.float64)):
            for first, last in windows(question):
                count = int((inside[place] & (day >= first) & (day <= last)).sum())
                part = (last - first + 1) / (axis_end + 1)
                if question.model is Model.PERMUTATION:
                    assert data.case_day is not None
                    part = float(((data.case_day - FIRST >= first) & (data.case_day - FIRST <= last)).mean())
                expected = problem.cases * part * float(size[inside].sum() / size.sum())
                high = count > expected + 1e-12 and count >= question.min_cases and question.rates is not Rates.LOW
                low = count < expected - 1e-12 and question.rates is not Rates.HIGH
                if expected > 0 and (high or low):
                    again = max(again, likelihood(count, expected, problem.cases))
        assert score == pytest.approx(again, rel=1e-9, abs=1e-5)


def _dealt(problem: Problem, seed: int, replicate: int) -> tuple[IntArray, IntArray]:
    hand = new_hand(problem.deal)
    many = dealt(problem.deal, np.uint64(seed), replicate, hand)
    return hand.where[:many].astype(np.int64), hand.when[:many].astype(np.int64)


def _study(model: Model, time: Time, seed: int) -> tuple[Data, Question]:
    rng = np.random.default_rng(seed)
    places = 12
    data = Data(
        places=places,
        case_place=rng.choice(places, 60, p=np.arange(1, places + 1) / 78),
        case_day=FIRST + rng.integers(0, 40, 60),
        x=rng.random(places),
        y=rng.random(places),
        weight=np.arange(1.0, places + 1),
        controls=np.zeros(places, dtype=np.int64),
    )
    if model is Model.BERNOULLI:
        case = rng.random(60) < 0.4
        data = replace(
            data, controls=np.bincount(data.case_place[~case], minlength=places), case_place=data.case_place[case], case_day=None
        )
    return data, Question(model, time, FIRST, FIRST + 39, max_days=10) if model is not Model.BERNOULLI else Question(model, time)


@pytest.mark.parametrize(
    ("model", "time"),
    [
        (Model.PERMUTATION, Time.PROSPECTIVE),
        (Model.PERMUTATION, Time.RETROSPECTIVE),
        (Model.POISSON, Time.PROSPECTIVE),
        (Model.POISSON, Time.RETROSPECTIVE),
        (Model.POISSON, Time.SPATIAL),
        (Model.BERNOULLI, Time.SPATIAL),
    ],
)
def test_p_is_uniform_where_nothing_is_going_on(model: Model, time: Time) -> None:
    """Kolmogorov-Smirnov against the uniform, generous for the ties of small counts: p may be too large, never too small."""
    ps = []
    for seed in range(120):
        data, question = _study(model, time, seed)
        study = prepare(data, question)
        seen = candidates(study.problem, study.counts, 1e-6).score.max()
        ps.append((1 + reached(maxima(study.problem, 99, 1000 + seed), float(seen))) / 100)
    ordered = np.sort(ps)
    too_small = np.max(np.arange(1, 121) / 120 - ordered)
    assert too_small < 1.63 / math.sqrt(120) + 0.01
    assert 0.4 < float(ordered.mean()) < 0.65


def test_stopping_early_keeps_what_is_significant() -> None:
    data, question = _study(Model.PERMUTATION, Time.PROSPECTIVE, 3)
    burst = replace(
        data,
        case_place=np.concatenate([data.case_place, np.zeros(6, dtype=np.int64)]),
        case_day=np.concatenate(
            [np.zeros(0, dtype=np.int64) if data.case_day is None else data.case_day, np.full(6, FIRST + 39)]
        ),
    )
    whole, early = (answer(burst, question, Trials(999, 1, sequential=stop)).clusters[0] for stop in (False, True))
    assert whole == early
    quiet = answer(data, question, Trials(9999, 1, sequential=True))
    assert quiet.maxima.size < 9999
    full = answer(data, question, Trials(9999, 1)).clusters[0].p
    assert quiet.clusters[0].p == pytest.approx(full, rel=0.3)


def test_gumbel_follows_the_maxima_it_was_made_of() -> None:
    drawn = np.random.default_rng(0).gumbel(5.0, 1.2, 20_000)
    for score in (6.0, 9.0, 14.0):
        assert gumbel_p(drawn, score) == pytest.approx(-math.expm1(-math.exp(-(score - 5.0) / 1.2)), rel=0.15)


def test_draws_follow_their_distributions() -> None:
    u = (np.arange(20_000) + 0.5) / 20_000
    drawn = np.array([binomial(v, 40, 0.3) for v in u.tolist()])
    assert drawn.mean() == pytest.approx(12, abs=0.05)
    assert drawn.var() == pytest.approx(8.4, abs=0.15)
    weight = np.array([1.0, 0.0, 5.0, 2.0])
    alias, odds = alias_table(weight.copy())
    share = np.zeros(4)
    for i in range(4):
        share[i] += odds[i] / 4
        share[alias[i]] += (1 - odds[i]) / 4
    assert share == pytest.approx(weight / 8)


@given(st.integers(1, 30), st.integers(0, 40), st.floats(0.5, 30), st.floats(0.5, 300))
@settings(max_examples=60, deadline=None)
def test_the_predictive_score_is_the_tail_of_a_beta_binomial(count: int, more: int, hits: float, misses: float) -> None:
    # Added up from the far end: 1 - P(X < count), which is what ``sf`` gives, has lost its digits where the tail is thin.
    chances = stats.betabinom(count + more, hits, misses).pmf(np.arange(count + more, count - 1, -1))
    tail = float(np.cumsum(chances)[-1])
    assert predictive_surprise(count, count + more, hits, misses) == pytest.approx(max(0.0, -math.log(tail)), rel=1e-8, abs=1e-9)


def test_what_does_not_fit_is_refused() -> None:
    data, question = _study(Model.PERMUTATION, Time.PROSPECTIVE, 1)
    wrong = [
        replace(question, time=Time.SPATIAL),
        replace(question, model=Model.BERNOULLI),
        replace(question, rates=Rates.LOW),
        replace(question, max_share=0.0),
        replace(question, max_days=0),
        replace(question, min_cases=0),
        replace(question, first_day=FIRST + 400, last_day=FIRST + 500),
    ]
    for other in wrong:
        with pytest.raises(ScanError):
            prepare(data, other)
    with pytest.raises(ScanError, match="population"):
        prepare(replace(data, weight=None), replace(question, model=Model.POISSON))
    with pytest.raises(ScanError, match="coordinates"):
        prepare(replace(data, x=None, y=None), question)
    with pytest.raises(ScanError, match="metres"):
        prepare(replace(data, degrees=True), replace(question, ellipses=True))
