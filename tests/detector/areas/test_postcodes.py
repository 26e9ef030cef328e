"""Postcodes: tables of six signs, and how they fall back."""

from collections.abc import Callable
from pathlib import Path

import pytest
from shapely.geometry.base import BaseGeometry

from detector.areas import AreaError, AreaSet, read_areas
from detector.areas.postcodes import plain_postcode

TABLE = """PC6;Huisnummer;Buurt2024;Wijk2024;Gemeente2024
3811AA;1;3070100;30701;307
3811AA;3;3070100;30701;307
3811AA;5;3070101;30701;307
3811AB;1;3070101;30701;307
3812AA;1;3070200;30702;307
9711AA;1;140000;1400;14
"""


@pytest.fixture
def loaded(write_map: Callable[..., Path], square: Callable[..., BaseGeometry], tmp_path: Path) -> AreaSet:
    rows = [({"buurtcode": code}, square(i, 0)) for i, code in enumerate(["BU03070100", "BU03070101", "BU03070200"])]
    table = tmp_path / "pc6.csv"
    table.write_text(TABLE, encoding="utf-8")
    return read_areas(write_map(rows)).merge(read_areas(table))


def test_most_addresses_decide(loaded: AreaSet) -> None:
    assert loaded.by_postcode("3811 AA") == "BU03070100"
    assert loaded.by_postcode("3811ab") == "BU03070101"


def test_four_figures_mean_what_all_of_them_lie_in(loaded: AreaSet) -> None:
    assert loaded.by_postcode("3811") == "WK030701"
    assert loaded.by_postcode("3812") == "BU03070200"
    assert loaded.by_postcode("3811ZZ") == "WK030701"


def test_postcodes_elsewhere_are_left_out_and_said_to_be(loaded: AreaSet) -> None:
    assert loaded.by_postcode("9711AA") is None
    assert any("1 postcodes lie in no loaded area" in warning for warning in loaded.warnings)


def test_postcodes_survive_the_store(loaded: AreaSet) -> None:
    again = AreaSet.from_rows(loaded.to_rows())
    assert again.by_postcode("3811 AA") == "BU03070100"
    assert again.by_postcode("3811") == "WK030701"
    assert len(again.table("GM0307").areas) == 6


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("3811 ab", "3811AB"),
        ("3811", "3811"),
        (" 3811AB ", "3811AB"),
        ("PC3811", "3811"),
        ("0811AB", None),
        ("3811 A", None),
        ("", None),
    ],
)
def test_what_is_a_postcode(text: str, plain: str | None) -> None:
    assert plain_postcode(text) == plain


def test_a_wrong_postcode_names_its_line(tmp_path: Path) -> None:
    table = tmp_path / "pc6.csv"
    table.write_text("PC6;Buurtcode\n3811AA;BU03070100\nMain Street 5;BU03070100\n", encoding="utf-8")
    with pytest.raises(AreaError, match="line 3") as caught:
        read_areas(table)
    assert "Main Street" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", b"PC6;Buurtcode\n"])
def test_tables_that_are_none(tmp_path: Path, content: bytes) -> None:
    table = tmp_path / "pc6.csv"
    table.write_bytes(content)
    with pytest.raises(AreaError, match=r"pc6.csv"):
        read_areas(table)


def test_windows_encoding_and_tabs(tmp_path: Path) -> None:
    table = tmp_path / "inwoners.csv"
    table.write_bytes("buurtcode\tbuurtnaam\tinwoners\nBU03070100\tCafé\t12\n".encode("cp1252"))
    area = read_areas(table).by_code["BU03070100"].area
    assert (area.name, area.inhabitants) == ("Café", 12)
