"""Sets that become one, and sets that come back from the store."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from detector.areas import AreaColumns, AreaError, AreaSet, read_areas
from detector.model import Level
from detector.simulate import made_up_areas

Square = Callable[..., BaseGeometry]
WriteMap = Callable[..., Path]


@settings(max_examples=15)
@given(st.integers(0, 1_000))
def test_rows_there_and_back(seed: int) -> None:
    areas = made_up_areas(seed, districts=2, neighbourhoods=6)
    again = AreaSet.from_rows(areas.to_rows())
    assert again.areas == areas.areas
    assert again.crs_of("GM9999") == "EPSG:28992"
    assert all(again.geometry(area.code).equals(areas.geometry(area.code)) for area in areas.areas)
    assert again.to_rows() == areas.to_rows()


@settings(max_examples=10)
@given(st.integers(0, 1_000))
def test_merging_with_itself_or_nothing_changes_nothing(seed: int) -> None:
    areas = made_up_areas(seed, districts=2, neighbourhoods=6)
    for other in (areas, AreaSet(), AreaSet.from_rows(areas.to_rows())):
        assert areas.merge(other).to_rows() == areas.to_rows()
        assert other.merge(areas).to_rows() == areas.to_rows()


@pytest.fixture
def base(write_map: WriteMap, square: Square) -> AreaSet:
    rows = [
        ({"buurtcode": "BU03070100", "buurtnaam": "Hof", "inwoners": 10}, square(0, 0)),
        ({"buurtcode": "BU03070101", "buurtnaam": "Plein", "inwoners": 20}, square(1, 0)),
        ({"buurtcode": "BU03070200", "buurtnaam": "Kade", "inwoners": 30}, square(0, 1)),
    ]
    return read_areas(write_map(rows))


def test_inhabitants_from_a_table_update_and_the_sums_follow(base: AreaSet, tmp_path: Path) -> None:
    table = tmp_path / "inwoners.csv"
    table.write_text("buurtcode;aantal inwoners\nBU03070100;15\nBU03999999;7\n", encoding="utf-8")
    # Also after a stay in the store, which does not know which areas were derived.
    for kept in (base, AreaSet.from_rows(base.to_rows())):
        areas = kept.merge(read_areas(table))
        figures = {area.code: area.inhabitants for area in areas.areas}
        assert figures == {
            "GM0307": 65, "WK030701": 35, "WK030702": 30, "BU03070100": 15, "BU03070101": 20, "BU03070200": 30,
        }  # fmt: skip
        assert areas.by_code["BU03070100"].area.name == "Hof"
        assert areas.geometry("BU03070100").equals(base.geometry("BU03070100"))
        assert any("BU03999999" in warning for warning in areas.warnings)


def test_a_table_alone_has_no_place_to_be_stored(tmp_path: Path) -> None:
    table = tmp_path / "inwoners.csv"
    table.write_text("buurtcode;inwoners\nBU03070100;15\n", encoding="utf-8")
    with pytest.raises(AreaError, match="Load a map"):
        read_areas(table).to_rows()


def test_stated_districts_take_the_place_of_derived_ones(base: AreaSet, write_map: WriteMap, square: Square) -> None:
    rows = [({"wijkcode": "WK030701", "wijknaam": "Kern", "inwoners": 31}, square(0, 0, 2000))]
    areas = base.merge(read_areas(write_map(rows)))
    district = areas.by_code["WK030701"].area
    assert (district.name, district.inhabitants) == ("Kern", 31)
    assert areas.geometry("WK030701").area == pytest.approx(4e6)
    assert areas.by_code["BU03070100"].area.parent == "WK030701"
    # The neighbourhoods once more, which only imply the district, do not undo what was stated.
    again = areas.merge(base)
    assert again.by_code["WK030701"].area.name == "Kern"
    assert again.by_code["WK030701"].area.inhabitants == 31


def test_neighbourhoods_find_their_districts_when_those_come_later(write_map: WriteMap, square: Square) -> None:
    columns = AreaColumns(municipality_code="M")
    inner = read_areas(
        write_map([({"code": "n", "name": "N"}, square(0, 0)), ({"code": "o", "name": "O"}, square(5, 0))]), columns
    )
    assert inner.by_code["n"].area.parent == "M"
    outer = read_areas(write_map([({"code": "d", "name": "D"}, square(0, 0, 2000))]), columns, default_level=Level.DISTRICT)
    for areas in (inner.merge(outer), outer.merge(inner)):
        assert areas.by_code["n"].area.parent == "d"
        assert areas.by_code["o"].area.parent == "M"


def test_figures_by_code_do_not_undo_what_the_map_says_of_parents(write_map: WriteMap, square: Square, tmp_path: Path) -> None:
    columns = AreaColumns(municipality_code="M")
    # The district's outline lies elsewhere, so only the parent column tells.
    rows = [
        ({"code": "d", "level": "wijk", "parent": None}, square(5, 5)),
        ({"code": "n", "level": "buurt", "parent": "d"}, square(0, 0)),
    ]
    table = tmp_path / "figures.csv"
    table.write_text("code,inhabitants\nn,12\n", encoding="utf-8")
    areas = read_areas(write_map(rows), columns).merge(read_areas(table, columns))
    assert (areas.by_code["n"].area.parent, areas.by_code["n"].area.inhabitants) == ("d", 12)


def test_an_assumed_municipality_gives_way_to_the_real_one(base: AreaSet, write_map: WriteMap, square: Square) -> None:
    postcodes = read_areas(write_map([({"pc4": "3811"}, square(0, 0)), ({"pc4": "3899"}, square(50, 0))], "pc4.geojson"))
    areas = base.merge(postcodes)
    assert areas.by_postcode("3811") == "BU03070100"
    assert areas.by_code["PC3811"].area.municipality == "GM0307"
    # What lies elsewhere keeps the municipality that was assumed for it.
    assert set(areas.municipalities) == {"GM0307", "pc4"}
    assert areas.by_postcode("3899") == "pc4"


def test_one_code_in_two_municipalities_is_refused(write_map: WriteMap, square: Square) -> None:
    one = read_areas(write_map([({"code": "1", "name": "A"}, square(0, 0))]), AreaColumns(municipality_code="M"))
    two = read_areas(write_map([({"code": "1", "name": "B"}, square(9, 0))]), AreaColumns(municipality_code="N"))
    with pytest.raises(AreaError, match="Code '1' is an area in M and in N"):
        one.merge(two)


def test_a_name_means_an_area_only_if_it_is_the_only_one(base: AreaSet) -> None:
    assert base.resolve(" bu03070100 ") == "BU03070100"
    assert base.resolve("HOF") == "BU03070100"
    assert base.resolve("Nergens") is None
    twice = AreaSet.of(
        [replace(shape, area=replace(shape.area, name="Plein")) if shape.area.name == "Kade" else shape for shape in base.shapes],
        (),
    )
    assert twice.resolve("plein") is None


def test_many_municipalities_side_by_side(base: AreaSet, write_map: WriteMap, square: Square) -> None:
    other = read_areas(write_map([({"buurtcode": "BU03080000", "buurtnaam": "Elders"}, square(10, 0))]))
    areas = base.merge(other)
    assert areas.municipalities == ("GM0307", "GM0308")
    assert areas.municipality_of("BU03080000") == "GM0308"
    assert len(areas.table("GM0308").areas) == 3
    assert len(areas.table("GM0307").areas) == 6
