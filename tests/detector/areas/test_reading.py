"""Files of other makers: which columns are recognised, what is derived, what is refused and how."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyogrio.raw
import pytest
import shapely
from shapely.geometry.base import BaseGeometry

from detector.areas import AreaColumns, AreaError, AreaSet, read_areas
from detector.areas.columns import recognise
from detector.model import Level

Square = Callable[..., BaseGeometry]
WriteMap = Callable[..., Path]


def parents(areas: AreaSet) -> dict[str, str | None]:
    return {area.code: area.parent for area in areas.areas}


@pytest.mark.parametrize(
    ("properties", "inhabitants"),
    [
        ({"buurtcode": "BU03070100", "buurtnaam": "Hof", "gemeentecode": "GM0307", "aantal_inwoners": 710}, 710),
        ({"BU_CODE": "BU03070100", "BU_NAAM": "Hof", "WK_CODE": "WK030701", "GM_CODE": "GM0307", "AANT_INW": 710}, 710),
        ({"buurtcode": "BU03070100", "buurtnaam": "Hof", "wijkcode": "WK030701", "aantalInwoners": 710.0}, 710),
        ({"statcode": "BU03070100", "statnaam": "Hof", "jrstatcode": "2024BU03070100", "rubriek": "buurt"}, None),
        ({"Buurtcode": "BU03070100", "Buurtnaam": "Hof", "Aantal inwoners": "710"}, 710),
        ({"buurtcode": "BU03070100", "buurtnaam": "Hof", "inwoners": -99997}, None),
    ],
)
def test_cbs_and_pdok_columns(
    write_map: WriteMap, square: Square, properties: dict[str, object], inhabitants: int | None
) -> None:
    areas = read_areas(write_map([(properties, square(0, 0))]))
    assert parents(areas) == {"GM0307": None, "WK030701": "GM0307", "BU03070100": "WK030701"}
    area = areas.by_code["BU03070100"].area
    assert (area.name, area.level, area.inhabitants, area.municipality) == ("Hof", Level.NEIGHBOURHOOD, inhabitants, "GM0307")


def test_names_of_the_areas_around_are_kept(write_map: WriteMap, square: Square) -> None:
    row = {
        "buurtcode": "BU03070100",
        "buurtnaam": "Hof",
        "wijkcode": "WK030701",
        "wijknaam": "Stadskern",
        "gemeentenaam": "Amersfoort",
    }
    areas = read_areas(write_map([(row | {"gemeentecode": "GM0307"}, square(0, 0))], "buurten_2024.geojson"))
    assert [area.name for area in areas.areas] == ["Amersfoort", "Stadskern", "Hof"]
    assert {shape.map_year for shape in areas.shapes} == {2024}


def test_columns_can_be_named(write_map: WriteMap, square: Square) -> None:
    rows = [
        ({"ref": "d1", "label": "Noord", "kind": "wijk", "inside": None, "heads": None}, square(0, 0, 2000)),
        ({"ref": "n1", "label": "Eik", "kind": "buurt", "inside": "d1", "heads": 12}, square(0, 0)),
        ({"ref": "n2", "label": "Beuk", "kind": "buurt", "inside": "d1", "heads": 30}, square(1, 0)),
    ]
    columns = AreaColumns("ref", "label", "kind", "inside", "heads", municipality_code="X", municipality_name="Ergens")
    areas = read_areas(write_map(rows), columns)
    assert parents(areas) == {"X": None, "d1": "X", "n1": "d1", "n2": "d1"}
    assert areas.by_code["X"].area.name == "Ergens"
    assert areas.by_code["n2"].area.inhabitants == 30
    assert areas.warnings == ()


def test_nested_by_largest_overlap_where_nothing_else_tells(write_map: WriteMap, square: Square) -> None:
    rows = [
        ({"code": "city", "name": "Stad", "level": "municipality"}, square(0, 0, 4000)),
        ({"code": "west", "name": "West", "level": "district"}, square(0, 0, 2000)),
        ({"code": "east", "name": "Oost", "level": "district"}, square(2, 0, 2000)),
        # Sixty per cent in the east.
        ({"code": "n", "name": "Grens", "level": "neighbourhood"}, square(1.6, 0)),
        ({"code": "m", "name": "Rand", "level": "neighbourhood"}, square(0, 3)),
    ]
    areas = read_areas(write_map(rows))
    assert parents(areas) == {"city": None, "east": "city", "west": "city", "n": "east", "m": "city"}
    assert set(areas.municipalities) == {"city"}


def test_level_of_a_single_layer_can_be_told(write_map: WriteMap, square: Square) -> None:
    path = write_map([({"id": "7", "name": "Zeven"}, square(0, 0))], "my_town.geojson")
    assert read_areas(path).by_code["7"].area.level is Level.NEIGHBOURHOOD
    areas = read_areas(path, default_level="wijk")
    assert areas.by_code["7"].area.level is Level.DISTRICT
    assert areas.municipalities == ("my_town",)
    assert any("my town" in warning for warning in areas.warnings)


def test_a_geopackage_of_three_layers(tmp_path: Path, square: Square) -> None:
    path = tmp_path / "wijkenbuurten_2024.gpkg"
    layers: dict[str, list[tuple[dict[str, object], BaseGeometry]]] = {
        "gemeenten": [
            ({"gemeentecode": "GM0307", "gemeentenaam": "Amersfoort", "water": "NEE", "aantal_inwoners": 99}, square(0, 0, 2000)),
            ({"gemeentecode": "GM0307", "gemeentenaam": "Amersfoort", "water": "JA", "aantal_inwoners": -99997}, square(2, 0)),
        ],
        "wijken": [({"wijkcode": "WK030701", "wijknaam": "Kern", "gemeentecode": "GM0307", "aantal_inwoners": 40}, square(0, 0))],
        "buurten": [
            ({"buurtcode": "BU03070100", "buurtnaam": "Hof", "wijkcode": "WK030701", "aantal_inwoners": 40}, square(0, 0))
        ],
    }
    for number, (name, rows) in enumerate(layers.items()):
        pyogrio.raw.write(
            path,
            geometry=np.array([shapely.to_wkb(outline) for _, outline in rows], dtype=object),
            field_data=[np.array([row[column] for row, _ in rows]) for column in rows[0][0]],
            fields=np.array(list(rows[0][0])),
            geometry_type="Polygon",
            crs="EPSG:28992",
            layer=name,
            append=number > 0,
            driver="GPKG",
        )
    areas = read_areas(path)
    assert parents(areas) == {"GM0307": None, "WK030701": "GM0307", "BU03070100": "WK030701"}
    assert [area.inhabitants for area in areas.areas] == [99, 40, 40]
    assert areas.geometry("GM0307").area == pytest.approx(4e6)
    assert any("1 areas of water" in warning for warning in areas.warnings)


def test_outlines_that_cross_themselves_are_repaired_and_said_to_be(write_map: WriteMap) -> None:
    bow_tie = shapely.Polygon([(150_000, 460_000), (151_000, 461_000), (151_000, 460_000), (150_000, 461_000)])
    areas = read_areas(write_map([({"code": "x", "name": "Strik", "gemeentecode": "GM0307"}, bow_tie)]))
    assert areas.geometry("x").is_valid
    assert areas.geometry("x").area == pytest.approx(0.5e6)
    assert any("1 outlines crossed themselves" in warning for warning in areas.warnings)


def test_one_area_in_two_rows_is_put_together(write_map: WriteMap, square: Square) -> None:
    row = {"wijkcode": "WK030701", "wijknaam": "Eilanden", "inwoners": 40}
    areas = read_areas(write_map([(row, square(0, 0)), (row, square(2, 0))]))
    assert areas.geometry("WK030701").area == pytest.approx(2e6)
    assert areas.by_code["WK030701"].area.inhabitants == 40
    assert any("several rows" in warning for warning in areas.warnings)


def test_metres_in_a_file_that_says_degrees_are_noticed(write_map: WriteMap, square: Square) -> None:
    areas = read_areas(write_map([({"buurtcode": "BU03070100"}, square(0, 0))], crs=None))
    assert areas.by_code["BU03070100"].area.x_m == 150_500
    assert any("read as EPSG:28992" in warning for warning in areas.warnings)


def test_degrees_in_a_file_that_says_metres_are_noticed(write_map: WriteMap) -> None:
    areas = read_areas(write_map([({"buurtcode": "BU03070100"}, shapely.box(5.38, 52.15, 5.39, 52.16))]))
    assert areas.by_code["BU03070100"].area.x_m == pytest.approx(154_800, abs=500)
    assert any("read as EPSG:4326" in warning for warning in areas.warnings)


def test_numbers_that_fit_nothing_are_refused(write_map: WriteMap) -> None:
    path = write_map([({"buurtcode": "BU03070100"}, shapely.box(4_000_000, 3_000_000, 4_001_000, 3_001_000))], crs=None)
    with pytest.raises(AreaError, match="in which coordinate system"):
        read_areas(path)


def test_a_geopackage_without_coordinate_system(tmp_path: Path) -> None:
    path = tmp_path / "bare.gpkg"
    pyogrio.raw.write(
        path,
        geometry=np.array([shapely.to_wkb(shapely.box(4e6, 3e6, 4.1e6, 3.1e6))], dtype=object),
        field_data=[np.array(["a"])],
        fields=np.array(["code"]),
        geometry_type="Polygon",
        crs="EPSG:3035",
        driver="GPKG",
    )
    assert read_areas(path).known
    pyogrio.raw.write(
        path,
        geometry=np.array([shapely.to_wkb(shapely.box(4e6, 3e6, 4.1e6, 3.1e6))], dtype=object),
        field_data=[np.array(["a"])],
        fields=np.array(["code"]),
        geometry_type="Polygon",
        crs='LOCAL_CS["drawn by hand",UNIT["metre",1]]',
        driver="GPKG",
    )
    with pytest.raises(AreaError):
        read_areas(path)


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:2263", "nonsense"])
def test_distances_need_metres(write_map: WriteMap, square: Square, crs: str) -> None:
    with pytest.raises(AreaError, match="EPSG:28992"):
        read_areas(write_map([({"buurtcode": "BU03070100"}, square(0, 0))]), AreaColumns(crs=crs))


def test_a_coordinate_system_of_elsewhere_is_refused(write_map: WriteMap, square: Square) -> None:
    with pytest.raises(AreaError, match="longitude 5"):
        read_areas(write_map([({"buurtcode": "BU03070100"}, square(0, 0))]), AreaColumns(crs="EPSG:26917"))


def test_bad_files_say_what_is_there(write_map: WriteMap, square: Square, tmp_path: Path) -> None:
    path = write_map([({"foo": 1, "bar": "x"}, square(0, 0))])
    with pytest.raises(AreaError, match=r"areas.geojson has no column that looks like an area's code. It has: foo, bar"):
        read_areas(path)
    with pytest.raises(AreaError, match=r"no column 'baz'. It has: foo, bar"):
        read_areas(path, AreaColumns(code="baz"))
    with pytest.raises(AreaError, match="no area file"):
        read_areas(tmp_path / "absent.geojson")
    (tmp_path / "broken.geojson").write_text('{"type": "FeatureCollection", "features": [{"type"', encoding="utf-8")
    with pytest.raises(AreaError, match=r"broken.geojson cannot be read as a map"):
        read_areas(tmp_path / "broken.geojson")
    (tmp_path / "areas.docx").write_bytes(b"PK")
    with pytest.raises(AreaError, match=r"not from '.docx'"):
        read_areas(tmp_path / "areas.docx")


def test_wrong_values_are_refused(write_map: WriteMap, square: Square) -> None:
    with pytest.raises(AreaError, match="not a number of inhabitants"):
        read_areas(write_map([({"buurtcode": "BU03070100", "inwoners": "many"}, square(0, 0))]))
    with pytest.raises(AreaError, match="'planet' is not a level"):
        read_areas(write_map([({"code": "a", "level": "planet"}, square(0, 0))]))
    with pytest.raises(AreaError, match="is not a postcode"):
        read_areas(write_map([({"pc4": "81"}, square(0, 0))]))
    with pytest.raises(AreaError, match="needs a polygon, and here is a Point"):
        read_areas(write_map([({"code": "a"}, shapely.Point(150_000, 460_000))]))
    with pytest.raises(AreaError, match="no row has a code"):
        read_areas(write_map([({"code": None, "name": "a"}, square(0, 0))]))
    with pytest.raises(AreaError, match="different levels"):
        read_areas(write_map([({"code": "a", "level": "wijk"}, square(0, 0)), ({"code": "a", "level": "buurt"}, square(1, 0))]))


def test_rows_without_code_or_outline_are_said_to_be(write_map: WriteMap, square: Square) -> None:
    rows = [
        ({"code": "a", "name": "A"}, square(0, 0)),
        ({"code": "", "name": "B"}, square(1, 0)),
        ({"code": "c", "name": "C"}, None),
    ]
    areas = read_areas(write_map(rows), AreaColumns(municipality_code="M"))
    assert {area.code for area in areas.areas} == {"M", "a", "c"}
    assert any("1 rows without a code" in warning for warning in areas.warnings)
    assert any("1 areas have no outline" in warning for warning in areas.warnings)
    # An area without an outline stands where the area around it does.
    assert areas.by_code["c"].area.x_m == areas.by_code["M"].area.x_m


def test_recognition_prefers_the_finest_code() -> None:
    known = recognise(["gemeentecode", "wijkcode", "buurtcode", "gemeentenaam", "buurtnaam"], AreaColumns(), "file")
    assert (known.code, known.fixed_level, known.name) == ("buurtcode", Level.NEIGHBOURHOOD, "buurtnaam")
    assert (known.district, known.municipality, known.municipality_name) == ("wijkcode", "gemeentecode", "gemeentenaam")


def test_a_map_without_any_outline(write_map: WriteMap) -> None:
    with pytest.raises(AreaError, match="no table with outlines"):
        read_areas(write_map([]))
    areas = read_areas(write_map([({"code": "a", "name": "A"}, None)]))
    assert areas.locate(np.array([1.0]), np.array([1.0])).tolist() == [""]
    with pytest.raises(AreaError, match="Load a map"):
        areas.to_rows()


def test_areas_that_lie_in_their_equals_are_refused(write_map: WriteMap, square: Square) -> None:
    rows = [
        ({"code": "a", "level": "wijk", "parent": "b"}, square(0, 0)),
        ({"code": "b", "level": "wijk", "parent": "a"}, square(1, 0)),
    ]
    with pytest.raises(AreaError, match="'a', a district, is said to lie in 'b', a district"):
        read_areas(write_map(rows))
    rows = [({"buurtcode": "x", "gemeentecode": "y"}, square(0, 0)), ({"buurtcode": "y", "gemeentecode": "y"}, square(1, 0))]
    with pytest.raises(AreaError, match="'y' is named as a municipality and also stands in the file"):
        read_areas(write_map(rows))


def test_a_parent_that_only_is_named_becomes_a_district(write_map: WriteMap, square: Square) -> None:
    rows = [({"code": f"n{i}", "parent": "Zuid" if i < 2 else None, "inhabitants": i}, square(i, 0)) for i in range(3)]
    areas = read_areas(write_map(rows), AreaColumns(municipality_code="M"))
    assert parents(areas) == {"M": None, "Zuid": "M", "n0": "Zuid", "n1": "Zuid", "n2": "M"}
    assert areas.by_code["Zuid"].area.inhabitants == 1
    assert areas.geometry("Zuid").area == pytest.approx(2e6)
