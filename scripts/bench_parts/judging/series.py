"""The methods that watch one series of counts for each neighbourhood and each community: thresholds, EARS C2, Farrington."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np

from detector.model import Family, FloatArray, IntArray, Level, StreamKind
from detector.window import History
from judging.candidates import Candidate, Looks
from judging.cities import Case

LEAST = 3
_KEPT = 3
THRESHOLD_DAYS, EARS_DAYS, FARRINGTON_DAYS = 60, 56, 56
_EARS_BINS, _EARS_GAP = 7, 1
_FARRINGTON_BINS, _FARRINGTON_GAP = 18, 1


@dataclass(frozen=True, eq=False)
class Series:
    """Counts of every neighbourhood and every community: ``counts[s, d]`` are those before day ``first + d``."""

    first: int
    counts: FloatArray
    rows: tuple[IntArray, ...]
    names: tuple[tuple[Family, StreamKind, str, tuple[str, ...]], ...]
    day: IntArray
    keys: tuple[str, ...]

    @classmethod
    def of(cls, history: History, last: date) -> "Series":
        """All series of a history up to a day."""
        window = history.at(last, 1)
        base = window.areas.at_level(Level.NEIGHBOURHOOD)
        rows, names = [], []
        for row in base.tolist():
            rows.append(np.flatnonzero(window.area == row))
            names.append((Family.PLACE, StreamKind.ALL, "", (window.areas.areas[row].code,)))
        for stream in window.streams:
            if stream.kind is StreamKind.COMMUNITY:
                rows.append(stream.members)
                names.append((Family.COMMUNITY, stream.kind, stream.code, (window.areas.municipality.code,)))
        counts = np.zeros((len(rows), window.last_day - window.first_day + 2))
        for s, held in enumerate(rows):
            counts[s, 1:] = np.cumsum(np.bincount(window.day[held] - window.first_day, minlength=counts.shape[1] - 1))
        return cls(window.first_day, counts, tuple(rows), tuple(names), window.day, window.report_keys)

    def within(self, ends: IntArray, days: int) -> FloatArray:
        """Counts of the ``days`` up to each of the days ``ends`` (ordinals, any shape); a new axis of series in front."""
        stop = np.clip(ends - self.first + 1, 0, self.counts.shape[1] - 1)
        start = np.clip(ends - self.first + 1 - days, 0, self.counts.shape[1] - 1)
        return np.asarray(self.counts[:, stop] - self.counts[:, start])

    def candidate(self, s: int, end: int, days: int, score: float) -> Candidate:
        """The reports of a series in the last ``days``."""
        held = self.rows[s]
        held = held[(self.day[held] <= end) & (self.day[held] > end - days)]
        family, kind, code, areas = self.names[s]
        members = frozenset(self.keys[row] for row in held.tolist())
        return Candidate(family.value, score, family, kind, code, areas, members, date.fromordinal(end - days + 1))


def threshold(series: Series, ends: IntArray) -> FloatArray:
    """How many reports within so many days; among equals those that lie closer together in time come first."""
    count = series.within(ends, THRESHOLD_DAYS)
    closer = sum(series.within(ends, days) for days in range(6, THRESHOLD_DAYS, 6))
    return np.asarray(count + closer / (count.clip(1) * THRESHOLD_DAYS))


def ears_c2(series: Series, ends: IntArray) -> FloatArray:
    """Standard deviations above the mean of the seven periods that end two periods before (CDC's EARS, C2)."""
    now = series.within(ends, EARS_DAYS)
    back = EARS_DAYS * (_EARS_GAP + 1 + np.arange(_EARS_BINS))
    before = series.within(ends[:, None] - back, EARS_DAYS)
    spread = np.maximum(before.std(axis=2, ddof=1), 0.5)
    return np.asarray((now - before.mean(axis=2)) / spread)


def farrington(series: Series, ends: IntArray) -> FloatArray:
    """Standardised excess over a quasi-Poisson regression with trend on three years of the same series (Farrington 1996).

    The trend stays where it is significant; a period far above its fit counts for less; residuals on the 2/3 power scale.
    """
    now = series.within(ends, FARRINGTON_DAYS)
    steps = _FARRINGTON_GAP + np.arange(_FARRINGTON_BINS)
    y = series.within(ends[:, None] - FARRINGTON_DAYS * steps, FARRINGTON_DAYS)
    x = np.broadcast_to(-(steps - steps.mean()) / _FARRINGTON_BINS, y.shape)
    ahead = float(steps.mean()) / _FARRINGTON_BINS
    weight = np.ones_like(y)
    for _ in range(2):
        slope, error = _fit(y, x, weight)
        slope = np.where(np.abs(slope) > 1.96 * error, slope, 0.0)
        level = (weight * y).sum(axis=2) / (weight * np.exp(slope[..., None] * x)).sum(axis=2)
        fitted = np.maximum(level[..., None] * np.exp(slope[..., None] * x), 0.02)
        dispersion = np.maximum(1.0, (weight * (y - fitted) ** 2 / fitted).sum(axis=2) / (weight.sum(axis=2) - 2))
        residual = 1.5 * (y ** (2 / 3) - fitted ** (2 / 3)) / (fitted ** (1 / 6) * np.sqrt(dispersion)[..., None])
        weight = np.where(residual > 1.0, residual.clip(1.0) ** -2, 1.0)
    expected = np.maximum(level * np.exp(slope * ahead), 0.02)
    variance = dispersion * expected * (1 + 1 / weight.sum(axis=2))
    return np.asarray((now ** (2 / 3) - expected ** (2 / 3)) / (2 / 3 * expected ** (-1 / 3) * np.sqrt(variance)))


def _fit(y: FloatArray, x: FloatArray, weight: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Slope and its standard error of log-linear Poisson regressions along the last axis, by Newton's method."""
    slope = np.zeros(y.shape[:2])
    error = np.full(y.shape[:2], np.inf)
    total = np.maximum((weight * y).sum(axis=2), 1e-9)
    for _ in range(4):
        raised = weight * np.exp(slope[..., None] * x)
        at = (raised * x).sum(axis=2) / raised.sum(axis=2)
        spread = np.maximum((raised * x * x).sum(axis=2) / raised.sum(axis=2) - at**2, 1e-6)
        slope = np.clip(slope + ((weight * y * x).sum(axis=2) / total - at) / spread, -5.0, 5.0)
        error = 1 / np.sqrt(total * spread)
    return slope, error


Score = Callable[[Series, IntArray], FloatArray]


def watch(score: Score, days: int, case: Case, history: History, every_days: int) -> Looks:
    """A method that scores every series on every day; the best few of a day are its candidates."""
    series = Series.of(history, case.last)
    dates = case.looks(every_days)
    ends = np.array([day.toordinal() for day in dates])
    scores = np.where(series.within(ends, days) >= LEAST, score(series, ends), -np.inf)
    told: Looks = []
    for number, day in enumerate(dates):
        best = np.argsort(-scores[:, number], kind="stable")[:_KEPT]
        kept = [s for s in best.tolist() if np.isfinite(scores[s, number])]
        if kept:
            told.append((day, [series.candidate(s, int(ends[number]), days, float(scores[s, number])) for s in kept]))
    return told
