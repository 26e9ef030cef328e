"""Zones are sets of areas that people recognise, each once, and reports find theirs however coarse or fine they say where."""

import numpy as np
import pytest

from detector.model import Area, AreaTable, Level
from detector.scan.cells import Incidence, build_cells
from detector.scan.zones import ZoneKind, build_zones

GRID = ZoneKind.NEIGHBOURHOOD, ZoneKind.DISTRICT, ZoneKind.NEAREST_1, ZoneKind.NEAREST_2


@pytest.fixture
def areas() -> AreaTable:
    """Two districts of two neighbourhoods in a row, one of them empty, and a postcode in the second neighbourhood."""
    rows = [
        Area("G", "G", Level.MUNICIPALITY, None, "G", 0, 0, 400),
        Area("W1", "W1", Level.DISTRICT, "G", "G", 50, 0, 300),
        Area("W2", "W2", Level.DISTRICT, "G", "G", 250, 0, 100),
        Area("B1", "B1", Level.NEIGHBOURHOOD, "W1", "G", 0, 0, 100),
        Area("B2", "B2", Level.NEIGHBOURHOOD, "W1", "G", 100, 0, 200),
        Area("B3", "B3", Level.NEIGHBOURHOOD, "W2", "G", 201, 0, 100),
        Area("B4", "B4", Level.NEIGHBOURHOOD, "W2", "G", 300, 0, 0),
        Area("P1", "P1", Level.POSTCODE, "B2", "G", 110, 0, None),
    ]
    beside = [[], [2], [1], [4], [3, 5], [4, 6], [5], []]
    return AreaTable(tuple(rows), np.array([-1, 0, 0, 1, 1, 2, 2, 4]), tuple(np.array(near, dtype=np.int64) for near in beside))


def test_every_set_of_areas_is_one_zone(areas: AreaTable) -> None:
    zones = build_zones(areas, GRID, 0, 0)
    codes = {region.area_codes for region in zones.regions}
    assert codes == {("B1",), ("B2",), ("B3",), ("B4",), ("W1",), ("W2",), ("B1", "B2", "B3"), ("B2", "B3", "B4")}
    assert len(zones.regions) == len(codes)
    assert (zones.share > 0).all()
    alone = [z for z, region in enumerate(zones.regions) if len(region.area_codes) == 1 and region.area_codes[0].startswith("B")]
    assert zones.share[alone].sum() == pytest.approx(1)


def test_a_neighbourhood_and_all_around_it_are_a_zone(areas: AreaTable) -> None:
    zones = build_zones(areas, (ZoneKind.AROUND,), 0, 0)
    assert {region.area_codes for region in zones.regions} == {("B1", "B2"), ("B1", "B2", "B3"), ("B2", "B3", "B4"), ("B3", "B4")}


def test_reports_find_their_zones(areas: AreaTable) -> None:
    zones = build_zones(areas, GRID, 0, 0)

    def of(code: str) -> set[tuple[str, ...]]:
        return {zones.regions[z].area_codes for z in zones.containing[areas.index[code]].tolist()}

    assert of("B1") == {("B1",), ("W1",), ("B1", "B2", "B3")}
    assert of("P1") == of("B2")
    assert of("W2") == {("W2",)}
    assert of("G") == set()


def test_circles_keep_within_radius_and_share(areas: AreaTable) -> None:
    zones = build_zones(areas, (ZoneKind.CIRCLE,), 101, 0.9)
    assert {r.area_codes for r in zones.regions} == {("B1", "B2"), ("B3", "B4"), ("B2", "B3", "B4")}
    assert all(r.radius_m is not None and r.radius_m <= 101 for r in zones.regions)


def test_without_neighbourhoods_districts_take_their_place(areas: AreaTable) -> None:
    table = AreaTable(areas.areas[:3], areas.parent[:3], areas.neighbours[:3])
    assert {r.area_codes for r in build_zones(table, GRID, 0, 0).regions} == {("W1",), ("W2",), ("W1", "W2")}


def test_cells_with_the_same_reports_are_one_and_small_ones_none() -> None:
    zone = Incidence(np.array([0, 1, 2, 0, 1, 2, 3, 3]), np.array([0, 0, 0, 1, 1, 1, 2, 1]))
    cells = build_cells(4, zone, np.array([0.2, 0.5, 0.3]), [np.arange(4), np.array([0, 1, 2])], 3)
    assert list(zip(cells.zone.tolist(), cells.stream.tolist(), cells.size.tolist(), strict=True)) == [(1, 0, 4), (0, 1, 3)]
    assert cells.share.tolist() == pytest.approx([0.5, 0.15])
    assert [cells.cell_of[cells.start_of[r] : cells.start_of[r + 1]].size for r in range(4)] == [2, 2, 2, 1]
