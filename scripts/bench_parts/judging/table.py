"""The contest as one page: a table for each price, and the budget against what happened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from scipy.stats import binomtest

from detector import __version__
from detector.simulate.plan import PlantKind
from judging.cities import SEEN_WITHIN_DAYS, SIZES, WEEKS
from judging.outcome import Honesty, Outcome

TITLES = {
    PlantKind.NEIGHBOURHOOD: "one neighbourhood",
    PlantKind.ADJACENT: "adjacent ones",
    PlantKind.COMMUNITY: "one community",
    PlantKind.PLACE_COMMUNITY: "community in a part of town",
    PlantKind.VENUE: "one venue",
}

AIM_PRICE, AIM_REPORTS, MOST_ALERTS = 2.0, 90, 1.2
AHEAD = {False: 0.1, True: 0.2}
"""How far ahead of circles: in one place, and where a community is concerned."""
OURS, CIRCLES = "ours", "circles"
_LEAST_P = 0.01

_HEAD = """# What is seen, and at what price

Made by `scripts/bench quality` on {made}, first seed {seed}: {quiet} histories without and {planted} with a pattern for each
setting and kind, a look every {every} days.

Each pattern has {sizes} reports over {weeks} weeks, in a city with growth, outreach, late reports, mass waves and
uneven places. *Adjacent ones* are a neighbourhood and up to three that border on it; a *community in a part of town* has its
reports all over one district, or over three neighbourhoods where a district has fewer. Every method's bars are set on other
histories, without a pattern, so that a person gets the same number of false alerts a year from each; an alert that comes back
after four quiet weeks counts again.

- *Seen*: the share of patterns of which, within {days} days of the first report, an alert held at least three reports that made
  up at least a third of it, with its 95 % interval. The highest stands in bold.
- *Days* and *reports*: medians until then, over those seen.
- *Right*: the part of the alert's reports that are the pattern's. *Whole*: the part of the pattern's reports so far that it has.
- *Alerts*: how many a person got for one pattern; those count of which at least two reports, and a third, are the pattern's.
"""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many histories without and with a pattern there were, how often looked at, and how many of each every day."""

    quiet: int
    planted: int
    every_days: int
    daily: int


def as_text(found: Sequence[Outcome], honest: Sequence[Honesty], daily: Sequence[Outcome], counts: Counts, *, seed: int) -> str:
    """Markdown, made by the command: nothing in it is written by hand."""
    today = datetime.now(UTC).date()
    lines = [_HEAD.format(
        made=f"{today.day} {today:%B %Y}, version {__version__}", seed=seed,
        quiet=counts.quiet, planted=counts.planted, every=counts.every_days,
        sizes=f"{SIZES[0]} to {SIZES[1]}", weeks=f"{WEEKS[0]} to {WEEKS[1]}", days=SEEN_WITHIN_DAYS,
    )]  # fmt: skip
    lines += _aims([one for one in found if one.price == AIM_PRICE])
    for price in sorted({one.price for one in found}):
        lines += _at_price(price, [one for one in found if one.price == price])
    if daily:
        lines += [f"## A look every day, at {daily[0].price:g} false alerts a year", "", _DAILY.format(number=counts.daily)]
        lines += _tables(daily)
    if honest:
        lines += _honesty(honest)
    return "\n".join(lines).rstrip() + "\n"


_DAILY = """On the first {number} of these histories without a pattern and the first {number} of each kind with one: too few
to tell methods apart, enough to see what a look every day changes at the same price."""


def _aims(found: Sequence[Outcome]) -> list[str]:
    """Ours against the best of the others and against circles, and what was aimed at."""
    if not {OURS, CIRCLES} < {one.method for one in found}:
        return []
    lines = [
        f"## Against the aims, at {AIM_PRICE:g} false alerts a year",
        "",
        f"Aimed at: nowhere behind another method; at 90 reports a year ahead of circles by {AHEAD[False]} in one place and by",
        f"{AHEAD[True]} where a community is concerned; at most {MOST_ALERTS} alerts for a pattern. Where ours is behind,",
        "how many of the same patterns one of the two alone saw, and how often chance would divide them as unevenly (p).",
        "",
        "| city | planted | ours | best other | circles | ahead of circles | alerts | missed aims |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for setting in dict.fromkeys(one.setting for one in found):
        for kind in PlantKind:
            here = {one.method: one for one in found if one.setting == setting and one.kind is kind}
            ours, circles = here[OURS], here[CIRCLES]
            best = max((one for one in here.values() if one is not ours), key=lambda one: one.seen)
            aim = AHEAD["community" in kind.value] if setting.reports_per_year == AIM_REPORTS else 0.0
            missed = [_behind(ours, best)] if round(ours.seen - best.seen, 2) < 0 else []
            if aim and round(ours.seen - circles.seen, 2) < aim:
                room = "" if circles.seen + aim <= 1 else " (no room for it)"
                missed.append(f"{aim:g} ahead of circles{room}")
            missed += ["alerts"] if round(ours.alerts_per_pattern, 2) > MOST_ALERTS else []
            lines.append(
                f"| {setting} | {TITLES[kind]} | {ours.seen:.2f} | {best.seen:.2f} {best.method} | {circles.seen:.2f} | "
                f"{ours.seen - circles.seen:+.2f} | {ours.alerts_per_pattern:.2f} | {', '.join(missed)} |"
            )
    return [*lines, ""]


def _behind(ours: Outcome, other: Outcome) -> str:
    """On how many of the same patterns, and how often chance alone divides them as unevenly (McNemar's exact test, two-sided)."""
    pairs = [(one.seen, another.seen) for one, another in zip(ours.sights, other.sights, strict=True)]
    ahead, behind = pairs.count((True, False)), pairs.count((False, True))
    p = float(binomtest(ahead, ahead + behind).pvalue)
    said = f"p {p:.2f}" if p >= _LEAST_P else f"p below {_LEAST_P}"
    return f"behind {other.method} (it alone saw {behind}, ours alone {ahead}: {said})"


def _at_price(price: float, found: Sequence[Outcome]) -> list[str]:
    return [f"## At {price:g} false alerts a year", *_tables(found)]


def _tables(found: Sequence[Outcome]) -> list[str]:
    lines: list[str] = []
    for setting in dict.fromkeys(one.setting for one in found):
        lines += [
            "",
            f"### {setting}",
            "",
            "| planted | method | false a year | seen | days | reports | right | whole | alerts |",
            "|---|---|---|---|---|---|---|---|---|",
        ]
        for kind in PlantKind:
            here = [one for one in found if one.setting == setting and one.kind is kind]
            best = max(round(one.seen, 2) for one in here)
            lines += [_row(one, best=round(one.seen, 2) == best) for one in here]
    return [*lines, ""]


def _row(one: Outcome, *, best: bool) -> str:
    low, high = one.interval
    seen = f"**{one.seen:.2f}**" if best else f"{one.seen:.2f}"
    if one.seen == 0:
        figures = " | | | | "
    else:
        figures = (
            f"{one.median('days'):.0f} | {one.median('reports'):.0f} | {one.median('purity'):.2f} | "
            f"{one.median('completeness'):.2f} | {one.alerts_per_pattern:.2f}"
        )
    return f"| {TITLES[one.kind]} | {one.method} | {one.measured:.2f} | {seen} ({low:.2f}-{high:.2f}) | {figures} |"


def _honesty(honest: Sequence[Honesty]) -> list[str]:
    lines = [
        "## What the scan says it gives, and what it gave",
        "",
        "On the histories without a pattern, with outreach and waves, if the scan had the whole budget; with a 95 % interval.",
        "",
        "| city | days between looks | at most, as stated | measured | |",
        "|---|---|---|---|---|",
    ]
    for one in honest:
        verdict = "too many" if one.too_many else "kept"
        measured = f"{one.measured:.2f} ({one.low:.2f}-{one.high:.2f})"
        lines.append(f"| {one.setting} | {one.every_days} | {one.stated:g} | {measured} | {verdict} |")
    return lines
