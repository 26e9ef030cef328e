"""The reports that count in detection as columns: quick to sort and cut, for a million of them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from detector.model import FloatArray, IntArray, Report, ReportKind


@dataclass(frozen=True, eq=False)
class Codes:
    """A rubric of several values: row i has the codes ``values[index[i]]``."""

    index: IntArray
    values: tuple[tuple[str, ...], ...]

    def members(self) -> dict[str, IntArray]:
        """Code to the rows that have it, ascending; codes ascending."""
        codes = sorted({code for value in self.values for code in value})
        has = {code: np.array([code in value for value in self.values], dtype=np.bool_) for code in codes}
        return {code: np.flatnonzero(has[code][self.index]) for code in codes}

    def take(self, order: IntArray) -> "Codes":
        """The same with rows in another order."""
        return Codes(self.index[order], self.values)


@dataclass(frozen=True, eq=False)
class ReportColumns:
    """The reports of one municipality that count: neither withdrawn nor mass, duplicate or series.

    Rows are sorted by ``received`` and then by key. ``received`` and ``occurred`` are ordinals (``date.toordinal``); ``occurred``
    is ``received`` where the report does not say. ``area[i]`` is a place in ``area_codes`` (-1 for none), ``x_m``/``y_m`` are NaN
    where the report gives no point, ``venue`` numbers the place keys (-1 for none).
    """

    keys: tuple[str, ...]
    received: IntArray
    occurred: IntArray
    area: IntArray
    area_codes: tuple[str, ...]
    x_m: FloatArray
    y_m: FloatArray
    venue: IntArray
    grounds: Codes
    communities: Codes
    domains: Codes

    @property
    def size(self) -> int:
        """Number of reports."""
        return len(self.keys)

    def take(self, order: IntArray) -> "ReportColumns":
        """The same with rows in another order."""
        return ReportColumns(
            keys=tuple(self.keys[i] for i in order.tolist()),
            received=self.received[order],
            occurred=self.occurred[order],
            area=self.area[order],
            area_codes=self.area_codes,
            x_m=self.x_m[order],
            y_m=self.y_m[order],
            venue=self.venue[order],
            grounds=self.grounds.take(order),
            communities=self.communities.take(order),
            domains=self.domains.take(order),
        )


def counts_in_detection(report: Report) -> bool:
    """Whether a report is one more: mass reports, duplicates, series and withdrawn reports are not."""
    return report.kind is ReportKind.SINGLE and not report.withdrawn


def columns_of(reports: Iterable[Report]) -> ReportColumns:
    """The columns of reports of one municipality, in any order; those that do not count are left out."""
    kept = sorted(
        (report for report in reports if counts_in_detection(report)), key=lambda report: (report.received_on, report.key)
    )
    area, area_codes = _numbered([report.area_code for report in kept])
    venue, _ = _numbered([report.place_key for report in kept])
    return ReportColumns(
        keys=tuple(report.key for report in kept),
        received=np.array([report.received_on.toordinal() for report in kept], dtype=np.int64),
        occurred=np.array([(report.occurred_on or report.received_on).toordinal() for report in kept], dtype=np.int64),
        area=area,
        area_codes=area_codes,
        x_m=np.array([np.nan if report.x_m is None else report.x_m for report in kept], dtype=np.float64),
        y_m=np.array([np.nan if report.y_m is None else report.y_m for report in kept], dtype=np.float64),
        venue=venue,
        grounds=_codes(kept, lambda report: report.grounds),
        communities=_codes(kept, lambda report: report.communities),
        domains=_codes(kept, lambda report: report.domains),
    )


def _numbered(texts: Sequence[str | None]) -> tuple[IntArray, tuple[str, ...]]:
    numbers: dict[str, int] = {}
    index = [-1 if text is None else numbers.setdefault(text, len(numbers)) for text in texts]
    return np.array(index, dtype=np.int64), tuple(numbers)


def _codes(reports: Sequence[Report], codes_of: Callable[[Report], tuple[str, ...]]) -> Codes:
    numbers: dict[tuple[str, ...], int] = {}
    index = [numbers.setdefault(codes_of(report), len(numbers)) for report in reports]
    return Codes(np.array(index, dtype=np.int64), tuple(numbers))
