"""Every format of file, read into the same reports."""

import csv
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from intake_files import reports_of, write
from pyproj import Transformer

from detector.areas import AreaSet, read_areas
from detector.ingest.intake import IntakeResult, ingest_file
from detector.ingest.profile import SourceProfile
from detector.model import PlaceKind, Report, ReportKind

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
    (first, second, third) = reports_of(write(tmp_path, head, *rows), adv, areas)
    assert (first.area_code, first.grounds) == ("BU99010001", ("herkomst_huidskleur", "godsdienst"))
    assert (first.occurred_on, first.domains, first.nature) == (date(2025, 2, 1), ("buurt_wijk",), "geweld")
    assert (second.municipality, second.x_m, second.place_kind) == ("GM9902", 152_500.5, PlaceKind.PRIVATE)
    assert (second.kind, second.withdrawn, second.occurred_on) == (ReportKind.MASS, True, None)
    assert (third.area_code, third.kind, third.grounds) == ("BU99010002", ReportKind.DUPLICATE, ())
    assert "9901 AB" not in repr(third)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter: str, ingest_text: Ingest) -> None:
    cells = [["report_id", "received_on", "municipality"], ["1", "2025-01-01", "GM9901"]]
    assert ingest_text("\r\n".join(delimiter.join(row) for row in cells)).accepted == 1
    assert ingest_text(f"sep={delimiter}\n" + "\n".join(delimiter.join(row) for row in cells)).accepted == 1


def test_a_point_of_geojson_needs_no_mapping(adv: SourceProfile, areas: AreaSet, tmp_path: Path) -> None:
    point = Transformer.from_crs("EPSG:28992", "EPSG:4326", always_xy=True).transform(150_500, 460_500)
    properties = {"Zaaknummer": "1", "Datum melding": "01-02-2025"}
    places: list[object] = [
        {"type": "Point", "coordinates": list(point)},
        None,
        {"type": "LineString", "coordinates": [[5, 52], [6, 52]]},
    ]
    features = [{"type": "Feature", "properties": properties, "geometry": place} for place in places]
    path = write(tmp_path, json.dumps({"type": "FeatureCollection", "features": features}), name="points.geojson")
    result = ingest_file(path, adv, areas, None, datetime(2025, 6, 1, tzinfo=UTC))
    assert [one.reason.partition(":")[0] for one in result.refused] == ["no_municipality", "no_point"]
    assert result.accepted == 1


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
