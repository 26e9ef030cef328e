"""The scan: time without compilation, peak memory, growth, and the ratio to a vectorised numpy in the same run.

scan [--replicates 999] [--threads N] [--quick]     made-up cities, families, sequential stopping
scan --growth docs/scan_growth.png                  10^3 to 10^6 cases, and the 10^6 on 5,000 places
"""

import argparse
import resource
import time
from dataclasses import replace
from datetime import date
from functools import cache

import matplotlib as mpl
import numpy as np

from detector.methods.scan import Scan
from detector.model import Area, AreaTable, Family, Level, Stream, StreamKind, Window
from detector.scan.families import History
from detector.scan.inference import Trials, answer
from detector.scan.nightly import replicates_beating, scores
from detector.scan.study import Data, Model, Question, Time, prepare
from detector.scan.zones import ZoneKind

FIRST = date(2023, 1, 1).toordinal()
CITIES = {
    "small": (100, 104, 2_000, 11),
    "mid": (450, 365, 5_000, 12),
    "large": (450, 1095, 30_000, 13),
    "pc6": (5_000, 365, 10_000, 14),
}
SATSCAN_S = {
    ("small", "permutation"): 0.14,
    ("mid", "permutation"): 0.97,
    ("large", "permutation"): 2.3,
    ("pc6", "permutation"): 45.0,
    ("mid", "poisson"): 2.9,
    ("large", "poisson"): 10.6,
    ("mid", "retrospective"): 131.0,
}
"""SaTScan 10.3.2, two threads, 999 replicates, on a machine like the one this was written on."""
_NIGHTS = 8


def city(places: int, days: int, cases: int, seed: int) -> Data:
    """Places around a dozen centres, in proportion to people, on any day alike, with a burst in the last 14 days."""
    rng = np.random.default_rng(seed)
    xy = rng.uniform(2000, 13000, (12, 2))[rng.integers(0, 12, places)] + rng.normal(size=(places, 2)) * 1500
    people = np.maximum(50, rng.lognormal(7.5, 0.6, places)).astype(int)
    where, when = rng.choice(places, cases, p=people / people.sum()), rng.integers(0, days, cases)
    near = np.argsort(((xy - xy[0]) ** 2).sum(1))[: max(3, places // 60)]
    where[:12], when[:12] = rng.choice(near, 12), rng.integers(days - 14, days, 12)
    return Data(places, where, FIRST + when, xy[:, 0], xy[:, 1], weight=people.astype(np.float64))


def question(model: Model, time_: Time, days: int, radius_m: float, longest: int = 28) -> Question:
    """Windows up to so many days and so many metres, over all of the city's days."""
    return Question(model, time_, FIRST, FIRST + days - 1, max_radius_m=radius_m, max_days=longest)


def in_numpy(data: Data, asked: Question, replicates: int) -> float:
    """Seconds that a straightforward vectorised numpy takes for the same prospective permutation scan."""
    study = prepare(data, asked)
    end, start = study.set_end, study.reaches.start
    reach = np.searchsorted(start, end, side="right") - 1
    base, rate = study.problem.base[:, 0], study.problem.rate[0]
    cases, rng = float(study.problem.cases), np.random.default_rng(0)
    age = (asked.last_day or 0) - (data.case_day if data.case_day is not None else np.zeros(0))
    began = time.perf_counter()
    for _ in range(replicates):
        dealt = rng.permutation(age)
        counts = np.zeros((data.places, rate.size))
        inside = dealt < rate.size
        np.add.at(counts, (data.case_place[inside], dealt[inside].astype(int)), 1)
        added = np.vstack([np.zeros(rate.size), np.cumsum(np.cumsum(counts, axis=1)[study.reaches.place], axis=0)])
        c, mu = added[end + 1] - added[start[reach]], base[:, None] * rate
        with np.errstate(divide="ignore", invalid="ignore"):
            score = c * np.log(c / mu) + (cases - c) * np.log((cases - c) / (cases - mu))
        np.nanmax(np.where((c > mu) & (c > 1), score, 0))
    return time.perf_counter() - began


def timed(data: Data, asked: Question, trials: Trials) -> float:
    """The best of two runs, or of as many as fit into a second, after a short one that compiles."""
    answer(data, asked, replace(trials, replicates=min(20, trials.replicates)))
    seconds: list[float] = []
    while len(seconds) < 2 or sum(seconds) < 1.0:  # noqa: PLR2004 - the docstring says it
        began = time.perf_counter()
        answer(data, asked, trials)
        seconds.append(time.perf_counter() - began)
    return min(seconds)


def memory_mb() -> float:
    """Peak memory of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def cities(replicates: int, threads: int, *, quick: bool) -> None:
    """The made-up cities: every line one analysis."""
    print(f"{'city':8}{'analysis':16}{'seconds':>9}{'SaTScan then':>14}{'numpy / ours':>14}{'early stop':>12}{'peak MB':>9}")
    for name, spec in CITIES.items():
        if quick and name != "small":
            continue
        data, radius = city(*spec), 1000.0 if name == "pc6" else 2000.0
        asked = [
            ("permutation", question(Model.PERMUTATION, Time.PROSPECTIVE, spec[1], radius)),
            ("poisson", question(Model.POISSON, Time.PROSPECTIVE, spec[1], radius)),
        ]
        if name in {"small", "mid"}:
            asked.append(("retrospective", question(Model.PERMUTATION, Time.RETROSPECTIVE, spec[1], radius)))
        for label, one in asked:
            ours = timed(data, one, Trials(replicates, threads=threads))
            then = SATSCAN_S.get((name, label))
            ratio = early = ""
            if label == "permutation":
                few = 20 if name != "pc6" else 2
                ratio = f"{in_numpy(data, one, few) / few * replicates / ours:.0f}"
                days = data.case_day if data.case_day is not None else np.zeros(0, dtype=np.int64)
                quiet = replace(data, case_day=np.random.default_rng(5).permutation(days))
                whole = timed(quiet, one, Trials(replicates, threads=threads))
                stop = timed(quiet, one, Trials(replicates, threads=threads, sequential=True))
                early = f"{whole / stop:.1f} x"
            shown = f"{then:.2f}" if then is not None else ""
            print(f"{name:8}{label:16}{ours:9.3f}{shown:>14}{ratio:>14}{early:>12}{memory_mb():9.0f}", flush=True)


def families(replicates: int, threads: int) -> None:
    """Each family's look and all three, every replicate run, over some quiet nights; and with stopping, as nightly runs are.

    A replicate stops dealing when it reaches the night's bar, so one night says little: some bars are reached soon, some never.
    """
    for name, zones in (("circles up to 2 km", (ZoneKind.NEIGHBOURHOOD, ZoneKind.CIRCLE)), ("zones as shipped", Scan().zones)):
        scan = Scan(threads=threads, zones=zones, max_radius_m=2000.0)
        every = np.array([_seconds(scan, _night(seed), replicates, threads) for seed in range(_NIGHTS)])
        place, community, both, early = every.mean(axis=0)
        shown = ", ".join(f"{f.value} {took:.3f} s" for f, took in zip(Family, (place, community, both), strict=True))
        ratio = (place + community + both) / place
        print(f"families, {name}, {replicates} replicates: {shown}; all three {ratio:.2f} x place alone")
        faster = np.median(every[:, :3].sum(axis=1) / every[:, 3])
        print(f"a quiet night with sequential stopping: {early:.3f} s; {faster:.1f} x faster on the night in the middle")


def _seconds(scan: Scan, window: Window, replicates: int, threads: int) -> list[float]:
    """What each family takes with every replicate, and all of them with stopping."""
    history = History.of(window, scan.windows_days, scan.history_days)
    seconds: list[float] = []
    for family in Family:
        for _ in range(2):  # the first time compiles
            began = time.perf_counter()
            look = scan.look(window, history, family) if history is not None else None
            if look is not None:
                replicates_beating(look.look, float(scores(look.look)[0].max()), 1, replicates, replicates + 1, threads)
            took = time.perf_counter() - began
        seconds.append(took)
    began = time.perf_counter()
    scan.detect(window, np.random.default_rng(1))
    return [*seconds, time.perf_counter() - began]


def _night(seed: int) -> Window:
    """A night in a town of 64 neighbourhoods with a thousand reports a year, some of them on six communities."""
    rng, n = np.random.default_rng(seed), 3000
    day = np.sort(FIRST + rng.integers(0, 3 * 365, n))
    about, empty = rng.random((n, 6)) < [0.3, 0.2, 0.1, 0.05, 0.03, 0.01], np.full(n, np.nan)
    streams = [Stream(StreamKind.ALL, "", np.arange(n))]
    streams += [Stream(StreamKind.COMMUNITY, str(c), np.flatnonzero(about[:, c])) for c in range(6)]
    night, keys, area = date.fromordinal(FIRST + 3 * 365 - 1), tuple(map(str, range(n))), rng.integers(1, 65, n)
    return Window("G", night, FIRST, 1, _town(), keys, day, area, empty, empty, np.full(n, -1), tuple(streams))


def growth(path: str, threads: int) -> None:
    """Seconds against cases and places, as a figure; the last is the promise of 10^6 cases."""
    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415 - after the choice of what draws

    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), sharey=True, layout="constrained")
    for axis, label, specs in (
        (left, "cases (500 places)", [(500, 3650, n, 1) for n in (1_000, 10_000, 100_000, 1_000_000)]),
        (right, "places (100,000 cases)", [(n, 3650, 100_000, 1) for n in (100, 1_000, 10_000)]),
    ):
        seconds = []
        for spec in specs:
            data, asked = city(*spec), question(Model.PERMUTATION, Time.PROSPECTIVE, spec[1], 1000.0, 90)
            seconds.append(timed(data, asked, Trials(99, threads=threads)))
            print(f"{spec[0]} places, {spec[2]} cases, 99 replicates: {seconds[-1]:.2f} s, peak {memory_mb():.0f} MB", flush=True)
        axis.loglog([spec[2] if axis is left else spec[0] for spec in specs], seconds, marker="o")
        axis.set_xlabel(label)
        axis.grid(visible=True, alpha=0.3)
    left.set_ylabel("seconds, 99 replicates, 90 days")
    figure.savefig(path, dpi=110)
    data, asked = city(5_000, 3650, 1_000_000, 1), question(Model.PERMUTATION, Time.PROSPECTIVE, 3650, 1000.0, 90)
    began = time.perf_counter()
    answer(data, asked, Trials(999, threads=threads))
    print(f"5,000 places, 10^6 cases, 999 replicates: {time.perf_counter() - began:.1f} s, peak {memory_mb():.0f} MB")


@cache
def _town() -> AreaTable:
    side = 8
    areas = [Area("G", "Town", Level.MUNICIPALITY, None, "G", 0.0, 0.0, 6400)]
    beside = [np.zeros(0, dtype=np.int64)]
    for i in range(side * side):
        x, y = i % side, i // side
        areas.append(Area(f"B{i}", f"B{i}", Level.NEIGHBOURHOOD, "G", "G", x * 500.0, y * 500.0, 100))
        near = [(x + dx, y + dy) for dx, dy in ((0, 1), (1, 0), (0, -1), (-1, 0))]
        beside.append(np.array([1 + b * side + a for a, b in near if 0 <= a < side and 0 <= b < side], dtype=np.int64))
    return AreaTable(tuple(areas), np.array([-1] + [0] * side * side), tuple(beside))


def main(argv: list[str]) -> int:
    """Run what is asked for; the cities if nothing is."""
    parser = argparse.ArgumentParser(
        prog="scripts/bench scan", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--replicates", type=int, default=999)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--quick", action="store_true", help="only the small city")
    parser.add_argument("--growth", metavar="PNG")
    given = parser.parse_args(argv)
    if given.growth:
        growth(given.growth, given.threads)
    else:
        cities(given.replicates, given.threads, quick=given.quick)
        families(9999, given.threads)
    return 0
