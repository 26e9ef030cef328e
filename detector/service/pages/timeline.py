"""The alerts of two replays on a line of time, as the geometry of a chart. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from alerts.console.drawing import Axis, Tick
from alerts.render.words import short_date_words
from detector.service.pages.comparison import Change, ToldAlert

WIDTH: Final = 720
LEFT: Final = 44
RIGHT: Final = 12
TOP: Final = 8
ROW: Final = 24
"""Numbers in the letters of a small screen keep apart."""
BAR: Final = 14
AXIS: Final = 36
TICKS: Final = 5
LEAST_BAR: Final = 4.0
_ACROSS: Final = Axis(LEFT, WIDTH - RIGHT)


@dataclass(frozen=True, slots=True)
class Bar:
    """One alert: its number in the table, what becomes of it, and where its weeks lie."""

    number: int
    change: Change
    x: float
    y: float
    width: float
    label_y: float


@dataclass(frozen=True, slots=True)
class Timeline:
    """The chart; sizes in the units of its own drawing."""

    height: int
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    width: int = WIDTH
    left: int = LEFT
    bar: int = BAR

    @property
    def floor(self) -> int:
        """Where the axis lies."""
        return self.height - AXIS


def timeline(alerts: Sequence[ToldAlert], first: date, last: date, language: str) -> Timeline:
    """The weeks of each alert, in the order of the table; weeks outside of the replay are cut off."""
    first = min([first, *(alert.window_from for alert in alerts)])
    last = max([last, *(alert.window_to for alert in alerts)])
    days = max((last - first).days, 1)

    def x(day: date) -> float:
        return _ACROSS.at((day - first).days / days)

    bars = tuple(
        Bar(
            number,
            alert.change,
            x(alert.window_from),
            float(TOP + ROW * (number - 1)),
            max(round(x(alert.window_to) - x(alert.window_from), 1), LEAST_BAR),
            TOP + ROW * (number - 1) + BAR - 2.0,
        )
        for number, alert in enumerate(alerts, start=1)
    )
    marks = [first + timedelta(days=days * step // TICKS) for step in range(TICKS)]
    ticks = tuple(Tick(x(day), short_date_words(day, language)) for day in marks)
    return Timeline(TOP + ROW * len(alerts) + AXIS, bars, ticks)
