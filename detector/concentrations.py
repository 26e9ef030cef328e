"""Where the density method looks: a window's points, their clusters, and what each is as a finding."""

import math
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np
from shapely import MultiPoint, minimum_bounding_circle, minimum_bounding_radius

from detector.cluster import Cluster, Points, clusters_of, count_near, exceedances, observed_clusters
from detector.methods.density import Algorithm, Density
from detector.model import NOWHERE, AreaTable, BoolArray, Family, Finding, FloatArray, IntArray, Level, Region, StreamKind, Window

_FINEST = 5
"""The limit must be at least this many steps of 1/(R+1), or more replicates are run."""


@dataclass(frozen=True, eq=False)
class Look:
    """One family of one window: its points, and the window's rows that they are."""

    settings: Density
    window: Window
    family: Family
    points: Points
    rows: IntArray
    streams: tuple[tuple[StreamKind, str], ...]

    @classmethod
    def of(cls, settings: Density, window: Window, family: Family, kinds: tuple[StreamKind, ...]) -> "Look | None":
        """None where no cluster can be."""
        x_m, y_m = _where(window)
        placed = np.isfinite(x_m) & (window.day > window.last_day - settings.history_days)
        rows = np.flatnonzero(placed)
        first = int(np.searchsorted(window.day[rows], window.last_day - settings.max_days, side="right"))
        chosen = [stream for stream in window.streams if stream.kind in kinds]
        if rows.size - first < settings.min_reports or not chosen:
            return None
        member: BoolArray = np.zeros((len(chosen), window.size), dtype=np.bool_)
        for s, stream in enumerate(chosen):
            member[s, stream.members] = True
        member = member[:, rows]
        kept = np.flatnonzero(member.sum(axis=1) >= settings.min_reports)
        x, y = x_m[rows] / settings.eps_m, y_m[rows] / settings.eps_m
        points = Points(
            x=x,
            y=y,
            day=(window.day[rows] - window.last_day) / settings.eps_days,
            member=member[kept],
            near=count_near(x, y, member[kept]),
            first=first,
            fresh=(1 - settings.recent_days) / settings.eps_days,
            least=settings.min_reports,
        )
        return cls(settings, window, family, points, rows, tuple((chosen[s].kind, chosen[s].code) for s in kept.tolist()))

    def findings(self, limit: float, seed: int) -> list[Finding]:
        """Oddest cluster first, until one does not pass."""
        replicates = max(self.settings.replicates, math.ceil(_FINEST / limit) - 1)
        enough = math.floor(limit * (replicates + 1) + 1e-9) - 1
        found = []
        hdbscan = self.settings.algorithm is Algorithm.HDBSCAN
        for cluster in hdbscan_clusters(self.points) if hdbscan else observed_clusters(self.points):
            count = hdbscan_exceedances if hdbscan else exceedances
            beaten = count(self.points, cluster.score, seed, replicates, enough)
            if beaten > enough:
                break
            found.append(self._finding(cluster, (1 + beaten) / (1 + replicates)))
        return found

    def _finding(self, cluster: Cluster, p: float) -> Finding:
        window, kind_code = self.window, self.streams[cluster.stream]
        held = np.array(cluster.rows, dtype=np.int64)
        rows = self.rows[held]
        recent = (self.points.x.size - self.points.first) / self.points.x.size
        return Finding(
            method=self.settings.name,
            family=self.family,
            stream_kind=kind_code[0],
            stream_code=kind_code[1],
            region=_region(window, rows),
            window_from=date.fromordinal(int(window.day[rows].min())),
            window_to=window.as_of,
            observed=rows.size,
            expected=float(self.points.near[cluster.stream, held].mean()) * recent,
            score_name="llr",
            score=cluster.score,
            p=p,
            recurrence_interval_days=window.look_days / p,
            members=frozenset(window.report_keys[row] for row in rows.tolist()),
            detail=self.settings.algorithm.value,
        )


def hdbscan_clusters(points: Points, order: IntArray | None = None) -> list[Cluster]:
    """Clusters by HDBSCAN, oddest first; ``order`` says which report stands at each recent date (None: as they are)."""
    from sklearn.cluster import HDBSCAN  # noqa: PLC0415 - seconds to load, and few installations ask for it

    standing = np.arange(points.first, points.x.size) if order is None else order
    clusters: list[Cluster] = []
    moved = Points(
        x=points.x,
        y=points.y,
        day=_moved(points, standing),
        member=points.member,
        near=points.near,
        first=points.first,
        fresh=points.fresh,
        least=points.least,
    )
    for s in range(points.member.shape[0]):
        rows = standing[points.member[s, standing]]
        if rows.size > points.least:
            spots = np.column_stack([points.x[rows], points.y[rows], moved.day[rows]])
            labels = HDBSCAN(min_cluster_size=points.least, allow_single_cluster=True, copy=True).fit_predict(spots)
            clusters += clusters_of(labels.astype(np.int64), rows, s, moved)
    return sorted(clusters, key=lambda cluster: (-cluster.score, cluster.stream, cluster.rows))


def hdbscan_exceedances(points: Points, score: float, seed: int, replicates: int, enough: int) -> int:
    """As :func:`detector.cluster.exceedances`, for HDBSCAN."""
    rng = np.random.default_rng(seed)
    beaten = 0
    for _ in range(replicates):
        order = rng.choice(points.x.size, size=points.x.size - points.first, replace=False)
        best = next(iter(hdbscan_clusters(points, order)), None)
        beaten += best is not None and best.score >= score * (1 - 1e-9)
        if beaten > enough:
            break
    return beaten


def _moved(points: Points, standing: IntArray) -> FloatArray:
    day = np.full(points.x.size, -np.inf)
    day[standing] = points.day[points.first :]
    return day


def _where(window: Window) -> tuple[FloatArray, FloatArray]:
    """Each report's point, or that of its neighbourhood; NaN where neither is known."""
    inner = _inner_points(window.areas)[window.area]
    known = np.isfinite(window.x_m)
    return np.where(known, window.x_m, inner[:, 0]), np.where(known, window.y_m, inner[:, 1])


@lru_cache(maxsize=32)
def _inner_points(areas: AreaTable) -> FloatArray:
    """Inner points of the finest areas, NaN for wider ones, whose middle says nothing; the last row, for ``NOWHERE``, is NaN."""
    finest = Level.NEIGHBOURHOOD if areas.at_level(Level.NEIGHBOURHOOD).size else Level.DISTRICT
    points = np.full((len(areas.areas) + 1, 2), np.nan)
    for i, area in enumerate(areas.areas):
        if area.level in {finest, Level.POSTCODE}:
            points[i] = (area.x_m, area.y_m)
    return points


def _region(window: Window, rows: IntArray) -> Region:
    """The areas of the reports, and the smallest circle around them."""
    x_m, y_m = _where(window)
    spots = MultiPoint(np.unique(np.column_stack([x_m[rows], y_m[rows]]), axis=0))
    radius_m = float(minimum_bounding_radius(spots))
    centre = minimum_bounding_circle(spots).centroid if radius_m > 0 else spots.centroid
    known = window.area[rows]
    codes = {_zone_code(window.areas, int(row)) for row in known[known != NOWHERE]}
    return Region(
        area_codes=tuple(sorted(codes)) or (window.areas.municipality.code,),
        x_m=float(centre.x),
        y_m=float(centre.y),
        radius_m=radius_m,
    )


def _zone_code(areas: AreaTable, row: int) -> str:
    """The area itself, or the neighbourhood around a postcode."""
    named = next((above for above in areas.ancestors(row) if areas.areas[above].level is not Level.POSTCODE), row)
    return areas.areas[named].code
