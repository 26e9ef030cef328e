"""Cells: the subsets of the reports, cut out by a zone and a stream, whose recent counts one family of the scan compares."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from detector.model import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Incidence:
    """Which reports lie in which zones (or streams): pairs of equal length, each pair once."""

    report: IntArray
    zone: IntArray


@dataclass(frozen=True, eq=False)
class Cells:
    """Subsets of ``reports`` reports, row by row.

    ``cell_of[start_of[r]:start_of[r + 1]]`` are the cells of report r. ``zone[i]`` and ``stream[i]`` say what cell i is,
    ``size[i]`` how many reports it has in all, ``share[i]`` its prior share of the reports, between 0 and 1.
    """

    reports: int
    start_of: IntArray
    cell_of: IntArray
    zone: IntArray
    stream: IntArray
    size: IntArray
    share: FloatArray

    @property
    def count(self) -> int:
        """Number of cells."""
        return int(self.size.size)


def build_cells(reports: int, zones: Incidence, zone_share: FloatArray, streams: Sequence[IntArray], min_reports: int) -> Cells:
    """Every zone × stream of at least ``min_reports`` reports; of those with equal members the one of the smallest share stays.

    That one scores at least as high as its doubles at any count, so leaving the others out changes no maximum.

    Args:
        reports: number of reports.
        zones: which reports lie in which zones.
        zone_share: prior share of each zone.
        streams: the reports (rows) of each stream.
        min_reports: cells that can never reach it are left out.
    """
    in_stream = np.zeros((len(streams), reports), dtype=np.bool_)
    stream_share = np.zeros(len(streams))
    for s, rows in enumerate(streams):
        in_stream[s, rows] = True
        stream_share[s] = rows.size / max(1, reports)
    stream, pair = np.nonzero(in_stream[:, zones.report])
    report = zones.report[pair]
    key = stream * max(1, zone_share.size) + zones.zone[pair]
    kept, inverse, size = np.unique(key, return_inverse=True, return_counts=True)
    zone_of, stream_of = kept % max(1, zone_share.size), kept // max(1, zone_share.size)
    share = zone_share[zone_of] * stream_share[stream_of]
    alive = _smallest_of_equals(report, inverse, size, share) & (size >= min_reports)
    number = np.cumsum(alive) - 1
    use = alive[inverse]
    report, cell = report[use], number[inverse[use]]
    order = np.argsort(report, kind="stable")
    return Cells(
        reports=reports,
        start_of=np.concatenate([[0], np.cumsum(np.bincount(report, minlength=reports))]).astype(np.int64),
        cell_of=cell[order].astype(np.int64),
        zone=zone_of[alive],
        stream=stream_of[alive],
        size=size[alive].astype(np.int64),
        share=share[alive],
    )


def _smallest_of_equals(report: IntArray, cell: IntArray, size: IntArray, share: FloatArray) -> BoolArray:
    """Per cell, whether none with the same reports has a smaller share (the first of equals stays)."""
    mark = np.random.default_rng(0).integers(0, 2**62, report.max(initial=0) + 1, dtype=np.uint64)
    print_of = np.zeros(size.size, dtype=np.uint64)
    np.add.at(print_of, cell, mark[report])
    order = np.lexsort((np.arange(size.size), share, size, print_of))
    first = np.ones(size.size, dtype=np.bool_)
    first[1:] = (print_of[order][1:] != print_of[order][:-1]) | (size[order][1:] != size[order][:-1])
    stays = np.zeros(size.size, dtype=np.bool_)
    stays[order[first]] = True
    return stays
