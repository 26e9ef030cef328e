"""The nightly families against the formulas written out, replicate by replicate, over random small data."""

import math
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from detector.model import IntArray
from detector.scan import exceedance
from detector.scan.cells import Cells, Incidence, build_cells
from detector.scan.nightly import LLR, PREDICTIVE, Look, chance, replicates_beating, scores
from detector.scan.random import advanced, below, stream_of

ALPHA, SEED, REPLICATES = 2.0, 11, 40


@dataclass(frozen=True)
class Night:
    """Reports in zones and streams, and the look that one family takes at them; ``member`` is zone × stream × report."""

    look: Look
    member: dict[tuple[int, int], frozenset[int]]
    share: dict[tuple[int, int], float]


@st.composite
def nights(draw: st.DrawFn) -> Night:
    """One zone and many streams (community), many zones and one stream (place), or many of both."""
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    reports = draw(st.integers(12, 70))
    zones, streams = draw(st.sampled_from([(1, 4), (6, 1), (5, 3)]))
    windows, least = draw(st.sampled_from([1, 3, 4, 6])), draw(st.integers(2, 3))
    recent = np.sort(rng.choice(np.arange(least, reports // 2 + 1), min(windows, reports // 2 + 1 - least), replace=False))
    lies_in = rng.random((zones, reports)) < rng.uniform(0.1, 0.5, (zones, 1)) if zones > 1 else np.ones((1, reports), dtype=bool)
    of_stream = rng.random((streams, reports)) < 0.4 if streams > 1 else np.ones((1, reports), dtype=bool)
    zone, report = np.nonzero(lies_in)
    zone_share = rng.uniform(0.05, 0.5, zones) if zones > 1 else np.ones(1)
    members = [np.flatnonzero(row) for row in of_stream]
    cells = build_cells(reports, Incidence(report, zone), zone_share, members, least)
    order = rng.permutation(reports)
    statistic = draw(st.sampled_from([PREDICTIVE, LLR]))
    look = Look(cells, order, np.unique(recent).astype(np.int64), ALPHA, least, statistic)
    member, share = {}, {}
    for z in range(zones):
        for s in range(streams):
            rows = frozenset(np.flatnonzero(lies_in[z] & of_stream[s]).tolist())
            if len(rows) >= least:
                member[z, s], share[z, s] = rows, float(zone_share[z]) * members[s].size / reports
    return Night(look, member, share)


def _best(night: Night, order: list[int]) -> float:
    """The best score over all zones, streams and windows when the reports came in in this order, the last one first."""
    look, best = night.look, 0.0
    reports, longest = len(order), int(look.cuts[-1])
    for key, rows in night.member.items():
        past = len(rows.intersection(order[longest:]))
        for cut in look.cuts.tolist():
            count = len(rows.intersection(order[:cut]))
            if count < look.min_reports:
                continue
            if look.statistic == LLR:
                expected = len(rows) * cut / reports
                if count > expected:
                    rest = reports - count
                    score = count * math.log(count / expected) + (rest * math.log(rest / (reports - expected)) if rest else 0.0)
                    best = max(best, score)
                continue
            hits, weight = ALPHA + past, ALPHA / night.share[key] + reports - longest
            if count > cut * hits / weight:
                chances = stats.betabinom(cut, hits, weight - hits).pmf(np.arange(cut, count - 1, -1))
                best = max(best, -math.log(float(np.sum(np.sort(chances)))))
    return best


def _order(reports: int, recent: int, replicate: int) -> list[int]:
    """The order of the reports in one replicate: the recent slots dealt from all of them."""
    deck, state = list(range(reports)), np.uint64(stream_of(np.uint64(SEED), replicate))
    for slot in range(recent):
        state = np.uint64(advanced(state))
        other = slot + below(state, reports - slot)
        deck[slot], deck[other] = deck[other], deck[slot]
    return deck


@given(nights())
@settings(max_examples=40, deadline=None)
def test_a_family_scores_as_the_formulas_say(night: Night) -> None:
    look = night.look
    if look.cells.count == 0:
        assert not night.member
        return
    tonight = float(scores(look)[0].max())
    assert tonight == pytest.approx(_best(night, look.slots.tolist()), rel=1e-8, abs=1e-9)
    dealt = [_best(night, _order(look.cells.reports, int(look.cuts[-1]), i)) for i in range(REPLICATES)]
    for bar in {tonight, *np.quantile(dealt, [0.2, 0.8, 0.95]).tolist()} - {0.0}:
        near = any(abs(score - bar) < 1e-7 * bar and score != bar for score in dealt)  # a tie but for rounding
        reached = sum(score >= bar * (1 - 1e-9) for score in dealt)
        counted = replicates_beating(look, bar, SEED, REPLICATES, REPLICATES + 1, 1)
        assert counted is not None
        assert counted == reached or near
        assert replicates_beating(look, bar, SEED, REPLICATES, REPLICATES + 1, 2) == counted
        assert chance(look, bar, SEED, REPLICATES, REPLICATES + 1) == pytest.approx((1 + counted) / (1 + REPLICATES))
        assert counted == 0 or replicates_beating(look, bar, SEED, REPLICATES, counted, 1) is None


def test_many_cells_and_wide_lanes_count_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """So many cells that they are emptied one by one, and so many reports that a lane has 32 bits."""
    rng = np.random.default_rng(3)
    few = _look(rng, reports=400, cells=9000, recent=np.array([20, 40, 60]))
    bar = float(scores(few)[0].max())
    assert few.cells.count > 64 * 60
    usual = replicates_beating(few, bar, SEED, 200, 300, 1)
    usual_tables = exceedance.new_tables

    def wide(rules: exceedance.Rules) -> exceedance.Tables:
        return usual_tables(rules._replace(cuts=np.append(rules.cuts[:-1], 1 << 16)))

    monkeypatch.setattr("detector.scan.nightly.new_tables", wide)
    assert replicates_beating(few, bar, SEED, 200, 300, 1) == usual
    assert usual is not None
    assert 0 < usual < 200


def _look(rng: np.random.Generator, *, reports: int, cells: int, recent: IntArray) -> Look:
    cell, report = np.nonzero(rng.random((cells, reports)) < 0.02)
    order = np.argsort(report, kind="stable")
    start = np.concatenate([[0], np.cumsum(np.bincount(report, minlength=reports))]).astype(np.int64)
    size = np.bincount(cell, minlength=cells).astype(np.int64)
    share = rng.uniform(0.005, 0.05, cells)
    every = Cells(reports, start, cell[order].astype(np.int64), np.arange(cells), np.zeros(cells, dtype=np.int64), size, share)
    return Look(every, rng.permutation(reports), recent.astype(np.int64), ALPHA, 3, PREDICTIVE)
