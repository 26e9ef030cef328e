"""Cells: the subsets of the reports, cut out by a zone and a stream, whose recent counts one family of the scan compares."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from detector.model import BoolArray, FloatArray, IntArray
from detector.scan.jit import compiled
from detector.scan.vectors import Words


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
    in_stream = np.zeros((reports, len(streams)), dtype=np.bool_)
    stream_share = np.zeros(len(streams))
    for s, rows in enumerate(streams):
        in_stream[rows, s] = True
        stream_share[s] = rows.size / max(1, reports)
    many = max(1, zone_share.size)
    mark = np.random.default_rng(0).integers(0, 2**62, reports, dtype=np.uint64)
    sizes, prints = _sizes(zones.report, zones.zone, in_stream, many, mark)
    kept = np.flatnonzero(sizes)  # keys: stream · zones + zone
    zone_of, stream_of, size = kept % many, kept // many, sizes[kept]
    share = zone_share[zone_of] * stream_share[stream_of]
    alive = _smallest_of_equals(prints[kept], size, share) & (size >= min_reports)
    number = np.full(sizes.size, -1, dtype=np.int64)
    number[kept[alive]] = np.arange(int(alive.sum()))
    start_of, cell_of = _by_report(zones.report, zones.zone, in_stream, many, number)
    return Cells(reports, start_of, cell_of, zone_of[alive], stream_of[alive], size[alive], share[alive])


@compiled
def _sizes(report: IntArray, zone: IntArray, in_stream: BoolArray, zones: int, mark: Words) -> tuple[IntArray, Words]:
    """Per stream and zone the number of reports, and the sum of their marks, which tells whether they are the same."""
    size = np.zeros(in_stream.shape[1] * zones, np.int64)
    prints = np.zeros(size.shape[0], np.uint64)
    for i in range(report.shape[0]):
        for s in range(in_stream.shape[1]):
            if in_stream[report[i], s]:
                size[s * zones + zone[i]] += 1
                prints[s * zones + zone[i]] += mark[report[i]]
    return size, prints


@compiled
def _by_report(report: IntArray, zone: IntArray, in_stream: BoolArray, zones: int, number: IntArray) -> tuple[IntArray, IntArray]:
    """``start_of`` and ``cell_of``; ``number`` is that of the cell of every stream and zone, -1 where there is none."""
    start_of = np.zeros(in_stream.shape[0] + 1, np.int64)
    for i in range(report.shape[0]):
        for s in range(in_stream.shape[1]):
            if in_stream[report[i], s] and number[s * zones + zone[i]] >= 0:
                start_of[report[i] + 1] += 1
    start_of = np.cumsum(start_of)
    filled = start_of[:-1].copy()
    cell_of = np.empty(start_of[-1], np.int64)
    for i in range(report.shape[0]):
        for s in range(in_stream.shape[1]):
            if in_stream[report[i], s] and number[s * zones + zone[i]] >= 0:
                cell_of[filled[report[i]]] = number[s * zones + zone[i]]
                filled[report[i]] += 1
    return start_of, cell_of


def _smallest_of_equals(prints: Words, size: IntArray, share: FloatArray) -> BoolArray:
    """Per cell, whether none with the same reports (the same print) has a smaller share; the first of equals stays."""
    order = np.lexsort((share, size, prints))
    first = np.ones(size.size, dtype=np.bool_)
    first[1:] = (prints[order][1:] != prints[order][:-1]) | (size[order][1:] != size[order][:-1])
    stays = np.zeros(size.size, dtype=np.bool_)
    stays[order[first]] = True
    return stays
