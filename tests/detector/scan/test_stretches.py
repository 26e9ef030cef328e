"""Looking at several circles and intervals at once gives the scores, to the last bit, that one by one gives."""

from dataclasses import replace

import numpy as np
import pytest

from detector.scan.maxima import _run_plain, _run_stretches, run
from detector.scan.problem import Bar, Problem
from detector.scan.study import Data, Model, Question, Time, prepare

FIRST = 738_000


def _problem(model: Model, cases: int, days: int, max_days: int, *, one_place: float = 0.0, min_days: int = 1) -> Problem:
    rng = np.random.default_rng(cases)
    places = 60
    weight = rng.lognormal(0.0, 1.0, places)
    where = rng.choice(places, cases, p=weight / weight.sum())
    where[rng.random(cases) < one_place] = 0
    weight[0] += one_place * weight.sum()
    x, y = rng.random((2, places)) * 1000
    data = Data(places, where, FIRST + rng.integers(0, days, cases), x, y, weight=weight)
    asked = Question(model, Time.RETROSPECTIVE, FIRST, FIRST + days - 1, 600.0, 0.5, max_days, min_days)
    return prepare(data, asked).problem


@pytest.mark.parametrize(
    ("problem", "kind"),
    [
        pytest.param(_problem(Model.PERMUTATION, 600, 300, 28), np.int8, id="few"),
        pytest.param(_problem(Model.PERMUTATION, 150, 301, 150), np.int8, id="long"),
        pytest.param(_problem(Model.PERMUTATION, 4000, 90, 45, min_days=3), np.int16, id="many"),
        pytest.param(_problem(Model.PERMUTATION, 900, 65, 65, one_place=0.4), np.int16, id="one large place"),
        pytest.param(_problem(Model.POISSON, 200, 200, 100), np.int8, id="poisson"),
    ],
)
@pytest.mark.parametrize("part", [0.5, 0.9])
def test_together_scores_as_one_by_one(problem: Problem, kind: type, part: float) -> None:
    assert problem.stretches is not None
    assert problem.stretches.kind is kind
    usual = float(np.median(_run_plain(problem, Bar(problem, 2.0), 7, np.arange(5))))
    bar = Bar(problem, usual * part)
    together = _run_stretches(problem, bar, 7, np.arange(5, 25))
    assert np.isnan(together).mean() < 0.2  # else nothing is gained
    one_by_one = _run_plain(problem, bar, 7, np.arange(5, 25))
    held = ~np.isnan(together)
    assert together[held].tolist() == one_by_one[held].tolist()
    assert run(problem, bar, 7, np.arange(5, 25)).tolist() == one_by_one.tolist()
    assert (one_by_one > bar.score).mean() > 0.4  # else nothing is compared


def test_a_count_that_outgrows_its_number_is_counted_again() -> None:
    problem = _problem(Model.PERMUTATION, 4000, 90, 45)
    assert problem.stretches is not None
    narrow = replace(problem, stretches=replace(problem.stretches, kind=np.int8))
    bar = Bar(narrow, 5.0)
    assert np.isnan(_run_stretches(narrow, bar, 7, np.arange(5))).any()
    assert run(narrow, bar, 7, np.arange(5)).tolist() == _run_plain(problem, Bar(problem, 5.0), 7, np.arange(5)).tolist()
