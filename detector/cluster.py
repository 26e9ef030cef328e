"""Density clusters of recent reports in metres and days, and how often permuted dates give one as odd."""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import KDTree

from detector.model import BoolArray, FloatArray, IntArray
from detector.scan.jit import compiled
from detector.scan.random import advanced, below, stream_of
from detector.scan.scores import permutation_llr

NOISE = -1
_TIE = 1e-9


@dataclass(frozen=True, eq=False)
class Points:
    """Reports that say where, oldest first, and the streams in which clusters are looked for.

    ``x``/``y`` are in units of the reach in space, ``day`` in units of the reach in time, so that two reports are near when they
    are at most 1 apart. ``member[s, i]`` says whether report i is in stream s; ``near[s, i]`` is how many reports of stream s, of
    any date, are at most 1 from its place. ``first`` is the first recent one, ``fresh`` from when a cluster is still alive.
    """

    x: FloatArray
    y: FloatArray
    day: FloatArray
    member: BoolArray
    near: FloatArray
    first: int
    fresh: float
    least: int


@dataclass(frozen=True, slots=True)
class Cluster:
    """Reports of one stream that lie close together: their numbers in the :class:`Points`, and how odd that is."""

    stream: int
    rows: tuple[int, ...]
    score: float


def count_near(x: FloatArray, y: FloatArray, member: BoolArray) -> FloatArray:
    """For each stream and place, the number of the stream's reports at most 1 away, of any date; shape as ``member``."""
    places, place_of = np.unique(np.column_stack([x, y]), axis=0, return_inverse=True)
    near = np.zeros(member.shape, dtype=np.float64)
    for s in range(member.shape[0]):
        rows = np.flatnonzero(member[s])
        if rows.size:
            tree = KDTree(np.column_stack([x[rows], y[rows]]))
            near[s] = np.asarray(tree.query_ball_point(places, r=1.0 + _TIE, return_length=True))[place_of.ravel()]
    return near


def score_of(rows: IntArray, stream: int, points: Points) -> float:
    """Log likelihood ratio of a cluster's size against its expectation under permuted dates; 0 if it is no longer alive."""
    if rows.size < points.least or float(points.day[rows].max()) < points.fresh:
        return 0.0
    reports = points.x.size
    expected = float(points.near[stream, rows].mean()) * (reports - points.first) / reports
    return float(permutation_llr(float(rows.size), expected, float(reports)))


def observed_clusters(points: Points) -> list[Cluster]:
    """DBSCAN (Ester, Kriegel, Sander & Xu 1996) over the recent reports of every stream; the oddest first."""
    clusters = []
    for s in range(points.member.shape[0]):
        rows = points.first + np.flatnonzero(points.member[s, points.first :])
        labels = dbscan(points.x[rows], points.y[rows], points.day[rows], points.least)
        clusters += clusters_of(labels, rows, s, points)
    return sorted(clusters, key=lambda cluster: (-cluster.score, cluster.stream, cluster.rows))


def clusters_of(labels: IntArray, rows: IntArray, stream: int, points: Points) -> list[Cluster]:
    """Labelled rows as clusters with a score; the rest is left out."""
    found = [rows[labels == label] for label in range(int(labels.max(initial=NOISE)) + 1)]
    scored = [Cluster(stream, tuple(held.tolist()), score_of(held, stream, points)) for held in found]
    return [cluster for cluster in scored if cluster.score > 0.0]


def exceedances(points: Points, score: float, seed: int, replicates: int, enough: int) -> int:
    """In how many of the replicates some stream has a cluster with at least that score; counting stops above ``enough``.

    A replicate deals the dates out anew: any of the reports may stand in the recent days. All streams share it, so the answer is
    that of the family's maximum.
    """
    return int(
        _exceedances(
            points.x,
            points.y,
            points.day,
            points.member,
            points.near,
            points.first,
            points.fresh,
            points.least,
            score * (1.0 - _TIE),
            np.uint64(seed),
            replicates,
            enough,
        )
    )


@compiled
def dbscan(x: FloatArray, y: FloatArray, day: FloatArray, least: int) -> IntArray:
    """Labels 0, 1, ... of clusters, -1 for noise; ``day`` ascending, reach 1, a core has ``least`` points near, itself included.

    A border point goes to the cluster of its earliest core.
    """
    number = x.shape[0]
    degree = np.ones(number, np.int64)
    for i in range(number):
        for j in range(i + 1, number):
            gap = day[j] - day[i]
            if gap > 1.0 + 1e-9:
                break
            if (x[i] - x[j]) ** 2 + (y[i] - y[j]) ** 2 + gap * gap <= 1.0 + 1e-9:
                degree[i] += 1
                degree[j] += 1
    root = np.arange(number)
    border = np.full(number, -1)
    for i in range(number):
        for j in range(i + 1, number):
            gap = day[j] - day[i]
            if gap > 1.0 + 1e-9:
                break
            if (x[i] - x[j]) ** 2 + (y[i] - y[j]) ** 2 + gap * gap > 1.0 + 1e-9:
                continue
            if degree[i] >= least and degree[j] >= least:
                a, b = i, j
                while root[a] != a:
                    a = root[a]
                while root[b] != b:
                    b = root[b]
                root[max(a, b)] = min(a, b)
            elif degree[i] >= least and border[j] < 0:
                border[j] = i
            elif degree[j] >= least and border[i] < 0:
                border[i] = j
    labels = np.full(number, -1)
    number_of = np.full(number, -1)
    clusters = 0
    for i in range(number):
        a = i if degree[i] >= least else border[i]
        if a < 0:
            continue
        while root[a] != a:
            a = root[a]
        if number_of[a] < 0:
            number_of[a] = clusters
            clusters += 1
        labels[i] = number_of[a]
    return labels


@compiled
def _exceedances(
    x: FloatArray,
    y: FloatArray,
    day: FloatArray,
    member: BoolArray,
    near: FloatArray,
    first: int,
    fresh: float,
    least: int,
    bar: float,
    seed: np.uint64,
    replicates: int,
    enough: int,
) -> int:
    reports = x.shape[0]
    recent = reports - first
    order = np.arange(reports)
    held = np.zeros(recent, np.int64)
    times = np.zeros(recent, np.float64)
    beaten = 0
    for replicate in range(replicates):
        state = stream_of(seed, replicate)
        for i in range(recent):
            state = advanced(state)
            j = i + below(state, reports - i)
            order[i], order[j] = order[j], order[i]
        best = 0.0
        for s in range(member.shape[0]):
            number = 0
            for i in range(recent):
                if member[s, order[i]]:
                    held[number] = order[i]
                    times[number] = day[first + i]
                    number += 1
            if number < least:
                continue
            rows = held[:number]
            labels = dbscan(x[rows], y[rows], times[:number], least)
            best = max(best, _best_score(labels, rows, times[:number], near[s], recent / reports, fresh, least))
            if best >= bar:
                break
        if best >= bar:
            beaten += 1
            if beaten > enough:
                break
    return beaten


@compiled
def _best_score(
    labels: IntArray, rows: IntArray, times: FloatArray, near: FloatArray, share: float, fresh: float, least: int
) -> float:
    clusters = labels.max() + 1
    size = np.zeros(clusters, np.int64)
    total = np.zeros(clusters, np.float64)
    latest = np.full(clusters, -np.inf)
    for i in range(labels.shape[0]):
        label = labels[i]
        if label >= 0:
            size[label] += 1
            total[label] += near[rows[i]]
            latest[label] = max(latest[label], times[i])
    best = 0.0
    for label in range(clusters):
        if size[label] >= least and latest[label] >= fresh:
            score = permutation_llr(float(size[label]), total[label] / size[label] * share, float(near.shape[0]))
            best = max(best, score)
    return best
