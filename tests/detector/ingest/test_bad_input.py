"""Every bad input that real senders send: a clear message, and nothing lost."""

import io
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from detector.areas import AreaSet
from detector.ingest import read_excel
from detector.ingest.errors import IntakeError
from detector.ingest.intake import IntakeResult, ingest_file, ingest_records
from detector.ingest.places import NoAreas
from detector.ingest.profile import SourceProfile, profile_from
from detector.store.reports import ReportStore

Ingest = Callable[..., IntakeResult]
WINDOWS = ("report_id,received_on,nature\n1,2025-01-01,bele\u00e9digd\n" * 30).encode("cp1252")
HEAD = "report_id,received_on,municipality\n"


def codes(result: IntakeResult) -> list[tuple[int, str]]:
    assert result.read == result.accepted + result.updated + result.unchanged + len(result.refused)
    return [(one.row, one.reason.partition(":")[0]) for one in result.refused]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"\n \n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (WINDOWS, r"not UTF-8 \(first seen at line 2\).*Windows-1252"),
        (b"report_id\n\x81\xfe\x8d\x9d\x01\x02\xff\x90" * 9, r"not UTF-8 \(first seen at line 2\) and may be no text"),
        (b"PK\x03\x04 and so on", "Excel"),
        (b"%PDF-1.4", "PDF"),
        ("name,day\n1,2\n", r"maps nothing that is here.*report_id.*received_on.*'name', 'day'"),
        ("report_id,dag\n1,2\n", r"received_on.*'report_id', 'dag'"),
        ("report_id,report_id,received_on\n1,2,2025-01-01\n", "two columns called 'report_id'"),
        (",".join(f"c{i}" for i in range(10_000)) + "\n", "10,000 columns"),
        ("x" * 1_000_001, "line of more than 1,000,000 characters"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_says_why(content: str | bytes, says: str, ingest_text: Ingest) -> None:
    with pytest.raises(IntakeError, match=says):
        ingest_text(content)


def test_windows_letters_are_read_where_the_profile_says_so(ingest_text: Ingest, adv: SourceProfile) -> None:
    content = "Zaaknummer;Datum melding;Gemeente;Terrein\nA1;01-02-2025;GM0307;Privésfeer\n".encode("cp1252")
    assert ingest_text(content, profile=adv).accepted == 1


def test_a_cell_without_end_is_refused_for_what_it_is(ingest_text: Ingest) -> None:
    assert codes(ingest_text(HEAD + "1,2025-01-01,GM0307\n" + "a" * 200_000 + ",2025-01-01,GM0307\n")) == [(2, "long_cell")]


def test_a_file_name_that_is_personal_stands_nowhere(ingest_text: Ingest, store: ReportStore) -> None:
    ingest_text(HEAD + "1,2099-01-01,GM0307\n", name="jan.jansen@voorbeeld.nl.csv", sink=store)
    ingest_text(HEAD + "1,2099-01-01,GM0307\n", name="week 12.csv", sink=store)
    assert {one.file for one in store.quarantined()} == {"(name not shown)", "week 12.csv"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_is_read_with_and_without_a_mark(encoding: str, ingest_text: Ingest) -> None:
    assert ingest_text((HEAD + "é1,2025-01-01,GM9901\n" + "2,2025-01-01,GM9901\n" * 5).encode(encoding)).accepted == 2


def test_rows_of_the_wrong_shape_are_refused_one_by_one(ingest_text: Ingest) -> None:
    wide = "9," + ",".join("v" for _ in range(10_000))
    content = HEAD + f"1,2025-01-01,GM9901\n2,2025-01-01\n3,2025-01-01,GM9901,extra\n{wide}\n\n5,2025-01-01,GM9901,,\n"
    result = ingest_text(content)
    assert codes(result) == [(2, "wrong_number_of_cells"), (3, "wrong_number_of_cells"), (4, "too_many_cells")]
    assert result.accepted == 2


def test_a_quote_that_is_not_closed_does_not_take_the_rest_along(ingest_text: Ingest) -> None:
    result = ingest_text(HEAD + '"1"x,2025-01-01,GM9901\n2,2025-01-01,GM9901\n"3,2025-01-01,GM9901\n')
    assert codes(result) == [(1, "quoting"), (3, "quoting")]
    assert "(line 4 of the file)" in result.refused[1].reason


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"report_id": ""}, "no_report_id"),
        ({"received_on": ""}, "no_received_on"),
        ({"received_on": "2025-06-17"}, "future_date"),
        ({"received_on": "1899-12-31"}, "early_date"),
        ({"received_on": "31-31-2024"}, "bad_date"),
        ({"received_on": "2025-02-29"}, "bad_date"),
        ({"received_on": "20250101"}, "bad_date"),
        ({"occurred_on": "2025-05-01"}, "dates_out_of_order"),
        ({"municipality": ""}, "no_municipality"),
        ({"x": "150000"}, "half_point"),
        ({"longitude": "5.3"}, "half_point"),
        ({"longitude": "52", "latitude": "191"}, "bad_coordinate"),
        ({"x": "abc", "y": "1"}, "bad_coordinate"),
        ({"x": "nan", "y": "inf"}, "bad_coordinate"),
        ({"postcode": "AB 3811"}, "bad_postcode"),
        ({"kind": "soms"}, "bad_kind"),
        ({"withdrawn": "misschien"}, "bad_withdrawn"),
        ({"place_kind": "ergens"}, "bad_place_kind"),
        ({"nature": "x" * 81}, "free_text"),
        ({"communities": "een lange zin over wat er die ene dag gebeurd is"}, "free_text"),
        ({"communities": "12345678"}, "bad_code"),
        ({"grounds": "|".join(f"g{i}" for i in range(60))}, "too_many_codes"),
        ({"nature": "a\x00b"}, "control_characters"),
        ({"report_id": {"a": 1}}, "nested"),
    ],
)
def test_a_row_that_is_not_right_is_refused_with_its_reason(
    cells: dict[str, object], code: str, own: SourceProfile, now: datetime
) -> None:
    good: dict[str, object] = {"report_id": "1", "received_on": "2025-02-01", "municipality": "GM9901"}
    result = ingest_records([good | cells, good | {"report_id": "2"}], own, NoAreas(), None, now)
    assert codes(result) == [(1, code)]
    for value in cells.values():
        if isinstance(value, str) and len(value) > 3:
            assert value not in result.refused[0].reason + result.refused[0].told


def test_tomorrow_is_forgiven_but_no_later_day(own: SourceProfile, now: datetime) -> None:
    days = [(now + timedelta(days=ahead)).date().isoformat() for ahead in (0, 1, 2)]
    records = [{"report_id": str(i), "received_on": day, "municipality": "GM9901"} for i, day in enumerate(days)]
    assert codes(ingest_records(records, own, NoAreas(), None, now)) == [(3, "future_date")]


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"x": 140_000, "y": 460_500}, "outside_areas"),
        ({"longitude": 4.0, "latitude": 52.0}, "outside_areas"),
        ({"longitude": 52.0, "latitude": 5.3}, "outside_areas"),
        ({"area": "BU99999999"}, "unknown_area"),
        ({"area": "BU99020001", "municipality": "GM9901"}, "municipality_conflict"),
        ({"x": 152_500, "y": 460_500, "municipality": "GM9901"}, "municipality_conflict"),
        ({"municipality": "GM0000"}, "unknown_area"),
        ({"x": 150_500, "y": 460_500, "longitude": 5.3, "latitude": 52.2}, "place_conflict"),
        ({}, "no_municipality"),
    ],
)
def test_a_place_that_is_not_right_is_refused(
    cells: dict[str, object], code: str, own: SourceProfile, areas: AreaSet, now: datetime
) -> None:
    result = ingest_records([{"report_id": "1", "received_on": "2025-02-01", **cells}], own, areas, None, now)
    assert codes(result) == [(1, code)]


def test_a_row_cannot_change_the_municipality_of_its_id(
    own: SourceProfile, areas: AreaSet, store: ReportStore, now: datetime
) -> None:
    def send(area: str, sink: ReportStore | None) -> IntakeResult:
        return ingest_records([{"report_id": "1", "received_on": "2025-02-01", "area": area}], own, areas, sink, now)

    assert send("BU99010001", store).accepted == 1
    assert send("BU99010002", store).updated == 1
    assert codes(send("BU99020001", store)) == [(1, "other_municipality")]
    assert [report.area_code for report in store.load("GM9901")] == ["BU99010002"]
    twice = [{"report_id": "1", "received_on": "2025-02-01", "area": area} for area in ("BU99010001", "BU99020001")]
    assert codes(ingest_records(twice, own, areas, None, now)) == [(2, "other_municipality")]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.json", "[{", "no complete JSON"),
        ("a.json", "{}", "no list of records"),
        ("a.json", '{"a": 1}', "no list of records"),
        ("a.json", '"text"', "no complete JSON"),
        ("a.json", "[" * 100_000, "no complete JSON"),
        ("a.geojson", '{"crs": {"properties": {"name": "EPSG:28992"}}, "features": []}', "WGS84"),
        ("a.xlsx", "report_id,received_on", "no Excel workbook"),
        ("a.parquet", "PAR1 and nothing", "Parquet"),
        ("a.xls", "x", "save it as one of"),
        ("a.jsonl", '{"a": 1}\n', "maps nothing"),
    ],
)
def test_other_formats_say_why_too(name: str, content: str, says: str, ingest_text: Ingest) -> None:
    with pytest.raises(IntakeError, match=says):
        ingest_text(content, name=name)


def test_a_missing_file_is_a_clear_error(own: SourceProfile, now: datetime, tmp_path: Path) -> None:
    with pytest.raises(IntakeError, match=r"cannot be opened; .*\(No such file"):
        ingest_file(tmp_path / "none.csv", own, NoAreas(), None, now)


def test_lines_that_are_no_records_are_refused_one_by_one(ingest_text: Ingest) -> None:
    good = '{"report_id": "1", "received_on": "2025-01-01", "municipality": "GM9901"}'
    assert codes(ingest_text(f"{good}\n[1]\n\n{{broken\n{'[' * 100_000}\n", name="a.jsonl")) == [
        (2, "no_record"), (3, "no_record"), (4, "no_record"),
    ]  # fmt: skip


def _workbook(rows: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]  # a new workbook has a sheet
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _replaced(book: bytes, part: str, content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            new.writestr(entry, content if entry.filename == part else old.read(entry))
    return file.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def test_a_zip_bomb_is_not_opened(ingest_text: Ingest) -> None:
    bomb = _replaced(
        _workbook([["report_id", "received_on"]]), SHEET, b"<a>" + b" " * (2 * read_excel.RATIO_FROM_BYTES) + b"</a>"
    )
    assert len(bomb) < 100_000
    with pytest.raises(IntakeError, match="unpack to far more"):
        ingest_text(bomb, name="bomb.xlsx")


def test_xml_entities_are_not_expanded(ingest_text: Ingest) -> None:
    laughs = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY l "lol"><!ENTITY m "&l;&l;&l;">]><worksheet>&m;</worksheet>'
    for content in (laughs, laughs.decode().encode("utf-16")):
        with pytest.raises(IntakeError, match="XML definitions"):
            ingest_text(_replaced(_workbook([["report_id", "received_on"]]), SHEET, content), name="laughs.xlsx")


def test_a_workbook_that_is_cut_short_is_a_clear_error(ingest_text: Ingest) -> None:
    book = _workbook([["report_id", "received_on"], ["1", "2025-01-01"]])
    with pytest.raises(IntakeError, match="damaged or cut short"):
        ingest_text(book[: len(book) // 2], name="half.xlsx")
    with zipfile.ZipFile(io.BytesIO(book)) as package:
        sheet = package.read(SHEET)
    for cut in (27, len(sheet) - 60, len(sheet) - 12):
        with pytest.raises(IntakeError, match="export it again"):
            ingest_text(_replaced(book, SHEET, sheet[:cut]), name="half.xlsx")
    with pytest.raises(IntakeError, match="sheet is empty"):
        ingest_text(_workbook([]), name="empty.xlsx")


def test_a_day_in_an_unformatted_cell_is_told_how_to_mend_it(ingest_text: Ingest) -> None:
    days = (46_296, 46_296.5, 12, "x")
    rows: list[list[object]] = [["report_id", "received_on", "municipality"], *([i, day, "GM9901"] for i, day in enumerate(days))]
    result = ingest_text(_workbook(rows), name="serial.xlsx")
    assert codes(result) == [(row, "bad_date") for row in (1, 2, 3, 4)]
    mends = ["format the column as a date in Excel" in one.reason for one in result.refused]
    assert mends == ["date_formats" not in one.reason for one in result.refused] == [True, True, False, False]


def test_a_row_of_10_000_cells_in_a_workbook_is_refused(ingest_text: Ingest) -> None:
    rows: list[list[object]] = [
        ["report_id", "received_on", "municipality"],
        [1, "2025-01-01", "GM9901"],
        [2, "2025-01-01", "GM9901", *range(10_000)],
    ]
    assert codes(ingest_text(_workbook(rows), name="wide.xlsx")) == [(2, "too_many_cells")]
    with pytest.raises(IntakeError, match="more than 1,000 columns"):
        ingest_text(_workbook([list(range(10_000))]), name="wide.xlsx")


def test_a_parquet_file_with_nested_cells_loses_only_those_rows(ingest_text: Ingest) -> None:
    file = io.BytesIO()
    columns = {"report_id": [1, 2], "received_on": ["2025-01-01"] * 2, "municipality": ["GM9901"] * 2, "nature": [None, {"a": 1}]}
    pq.write_table(pa.table(columns), file)
    assert codes(ingest_text(file.getvalue(), name="nested.parquet")) == [(2, "nested")]


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ({"colums": {}}, "colums: is no key of a profile"),
        ({"columns": {"reportid": "a"}}, "columns"),
        ({"values": {"report_id": {"a": "b"}}}, "not possible"),
        ({"constants": {"report_id": "1"}}, "cannot be a constant"),
        ({"ignore": ["nature"]}, "both mapped and ignored"),
        ({"timezone": "Amersfoort"}, "no time zone"),
        ({"encoding": "utf-9"}, "no encoding"),
        ({"crs": "EPSG:1"}, "no coordinate system"),
        ({"separators": [""]}, "cannot be empty"),
        ({"source": "a:b"}, "source"),
    ],
)
def test_a_profile_that_is_not_right_names_the_key(keys: dict[str, object], says: str) -> None:
    with pytest.raises(IntakeError, match=says):
        profile_from({"name": "bad", "source": "bad", "columns": {"nature": "nature"}} | keys, "bad.toml")


def test_a_profile_that_maps_nothing_says_what_is_needed(ingest_text: Ingest) -> None:
    with pytest.raises(IntakeError, match=r"report_id \(not mapped\); received_on \(not mapped\).*'a', 'b'.*\[columns\]"):
        ingest_text("a,b\n1,2\n", profile=profile_from({"name": "none", "source": "none"}, "none"))
