"""A simulation as files."""

import csv
import json
import os
import subprocess
import sys
import tomllib
from datetime import date
from pathlib import Path

import pytest

import detector
from detector.areas import AreaSet, read_areas
from detector.simulate import SimulationError, SimulationPlan, made_up_areas, simulate
from detector.simulate.writer import HEADER

PLAN = SimulationPlan(end=date(2025, 12, 31), years=2, reports_per_year=100, planted=5, seed=4)

ONCE_MORE = """
import sys
from datetime import date
from pathlib import Path
from detector.simulate import SimulationPlan, simulate
simulate(Path(sys.argv[1]), SimulationPlan(end=date(2025, 12, 31), years=2, reports_per_year=100, planted=5, seed=4))
"""


def test_the_same_plan_makes_the_same_bytes(tmp_path: Path) -> None:
    simulate(tmp_path / "a", PLAN)
    # In another process too, where sets of texts have another order.
    package = str(Path(detector.__file__).parents[1])
    environment = os.environ | {"PYTHONHASHSEED": "12345", "PYTHONPATH": package}
    subprocess.run([sys.executable, "-c", ONCE_MORE, str(tmp_path / "b")], check=True, env=environment, cwd=tmp_path)
    names = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert names == ["areas.geojson", "campaigns.toml", "reports.csv", "truth.json"]
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_areas_come_back_as_they_were(tmp_path: Path) -> None:
    paths = simulate(tmp_path, PLAN)
    made, read = made_up_areas(PLAN.seed), read_areas(paths.areas)
    assert read.warnings == ()
    assert (read.municipalities, read.crs_of(paths.municipality)) == (("GM9999",), paths.crs)
    for area in made.areas:
        again = read.by_code[area.code].area
        assert (again.name, again.level, again.parent, again.inhabitants) == (
            area.name,
            area.level,
            area.parent,
            area.inhabitants,
        )
        assert read.geometry(area.code).symmetric_difference(made.geometry(area.code)).area < 1e-3 * made.geometry(area.code).area
    assert [n.tolist() for n in read.table("GM9999").neighbours] == [n.tolist() for n in made.table("GM9999").neighbours]


def test_reports_and_truth_fit_each_other(tmp_path: Path) -> None:
    paths = simulate(tmp_path, PLAN)
    with paths.reports.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows = {row["report_id"]: row for row in reader}
    assert tuple(reader.fieldnames or ()) == HEADER
    assert len(rows) == paths.report_count
    truth = json.loads(paths.truth.read_text(encoding="utf-8"))
    assert (truth["municipality"], len(truth["planted"])) == ("GM9999", paths.planted_count)
    for pattern in truth["planted"]:
        assert all(pattern["first"] <= rows[report_id]["received_on"] <= pattern["last"] for report_id in pattern["report_ids"])


def test_campaigns_are_settings(tmp_path: Path) -> None:
    paths = simulate(tmp_path, PLAN)
    campaigns = tomllib.loads(paths.campaigns.read_text(encoding="utf-8"))["campaigns"]
    assert len(campaigns) == 2
    for campaign in campaigns:
        assert campaign.keys() == {"name", "municipality", "starts_on", "ends_on", "area_codes", "communities"}
        assert campaign["starts_on"] <= campaign["ends_on"]


def test_given_areas_are_used_and_one_municipality_must_be_meant(tmp_path: Path, shared_data: Path) -> None:
    amersfoort = read_areas(shared_data / "amersfoort" / "amersfoort_buurten_2024.geojson")
    paths = simulate(tmp_path / "one", PLAN, amersfoort)
    assert paths.municipality == "GM0307"
    assert len(read_areas(paths.areas).areas) == 179
    both = amersfoort.merge(made_up_areas(1))
    with pytest.raises(SimulationError, match="GM0307, GM9999"):
        simulate(tmp_path / "two", PLAN, both)
    assert len(read_areas(simulate(tmp_path / "two", PLAN, both, "GM9999").areas).areas) == 49
    with pytest.raises(SimulationError, match="there are: none"):
        simulate(tmp_path / "three", PLAN, AreaSet())
