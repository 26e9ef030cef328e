"""The figures of a pattern as they may be told: whole weeks, bands that never go down, breakdowns, and coarse expectations."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from alerts.pattern import Band, Breakdown, Cell, MethodSays, Pattern, WeekPoint
from detector.disclosure.bands import band_of, bands, coarse, higher, step_down
from detector.disclosure.cells import tell_cells
from detector.disclosure.settings import DisclosureSettings
from detector.disclosure.subject import Gathered, Subject
from detector.model import Report
from detector.patterns import Followed

_RUBRICS: Mapping[str, Callable[[Report], tuple[str, ...]]] = {
    "ground": lambda report: report.grounds,
    "domain": lambda report: report.domains,
    "nature": lambda report: () if report.nature is None else (report.nature,),
}
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Weeks:
    """The told window: from a Monday to a Sunday."""

    first: date
    last: date

    @property
    def mondays(self) -> list[date]:
        """First days of the weeks."""
        return [self.first + _WEEK * i for i in range(((self.last - self.first).days + 1) // 7)]


def monday(day: date) -> date:
    """First day of the day's week."""
    return day - timedelta(days=day.weekday())


def told_weeks(followed: Followed, gathered: Gathered, before: Sequence[Pattern]) -> Weeks:
    """From the week in which the window begins to that of the latest report; never narrower than told before.

    It ends with the latest report and not with the night, so that a new look without new reports tells nothing new.
    """
    days = gathered.days or (followed.window_to,)
    first = min(followed.window_from, days[0], *(pattern.window_from for pattern in before))
    last = max(days[-1], *(pattern.window_to for pattern in before), first)
    return Weeks(monday(first), monday(last) + timedelta(days=6))


def told_band(count: int, floor: int, before: Sequence[Pattern], settings: DisclosureSettings) -> Band | None:
    """The band of the count, or the one told before if that is higher; None below the floor, whatever was told."""
    band = band_of(count, bands(floor, settings.band_edges))
    if band is None:
        return None
    for pattern in before:
        band = higher(band, pattern.observed)
    return band


def told_expected(followed: Followed, weeks: Weeks, settings: DisclosureSettings) -> float:
    """What would have been usual where and while the told reports were gathered, stretched to whole weeks; coarse.

    Tonight's figure alone may be of one street in what was four neighbourhoods before, and beside their count far too low.
    """
    gathered_days = (followed.window_to - followed.window_from).days + 1
    told_days = (weeks.last - weeks.first).days + 1
    # One that was stored before this was gathered has its last night's figure only.
    return coarse(max(followed.expected_gathered, followed.expected) * told_days / gathered_days, settings.expected_steps)


def weekly_series(
    gathered: Gathered, weeks: Weeks, before: Sequence[Pattern], *, floor: int, expected: float, settings: DisclosureSettings
) -> tuple[WeekPoint, ...]:
    """For each week the count so far as a band (None below the floor), never below what was told, and the expectation so far."""
    among = bands(floor, settings.band_edges)
    told: dict[date, Band | None] = {}
    for pattern in before:
        for point in pattern.weekly:
            told[point.week_from] = higher(told.get(point.week_from), point.observed)
    points = []
    so_far: Band | None = None
    for number, week in enumerate(weeks.mondays, start=1):
        count = sum(day < week + _WEEK for day in gathered.days)
        so_far = higher(so_far, higher(band_of(count, among), told.get(week)))
        points.append(WeekPoint(week, so_far, round(expected * number / len(weeks.mondays), 2)))
    return tuple(points)


def breakdowns(
    gathered: Gathered, subject: Subject, total: Band, before: Sequence[Pattern], *, narrow: bool, settings: DisclosureSettings
) -> tuple[Breakdown, ...]:
    """The reports by ground, domain and nature, as far as :func:`tell_cells` lets them be told.

    Grounds have the floor of communities, and are left out where the key names or ever named a neighbourhood (``narrow``).
    The rubric that the pattern itself is about says nothing more.
    """
    found = []
    for rubric, codes_of in _RUBRICS.items():
        if rubric == subject.rubric or (rubric == "ground" and narrow):
            continue
        floor = settings.community_floor if rubric == "ground" else subject.floor(settings)
        counts = Counter(code for report in gathered.reports for code in set(codes_of(report)))
        cells = tell_cells(counts, total, bands(floor, settings.band_edges), [_cells_of(pattern, rubric) for pattern in before])
        if cells:
            found.append(Breakdown(rubric, tuple(Cell(code, band) for code, band in cells.items())))
    return tuple(found)


def _cells_of(pattern: Pattern, rubric: str) -> dict[str, Band]:
    return {
        cell.code: cell.band
        for breakdown in pattern.breakdowns
        if breakdown.rubric == rubric
        for cell in breakdown.cells
        if cell.band is not None
    }


def methods_say(followed: Followed, before: Sequence[Pattern], settings: DisclosureSettings) -> tuple[MethodSays, ...]:
    """Each method's recurrence interval, coarse, at its longest in the episode; its words stay here, they may hold a count."""
    longest = {say.method: say.recurrence_interval_days for pattern in before for say in pattern.methods}
    for sighting in followed.sightings:
        interval = step_down(sighting.recurrence_interval_days, settings.recurrence_steps_days)
        longest[sighting.method] = max(interval, longest.get(sighting.method, 0.0))
    return tuple(MethodSays(method, longest[method]) for method in sorted(longest))
