"""Real area files load without a column being named."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from detector.areas import AreaColumns, AreaSet, read_areas
from detector.model import Level


@pytest.mark.parametrize(
    ("file", "counts", "inhabitants"),
    [
        ("amersfoort/amersfoort_buurten_2024.geojson", {"neighbourhood": 145, "district": 33, "municipality": 1}, 158_580),
        ("amersfoort/amersfoort_buurten_2024_rd.geojson", {"neighbourhood": 145, "district": 33, "municipality": 1}, 158_580),
        ("amersfoort/amersfoort_wijken_2024.geojson", {"district": 33, "municipality": 1}, 158_580),
        ("amersfoort/gemeenten_regio.geojson", {"municipality": 8}, 348_325),
        ("amersfoort/pc4_regio.geojson", {"postcode": 47, "municipality": 8}, None),
        ("amersfoort/buurten_inwoners.csv", {"neighbourhood": 255, "district": 55, "municipality": 7}, None),
        ("toronto/neighbourhoods_158.geojson", {"neighbourhood": 158, "municipality": 1}, 2_972_049),
    ],
)
def test_every_file_loads_unnamed(shared_data: Path, file: str, counts: dict[str, int], inhabitants: int | None) -> None:
    areas = read_areas(shared_data / file)
    assert Counter(area.level.value for area in areas.areas) == counts
    if inhabitants is not None:
        total = sum(area.inhabitants or 0 for area in areas.areas if area.level is Level.MUNICIPALITY)
        assert total == inhabitants


@pytest.fixture(scope="session")
def amersfoort(shared_data: Path) -> AreaSet:
    return read_areas(shared_data / "amersfoort" / "amersfoort_buurten_2024.geojson")


def test_cbs_codes_nest_by_prefix(amersfoort: AreaSet) -> None:
    table = amersfoort.table("GM0307")
    assert table.municipality.code == "GM0307"
    assert table.municipality.name == "Amersfoort"
    row = table.index["BU03070100"]
    assert [table.areas[i].code for i in table.ancestors(row)] == ["BU03070100", "WK030701", "GM0307"]
    assert table.areas[table.index["WK030701"]].name == "Stadskern"
    assert table.areas[table.index["WK030701"]].inhabitants == 5650
    assert (table.parent[1:] < np.arange(1, len(table.areas))).all()


def test_inner_points_lie_in_their_area(amersfoort: AreaSet) -> None:
    inner = [area for area in amersfoort.areas if area.level is Level.NEIGHBOURHOOD]
    found = amersfoort.locate(np.array([area.x_m for area in inner]), np.array([area.y_m for area in inner]))
    assert found.tolist() == [area.code for area in inner]


def test_degrees_and_metres_give_the_same_map(amersfoort: AreaSet, shared_data: Path) -> None:
    metres = read_areas(shared_data / "amersfoort" / "amersfoort_buurten_2024_rd.geojson")
    for area in metres.areas:
        assert (
            amersfoort.geometry(area.code).symmetric_difference(metres.geometry(area.code)).area
            < 0.01 * metres.geometry(area.code).area
        )


def test_a_known_place_is_found(amersfoort: AreaSet) -> None:
    # The Onze Lieve Vrouwetoren is the origin of the Dutch grid, (155 000, 463 000), in the old town.
    x, y = amersfoort.project(np.array([5.38720621]), np.array([52.15517440]), "GM0307")
    assert x[0] == pytest.approx(155_000, abs=1)
    assert y[0] == pytest.approx(463_000, abs=1)
    assert amersfoort.by_code[amersfoort.locate(x, y)[0]].area.parent == "WK030701"


def test_toronto_says_what_was_assumed_and_takes_what_is_named(shared_data: Path) -> None:
    path = shared_data / "toronto" / "neighbourhoods_158.geojson"
    guessed = read_areas(path)
    assert any("neighbourhoods 158" in warning for warning in guessed.warnings)
    assert any("EPSG:32617" in warning for warning in guessed.warnings)
    named = read_areas(path, AreaColumns(municipality_code="toronto", municipality_name="Toronto", crs="EPSG:26917"))
    assert named.warnings == ()
    assert named.municipalities == ("toronto",)
    assert named.crs_of("toronto") == "EPSG:26917"
    assert named.municipality_of("174") == "toronto"
    assert named.resolve("70") == "070"
    assert named.resolve("south eglinton-davisville") == "174"


def test_layers_add_up(shared_data: Path, amersfoort: AreaSet) -> None:
    folder = shared_data / "amersfoort"
    together = read_areas(folder / "gemeenten_regio.geojson")
    for name in (
        "pc4_regio.geojson",
        "amersfoort_wijken_2024.geojson",
        "amersfoort_buurten_2024.geojson",
        "buurten_inwoners.csv",
    ):
        together = together.merge(read_areas(folder / name))
    counts = Counter(area.level.value for area in together.areas)
    assert counts == {"municipality": 8, "postcode": 47, "district": 33, "neighbourhood": 145}
    inner = {area.code: area.inhabitants for area in together.areas if area.level is Level.NEIGHBOURHOOD}
    assert sum(value or 0 for value in inner.values()) == 158_580
    assert together.by_postcode("3811 AB") == "GM0307"
    assert together.by_postcode("3741") == "GM0308"
    assert together.by_postcode("9999 ZZ") is None
    # The 110 neighbourhoods of other municipalities in the table of inhabitants have no outline: said, not lost in silence.
    assert any("110 areas without an outline" in warning for warning in together.warnings)
    assert together.geometry("BU03070100").equals(amersfoort.geometry("BU03070100"))


def test_outline_is_coarse_and_in_degrees(amersfoort: AreaSet) -> None:
    codes = [area.code for area in amersfoort.areas if area.parent == "WK030701"]
    outline = amersfoort.outline_lonlat(codes)
    assert outline["type"] == "Polygon"
    ring = np.array(outline["coordinates"])[0]
    assert ((ring[:, 0] > 5.3) & (ring[:, 0] < 5.5) & (ring[:, 1] > 52.1) & (ring[:, 1] < 52.2)).all()
    assert np.array_equal(ring, np.round(ring, 5))
    fine = amersfoort.outline_lonlat(codes, tolerance_m=0)
    assert len(ring) < len(np.array(fine["coordinates"])[0])


def test_outline_of_nothing_known_is_empty(amersfoort: AreaSet) -> None:
    assert amersfoort.outline_lonlat(["BU99999999"]) == {"type": "GeometryCollection", "geometries": []}
