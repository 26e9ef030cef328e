"""How the count of a pattern grew, as the geometry of a chart: bands as surfaces, what is usual as a line. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from alerts.console.drawing import Axis, Tick
from alerts.pattern import WeekPoint
from alerts.render.catalogue import catalogue
from alerts.render.words import band_words, date_words, expected_words, short_date_words

WIDTH: Final = 640
HEIGHT: Final = 300
LEFT: Final = 40
RIGHT: Final = 16
TOP: Final = 16
BOTTOM: Final = 44
LABELS_AT_MOST: Final = 6
LINES_AT_MOST: Final = 6
_LEAST_TOP: Final = 4
_ABOVE_AN_OPEN_BAND: Final = 1.4
_ACROSS: Final = Axis(LEFT, WIDTH - RIGHT)
_UP: Final = Axis(HEIGHT - BOTTOM, TOP)


@dataclass(frozen=True, slots=True)
class Surface:
    """A week's band, from its least to its greatest count; ``open``: it has no end above."""

    x: float
    y: float
    width: float
    height: float
    open: bool


@dataclass(frozen=True, slots=True)
class Dot:
    """The least count at the end of a week."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class WeekRow:
    """A week as the table behind the chart tells it."""

    week: str
    observed: str
    expected: str


@dataclass(frozen=True, slots=True)
class GrowthChart:
    """The chart, in the units of its view box, and its table. ``seen`` and ``expected`` are paths of SVG."""

    title: str
    description: str
    surfaces: tuple[Surface, ...]
    dots: tuple[Dot, ...]
    seen: str
    expected: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    rows: tuple[WeekRow, ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP
    bottom: int = HEIGHT - BOTTOM


@dataclass(frozen=True, slots=True)
class _Scale:
    """From weeks and counts to places in the view box."""

    weeks: int
    highest: float

    def x(self, weeks: float) -> float:
        return _ACROSS.at(weeks / self.weeks)

    def y(self, count: float) -> float:
        return _UP.at(count / self.highest)


def growth_chart(weekly: Sequence[WeekPoint], lang: str) -> GrowthChart | None:
    """The chart of the count so far at the end of each week; None where no week is told."""
    if not weekly:
        return None
    step = _step(_highest(weekly))
    scale = _Scale(len(weekly), step * -(-_highest(weekly) // step))
    surfaces, dots = [], []
    for number, point in enumerate(weekly):
        if point.observed is None:
            continue
        low, high = point.observed.low, point.observed.high
        top = scale.y(scale.highest if high is None else high)
        left, right = scale.x(number), scale.x(number + 1)
        surfaces.append(Surface(left, top, round(right - left, 1), round(scale.y(low) - top, 1), high is None))
        dots.append(Dot(right, scale.y(low)))
    every = -(-len(weekly) // LABELS_AT_MOST)
    translations = catalogue(lang)
    return GrowthChart(
        title=translations.gettext("Reports so far at the end of each week"),
        description=_description(weekly, lang),
        surfaces=tuple(surfaces),
        dots=tuple(dots),
        seen=_steps(weekly, scale),
        expected=_expected(weekly, scale),
        x_ticks=tuple(
            Tick(scale.x(number + 0.5), short_date_words(point.week_from, lang))
            for number, point in enumerate(weekly)
            if number % every == 0
        ),
        y_ticks=tuple(Tick(scale.y(count), str(count)) for count in range(0, int(scale.highest) + 1, step)),
        rows=tuple(
            WeekRow(date_words(point.week_from, lang), band_words(point.observed, lang), expected_words(point.expected, lang))
            for point in weekly
        ),
    )


def _highest(weekly: Sequence[WeekPoint]) -> int:
    """The greatest count that must fit."""
    found: float = _LEAST_TOP
    for point in weekly:
        if point.observed is not None:
            high = point.observed.high
            found = max(found, point.observed.low * _ABOVE_AN_OPEN_BAND if high is None else high)
        found = max(found, point.expected)
    return int(-(-found // 1))


def _step(highest: int) -> int:
    """Whole counts between two lines: 1, 2, 5, 10, 20..."""
    scale = 1
    while True:
        for step in (1, 2, 5):
            if highest <= step * scale * LINES_AT_MOST:
                return step * scale
        scale *= 10


def _steps(weekly: Sequence[WeekPoint], scale: _Scale) -> str:
    """The least count, level through each week; it begins where something may be told."""
    path: list[str] = []
    for number, point in enumerate(weekly):
        if point.observed is None:
            continue
        y = scale.y(point.observed.low)
        path.append(f"{'L' if path else 'M'}{scale.x(number)} {y}H{scale.x(number + 1)}")
    return "".join(path)


def _expected(weekly: Sequence[WeekPoint], scale: _Scale) -> str:
    points = [f"L{scale.x(number)} {scale.y(point.expected)}" for number, point in enumerate(weekly, start=1)]
    return f"M{scale.x(0)} {scale.y(0)}{''.join(points)}"


def _description(weekly: Sequence[WeekPoint], lang: str) -> str:
    """The chart in a sentence, for whoever does not see it."""
    last = weekly[-1]
    return catalogue(lang).gettext(
        "From the week of %(first)s to that of %(last)s it became %(count)s reports; usually there would be %(expected)s."
    ) % {
        "first": date_words(weekly[0].week_from, lang),
        "last": date_words(last.week_from, lang),
        "count": band_words(last.observed, lang),
        "expected": expected_words(last.expected, lang),
    }
