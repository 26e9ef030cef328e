"""Clusters in metres and days, against scikit-learn and against permuted dates the slow way."""

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sklearn.cluster import DBSCAN
from town import START, neighbourhood, quiet_reports, report, town

from detector.cluster import Points, count_near, dbscan, exceedances, observed_clusters, score_of
from detector.methods.density import Algorithm, Density
from detector.model import Family, Report, Window
from detector.window import make_window

AREAS = town()


def window_of(reports: list[Report]) -> Window:
    return make_window(reports, AREAS, START + timedelta(days=800), look_days=7)


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=40), st.integers(2, 5)
)
@example([(0, 0, 0), (8, 0, 0)], 2)
@example([(0, 0, 0), (7, 4, 0), (9, 3, 1)], 2)
def test_clusters_are_those_of_scikit_learn(spots: list[tuple[int, int, int]], least: int) -> None:
    # Eighths are exact, so that what lies at the radius lies there for both.
    points = np.array(sorted(spots, key=lambda spot: spot[2]), dtype=np.float64) / 8
    labels = dbscan(points[:, 0].copy(), points[:, 1].copy(), points[:, 2].copy(), least)
    theirs = DBSCAN(eps=1.0, min_samples=least).fit(points)
    assert np.array_equal(labels >= 0, theirs.labels_ >= 0)
    core = theirs.core_sample_indices_
    pairs = {(int(labels[i]), int(theirs.labels_[i])) for i in core}
    assert len(pairs) == len({ours for ours, _ in pairs}) == len({other for _, other in pairs})


def some_points(seed: int, number: int, recent: int) -> Points:
    rng = np.random.default_rng(seed)
    x, y = rng.random(number) * 3, rng.random(number) * 3
    member = rng.random((2, number)) < [[0.9], [0.4]]
    return Points(
        x=x,
        y=y,
        day=np.sort(-rng.random(number) * 8)[:],
        member=member,
        near=count_near(x, y, member),
        first=number - recent,
        fresh=-0.7,
        least=3,
    )


def test_near_reports_are_counted() -> None:
    points = some_points(1, 60, 10)
    for s in range(2):
        for i in range(60):
            held = points.member[s] & ((points.x - points.x[i]) ** 2 + (points.y - points.y[i]) ** 2 <= 1)
            assert points.near[s, i] == held.sum()


def test_permuted_dates_are_counted_as_the_slow_way_does() -> None:
    points = some_points(2, 80, 30)
    bar = 2.5
    rng = np.random.default_rng(3)
    reached = 0
    for _ in range(400):
        order = rng.choice(80, size=30, replace=False)
        day = np.full(80, -np.inf)
        day[order] = points.day[50:]
        best = 0.0
        for s in range(2):
            rows = order[points.member[s, order]]
            labels = DBSCAN(eps=1.0, min_samples=3).fit_predict(np.column_stack([points.x[rows], points.y[rows], day[rows]]))
            moved = Points(points.x, points.y, day, points.member, points.near, 50, points.fresh, 3)
            best = max([best, *(score_of(rows[labels == label], s, moved) for label in set(labels.tolist()) - {-1})])
        reached += best >= bar
    quick = exceedances(points, bar, seed=4, replicates=6000, enough=6000)
    assert 0.02 < reached / 400 < 0.98
    assert quick / 6000 == pytest.approx(reached / 400, abs=0.09)


def test_counting_stops_when_enough() -> None:
    points = some_points(2, 80, 30)
    assert exceedances(points, 0.1, seed=4, replicates=6000, enough=5) == 6


def test_the_oddest_cluster_comes_first() -> None:
    scores = [cluster.score for cluster in observed_clusters(some_points(5, 200, 120))]
    assert scores == sorted(scores, reverse=True)
    assert len(scores) > 1


def street(first: int) -> list[Report]:
    """Eight reports along a street of 1.4 km, none with an area."""
    return [report(first + n, 775 + 3 * n, x_m=-3000.0 + 200 * n, y_m=-3000.0, communities=("d",)) for n in range(8)]


def test_hdbscan_finds_a_street_too() -> None:
    reports = quiet_reports(np.random.default_rng(2), 800, 60) + street(5000)
    method = Density(algorithm=Algorithm.HDBSCAN, replicates=199, share=1.0)
    best = method.detect(window_of(reports), np.random.default_rng(0))[0]
    assert best.detail == "hdbscan"
    assert len(best.members & {f"test:r{5000 + n:05d}" for n in range(8)}) >= 6


def test_a_street_is_found_in_its_shape() -> None:
    reports = quiet_reports(np.random.default_rng(2), 800, 60) + street(5000)
    method = Density(share=1.0)
    found = method.detect(window_of(reports), np.random.default_rng(0))
    assert {one.family for one in found} == {Family.PLACE, Family.PLACE_COMMUNITY}
    best = next(one for one in found if one.family is Family.PLACE)
    assert best.members == {f"test:r{5000 + n:05d}" for n in range(8)}
    assert best.region.radius_m == pytest.approx(700)
    assert best.region.x_m == pytest.approx(-2300)
    assert best.region.area_codes == (AREAS.municipality.code,)
    assert best.window_from == START + timedelta(days=775)


def test_reports_that_name_a_district_only_stand_nowhere() -> None:
    reports = quiet_reports(np.random.default_rng(2), 800, 60)
    wide = [report(5000 + n, 790 + n, "WK999903") for n in range(8)]
    assert Density(share=1.0).detect(window_of(reports + wide), np.random.default_rng(0)) == []
    narrow = [report(5000 + n, 790 + n, neighbourhood(3, 0)) for n in range(8)]
    assert Density(share=1.0).detect(window_of(reports + narrow), np.random.default_rng(0))


def test_a_cluster_that_has_died_is_not_told() -> None:
    reports = quiet_reports(np.random.default_rng(2), 700, 60)
    old = [report(5000 + n, 740 + n, x_m=-3000.0, y_m=-3000.0) for n in range(8)]
    assert Density(share=1.0).detect(window_of(reports + old), np.random.default_rng(0)) == []


def test_no_share_no_finding() -> None:
    reports = quiet_reports(np.random.default_rng(2), 800, 60) + street(5000)
    assert Density(share=0.0).detect(window_of(reports), np.random.default_rng(0)) == []
