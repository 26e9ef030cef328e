"""The contest as one picture: the share seen against the price in false alerts, for each kind of pattern and setting."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl

from detector.simulate.plan import PlantKind
from judging.outcome import Outcome
from judging.table import TITLES


def draw(found: Sequence[Outcome], path: Path) -> None:
    """Write the figure as PNG."""
    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415 - after the choice of what draws

    settings = list(dict.fromkeys(one.setting for one in found))
    methods = list(dict.fromkeys(one.method for one in found))
    figure, axes = plt.subplots(
        len(settings),
        len(PlantKind),
        figsize=(12, 2.6 * len(settings)),
        sharex=True,
        sharey=True,
        squeeze=False,
        layout="constrained",
    )
    for row, setting in enumerate(settings):
        for column, kind in enumerate(PlantKind):
            axis = axes[row][column]
            for number, method in enumerate(methods):
                here = [one for one in found if (one.setting, one.kind, one.method) == (setting, kind, method)]
                last = number == len(methods) - 1
                axis.plot(
                    [one.price for one in here], [one.seen for one in here], marker="o", markersize=3,
                    linewidth=2.5 if last else 1.0, color="black" if last else f"C{number}", label=method,
                )  # fmt: skip
            axis.set_ylim(-0.03, 1.03)
            axis.grid(visible=True, alpha=0.3)
            if row == 0:
                axis.set_title(TITLES[kind], fontsize=9)
            if column == 0:
                axis.set_ylabel(f"{setting}\nshare seen", fontsize=8)
            if row == len(settings) - 1:
                axis.set_xlabel("false alerts a year", fontsize=8)
    figure.legend(*axes[0][0].get_legend_handles_labels(), loc="outside lower center", ncol=len(methods), fontsize=8)
    figure.savefig(path, dpi=110)
    plt.close(figure)
