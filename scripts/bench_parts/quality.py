"""How well each method sees planted patterns at the same measured number of false alerts, and whether the budget is kept.

quality                       a look a week over made-up cities, and over Amersfoort's neighbourhoods where they are there
quality --quick               a minute's look: fewer histories, one city
quality --every 1 --only ours threshold "EARS C2"     daily looks
quality --out docs/quality.md --figure docs/quality.png
"""

import argparse
import time
from pathlib import Path

from judging.cities import AMERSFOORT, MADE_UP, Setting, available
from judging.contest import Order, look_at_all
from judging.contestants import METHODS
from judging.figure import draw
from judging.outcome import outcomes, stated_and_measured
from judging.table import as_text

from detector.simulate.plan import PlantKind

SETTINGS = (Setting(MADE_UP, 90), Setting(AMERSFOORT, 90), Setting(MADE_UP, 250))
RATES = (1.0, 2.0, 4.0)
_PLANTED_FROM = 1_000_000
"""Seeds of histories with a pattern begin so far on: bars are never set on what they are judged by."""


def main(argv: list[str]) -> int:
    """Run the contest and print its table; 1 if the scan gives more false alerts than it says."""
    parser = argparse.ArgumentParser(
        prog="scripts/bench quality", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="few histories of one city")
    parser.add_argument("--quiet", type=int, default=20, help="histories without pattern for each setting, two years each")
    parser.add_argument("--planted", type=int, default=24, help="histories with one pattern for each setting and kind")
    parser.add_argument("--every", type=int, default=7, help="days between two looks")
    parser.add_argument("--seed", type=int, default=0, help="first seed; another one makes histories that were never tried")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--only", nargs="*", choices=[method.name for method in METHODS], help="these methods only")
    parser.add_argument("--out", type=Path, help="write the table there as well")
    parser.add_argument("--figure", type=Path, help="draw it there")
    given = parser.parse_args(argv)
    settings = [setting for setting in SETTINGS if available(setting.city)]
    quiet, planted = given.quiet, given.planted
    if given.quick:
        settings, quiet, planted = settings[:1], 5, 5
    methods = [method for method in METHODS if not given.only or method.name in given.only]
    orders = [Order(setting, given.seed + i, None, given.every) for setting in settings for i in range(quiet)]
    orders += [
        Order(setting, given.seed + _PLANTED_FROM + i, kind, given.every)
        for setting in settings
        for kind in PlantKind
        for i in range(planted)
    ]
    began = time.perf_counter()
    entries = list(look_at_all(orders, methods, given.processes))
    found = [one for setting in settings for one in outcomes(setting, entries, methods, RATES)] if planted else []
    honest = [one for setting in settings for one in stated_and_measured(setting, entries, methods, RATES, given.every)]
    text = as_text(found, honest, quiet=quiet, planted=planted, every_days=given.every, seed=given.seed)
    if given.figure and found:
        draw(found, given.figure)
        text += f"\n![Share seen against the price in false alerts]({given.figure.name})\n"
    print(text)
    print(f"{len(orders)} histories in {time.perf_counter() - began:.0f} s")
    if given.out:
        given.out.write_text(text, encoding="utf-8")
    return int(any(one.too_many for one in honest))
