"""Looking without tables gives the scores, to the last bit, that looking with them gives."""

import numpy as np
import pytest

from detector.scan.maxima import _run_plain, run_untabled
from detector.scan.problem import Bar
from detector.scan.study import Data, Model, Question, Rates, Time, prepare

FIRST = 738_000


@pytest.mark.parametrize("rates", Rates)
@pytest.mark.parametrize(
    ("model", "time"),
    [
        (Model.PERMUTATION, Time.PROSPECTIVE),
        (Model.POISSON, Time.PROSPECTIVE),
        (Model.POISSON, Time.SPATIAL),
        (Model.BERNOULLI, Time.SPATIAL),
    ],
)
def test_no_tables_change_nothing(model: Model, time: Time, rates: Rates) -> None:
    if model is Model.PERMUTATION and rates is not Rates.HIGH:
        return
    rng = np.random.default_rng(5)
    places, cases = 70, 400
    x, y = rng.random((2, places)) * 1000
    where, when = rng.integers(0, places, cases), FIRST + rng.integers(0, 100, cases)
    data = Data(places, where, when, x, y, weight=rng.random(places), controls=rng.integers(0, 20, places))
    weekly = model is Model.PERMUTATION
    problem = prepare(data, Question(model, time, max_radius_m=400.0, max_days=20, rates=rates, day_of_week=weekly)).problem
    usual = float(np.median(run_untabled(problem, 1e-6, 3, np.arange(20))))
    for part in (1e-3, 0.9):
        with_tables = _run_plain(problem, Bar(problem, usual * part, 2), 3, np.arange(40))
        assert (with_tables > usual * part).mean() > 0.3  # else nothing is compared
        assert run_untabled(problem, usual * part, 3, np.arange(40)).tolist() == with_tables.tolist()
