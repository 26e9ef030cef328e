"""Between the reports and the methods: which reports count on a given night, as sorted columns that are quick to cut."""

from collections.abc import Callable, Sequence
from datetime import date
from enum import StrEnum

import numpy as np

from detector.model import (
    NOWHERE,
    AreaTable,
    BoolArray,
    FloatArray,
    IntArray,
    Report,
    ReportKind,
    Stream,
    StreamKind,
    Window,
)


class TimeAxis(StrEnum):
    """Which day of a report detection goes by."""

    RECEIVED_ON = "received_on"
    OCCURRED_ON = "occurred_on"


_CODES: dict[StreamKind, Callable[[Report], tuple[str, ...]]] = {
    StreamKind.COMMUNITY: lambda report: report.communities,
    StreamKind.GROUND: lambda report: report.grounds,
    StreamKind.DOMAIN: lambda report: report.domains,
}


def counts_in_detection(report: Report) -> bool:
    """Whether a report is one more: mass reports, duplicates, series and withdrawn reports are not."""
    return report.kind is ReportKind.SINGLE and not report.withdrawn


def day_of(report: Report, time_axis: TimeAxis) -> date:
    """The report's day on the axis of detection; one that does not say when it happened counts on the day it came in."""
    if time_axis is TimeAxis.OCCURRED_ON and report.occurred_on is not None:
        return report.occurred_on
    return report.received_on


def known_from(report: Report) -> date:
    """The first day whose run can have the report: it came in, and this service knew of it."""
    return report.received_on if report.known_on is None else max(report.received_on, report.known_on)


class History:
    """All reports of one municipality that count, prepared once so that any night's window is a cut through sorted columns.

    A report whose area the table does not know stays in, as one that does not say where. With ``history_days`` a window reaches
    back no further than that many days, the night's own included.
    """

    def __init__(
        self, reports: Sequence[Report], areas: AreaTable, time_axis: TimeAxis | str, history_days: int | None = None
    ) -> None:
        """Sort and number the reports; nothing is read later."""
        axis = TimeAxis(time_axis)
        kept = [report for report in reports if counts_in_detection(report)]
        kept.sort(key=lambda report: (day_of(report, axis), report.key))
        self.areas = areas
        self.time_axis = axis
        self.history_days = history_days
        self.reports: tuple[Report, ...] = tuple(kept)
        self._keys = tuple(report.key for report in kept)
        self._day: IntArray = np.array([day_of(report, axis).toordinal() for report in kept], dtype=np.int64)
        self._known: IntArray = np.array([known_from(report).toordinal() for report in kept], dtype=np.int64)
        self._area: IntArray = np.array([_area_row(report, areas) for report in kept], dtype=np.int64)
        self._x_m: FloatArray = np.array([np.nan if report.x_m is None else report.x_m for report in kept], dtype=np.float64)
        self._y_m: FloatArray = np.array([np.nan if report.y_m is None else report.y_m for report in kept], dtype=np.float64)
        self._venue = _numbered([report.place_key for report in kept])
        self._streams = _streams(kept)
        late = np.flatnonzero(self._known > self._day)
        self._late_until = int(self._known[late].max()) if late.size else None
        for column in (self._day, self._known, self._area, self._x_m, self._y_m, self._venue):
            column.flags.writeable = False

    @property
    def size(self) -> int:
        """Number of reports that count, whenever they came in."""
        return len(self.reports)

    def at(self, as_of: date, look_days: int) -> Window:
        """The window of one night: what counted and was known at the end of ``as_of``.

        Args:
            as_of: the night's day; later days, and reports that came in later, are not in the window.
            look_days: days between two looks, at least 1.
        """
        if look_days < 1:
            raise ValueError(f"look_days is {look_days}: two looks are at least one day apart; set it to 1 or more")
        today = as_of.toordinal()
        stop = int(np.searchsorted(self._day, today, side="right"))
        start = 0
        if self.history_days is not None:
            start = int(np.searchsorted(self._day, today - self.history_days + 1, side="left"))
        if self._late_until is not None and self._late_until > today and bool((self._known[start:stop] > today).any()):
            return self._window(as_of, look_days, start, stop, self._known[start:stop] <= today)
        return self._window(as_of, look_days, start, stop, None)

    def _window(self, as_of: date, look_days: int, start: int, stop: int, known: BoolArray | None) -> Window:
        keys = self._keys[start:stop]
        columns = [column[start:stop] for column in (self._day, self._area, self._venue)]
        points = [column[start:stop] for column in (self._x_m, self._y_m)]
        rows: IntArray | None = None
        if known is not None:
            rows = np.cumsum(known, dtype=np.int64) - 1
            keys = tuple(key for key, here in zip(keys, known.tolist(), strict=True) if here)
            columns = [column[known] for column in columns]
            points = [column[known] for column in points]
        day, area, venue = columns
        return Window(
            municipality=self.areas.municipality.code,
            as_of=as_of,
            first_day=self._first_day(as_of.toordinal(), day, start),
            look_days=look_days,
            areas=self.areas,
            report_keys=keys,
            day=day,
            area=area,
            x_m=points[0],
            y_m=points[1],
            venue=venue,
            streams=tuple(self._cut_streams(len(keys), start, stop, known, rows)),
        )

    def _first_day(self, today: int, day: IntArray, start: int) -> int:
        if self.history_days is not None and start > 0:
            return today - self.history_days + 1
        return int(day[0]) if day.size else today

    def _cut_streams(self, size: int, start: int, stop: int, known: BoolArray | None, rows: IntArray | None) -> list[Stream]:
        streams = [Stream(StreamKind.ALL, "", np.arange(size, dtype=np.int64))] if size else []
        for stream in self._streams:
            first, last = np.searchsorted(stream.members, [start, stop])
            members = stream.members[first:last] - start
            if known is not None and rows is not None:
                members = rows[members[known[members]]]
            if members.size:
                streams.append(Stream(stream.kind, stream.code, members))
        return streams


def make_window(
    reports: Sequence[Report],
    areas: AreaTable,
    as_of: date,
    *,
    time_axis: TimeAxis | str = TimeAxis.RECEIVED_ON,
    history_days: int | None = None,
    look_days: int = 1,
) -> Window:
    """The window of one night straight from reports; for many nights prepare a :class:`History` once.

    Args:
        reports: of one municipality, in any order.
        areas: its nested areas.
        as_of: the night's day.
        time_axis: which day of a report counts.
        history_days: how far back the window reaches, the night's own day included; None for all there is.
        look_days: days between two looks.
    """
    return History(reports, areas, time_axis, history_days).at(as_of, look_days)


def _area_row(report: Report, areas: AreaTable) -> int:
    return NOWHERE if report.area_code is None else areas.index.get(report.area_code, NOWHERE)


def _numbered(keys: list[str | None]) -> IntArray:
    numbers: dict[str, int] = {}
    return np.array([-1 if key is None else numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.int64)


def _streams(reports: Sequence[Report]) -> list[Stream]:
    streams = []
    for kind, codes_of in _CODES.items():
        members: dict[str, list[int]] = {}
        for row, report in enumerate(reports):
            for code in dict.fromkeys(codes_of(report)):
                members.setdefault(code, []).append(row)
        streams += [Stream(kind, code, np.array(members[code], dtype=np.int64)) for code in sorted(members)]
    return streams
