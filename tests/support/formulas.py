"""The scan statistic in plain numpy, straight from the formulas and slow, and small random cases to hold it against."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from detector.model import BoolArray, FloatArray, IntArray
from detector.scan.study import Data, Model, Question, Rates, ScanError, Ties, Time, prepare

FIRST = 738_000


@dataclass(frozen=True)
class Case:
    """Random small data and a question about it."""

    data: Data
    question: Question


@st.composite
def scans(draw: st.DrawFn) -> Case:
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    places, cases, days = draw(st.integers(2, 7)), draw(st.integers(8, 30)), draw(st.integers(6, 20))
    model, time = draw(
        st.sampled_from(
            [
                (Model.PERMUTATION, Time.PROSPECTIVE),
                (Model.PERMUTATION, Time.RETROSPECTIVE),
                (Model.POISSON, Time.PROSPECTIVE),
                (Model.POISSON, Time.RETROSPECTIVE),
                (Model.POISSON, Time.SPATIAL),
                (Model.POISSON, Time.TEMPORAL),
                (Model.BERNOULLI, Time.SPATIAL),
            ]
        )
    )
    rates = Rates.HIGH if model is Model.PERMUTATION else draw(st.sampled_from(list(Rates)))
    data = Data(
        places=places,
        case_place=rng.integers(0, places, cases),
        case_day=FIRST + rng.integers(0, days, cases),
        x=rng.integers(0, 4, places).astype(np.float64),
        y=rng.integers(0, 4, places).astype(np.float64),
        weight=rng.integers(1, 9, places).astype(np.float64),
        controls=rng.integers(0, 5, places),
        zones=[np.array([0]), np.arange(places)[1:]] if draw(st.booleans()) else None,
    )
    step = draw(st.sampled_from([1, 1, 2, 3]))
    question = Question(
        model=model,
        time=time,
        first_day=FIRST,
        last_day=FIRST + days - 1,
        max_radius_m=draw(st.sampled_from([1.0, 2.5, math.inf])),
        max_share=draw(st.sampled_from([0.3, 0.5, 1.0])),
        max_days=draw(st.sampled_from([3, 6, None])),
        min_days=draw(st.sampled_from([1, 2])),
        min_cases=draw(st.sampled_from([2, 3])),
        rates=rates,
        day_of_week=step == 1 and model is Model.PERMUTATION and draw(st.booleans()),
        step_days=step,
        ellipses=model is not Model.PERMUTATION and data.zones is None and draw(st.booleans()),
        ties=draw(st.sampled_from(list(Ties))),
    )
    return Case(data, question)


def sets(data: Data, question: Question, size: FloatArray) -> Iterator[BoolArray]:
    """Every set of places that the question allows."""
    if question.time is Time.TEMPORAL:
        yield np.ones(data.places, dtype=np.bool_)
        return
    if data.zones is not None:
        for rows in data.zones:
            yield np.isin(np.arange(data.places), rows)
        return
    assert data.x is not None
    assert data.y is not None
    for i in range(data.places):
        for along, across in _squeezed(data.x, data.y, ellipses=question.ellipses):
            distance = np.hypot(along - along[i], across - across[i])
            for radius in np.unique(np.round(distance, 9)[distance <= question.max_radius_m * (1 + 1e-9)]):
                ring, within = np.abs(distance - radius) < 1e-8, distance < radius - 1e-8
                spots = sorted({(data.x[k], data.y[k]) for k in np.flatnonzero(ring)})
                for number in range(1, len(spots) + 1) if question.ties is Ties.APART else [len(spots)]:
                    entered = [ring[k] and (data.x[k], data.y[k]) in spots[:number] for k in range(data.places)]
                    inside: BoolArray = within | np.array(entered)
                    if size[inside].sum() <= question.max_share * size.sum() + 1e-9:
                        yield inside


def _squeezed(x: FloatArray, y: FloatArray, *, ellipses: bool) -> Iterator[tuple[FloatArray, FloatArray]]:
    """The plane, and for ellipses squeezed along every angle of every shape."""
    yield x, y
    for shape, angles in ((1.5, 4), (2.0, 6), (3.0, 9), (4.0, 12), (5.0, 15)) if ellipses else ():
        for angle in np.arange(angles) * math.pi / angles:
            yield (x * np.cos(angle) + y * np.sin(angle)) / shape, y * np.cos(angle) - x * np.sin(angle)


def windows(question: Question) -> Iterator[tuple[int, int]]:
    """First and last day of every window, counted from the first day of the study; units of time count back from the last."""
    assert question.first_day is not None
    assert question.last_day is not None
    days, step = question.last_day - question.first_day + 1, question.step_days
    if question.time is Time.SPATIAL:
        yield 0, days - 1
        return
    begins = [max(0, days - step * (back + 1)) for back in range(math.ceil(days / step))]
    longest = min(len(begins), (question.max_days if question.max_days is not None else days // 2) // step)
    for length in range(math.ceil(question.min_days / step), longest + 1):
        for back in range(len(begins) - length + 1):
            if question.time is not Time.PROSPECTIVE or back == 0:
                yield begins[back + length - 1], days - 1 - step * back


def _xlogy(x: float, y: float) -> float:
    return x * math.log(y) if x > 0 else 0.0


def likelihood(count: float, expected: float, cases: float) -> float:
    return _xlogy(count, count / expected) + _xlogy(cases - count, (cases - count) / max(1e-300, cases - expected))


def _bernoulli(count: float, people: float, cases: float, total: float) -> float:
    inside, outside = count / people, (cases - count) / (total - people) if total > people else 0.0
    score = _xlogy(count, inside) + _xlogy(people - count, 1 - inside) + _xlogy(cases - count, outside)
    score += _xlogy(total - people - cases + count, 1 - outside)
    return score - _xlogy(cases, cases / total) - _xlogy(total - cases, 1 - cases / total)


def brute(data: Data, question: Question) -> float:
    """The best score, from the formulas."""
    assert data.case_day is not None
    assert data.controls is not None
    assert data.weight is not None
    day: IntArray = data.case_day - FIRST
    cases = float(day.size)
    counts = np.bincount(data.case_place, minlength=data.places).astype(np.float64)
    people = counts + data.controls
    size = {Model.PERMUTATION: counts, Model.POISSON: data.weight, Model.BERNOULLI: people}[question.model]
    days = float((question.last_day or 0) - FIRST + 1)
    best = 0.0
    for inside in sets(data, question, size):
        for first, last in windows(question):
            within, there = (day >= first) & (day <= last), inside[data.case_place]
            count = float((within & there).sum())
            if question.model is Model.PERMUTATION:
                strata = data.case_day % 7 if question.day_of_week else np.zeros_like(day)
                expected = sum(
                    float((there & (strata == s)).sum() * (within & (strata == s)).sum() / (strata == s).sum())
                    for s in set(strata)
                )
            else:
                expected = cases * float(size[inside].sum() / size.sum()) * (last - first + 1) / days
            high = count > expected + 1e-12 and count >= question.min_cases and question.rates is not Rates.LOW
            low = count < expected - 1e-12 and question.rates is not Rates.HIGH
            if expected > 0 and (high or low):
                bernoulli = question.model is Model.BERNOULLI
                score = (
                    _bernoulli(count, people[inside].sum(), cases, people.sum())
                    if bernoulli
                    else likelihood(count, expected, cases)
                )
                best = max(best, score)
    return best


def fits(case: Case) -> bool:
    """Whether any set of places and any window fits; where none does, the scan says so and there is nothing to compare."""
    try:
        prepare(case.data, case.question)
    except ScanError as error:
        return not any(words in str(error) for words in ("every place alone", "longest window is shorter"))
    return True
