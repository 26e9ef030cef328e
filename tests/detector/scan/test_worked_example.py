"""The worked example of docs/scan.md, figure by figure."""

import math
import re
from pathlib import Path

import numpy as np
import pytest

from detector.scan.inference import Trials, answer
from detector.scan.scores import permutation_llr, predictive_surprise
from detector.scan.study import Data, Model, Question, Time

PAGE = Path(__file__).parents[3] / "docs" / "scan.md"


@pytest.fixture(scope="module")
def figures() -> dict[str, float]:
    """The example's results as the page prints them: ``name = figure`` in its last column."""
    text = PAGE.read_text(encoding="utf-8").partition("## A worked example")[2].partition("\n## ")[0]
    return {name: float(value) for name, value in re.findall(r"`(\w+)` = ([0-9.]+)", text)}


def test_the_likelihood_ratio_of_the_page(figures: dict[str, float]) -> None:
    reports, recent, there, seen = 200, 20, 10, 5
    expected = there * recent / reports
    assert figures["expected"] == pytest.approx(expected)
    by_hand = seen * math.log(seen / expected) + (reports - seen) * math.log((reports - seen) / (reports - expected))
    assert permutation_llr(seen, expected, reports) == pytest.approx(by_hand)
    assert figures["llr"] == pytest.approx(by_hand, abs=5e-5)


def test_the_predictive_score_of_the_page(figures: dict[str, float]) -> None:
    alpha, share, past_all, past, recent, seen = 2.0, 0.04, 180, 5, 20, 5
    hits, misses = alpha + past, alpha / share - alpha + past_all - past
    assert figures["hits"] == pytest.approx(hits)
    assert figures["misses"] == pytest.approx(misses)
    tail = 0.0
    for k in range(seen, recent + 1):
        beta = math.lgamma(hits + k) + math.lgamma(misses + recent - k) - math.lgamma(hits + misses + recent)
        beta -= math.lgamma(hits) + math.lgamma(misses) - math.lgamma(hits + misses)
        tail += math.comb(recent, k) * math.exp(beta)
    assert figures["chance"] == pytest.approx(tail, abs=5e-6)
    assert figures["score"] == pytest.approx(-math.log(tail), abs=5e-5)
    assert predictive_surprise(seen, recent, hits, misses) == pytest.approx(-math.log(tail))


def test_the_scan_finds_the_page_s_cluster(figures: dict[str, float]) -> None:
    """Twenty places; place 0 has 10 of 200 cases, 5 of them among the last day's 20."""
    place = np.concatenate([np.zeros(10, dtype=np.int64), 1 + np.arange(190) % 19])
    day = np.concatenate([[9] * 5 + [0, 2, 4, 6, 7], [9] * 15 + [i % 9 for i in range(175)]])
    data = Data(20, place, 738_000 + day, np.arange(20.0) * 1000, np.zeros(20))
    question = Question(Model.PERMUTATION, Time.PROSPECTIVE, 738_000, 738_009, max_days=1, max_radius_m=10)
    best = answer(data, question, Trials(0), clusters=1).clusters[0]
    assert best.places == (0,)
    assert best.expected == pytest.approx(figures["expected"])
    assert best.llr == pytest.approx(figures["llr"], abs=5e-5)
