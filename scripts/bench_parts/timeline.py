"""A backtest as a timeline, beside what a count threshold would have told at the same number of alerts a year.

patroonwacht backtest --reports FILE --profile P --areas AREAS --from DAY --to DAY --every 7 --json > backtest.json
scripts/bench timeline backtest.json --reports FILE --profile P --areas AREAS --figure docs/toronto.png
"""

import argparse
import json
from datetime import UTC, date, datetime
from pathlib import Path

import matplotlib as mpl
import numpy as np
from judging import series
from judging.candidates import Looks
from judging.cities import Case, Setting
from judging.contest import Knob, Method
from judging.counting import alerts_of

from detector.areas import read_areas
from detector.configuration import load
from detector.ingest.intake import read_reports
from detector.model import Report
from detector.service.installation import Installation
from detector.window import History

_SHARES = {"place": 0.5, "community": 0.5}


def _history(given: argparse.Namespace) -> History:
    installation = Installation(load().settings)
    try:
        source = installation.profile(given.profile)
    finally:
        installation.close()
    section = source.areas
    areas = read_areas(given.areas, section.columns() if section else None, section.default_level if section else None)
    latest: dict[str, Report] = {}
    for batch in read_reports(given.reports, source, areas, datetime.now(UTC)):
        latest.update((report.key, report) for report in batch.reports)
    reports = list(latest.values())
    return History(reports, areas.table(reports[0].municipality))


def main(argv: list[str]) -> int:
    """Draw the alerts of a backtest and those of a count threshold, by what they are about."""
    parser = argparse.ArgumentParser(
        prog="scripts/bench timeline", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("backtest", type=Path)
    for name in ("reports", "areas", "figure"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--profile", required=True)
    given = parser.parse_args(argv)
    ours = json.loads(given.backtest.read_text(encoding="utf-8"))
    told = [(date.fromisoformat(alert["first_seen"]), _about(alert["kind"], alert["stream"])) for alert in ours["alerts"]]
    first, last = min(day for day, _ in told), max(day for day, _ in told)
    history = _history(given)
    case = Case(Setting("", 0), 0, None, first, first, last)
    looks: Looks = series.watch(series.threshold, series.THRESHOLD_DAYS, case, history, 7)
    method = Method("count threshold", lambda *_: looks, _SHARES)
    bars, rate = Knob(method, [case], [looks]).set_for(ours["alerts_per_year"])
    alerts = alerts_of(case, looks, bars)
    by_count = [(alert.told, _about(alert.family.value, alert.stream)) for alert in alerts]
    print(f"count threshold: {', '.join(f'{name} {bar:.1f}' for name, bar in bars.items())}; {rate:.1f} told a year")
    for day, what in by_count:
        print(day, what)
    _draw(given.figure, told, by_count, history, (first, last))
    return 0


def _about(kind: str, stream: str) -> str:
    return "a place" if kind == "place" else stream.removeprefix("community:")


def _draw(
    path: Path, ours: list[tuple[date, str]], by_count: list[tuple[date, str]], history: History, span: tuple[date, date]
) -> None:
    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415 - after the choice of what draws

    names = sorted({what for _, what in (*ours, *by_count)}, reverse=True)
    figure, (above, below) = plt.subplots(
        2, 1, figsize=(11, 7), sharex=True, height_ratios=(1, 3), layout="constrained"
    )  # fmt: skip
    days = history.at(span[1], 1).day
    edges = np.arange(span[0].toordinal(), span[1].toordinal() + 28, 28)
    above.stairs(np.histogram(days, edges)[0], [date.fromordinal(int(day)) for day in edges], fill=True, alpha=0.4)
    above.set_ylabel("reports in four weeks")
    for label, told, shift, style in (("Patroonwacht", ours, 0.15, "o"), ("count threshold, as often", by_count, -0.15, "x")):
        below.plot([day for day, _ in told], [names.index(what) + shift for _, what in told], style, label=label)
    below.set_yticks(range(len(names)), names)
    below.grid(visible=True, alpha=0.3)
    below.legend(loc="upper left")
    figure.savefig(path, dpi=110)
    plt.close(figure)
