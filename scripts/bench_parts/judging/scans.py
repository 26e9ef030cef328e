"""The methods that compare many places at once: density clusters, the permutation scan on circles alone, and ours."""

from collections.abc import Iterator
from datetime import date

import numpy as np

from detector.cluster import observed_clusters
from detector.concentrations import Look as Clusters
from detector.methods.density import Density
from detector.methods.scan import Scan, Score
from detector.model import Family, Region, Stream, StreamKind, Window
from detector.scan.families import FamilyLook
from detector.scan.families import History as Rows
from detector.scan.nightly import chance, scores
from detector.scan.zones import ZoneKind
from detector.window import History
from judging.candidates import Candidate, Looks
from judging.cities import Case

_KEPT = 3
_HOPELESS = 0.3
"""No budget lets through what permuted dates give so often."""
_REPLICATES, _ENOUGH = 4_999, 15
_DENSITY = Density()
_FAMILIES = ((Family.PLACE, (StreamKind.ALL,)), (Family.PLACE_COMMUNITY, (StreamKind.COMMUNITY,)))

CIRCLES = Scan(
    score=Score.LLR,
    family_shares={Family.PLACE: 1.0},
    windows_days=(7, 14, 28, 42, 56, 70, 91),
    zones=(ZoneKind.NEIGHBOURHOOD, ZoneKind.CIRCLE),
    max_radius_m=1200.0,
)
"""What SaTScan does: the space-time permutation scan on circles of neighbourhoods, up to 1.2 km and 13 weeks."""


def density(case: Case, reports: History, every_days: int) -> Looks:
    """DBSCAN over all reports and over each community, clusters by their likelihood ratio."""
    told: Looks = []
    for day in case.looks(every_days):
        window = reports.at(day, every_days)
        found = []
        for family, kinds in _FAMILIES:
            look = Clusters.of(_DENSITY, window, family, kinds)
            if look is None:
                continue
            for cluster in observed_clusters(look.points)[:_KEPT]:
                rows = look.rows[list(cluster.rows)]
                kind, code = look.streams[cluster.stream]
                members = frozenset(window.report_keys[row] for row in rows.tolist())
                first = date.fromordinal(int(window.day[rows].min()))
                found.append(Candidate(family.value, cluster.score, family, kind, code, _areas(window, rows), members, first))
        if found:
            told.append((day, found))
    return told


def _areas(window: Window, rows: np.ndarray) -> tuple[str, ...]:
    known = window.area[rows]
    return tuple(sorted({window.areas.areas[row].code for row in known[known >= 0].tolist()}))


def scan(settings: Scan, case: Case, reports: History, every_days: int) -> Looks:
    """The families of a scan; a candidate's score is the part of the budget that its family has, divided by its p."""
    told: Looks = []
    for day in case.looks(every_days):
        window = reports.at(day, every_days)
        history = Rows.of(window, settings.windows_days, settings.history_days)
        if history is None:
            continue
        found: list[Candidate] = []
        for number, family in enumerate(Family):
            share = settings.family_shares.get(family, 0.0)
            look = settings.look(window, history, family) if share > 0 else None
            if look is not None:
                seed = hash((case.seed, window.last_day, number)) & (2**62 - 1)
                found += _family(window, look, seed)
        if found:
            told.append((day, found))
    return told


def _family(window: Window, look: FamilyLook, seed: int) -> Iterator[Candidate]:
    """The best cells of a family, each of reports of its own."""
    best, at, _ = scores(look.look)
    seen: list[tuple[int, frozenset[int]]] = []
    for cell in np.lexsort((np.arange(best.size), -best)).tolist():
        if best[cell] <= 0 or len(seen) == _KEPT:
            break
        stream_number = int(look.look.cells.stream[cell])
        rows = frozenset(look.rows_in(cell, int(at[cell])).tolist())
        if any((s == stream_number and rows & other) or 2 * len(rows & other) > len(rows) for s, other in seen):
            continue
        p = chance(look.look, float(best[cell]), seed, _REPLICATES, _ENOUGH)
        if p > _HOPELESS:
            break
        seen.append((stream_number, rows))
        stream: Stream = look.streams[stream_number]
        region: Region = look.regions[look.look.cells.zone[cell]]
        yield Candidate(
            channel=look.family.value,
            score=1.0 / p,
            family=look.family,
            stream_kind=stream.kind,
            stream_code=stream.code,
            area_codes=region.area_codes,
            members=frozenset(window.report_keys[row] for row in rows),
            window_from=date.fromordinal(window.last_day - int(look.windows_days[at[cell]]) + 1),
        )
