"""From a study to its clusters: the most likely ones, and how often chance alone does as much."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from detector.model import FloatArray, IntArray
from detector.scan.montecarlo import LEAST_BAR, TIE, maxima, reached
from detector.scan.observed import Candidates, candidates
from detector.scan.study import Data, Question, Study, Time, period, prepare

_EULER = 0.57721566490153286
_BARS = (6.0, 3.0, 1.0, LEAST_BAR)
"""Scores down to which clusters are looked for, until there are as many as asked for; where time is long, only the last."""


class PMethod(StrEnum):
    """Where a p comes from."""

    MONTE_CARLO = "monte_carlo"
    SEQUENTIAL = "sequential"
    GUMBEL = "gumbel"


@dataclass(frozen=True, slots=True)
class Trials:
    """How chance is asked.

    ``sequential`` stops once it is sure that p is above ``alpha``; ``gumbel`` fills in p where no replicate came as high.
    """

    replicates: int = 999
    seed: int = 0
    threads: int = 1
    sequential: bool = False
    alpha: float = 0.05
    gumbel: bool = False


@dataclass(frozen=True, slots=True)
class Cluster:
    """One cluster. ``places`` are rows, nearest first; days are ordinals, None in a purely spatial scan without dates."""

    places: tuple[int, ...]
    centre: int
    radius_m: float | None
    shape: float
    angle: float
    first_day: int | None
    last_day: int | None
    observed: int
    expected: float
    relative_risk: float
    llr: float
    p: float | None
    p_method: PMethod | None
    recurrence_interval_days: float | None


@dataclass(frozen=True, eq=False)
class Answer:
    """The clusters, best first, and the best score of every replicate that was run."""

    clusters: tuple[Cluster, ...]
    maxima: FloatArray


def answer(
    data: Data,
    question: Question,
    trials: Trials,
    *,
    clusters: int = 10,
    overlap: bool = False,
    progress: Callable[[int], None] | None = None,
) -> Answer:
    """Scan the data and say what chance makes of it.

    Args:
        data: cases and places.
        question: which windows are compared, and how.
        trials: replicates and the like; 0 replicates give no p.
        clusters: at most so many are reported.
        overlap: whether clusters may share places with a better one.
        progress: called with the number of replicates done so far.

    Raises:
        ScanError: data and question do not fit.
    """
    study = prepare(data, question)
    for bar in _BARS if study.problem.blocks is not None else _BARS[-1:]:
        found = candidates(study.problem, study.counts, bar)
        rows = _chosen(study, found, _best_first(study, found), clusters, overlap=overlap)
        if len(rows) >= clusters:
            break
    best = float(found.score[rows[0]]) if rows else 0.0
    enough = math.floor(trials.alpha * (trials.replicates + 1) + 1e-9)
    stop_at = (best, enough) if trials.sequential and enough else None
    drawn = np.zeros(0)
    if trials.replicates:
        drawn = maxima(study.problem, trials.replicates, trials.seed, threads=trials.threads, stop_at=stop_at, progress=progress)
    return Answer(tuple(_cluster(study, found, row, drawn, trials) for row in rows), drawn)


def gumbel_p(drawn: FloatArray, score: float) -> float:
    """P(maximum >= score) when maxima follow a Gumbel distribution with the mean and deviation of ``drawn``.

    p = 1 - exp(-exp(-(x - μ)/β)), β = s·√6/π, μ = mean - γ·β (Abrams, Kulldorff & Kleinman 2010). An approximation: good for
    likelihood ratios in the tail, wrong for data so sparse that maxima take few values.
    """
    beta = float(drawn.std(ddof=1)) * math.sqrt(6.0) / math.pi
    if beta == 0.0:
        return 1.0 if score <= float(drawn[0]) else 0.0
    centred = (score - float(drawn.mean()) + _EULER * beta) / beta
    return -math.expm1(-math.exp(-centred))


def _best_first(study: Study, found: Candidates) -> IntArray:
    """Reaches by score; of equal scores the one with the fewest places, then the first."""
    begin = study.reaches.start[:-1]
    size = np.where(found.set_of >= 0, study.set_end[np.maximum(found.set_of, 0)] - begin, 0)
    return np.lexsort((size, -np.round(found.score, 9)))


def _chosen(study: Study, found: Candidates, order: IntArray, clusters: int, *, overlap: bool) -> list[int]:
    """The best reaches; without ``overlap`` none that shares places with a better one at the same time."""
    told: list[tuple[frozenset[int], int, int]] = []
    rows: list[int] = []
    for row in order.tolist():
        if found.set_of[row] < 0 or len(rows) >= clusters:
            break
        places, first, last = frozenset(_places(study, found, row).tolist()), int(found.first[row]), int(found.last[row])
        if overlap:
            known = (places, first, last) in told
        else:
            known = any(first <= end and begin <= last and not places.isdisjoint(others) for others, begin, end in told)
        if not known:
            told.append((places, first, last))
            rows.append(row)
    return rows


def _places(study: Study, found: Candidates, row: int) -> IntArray:
    end = int(study.set_end[found.set_of[row]])
    return study.reaches.place[study.reaches.start[row] : end + 1]


def _cluster(study: Study, found: Candidates, row: int, drawn: FloatArray, trials: Trials) -> Cluster:
    problem, question = study.problem, study.question
    number = int(found.set_of[row])
    places, end = _places(study, found, row), int(study.set_end[number])
    first, last = int(found.first[row]), int(found.last[row])
    if problem.blocks is None:
        part, inside = problem.rate[:, last], study.counts[places, : last + 1]
    else:
        part, inside = problem.rate[:, last + 1] - problem.rate[:, first], study.counts[places, first + 1 : last + 2]
    observed, expected = int(inside.sum()), float(problem.base[number] @ part)
    p, method = _p(drawn, float(found.score[row]), trials)
    return Cluster(
        places=tuple(places.tolist()),
        centre=int(study.reaches.centre[row]),
        radius_m=float(study.reaches.radius_m[end]) if study.reaches.centre[row] >= 0 else None,
        shape=float(study.reaches.shape[row]),
        angle=float(study.reaches.angle[row]),
        **_days(study, first, last),
        observed=observed,
        expected=expected,
        relative_risk=_relative_risk(study, observed, expected),
        llr=float(found.score[row]),
        p=p,
        p_method=method,
        recurrence_interval_days=question.step_days / p if p and question.time is Time.PROSPECTIVE else None,
    )


def _days(study: Study, first: int, last: int) -> dict[str, int | None]:
    if study.data.case_day is None:
        return {"first_day": study.question.first_day, "last_day": study.question.last_day}
    begin, end = period(study.data, study.question)
    if study.question.time is Time.SPATIAL:
        return {"first_day": begin, "last_day": end}
    step = study.question.step_days
    if study.problem.blocks is None:
        return {"first_day": max(begin, end - step * (last + 1) + 1), "last_day": end}
    return {"first_day": max(begin, end - step * (study.units - first) + 1), "last_day": end - step * (study.units - 1 - last)}


def _relative_risk(study: Study, observed: int, expected: float) -> float:
    """Observed over expected inside, divided by the same outside; infinite where nothing is outside."""
    rest, rest_expected = study.problem.cases - observed, study.problem.cases - expected
    if expected <= 0.0 or rest <= 0 or rest_expected <= 0.0:
        return math.inf if observed else 1.0
    return (observed / expected) / (rest / rest_expected)


def _p(drawn: FloatArray, score: float, trials: Trials) -> tuple[float | None, PMethod | None]:
    if drawn.size == 0:
        return None, None
    higher = reached(drawn, score)
    if trials.sequential and drawn.size < trials.replicates and higher:
        stopped = drawn[-1] >= score * (1.0 - TIE)
        return (higher / drawn.size if stopped else (1 + higher) / (1 + drawn.size)), PMethod.SEQUENTIAL
    if higher == 0 and trials.gumbel and drawn.size > 1:
        return min(gumbel_p(drawn, score), 1 / (1 + drawn.size)), PMethod.GUMBEL
    return (1 + higher) / (1 + drawn.size), PMethod.MONTE_CARLO
