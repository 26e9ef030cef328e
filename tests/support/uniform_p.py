"""p of many analyses of data without pattern, in every model of the ``scan`` command and every family of the nightly scan.

A p-value of discrete data is not uniform: many maxima are equal. Two figures tell whether it is right nevertheless.

- *Randomised p*: (replicates above + u · (1 + replicates equal)) / (1 + R), u uniform. If observed data and replicates come from
  one distribution this is exactly uniform, so the two-sided distance of Kolmogorov and Smirnov sees any fault, either way.
- *p as it is told*, (1 + replicates above or equal) / (1 + R), may only be too large: P(p <= a) <= a. Its figure is how far the
  share of small p rises above the diagonal.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from quiet_city import FIRST, Quiet, quiet_history

from detector.methods.scan import Scan, Score
from detector.model import Family, FloatArray
from detector.scan.families import History
from detector.scan.montecarlo import TIE, maxima
from detector.scan.nightly import replicates_beating, scores
from detector.scan.observed import candidates
from detector.scan.study import Data, Model, Question, Rates, Time, prepare

REPLICATES = 199
LIMIT_5_PERCENT = 1.358
"""Kolmogorov and Smirnov: 5 % of uniform samples lie further off than this over √n."""
LIMIT_5_PERCENT_ONE_SIDED = 1.224
_NO_SCORE = 1e-6
_PLACES, _CASES, _DAYS = 30, 200, 100


@dataclass(frozen=True, slots=True)
class Drawn:
    """One analysis: p as it is told, and the randomised p."""

    told: float
    randomised: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """Many analyses of one kind: the figures, and where 5 % of right ones would lie beyond."""

    name: str
    told: FloatArray
    randomised: FloatArray

    @property
    def distance(self) -> float:
        """Two-sided distance of the randomised p from the uniform."""
        ordered, n = np.sort(self.randomised), self.randomised.size
        steps = np.arange(n + 1) / n
        return float(max(np.max(steps[1:] - ordered), np.max(ordered - steps[:-1])))

    @property
    def excess(self) -> float:
        """How far the share of p at or under a rises above a, at its most."""
        ordered, n = np.sort(self.told), self.told.size
        return float(max(0.0, np.max(np.arange(1, n + 1) / n - ordered)))

    @property
    def passes(self) -> bool:
        """Whether both figures are within what chance allows once in a hundred such rows."""
        root = math.sqrt(self.told.size)
        return self.distance <= 1.628 / root and self.excess <= 1.517 / root


def verdict(name: str, draw: Callable[[int], Drawn], analyses: int, first_seed: int = 0) -> Verdict:
    """Draw so many analyses."""
    drawn = [draw(seed) for seed in range(first_seed, first_seed + analyses)]
    return Verdict(name, np.array([one.told for one in drawn]), np.array([one.randomised for one in drawn]))


def kinds() -> Mapping[str, Callable[[int], Drawn]]:
    """Every kind of analysis, by its name."""
    permutation, poisson = Model.PERMUTATION, Model.POISSON
    asked = {
        "permutation, prospective": Question(permutation, Time.PROSPECTIVE),
        "permutation, retrospective": Question(permutation, Time.RETROSPECTIVE),
        "permutation, day of week": Question(permutation, Time.PROSPECTIVE, day_of_week=True),
        "permutation, zones": Question(permutation, Time.PROSPECTIVE),
        "permutation, weeks": Question(permutation, Time.PROSPECTIVE, step_days=7, max_days=28),
        "Poisson, spatial": Question(poisson, Time.SPATIAL, rates=Rates.BOTH),
        "Poisson, temporal": Question(poisson, Time.TEMPORAL),
        "Poisson, prospective": Question(poisson, Time.PROSPECTIVE),
        "Poisson, retrospective": Question(poisson, Time.RETROSPECTIVE, max_days=7),
        "Poisson, ellipses": Question(poisson, Time.SPATIAL, ellipses=True),
        "Bernoulli, high": Question(Model.BERNOULLI, Time.SPATIAL),
        "Bernoulli, high or low": Question(Model.BERNOULLI, Time.SPATIAL, rates=Rates.BOTH),
    }
    models = {name: _analysis(name, question) for name, question in asked.items()}
    nightly = {f"{family.value}, {score.value}": _night(family, score) for score in Score for family in Family}
    return models | nightly


def _analysis(name: str, question: Question) -> Callable[[int], Drawn]:
    def draw(seed: int) -> Drawn:
        rng = np.random.default_rng([seed, *name.encode()])
        data = _city(rng, question)
        if name.endswith("zones"):
            data = replace(data, zones=[np.arange(first, first + 5) for first in range(0, _PLACES, 5)])
        dated = question if question.time is Time.SPATIAL else replace(question, first_day=FIRST, last_day=FIRST + _DAYS - 1)
        asked = dated if dated.max_days or question.time is Time.SPATIAL else replace(dated, max_days=14)
        study = prepare(data, asked)
        seen = float(candidates(study.problem, study.counts, _NO_SCORE).score.max())
        best = maxima(study.problem, REPLICATES, seed)
        seen = seen if seen > _NO_SCORE * (1 + TIE) else 0.0
        above = int(np.count_nonzero(best > seen * (1 + TIE)))
        return _drawn(above, int(np.count_nonzero(best >= seen * (1 - TIE))) - above, REPLICATES, rng)

    return draw


def _city(rng: np.random.Generator, question: Question) -> Data:
    """Places of very different size, some of them at one spot; days of very different busyness."""
    people = np.maximum(1.0, np.round(rng.lognormal(3.0, 1.0, _PLACES)))
    busy = rng.lognormal(0.0, 0.5, _DAYS) if question.model is Model.PERMUTATION else np.ones(_DAYS)
    place = rng.choice(_PLACES, _CASES, p=people / people.sum())
    data = Data(
        _PLACES,
        place,
        FIRST + rng.choice(_DAYS, _CASES, p=busy / busy.sum()),
        np.floor(rng.random(_PLACES) * 12),
        np.floor(rng.random(_PLACES) * 12),
        weight=people,
    )
    if question.model is not Model.BERNOULLI:
        return data if question.time is not Time.SPATIAL else replace(data, case_day=None)
    case = rng.permutation(_CASES) < _CASES * 2 // 5
    return replace(data, case_place=place[case], case_day=None, controls=np.bincount(place[~case], minlength=_PLACES))


def _night(family: Family, score: Score) -> Callable[[int], Drawn]:
    def draw(seed: int) -> Drawn:
        rng = np.random.default_rng([seed, *family.value.encode()])
        quiet = Quiet(float(rng.choice([60, 120, 250, 500])), float(rng.uniform(0.6, 3.0)))
        window = quiet_history(quiet, rng).at(date.fromordinal(FIRST + int(quiet.years * 365.25) - 1), 1)
        scan = Scan(score=score)
        history = History.of(window, scan.windows_days, scan.history_days)
        looked = scan.look(window, history, family) if history is not None else None
        if looked is None:
            return Drawn(1.0, float(rng.random()))
        seen = float(scores(looked.look)[0].max())
        if seen > 0.0:
            bars = seen, seen * (1 + 4 * TIE)
            least, more = (replicates_beating(looked.look, bar, seed, REPLICATES, REPLICATES + 1, 1) or 0 for bar in bars)
        else:  # the service says nothing then; every replicate scores at least as much
            least, more = REPLICATES, replicates_beating(looked.look, _NO_SCORE, seed, REPLICATES, REPLICATES + 1, 1) or 0
        return _drawn(more, least - more, REPLICATES, rng)

    return draw


def _drawn(above: int, equal: int, replicates: int, rng: np.random.Generator) -> Drawn:
    told = (1 + above + equal) / (1 + replicates)
    return Drawn(told, (above + float(rng.random()) * (1 + equal)) / (1 + replicates))
