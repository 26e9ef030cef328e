"""Whether the scan is honest: what p and the number of alerts are where nothing is going on.

honesty uniform [--analyses 2000] [--figure docs/scan_honesty.png]     p in every model and family
honesty years [--years 200] [--reports-a-year 250] [--budget 2]        alerts a year of nightly runs
honesty reference [--replicates 99999]                                 p against SaTScan's, ties one by one
honesty                                                                a small version of the first two
"""

import argparse
import math
import os
from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from _reference import compare
from _years import alerts_a_year
from uniform_p import LIMIT_5_PERCENT, LIMIT_5_PERCENT_ONE_SIDED, Verdict, kinds, verdict

from detector.model import Family

_FEW_ANALYSES, _FEW_YEARS = 50, 5


def uniform(analyses: int, first_seed: int, figure: str | None) -> bool:
    """Every kind of analysis, a line each."""
    root = math.sqrt(analyses)
    print(
        f"5 % of right ones lie beyond {LIMIT_5_PERCENT / root:.4f} (distance) or {LIMIT_5_PERCENT_ONE_SIDED / root:.4f} (excess)"
    )
    print(f"{'analysis':32}{'distance':>10}{'excess':>10}{'mean p':>9}{'p<=0.05':>9}")
    verdicts = []
    for name, draw in kinds().items():
        one = verdict(name, draw, analyses, first_seed)
        verdicts.append(one)
        share = float((one.told <= 0.05).mean())  # noqa: PLR2004 - the column's name says it
        print(f"{name:32}{one.distance:10.4f}{one.excess:10.4f}{one.told.mean():9.3f}{share:9.4f}", flush=True)
    if figure:
        draw_figure(verdicts, figure)
    return all(one.passes for one in verdicts)


def draw_figure(verdicts: Sequence[Verdict], path: str) -> None:
    """How far the share of randomised p under a lies from a, for all a: models on the left, families on the right."""
    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415 - after the choice of what draws

    figure, axes = plt.subplots(1, 2, figsize=(10, 4.2), sharey=True, layout="constrained")
    families = tuple(f"{family.value}, " for family in Family)
    limit = LIMIT_5_PERCENT / math.sqrt(verdicts[0].randomised.size)
    for axis, nightly, title in ((axes[0], False, "models of the scan command"), (axes[1], True, "families of the nightly scan")):
        for one in verdicts:
            if one.name.startswith(families) is nightly:
                ordered = np.sort(one.randomised)
                axis.plot(ordered, np.arange(1, ordered.size + 1) / ordered.size - ordered, lw=0.9, label=one.name)
        for sign in (-1, 1):
            axis.axhline(sign * limit, color="black", ls="--", lw=0.8)
        axis.set_title(title, fontsize=10)
        axis.set_xlabel("a")
        axis.legend(fontsize=6, ncols=2)
    axes[0].set_ylabel("share of randomised p at or under a, less a")
    figure.savefig(path, dpi=110)


def main(argv: list[str]) -> int:
    """Run what is asked for; 1 where something lies beyond what chance allows."""
    parser = argparse.ArgumentParser(
        prog="scripts/bench honesty", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("part", nargs="?", choices=("uniform", "years", "reference"))
    parser.add_argument("--analyses", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0, help="of the first; another one makes data never tried")
    parser.add_argument("--figure", metavar="PNG")
    parser.add_argument("--years", type=int, default=200)
    parser.add_argument("--reports-a-year", type=float, default=250.0)
    parser.add_argument("--budget", type=float, default=2.0, help="false_alerts_per_year")
    parser.add_argument("--methods", default="threshold,density,scan")
    parser.add_argument("--replicates", type=int, default=99_999)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args(argv)
    right = True
    if given.part == "reference":
        beside = Path(os.environ.get("REFERENCE_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")
        return 0 if compare(beside / "reference", given.replicates, given.threads) else 1
    if given.part in {None, "uniform"}:
        right = uniform(given.analyses if given.part else _FEW_ANALYSES, given.seed, given.figure)
    if given.part in {None, "years"}:
        years = given.years if given.part else _FEW_YEARS
        tally = alerts_a_year(given.reports_a_year, years, given.budget, given.methods.split(","), first_seed=given.seed)
        print(tally.told())
        right = right and sum(tally.alerts.values()) / tally.years <= tally.expected / tally.nights
    return 0 if right else 1
