"""How well each method sees planted patterns at the same measured number of false alerts, and whether the budget is kept.

quality                       a look a week over made-up cities, and over Amersfoort's neighbourhoods where they are there
quality --quick               a minute's look: fewer histories, one city
quality --every 1 --only ours circles "EARS C2"       looks every day only; --daily adds a few of them to weekly ones
quality --out docs/quality.md --figure docs/quality.png
"""

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

from judging.cities import AMERSFOORT, MADE_UP, Setting, available
from judging.contest import Order, look_at_all
from judging.contestants import METHODS
from judging.figure import draw
from judging.outcome import Outcome, outcomes, stated_and_measured
from judging.table import Counts, as_text

from detector.simulate.plan import PlantKind

SETTINGS = (Setting(MADE_UP, 90), Setting(AMERSFOORT, 90), Setting(MADE_UP, 250))
RATES = (1.0, 2.0, 4.0)
DAILY, DAILY_RATE = ("count threshold", "circles", "ours"), 2.0
_PLANTED_FROM = 1_000_000
"""Seeds of histories with a pattern begin so far on: bars are never set on what they are judged by."""


def _orders(settings: Sequence[Setting], seed: int, quiet: int, planted: int, every_days: int) -> list[Order]:
    orders = [Order(setting, seed + i, None, every_days) for setting in settings for i in range(quiet)]
    orders += [
        Order(setting, seed + _PLANTED_FROM + i, kind, every_days)
        for setting in settings
        for kind in PlantKind
        for i in range(planted)
    ]
    return orders


def main(argv: list[str]) -> int:
    """Run the contest and print its table; 1 if the scan gives more false alerts than it says."""
    parser = argparse.ArgumentParser(
        prog="scripts/bench quality", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="few histories of one city")
    parser.add_argument("--quiet", type=int, default=20, help="histories without pattern for each setting, two years each")
    parser.add_argument("--planted", type=int, default=24, help="histories with one pattern for each setting and kind")
    parser.add_argument("--every", type=int, default=7, help="days between two looks")
    parser.add_argument("--daily", type=int, default=4, help="histories of each sort that are looked at every day as well")
    parser.add_argument("--seed", type=int, default=0, help="first seed; another one makes histories that were never tried")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--only", nargs="*", choices=[method.name for method in METHODS], help="these methods only")
    parser.add_argument("--out", type=Path, help="write the table there as well")
    parser.add_argument("--figure", type=Path, help="draw it there")
    given = parser.parse_args(argv)
    settings = [setting for setting in SETTINGS if available(setting.city)]
    quiet, planted = given.quiet, given.planted
    if given.quick:
        settings, quiet, planted, given.daily = settings[:1], 5, 5, 0
    methods = [method for method in METHODS if not given.only or method.name in given.only]
    orders = _orders(settings, given.seed, quiet, planted, given.every)
    began = time.perf_counter()
    entries = list(look_at_all(orders, methods, given.processes))
    found = [one for setting in settings for one in outcomes(setting, entries, methods, RATES)] if planted else []
    honest = [one for setting in settings for one in stated_and_measured(setting, entries, methods, RATES, given.every)]
    daily: list[Outcome] = []
    if given.daily and planted and given.every > 1:
        chosen = [method for method in methods if method.name in DAILY]
        every_day = _orders(settings[:1], given.seed, given.daily, given.daily, 1)
        entries = list(look_at_all(every_day, chosen, given.processes))
        daily = list(outcomes(settings[0], entries, chosen, (DAILY_RATE,)))
        honest += stated_and_measured(settings[0], entries, chosen, RATES, 1)
        orders += every_day
    counts = Counts(quiet, planted, given.every, given.daily)
    text = as_text(found, honest, daily, counts, seed=given.seed)
    if given.figure and found:
        draw(found, given.figure)
        text += f"\n![Share seen against the price in false alerts]({given.figure.name})\n"
    print(text)
    print(f"{len(orders)} histories in {time.perf_counter() - began:.0f} s")
    if given.out:
        given.out.write_text(text, encoding="utf-8")
    return int(any(one.too_many for one in honest))
