"""Looking at many windows in one word gives the scores, to the last bit, that one by one gives."""

from dataclasses import replace

import numpy as np
import pytest

from detector.scan.maxima import _run_packed, _run_plain, run
from detector.scan.packed import lanes_for, packed
from detector.scan.problem import Bar, Problem
from detector.scan.study import Data, Model, Question, Time, prepare

FIRST = 738_000


def _problem(model: Model, cases: int, max_days: int, *, places: int = 150, one_place: float = 0.0, min_days: int = 1) -> Problem:
    rng = np.random.default_rng(cases)
    weight = rng.lognormal(0.0, 1.0, places)
    where = rng.choice(places, cases, p=weight / weight.sum())
    where[rng.random(cases) < one_place] = 0
    weight[0] += one_place * weight.sum()
    x, y = rng.random((2, places)) * 1000
    data = Data(places, where, FIRST + rng.integers(0, 300, cases), x, y, weight=weight)
    asked = Question(model, Time.PROSPECTIVE, FIRST, FIRST + 299, 900.0, 0.5, max_days, min_days)
    return prepare(data, asked).problem


@pytest.mark.parametrize(
    ("problem", "bits", "groups"),
    [
        pytest.param(_problem(Model.PERMUTATION, 900, 28), 8, 1, id="few"),
        pytest.param(_problem(Model.PERMUTATION, 700, 90), 16, 4, id="long"),
        pytest.param(_problem(Model.PERMUTATION, 6000, 28, min_days=4), 16, 2, id="many"),
        pytest.param(_problem(Model.POISSON, 900, 28, one_place=0.3), 8, 1, id="poisson, one large place"),
    ],
)
def test_packed_scores_as_one_by_one(problem: Problem, bits: int, groups: int) -> None:
    assert problem.lanes is not None
    assert (problem.lanes.bits, problem.lanes.groups) == (bits, groups)
    replicates = np.array([*range(3, 60), 500])
    usual = float(np.median(_run_plain(problem, Bar(problem, 1.0), 7, replicates)))
    one_by_one = _run_plain(problem, Bar(problem, usual * 0.8), 7, replicates)
    assert (one_by_one > usual * 0.8).mean() > 0.5  # else nothing is compared
    for rungs in (1, 6):  # levels change the time and nothing else
        together = _run_packed(problem, Bar(problem, usual * 0.8, rungs), 7, replicates)
        assert not np.isnan(together).any()
        assert together.tolist() == one_by_one.tolist()
        assert _run_plain(problem, Bar(problem, usual * 0.8, rungs), 7, replicates).tolist() == one_by_one.tolist()


def test_a_count_that_outgrows_its_lane_is_counted_again() -> None:
    problem = _problem(Model.PERMUTATION, 6000, 28)
    narrow = replace(problem, lanes=lanes_for(28, 0, 1.0))
    assert narrow.lanes is not None
    assert narrow.lanes.bits == 8
    replicates = np.arange(9)
    assert np.isnan(_run_packed(narrow, Bar(narrow, 3.0), 7, replicates)).all()
    assert run(narrow, Bar(narrow, 3.0), 7, replicates).tolist() == _run_plain(problem, Bar(problem, 3.0), 7, replicates).tolist()


def test_lanes_lie_side_by_side_and_hold_no_more_than_fits() -> None:
    assert packed(np.array([[1, 2, 3, 400, 0, 0, 0, 5]]), 8).tolist() == [[1 | 2 << 8 | 3 << 16 | 127 << 24 | 5 << 56]]
