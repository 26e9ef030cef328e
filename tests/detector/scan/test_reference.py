"""Every analysis in the reference data: the same clusters, the same figures, and p within Monte Carlo error."""

import importlib.util
import json
import math
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from reference_analyses import day_of, load, question_of

from detector.scan.inference import Cluster, Trials, answer
from detector.scan.study import Data, Ties, Time

REPLICATES = {"large": 99, "pc6": 19}
"""Fewer for the cities that are large; p is then checked within the error of so many."""
HEAVY_RETROSPECTIVE = 9
P_FROM = {"P-value_99999": 99_999, "P-value_9999": 9_999, "P-value": 999, "P-value_999": 999}
ANALYSES = (
    "city/small_stp_prospective_2km_28d_r999", "city/small_stp_retrospective_2km_28d_r999",
    "city/small_poisson_prospective_2km_28d_r999", "city/small_poisson_spatial_50pct_r999",
    "city/small_bernoulli_spatial_50pct_r999", "city/mid_stp_prospective_2km_28d_r999",
    "city/mid_stp_retrospective_2km_28d_r999", "city/mid_poisson_prospective_2km_28d_r999",
    "city/mid_poisson_spatial_50pct_r999", "city/mid_bernoulli_spatial_50pct_r999",
    "city/large_stp_prospective_2km_28d_r999", "city/large_stp_retrospective_2km_28d_r9",
    "city/large_poisson_prospective_2km_28d_r999", "city/large_poisson_spatial_50pct_r999",
    "city/large_bernoulli_spatial_50pct_r999", "city/pc6_stp_prospective_1km_28d_r999",
    "city/pc6_poisson_prospective_1km_28d_r99", "city/pc6_poisson_spatial_50pct_r999",
    "city/pc6_bernoulli_spatial_50pct_r999", "humberside/spatial_bernoulli_both", "humberside/spatial_bernoulli_high",
    "ny_leukemia/spatial_poisson_latlong_floor", "ny_leukemia/spatial_poisson_xy_floor",
    "ny_leukemia/spatial_poisson_xy_floor_elliptic_nopenalty", "ny_leukemia/spatial_poisson_xy_floor_max10pct",
    "nyc_fever/st_prospective_permutation_3km_7d", "nyc_fever/st_prospective_permutation_3km_7d_dowadj",
    "nyc_fever/st_prospective_permutation_nolimit_7d", "nyc_fever/st_retro_permutation_3km_7d",
    "nyc_fever/st_retro_permutation_50pct_50pct",
)  # fmt: skip


@pytest.fixture(scope="module")
def cities(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The made-up cities, written by the generator that the reference names."""
    folder = tmp_path_factory.mktemp("cities")
    spec = importlib.util.spec_from_file_location("make_city", shared_data.parent / "bench" / "make_city.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name, city in module.CITIES.items():
        module.write(folder, name, city)
    return folder


def _score(row: dict[str, Any]) -> float:
    return float(row.get("Test statistic") or row["Log likelihood ratio"])


def _matches(cluster: Cluster, row: dict[str, Any], ids: list[str], *, dated: bool) -> bool:
    if {ids[place] for place in cluster.places} != set(row["locations"]):
        return False
    assert cluster.observed == int(row["Number of cases"])
    printed = row["Expected cases"]
    half_a_digit = 0.5 * 10.0 ** -len(printed.partition(".")[2])
    assert cluster.expected == pytest.approx(float(printed), abs=half_a_digit * 1.01)
    if dated:
        assert cluster.first_day is not None
        assert cluster.last_day is not None
        first, last = (timedelta(day_of(text) - cluster.first_day) for text in row["Time frame"].split(" to "))
        assert (first.days, last.days) == (0, cluster.last_day - cluster.first_day)
    return True


def _check_p(cluster: Cluster, row: dict[str, Any], replicates: int) -> None:
    key = next((key for key in P_FROM if row.get(key)), None)
    if key is None or cluster.p is None:
        return
    p = float(row[key])
    error = math.sqrt(max(p * (1 - p), 1 / P_FROM[key]) * (1 / replicates + 1 / P_FROM[key]))
    assert abs(cluster.p - p) <= 4 * error + 1 / (replicates + 1)


@pytest.mark.parametrize("analysis", ANALYSES)
def test_the_analysis_gives_what_satscan_gave(shared_data: Path, cities: Path, analysis: str) -> None:
    folder, _, name = analysis.partition("/")
    expected = json.loads((shared_data / "reference" / folder / f"expected_satscan__{name}.json").read_text())
    ids, data = load(shared_data / "reference", cities, folder, name)
    question = question_of(expected["settings"], name, degrees=data.degrees)
    replicates = REPLICATES.get(name.split("_", maxsplit=1)[0], 999)
    if "elliptic" in name:
        replicates = 49
    if "retro" in name and folder == "city":
        replicates = HEAVY_RETROSPECTIVE if "large" in name else 99
    if question.time is Time.SPATIAL:
        data = Data(data.places, data.case_place, None, data.x, data.y, data.degrees, data.weight, data.controls)
    rows = expected["clusters"]
    trials = Trials(replicates, seed=5, threads=2)
    found = answer(data, question, trials, clusters=len(rows) + 2).clusters
    # the very last ones, of a p near 1, may be others: after many ties the greedy choice is no longer the same
    surely = [row for row in rows if float(row.get("P-value", row.get("P-value_999", 0)) or 0) < 0.99] or rows[:1]
    for row in surely:
        equals = [cluster for cluster in found if cluster.llr == pytest.approx(_score(row), rel=1e-6, abs=6e-7)]
        same = [cluster for cluster in equals if _matches(cluster, row, ids, dated=question.time is not Time.SPATIAL)]
        assert same, f"rank {row['rank']}"
        _check_p(same[0], row, replicates)


@pytest.mark.parametrize("name", ["spatial_bernoulli_high", "spatial_bernoulli_both"])
def test_the_tie_rule_explains_the_p_of_humberside(shared_data: Path, name: str) -> None:
    """On this grid of whole coordinates SaTScan's one-by-one order gives its p; fewer circles, a smaller one."""
    expected = json.loads((shared_data / "reference" / "humberside" / f"expected_satscan__{name}.json").read_text())
    _, data = load(shared_data / "reference", Path(), "humberside", name)
    question = question_of(expected["settings"], name, degrees=False)
    replicates = 9_999
    apart, together = (
        answer(data, replace(question, ties=ties), Trials(replicates, seed=8, threads=2), clusters=1).clusters[0].p or 0.0
        for ties in (Ties.APART, Ties.TOGETHER)
    )
    p = float(expected["clusters"][0]["P-value_99999"])
    error = math.sqrt(p * (1 - p) * (1 / replicates + 1 / 99_999))
    assert abs(apart - p) <= 4 * error
    assert together < apart  # of the same replicates, so that chance has no part in it


def test_no_analysis_is_left_out(shared_data: Path) -> None:
    there = {
        f"{path.parent.name}/{path.stem.removeprefix('expected_satscan__')}"
        for path in (shared_data / "reference").glob("*/expected_satscan__*.json")
    }
    assert there == set(ANALYSES)
