"""Where a report was: points, areas and postcodes, with and without areas."""

from collections.abc import Callable
from pathlib import Path

import pytest
from intake_files import reports_of, write
from pyproj import Transformer

from detector.areas import AreaSet
from detector.ingest.intake import IntakeResult
from detector.ingest.places import NoAreas
from detector.ingest.profile import SourceProfile

Ingest = Callable[..., IntakeResult]


def test_where_is_a_point_before_an_area_before_a_postcode(own: SourceProfile, areas: AreaSet, tmp_path: Path) -> None:
    head = "report_id,received_on,x,y,area,postcode,municipality"
    rows = ["1,2025-01-01,150500,460500,BU99010002,9901,", "2,2025-01-01,,,BU99010001,9901,", "3,2025-01-01,,,,9901,",
            "4,2025-01-01,,,,8888,GM9902", "5,2025-01-01,,,area gm9901,,", "6,2025-01-01,,,,,Area GM9902"]  # fmt: skip
    found = [(r.area_code, r.municipality, r.x_m is not None) for r in reports_of(write(tmp_path, head, *rows), own, areas)]
    assert found == [
        ("BU99010001", "GM9901", True), ("BU99010001", "GM9901", False), ("BU99010002", "GM9901", False),
        (None, "GM9902", False), ("GM9901", "GM9901", False), (None, "GM9902", False),
    ]  # fmt: skip


def test_points_in_another_system_become_metres(own: SourceProfile, areas: AreaSet, tmp_path: Path) -> None:
    east, north = Transformer.from_crs("EPSG:28992", "EPSG:25831", always_xy=True).transform(150_500, 460_500)
    path = write(tmp_path, "report_id,received_on,x,y", f"1,2025-01-01,{east:.2f},{north:.2f}")
    (report,) = reports_of(path, own.model_copy(update={"crs": "EPSG:25831"}), areas)
    assert report.area_code == "BU99010001"
    assert (report.x_m, report.y_m) == pytest.approx((150_500, 460_500), abs=0.05)


def test_without_areas_a_municipality_is_no_longer_than_every_table_has_room_for(ingest_text: Ingest) -> None:
    result = ingest_text(f"report_id,received_on,municipality\n1,2025-01-01,{'x' * 40}\n2,2025-01-01,{'x' * 41}\n")
    assert [one.row for one in result.refused] == [2]


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
