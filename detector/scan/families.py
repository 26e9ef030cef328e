"""Families: from a window of reports to the cells of one family of patterns, in the order of their dates."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

import numpy as np

from detector.model import NOWHERE, AreaTable, BoolArray, Family, FloatArray, IntArray, Region, Stream, StreamKind, Window
from detector.scan.cells import Incidence, build_cells
from detector.scan.nightly import Look
from detector.scan.zones import ZoneKind, Zones, build_zones


@dataclass(frozen=True, eq=False)
class History:
    """The rows of a window that take part, and the lengths of window for which they are long enough.

    Which they are depends on dates alone, never on where or whom, so leaving some out keeps the permutations fair.
    """

    rows: IntArray
    windows_days: tuple[int, ...]

    @classmethod
    def of(cls, window: Window, windows_days: tuple[int, ...], history_days: int) -> Self | None:
        """The last ``history_days``, and windows of at most half of what there is of them; None if there are none."""
        first = max(window.first_day, window.last_day - history_days + 1)
        fitting = tuple(sorted({days for days in windows_days if 2 * days <= window.last_day - first + 1}))
        rows = np.flatnonzero((window.day >= first) & (window.day <= window.last_day))
        return cls(rows, fitting) if fitting and rows.size > 1 else None


@dataclass(frozen=True, eq=False)
class FamilyLook:
    """One family's cells over a window.

    ``rows[i]`` is the window's row of the family's report i; ``regions`` and ``streams`` are those that the cells refer to.
    """

    family: Family
    look: Look
    rows: IntArray
    regions: tuple[Region, ...]
    streams: tuple[Stream, ...]
    windows_days: tuple[int, ...]

    def rows_in(self, cell: int, window: int) -> IntArray:
        """The window's rows of the reports of a cell in one of the time windows, ascending."""
        cells = self.look.cells
        recent = _among(cells.reports, self.look.slots[: self.look.cuts[window]])
        held = np.searchsorted(cells.start_of, np.flatnonzero(cells.cell_of == cell), side="right") - 1
        return np.sort(self.rows[held[recent[held]]])


def family_look(
    window: Window,
    history: History,
    family: Family,
    *,
    zones: Collection[ZoneKind],
    streams: Collection[StreamKind],
    max_radius_m: float,
    max_share: float,
    min_reports: int,
    alpha: float,
    statistic: int,
) -> FamilyLook | None:
    """The cells of ``family``, or None where there is nothing to compare."""
    rows = history.rows
    if family is Family.COMMUNITY:
        regions: tuple[Region, ...] = (Region(area_codes=(window.areas.municipality.code,)),)
        share = np.ones(1)
        incidence = Incidence(np.arange(rows.size), np.zeros(rows.size, dtype=np.int64))
    else:
        areal = zones_of(window.areas, tuple(sorted(zones)), max_radius_m, max_share)
        rows, incidence, regions, share = _placed(window, rows, areal, ZoneKind.VENUE in zones, min_reports)
    if rows.size == 0 or not regions:
        return None
    chosen, members = _streams(window, rows, family, streams)
    cells = build_cells(rows.size, incidence, share, members, min_reports)
    ages = window.last_day - window.day[rows]
    slots = np.argsort(ages, kind="stable")
    cuts = np.searchsorted(ages[slots], history.windows_days, side="left").astype(np.int64)
    if cells.count == 0 or cuts[-1] < min_reports:
        return None
    look = Look(cells, slots, cuts, alpha, min_reports, statistic)
    return FamilyLook(family, look, rows, regions, chosen, history.windows_days)


@lru_cache(maxsize=16)
def zones_of(areas: AreaTable, kinds: tuple[ZoneKind, ...], max_radius_m: float, max_share: float) -> Zones:
    """The zones of a table, worked out once for all nights of a replay (a table is compared by identity)."""
    return build_zones(areas, kinds, max_radius_m, max_share)


def _placed(
    window: Window, rows: IntArray, areal: Zones, venues: bool, min_reports: int
) -> tuple[IntArray, Incidence, tuple[Region, ...], FloatArray]:
    """The reports that say where, the zones they lie in, and every zone's region and prior share."""
    area = window.area[rows]
    in_area = (area != NOWHERE) & areal.zoned[area]
    rows = rows[in_area | (window.venue[rows] >= 0) if venues else in_area]
    report, zone = areal.holding(window.area[rows])
    regions, share = list(areal.regions), areal.share
    if venues and rows.size:
        spot, at, extra = _venues(window, rows, min_reports)
        report = np.concatenate([report, spot])
        zone = np.concatenate([zone, at + len(regions)])
        regions += extra
        named = int(np.unique(window.venue[rows][window.venue[rows] >= 0]).size)
        share = np.concatenate([share, np.full(len(extra), float((window.venue[rows] >= 0).mean()) / max(1, named))])
    return rows, Incidence(report, zone), tuple(regions), share


def _venues(window: Window, rows: IntArray, min_reports: int) -> tuple[IntArray, IntArray, list[Region]]:
    """Reports at venues that have enough of them, the number of their venue, and each venue's region."""
    venue = window.venue[rows]
    names, counts = np.unique(venue[venue >= 0], return_counts=True)
    names = names[counts >= min_reports]
    spot = np.flatnonzero(np.isin(venue, names))
    regions = []
    for name in names.tolist():
        areas = window.area[rows[venue == name]]
        known = areas[areas != NOWHERE]
        row = int(known.max()) if known.size else 0  # inner areas come after the outer ones
        regions.append(Region(area_codes=(window.areas.areas[row].code,)))
    return spot, np.searchsorted(names, venue[spot]), regions


def _streams(
    window: Window, rows: IntArray, family: Family, kinds: Collection[StreamKind]
) -> tuple[tuple[Stream, ...], list[IntArray]]:
    """The family's streams, and their members among ``rows`` (numbered as in ``rows``)."""
    if family is Family.PLACE:
        everything = np.arange(rows.size)
        return (Stream(StreamKind.ALL, "", everything),), [everything]
    chosen = tuple(stream for stream in window.streams if stream.kind in kinds)
    return chosen, [np.flatnonzero(_among(window.size, stream.members)[rows]) for stream in chosen]


def _among(size: int, members: IntArray) -> BoolArray:
    mask = np.zeros(size, dtype=np.bool_)
    mask[members] = True
    return mask
