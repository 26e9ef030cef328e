import csv
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer

from detector.areas import AreaSet, read_areas
from detector.ingest import table
from detector.ingest.errors import IntakeError
from detector.ingest.intake import IntakeResult, ingest_file, ingest_records, read_reports
from detector.ingest.places import NoAreas
from detector.ingest.profile import ReportField, SourceProfile, load_profile
from detector.model import PlaceKind, Report, ReportKind
from detector.problems.rows import RowReason
from detector.store.reports import ReportStore

Ingest = Callable[..., IntakeResult]
FULL: dict[str, object] = {
    "report_id": "R-1",
    "received_on": "2025-02-03",
    "occurred_on": "2025-02-01",
    "x": 151_500.5,
    "y": 460_400,
    "place_key": "V17",
    "place_kind": "private",
    "grounds": ["herkomst_huidskleur", "Godsdienst"],
    "communities": ["Moslims"],
    "domains": "horeca_amusement|Buurt / wijk",
    "nature": "Vijandige bejegening",
    "kind": "reeks",
    "withdrawn": "nee",
}


def reports_of(path: Path, profile: SourceProfile, areas: AreaSet | NoAreas) -> list[Report]:
    return [report for batch in read_reports(path, profile, areas) for report in batch.reports]


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str], Path]:
    """The full record as a file of any format."""

    def write(ending: str) -> Path:
        path = tmp_path / f"reports{ending}"
        flat = {name: "|".join(value) if isinstance(value, list) else value for name, value in FULL.items()}
        if ending == ".csv":
            with path.open("w", newline="") as file:
                writer = csv.DictWriter(file, list(flat))
                writer.writeheader()
                writer.writerow(flat)
        elif ending == ".xlsx":
            book = openpyxl.Workbook()
            sheet = book.active
            assert sheet is not None
            sheet.append([])
            sheet.append(list(flat))
            sheet.append([date(2025, 2, 3) if name == "received_on" else value for name, value in flat.items()])
            book.save(path)
        elif ending == ".parquet":
            columns = {name: [value] for name, value in FULL.items()} | {"received_on": [datetime(2025, 2, 3, tzinfo=UTC)]}
            pq.write_table(pa.table(columns), path)
        elif ending == ".geojson":
            to_degrees = Transformer.from_crs("EPSG:28992", "EPSG:4326", always_xy=True)
            point = to_degrees.transform(FULL["x"], FULL["y"])
            properties = {name: value for name, value in FULL.items() if name not in {"x", "y"}}
            feature = {"type": "Feature", "properties": properties, "geometry": {"type": "Point", "coordinates": list(point)}}
            path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
        elif ending == ".jsonl":
            path.write_text(json.dumps(FULL) + "\n")
        else:
            path.write_text(json.dumps({"note": {"a": [1]}, "reports": [FULL], "end": 12}))
        return path

    return write


@pytest.mark.parametrize("ending", [".csv", ".xlsx", ".parquet", ".geojson", ".jsonl", ".json"])
def test_every_format_tells_the_same_report(
    ending: str, written: Callable[[str], Path], own: SourceProfile, areas: AreaSet
) -> None:
    (report,) = reports_of(written(ending), own, areas)
    assert report == Report(
        source="patroonwacht",
        report_id="R-1",
        municipality="GM9901",
        received_on=date(2025, 2, 3),
        occurred_on=date(2025, 2, 1),
        x_m=report.x_m,
        y_m=report.y_m,
        area_code="BU99010002",
        place_key="V17",
        place_kind=PlaceKind.PRIVATE,
        grounds=("herkomst_huidskleur", "godsdienst"),
        communities=("moslims",),
        domains=("horeca_amusement", "buurt-wijk"),
        nature="vijandige-bejegening",
        kind=ReportKind.SERIES,
    )
    assert (report.x_m, report.y_m) == pytest.approx((151_500.5, 460_400.0), abs=0.1)


def test_the_dutch_export_of_a_service_is_read(adv: SourceProfile, areas: AreaSet, tmp_path: Path) -> None:
    head = (
        "Zaaknummer;Datum melding;Datum voorval;Grond 1;Grond 2;Gemeenschap;Terrein;Aard;Buurtcode;Postcode;X;Y;"
        "Soort locatie;Ontdubbeling;Ingetrokken;Afhandeling"
    )
    rows = [
        "2025-0001;03-02-2025;1-2-2025;Herkomst/huidskleur;Godsdienst;Moslims;Buurt/wijk;Geweld;99010001;;;;Openbaar;;nee;a",
        "2025-0002;03-02-2025;n.v.t.;;;;Privésfeer;Bedreiging;;;152500,5;460500;Woning;Massamelding;ja;-",
        "2025-0003;03-02-2025;;Onbekend;;;;;;9901 AB;;;;dubbel;;",
    ]
    (first, second, third) = reports_of(_write(tmp_path, head, *rows), adv, areas)
    assert (first.area_code, first.grounds) == ("BU99010001", ("herkomst_huidskleur", "godsdienst"))
    assert (first.occurred_on, first.domains, first.nature) == (date(2025, 2, 1), ("buurt_wijk",), "geweld")
    assert (second.municipality, second.x_m, second.place_kind) == ("GM9902", 152_500.5, PlaceKind.PRIVATE)
    assert (second.kind, second.withdrawn, second.occurred_on) == (ReportKind.MASS, True, None)
    assert (third.area_code, third.kind, third.grounds) == ("BU99010002", ReportKind.DUPLICATE, ())
    assert "9901 AB" not in repr(third)


def _write(folder: Path, *lines: str, name: str = "reports.csv") -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter: str, ingest_text: Ingest) -> None:
    cells = [["report_id", "received_on", "municipality"], ["1", "2025-01-01", "GM9901"]]
    assert ingest_text("\r\n".join(delimiter.join(row) for row in cells)).accepted == 1
    assert ingest_text(f"sep={delimiter}\n" + "\n".join(delimiter.join(row) for row in cells)).accepted == 1


def test_where_is_a_point_before_an_area_before_a_postcode(own: SourceProfile, areas: AreaSet, tmp_path: Path) -> None:
    head = "report_id,received_on,x,y,area,postcode,municipality"
    rows = ["1,2025-01-01,150500,460500,BU99010002,9901,", "2,2025-01-01,,,BU99010001,9901,", "3,2025-01-01,,,,9901,",
            "4,2025-01-01,,,,8888,GM9902", "5,2025-01-01,,,area gm9901,,", "6,2025-01-01,,,,,Area GM9902"]  # fmt: skip
    found = [(r.area_code, r.municipality, r.x_m is not None) for r in reports_of(_write(tmp_path, head, *rows), own, areas)]
    assert found == [
        ("BU99010001", "GM9901", True), ("BU99010001", "GM9901", False), ("BU99010002", "GM9901", False),
        (None, "GM9902", False), ("GM9901", "GM9901", False), (None, "GM9902", False),
    ]  # fmt: skip


def test_points_in_another_system_become_metres(own: SourceProfile, areas: AreaSet, tmp_path: Path) -> None:
    east, north = Transformer.from_crs("EPSG:28992", "EPSG:25831", always_xy=True).transform(150_500, 460_500)
    path = _write(tmp_path, "report_id,received_on,x,y", f"1,2025-01-01,{east:.2f},{north:.2f}")
    (report,) = reports_of(path, own.model_copy(update={"crs": "EPSG:25831"}), areas)
    assert report.area_code == "BU99010001"
    assert (report.x_m, report.y_m) == pytest.approx((150_500, 460_500), abs=0.05)


def test_without_areas_a_report_is_taken_where_its_municipality_is_known(
    ingest_text: Ingest, own: SourceProfile, tmp_path: Path
) -> None:
    head = "report_id,received_on,area,longitude,latitude,municipality\n"
    content = head + "1,2025-01-01,BU03070101,,,\n2,2025-01-01,,5.3,52.1,GM0307\n3,2025-01-01,x1,,,\n"
    result = ingest_text(content)
    assert [one.row for one in result.refused] == [3]
    assert any("no areas are loaded" in str(warning) for warning in result.warnings)
    (tmp_path / "more.csv").write_text(content)
    assert [(r.area_code, r.municipality, r.x_m) for r in reports_of(tmp_path / "more.csv", own, NoAreas())] == [
        ("BU03070101", "GM0307", None), (None, "GM0307", None),
    ]  # fmt: skip


def test_value_maps_merge_split_and_mean_several(make_profile: Callable[..., SourceProfile], tmp_path: Path) -> None:
    profile = make_profile(
        municipality="T",
        columns={"report_id": "id", "received_on": ["day", "dag"], "communities": ["race", "faith"], "nature": "nature"},
        values={"communities": {"Chinese": ["asian", "chinese"], "Junk": []}},
        present={"grounds": {"race": "race", "faith": ["faith", "belief"]}},
        constants={"domains": ["street"], "kind": "massamelding"},
        null_tokens=["None"],
        separators=[","],
        date_formats=["%d.%m.%Y"],
        timezone="America/Toronto",
    )
    rows = ['1;2025-03-01T02:00:00Z;;"CHINESE, Korean";Jewish;', "2;;1.3.2025;none;Junk;Threat"]
    first, second = reports_of(_write(tmp_path, "id;day;dag;race;faith;nature", *rows), profile, NoAreas())
    assert first.received_on == date(2025, 2, 28)
    assert (first.communities, first.grounds) == (("asian", "chinese", "korean", "jewish"), ("race", "faith", "belief"))
    assert (second.received_on, second.communities, second.grounds) == (date(2025, 3, 1), (), ("faith", "belief"))
    assert (first.domains, first.kind, second.nature) == (("street",), ReportKind.MASS, "threat")


def test_a_strict_profile_refuses_words_it_does_not_know(make_profile: Callable[..., SourceProfile], now: datetime) -> None:
    profile = make_profile(strict=True, municipality="T", values={"nature": {"Threat": "threat"}})
    records = [{"report_id": str(i), "received_on": "2025-01-01", "nature": word} for i, word in enumerate(("THREAT", "Insult"))]
    result = ingest_records(records, profile, NoAreas(), None, now)
    assert [(one.row, one.column) for one in result.refused] == [(2, "nature")]
    assert "it knows: threat" in result.refused[0].reason
    assert "Insult" not in result.refused[0].reason


def test_columns_that_are_left_out_or_missing_are_told(ingest_text: Ingest, make_profile: Callable[..., SourceProfile]) -> None:
    profile = make_profile(municipality="T", optional_columns=False)
    told = ingest_text("report_id,received_on,area,status\n1,2025-01-01,a,open\n", profile=profile).warnings
    warnings = [str(warning) for warning in told]
    assert any("are not there: communities, grounds" in warning for warning in warnings)
    assert any("left out: 'status'" in warning for warning in warnings)
    assert [str(one) for one in ingest_text("report_id,received_on\n").warnings] == ["the file has column names and no rows"]


CELL = st.one_of(
    st.sampled_from(
        (
            "",
            "1",
            "2",
            "3",
            "2025-01-02",
            "2024-12-31",
            "2030-01-01",
            "GM9901",
            "BU99010001",
            "ja",
            "mass",
            "150500",
            "a b",
            "x" * 90,
        )
    ),
    st.text(max_size=8),
)
RECORD = st.dictionaries(
    st.sampled_from(
        ("report_id", "received_on", "occurred_on", "municipality", "area", "x", "y", "nature", "kind", "grounds", "extra")
    ),
    CELL,
)


@given(
    records=st.lists(
        st.builds(
            lambda base, more: base | more,
            st.just({"report_id": "1", "received_on": "2025-01-02", "municipality": "GM9901"}),
            RECORD,
        ),
        max_size=12,
    )
)
def test_every_row_is_accounted_for(records: list[dict[str, object]], own: SourceProfile, areas: AreaSet, now: datetime) -> None:
    for known in (areas, NoAreas()):
        result = ingest_records(records, own, known, None, now)
        assert result.read == len(records)
        assert result.read == result.accepted + result.updated + result.unchanged + len(result.refused)
        assert [one.row for one in result.refused] == sorted({one.row for one in result.refused})
        assert set(result.as_json()) == {"read", "accepted", "updated", "unchanged", "refused"}


@given(text=st.text(st.sampled_from('12a,;"\n\r\t |\x00é-'), max_size=200))
def test_every_row_of_any_text_is_accounted_for(
    text: str, own: SourceProfile, now: datetime, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("any") / "any.csv"
    path.write_bytes(b"report_id,received_on,municipality\n1,2025-01-01,GM9901\n" + text.encode())
    result = ingest_file(path, own, NoAreas(), None, now)
    assert result.read == result.accepted + result.updated + result.unchanged + len(result.refused)
    assert result.accepted >= 1


def _many(folder: Path, rows: int, name: str = "many.csv") -> Path:
    days = [date(2024, 1, 1 + i % 28).isoformat() for i in range(rows)]
    return _write(
        folder, "report_id,received_on,x,y", *(f"{i},{days[i]},{150_000 + i % 1_999}.5,460500" for i in range(rows)), name=name
    )


def test_the_same_file_twice_changes_nothing(
    own: SourceProfile, areas: AreaSet, store: ReportStore, now: datetime, tmp_path: Path
) -> None:
    path = _many(tmp_path, table.BATCH_ROWS + 50)
    seen: list[int] = []
    first = ingest_file(path, own, areas, store, now, progress=seen.append)
    assert (first.read, first.accepted) == (table.BATCH_ROWS + 50,) * 2
    assert seen == [table.BATCH_ROWS, table.BATCH_ROWS + 50]
    before = store.load("GM9901")
    again = ingest_file(path, own, areas, store, now)
    assert (again.read, again.unchanged, again.refused) == (table.BATCH_ROWS + 50, table.BATCH_ROWS + 50, ())
    assert store.load("GM9901") == before


def test_an_id_twice_in_a_file_is_an_update_or_nothing(own: SourceProfile, store: ReportStore, now: datetime) -> None:
    base = {"report_id": "1", "received_on": "2025-01-01", "municipality": "GM9901"}
    records = [base, base, base | {"withdrawn": "ja"}]
    for sink in (None, store):
        result = ingest_records(records, own, NoAreas(), sink, now)
        assert (result.accepted, result.updated, result.unchanged, result.refused) == (1, 1, 1, ())
    assert [report.withdrawn for report in store.load("GM9901")] == [True]


def test_a_dry_run_writes_nothing_and_a_real_one_quarantines_without_values(
    own: SourceProfile, store: ReportStore, now: datetime
) -> None:
    records = [{"report_id": "1", "received_on": "2025-01-01", "nature": "jan@voorbeeld.nl"}]
    ingest_records(records, own, NoAreas(), None, now)
    assert store.quarantined() == []
    ingest_records(records, own, NoAreas(), store, now)
    (kept,) = store.quarantined()
    assert (kept.row, kept.column, kept.reason.partition(":")[0]) == (1, "nature", "email")
    assert "jan" not in repr(kept)


def test_profiles_are_found_by_name_or_path(profiles: Path, tmp_path: Path) -> None:
    assert load_profile(str(profiles / "adv.toml"), []).source == "adv"
    for name in ("none", "../adv", "a@b"):
        with pytest.raises(IntakeError, match="there are: adv, patroonwacht, toronto"):
            load_profile(name, [profiles])
    (tmp_path / "mine.toml").write_text("source = ")
    with pytest.raises(IntakeError, match="cannot be read as TOML"):
        load_profile("mine", [tmp_path, profiles])


def test_the_toronto_waves_are_there(shared_data: Path, toronto: SourceProfile) -> None:
    path = shared_data / "toronto" / "hate_crimes_2018_2024.csv"
    assert toronto.areas is not None
    areas = read_areas(
        shared_data / "toronto" / "neighbourhoods_158.geojson", toronto.areas.columns(), toronto.areas.default_level
    )
    reports = reports_of(path, toronto, areas)
    assert len(reports) == 1_805
    assert sum(report.area_code is None for report in reports) == 31
    assert {report.municipality for report in reports} == {"TORONTO"}

    def received(community: str, year: int, month: int) -> int:
        return sum(
            community in report.communities and (report.received_on.year, report.received_on.month) == (year, month)
            for report in reports
        )

    assert received("asian", 2021, 3) == 12
    assert [received("jewish", 2023, month) for month in (10, 11)] == [20, 24]
    assert not any("removed" in (report.nature or "") for report in reports)


def test_every_key_and_reason_is_explained(profiles: Path) -> None:
    text = (profiles.parents[1] / "docs" / "intake.md").read_text(encoding="utf-8")
    assert [key for key in (*SourceProfile.model_fields, *ReportField) if f"`{key}`" not in text] == []
    assert sorted({reason.code for reason in RowReason if f"`{reason.code}`" not in text}) == []


def test_a_point_of_geojson_needs_no_mapping(adv: SourceProfile, areas: AreaSet, tmp_path: Path) -> None:
    point = Transformer.from_crs("EPSG:28992", "EPSG:4326", always_xy=True).transform(150_500, 460_500)
    properties = {"Zaaknummer": "1", "Datum melding": "01-02-2025"}
    places: list[object] = [
        {"type": "Point", "coordinates": list(point)},
        None,
        {"type": "LineString", "coordinates": [[5, 52], [6, 52]]},
    ]
    features = [{"type": "Feature", "properties": properties, "geometry": place} for place in places]
    path = _write(tmp_path, json.dumps({"type": "FeatureCollection", "features": features}), name="points.geojson")
    result = ingest_file(path, adv, areas, None, datetime(2025, 6, 1, tzinfo=UTC))
    assert [one.reason.partition(":")[0] for one in result.refused] == ["no_municipality", "no_point"]
    assert result.accepted == 1


def test_records_behind_the_first_batch_may_lack_fields(own: SourceProfile, now: datetime) -> None:
    good = [{"report_id": str(i), "received_on": "2025-01-01", "municipality": "T"} for i in range(table.BATCH_ROWS)]
    result = ingest_records([*good, {"nature": "x"}], own, NoAreas(), None, now)
    assert (result.accepted, [one.row for one in result.refused]) == (table.BATCH_ROWS, [table.BATCH_ROWS + 1])
    assert ingest_records([], own, NoAreas(), None, now).read == 0
