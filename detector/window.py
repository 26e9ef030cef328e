"""Between the reports and the methods: which reports count on a given night, as sorted columns that are quick to cut."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum

import numpy as np

from detector.columns import ReportColumns, columns_of, counts_in_detection
from detector.model import NOWHERE, AreaTable, BoolArray, IntArray, Report, Stream, StreamKind, Window

__all__ = ["History", "TimeAxis", "counts_in_detection", "day_of", "make_window"]


class TimeAxis(StrEnum):
    """Which day of a report detection goes by."""

    RECEIVED_ON = "received_on"
    OCCURRED_ON = "occurred_on"


def day_of(report: Report, time_axis: TimeAxis) -> date:
    """The report's day on the axis of detection; one that does not say when it happened counts on the day it came in."""
    if time_axis is TimeAxis.OCCURRED_ON and report.occurred_on is not None:
        return report.occurred_on
    return report.received_on


class History:
    """All reports of one municipality that count, prepared once so that any night's window is a cut through sorted columns.

    A night has what had come in by its end, by ``received_on``. A report whose area the table does not know stays in, as one
    that does not say where. With ``history_days`` a window reaches back no further than that many days, the night's own included.
    """

    def __init__(
        self,
        reports: Sequence[Report] | ReportColumns,
        areas: AreaTable,
        time_axis: TimeAxis | str = TimeAxis.RECEIVED_ON,
        history_days: int | None = None,
    ) -> None:
        """Sort and number the reports; nothing is read later."""
        columns = reports if isinstance(reports, ReportColumns) else columns_of(reports)
        self.areas = areas
        self.time_axis = TimeAxis(time_axis)
        self.history_days = history_days
        if self.time_axis is TimeAxis.OCCURRED_ON:
            # Rows of one day must go by key, and they came sorted by the other day: keys first, then a stable sort by day.
            by_key = np.array(sorted(range(columns.size), key=columns.keys.__getitem__), dtype=np.int64)
            columns = columns.take(by_key[np.argsort(columns.occurred[by_key], kind="stable")])
        self._keys = columns.keys
        self._day = columns.occurred if self.time_axis is TimeAxis.OCCURRED_ON else columns.received
        self._received = columns.received
        # One place more than there are codes: index -1 finds NOWHERE there.
        row_of = np.array([*(areas.index.get(code, NOWHERE) for code in columns.area_codes), NOWHERE], dtype=np.int64)
        self._area: IntArray = row_of[columns.area]
        self._x_m, self._y_m, self._venue = columns.x_m, columns.y_m, columns.venue
        self._streams = _streams(columns)
        late = np.flatnonzero(self._received > self._day)
        self._late_until = int(self._received[late].max()) if late.size else None

    @property
    def size(self) -> int:
        """Number of reports that count, whenever they came in."""
        return len(self._keys)

    def at(self, as_of: date, look_days: int) -> Window:
        """The window of one night: what counted and had come in by the end of ``as_of``.

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
        if self._late_until is not None and self._late_until > today and bool((self._received[start:stop] > today).any()):
            return self._window(as_of, look_days, start, stop, self._received[start:stop] <= today)
        return self._window(as_of, look_days, start, stop, None)

    def _window(self, as_of: date, look_days: int, start: int, stop: int, here: BoolArray | None) -> Window:
        keys = self._keys[start:stop]
        columns = [column[start:stop] for column in (self._day, self._area, self._venue)]
        points = [column[start:stop] for column in (self._x_m, self._y_m)]
        rows: IntArray | None = None
        if here is not None:
            rows = np.cumsum(here, dtype=np.int64) - 1
            keys = tuple(key for key, kept in zip(keys, here.tolist(), strict=True) if kept)
            columns = [column[here] for column in columns]
            points = [column[here] for column in points]
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
            streams=tuple(self._cut_streams(len(keys), start, stop, here, rows)),
        )

    def _first_day(self, today: int, day: IntArray, start: int) -> int:
        if self.history_days is not None and self._came_in(start, today):
            return today - self.history_days + 1
        return int(day[0]) if day.size else today

    def _came_in(self, start: int, today: int) -> bool:
        """Whether any of the first ``start`` rows had come in by then."""
        all_had = self._late_until is None or self._late_until <= today
        return start > 0 and (all_had or bool((self._received[:start] <= today).any()))

    def _cut_streams(self, size: int, start: int, stop: int, here: BoolArray | None, rows: IntArray | None) -> list[Stream]:
        streams = [Stream(StreamKind.ALL, "", np.arange(size, dtype=np.int64))] if size else []
        for stream in self._streams:
            first, last = np.searchsorted(stream.members, [start, stop])
            members = stream.members[first:last] - start
            if here is not None and rows is not None:
                members = rows[members[here[members]]]
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


def _streams(columns: ReportColumns) -> list[Stream]:
    rubrics = (
        (StreamKind.COMMUNITY, columns.communities),
        (StreamKind.GROUND, columns.grounds),
        (StreamKind.DOMAIN, columns.domains),
    )
    return [Stream(kind, code, rows) for kind, rubric in rubrics for code, rows in rubric.members().items() if rows.size]
