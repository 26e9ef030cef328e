"""``patroonwacht scan``: files in, the promised JSON out, clear words where a file cannot be used."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer
from typer.testing import CliRunner, Result

from detector.service.commands.scan import scan
from detector.service.terminal import CommandError

Run = Callable[..., Result]
KEYS = {
    "locations", "radius_m", "from", "to", "observed", "expected", "relative_risk", "llr", "p", "p_method",
    "recurrence_interval_days",
}  # fmt: skip


@pytest.fixture
def run() -> Run:
    app = typer.Typer()
    app.command()(scan)

    def invoke(*args: object) -> Result:
        return CliRunner().invoke(app, [str(arg) for arg in args])

    return invoke


@pytest.fixture
def town(tmp_path: Path) -> Path:
    """Sixteen places on a grid of 500 m, three cases a day for 60 days, and eight more in the last days at one corner."""
    rng = np.random.default_rng(1)
    (tmp_path / "places.csv").write_text(
        "loc,x_m,y_m,population\n" + "".join(f"P{i:02},{i % 4 * 500},{i // 4 * 500},{100 + i}\n" for i in range(16))
    )
    days = [(int(rng.integers(16)), d // 3) for d in range(180)] + [(i % 2, 59 - i % 3) for i in range(8)]
    lines = [f"P{place:02},1,{date(2026, 1, 1) + timedelta(day)}\n" for place, day in days]
    (tmp_path / "cases.csv").write_text("loc,cases,date\n" + "".join(lines))
    (tmp_path / "controls.csv").write_text("loc,controls\n" + "".join(f"P{i:02},20\n" for i in range(16)))
    (tmp_path / "zones.csv").write_text("loc,zone\n" + "".join(f"P{i:02},row{i // 4}\n" for i in range(16)))
    return tmp_path


def _json(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_a_prospective_permutation_scan_prints_the_promised_shape(run: Run, town: Path) -> None:
    found = _json(run(town / "cases.csv", "--places", town / "places.csv", "--max-days", 7, "--max-radius-m", 600, "--json"))
    assert set(found) == {"clusters", "replicates"}
    assert found["replicates"] == 999
    best = found["clusters"][0]
    assert set(best) == KEYS
    assert {"P00", "P01"} <= set(best["locations"])
    assert (best["to"], best["p_method"]) == ("2026-03-01", "monte_carlo")
    assert best["p"] <= 0.01
    assert best["recurrence_interval_days"] == pytest.approx(1 / best["p"])


@pytest.mark.parametrize(
    "options",
    [
        ["--retrospective", "--max-days", 10],
        ["--model", "poisson", "--prospective"],
        ["--model", "poisson", "--retrospective", "--rates", "both", "--max-days", 10],
        ["--model", "poisson", "--spatial", "--rates", "both"],
        ["--model", "poisson", "--spatial", "--ellipses"],
        ["--model", "poisson", "--temporal"],
        ["--model", "bernoulli", "--controls", "controls.csv", "--rates", "low"],
        ["--zones", "zones.csv"],
        ["--day-of-week", "--sequential", "--seed", 3, "--threads", 1],
        ["--step-days", 7, "--min-days", 7, "--from", "2026-01-05", "--to", "2026-02-28"],
        ["--replicates", 0],
        ["--overlap", "--clusters", 3, "--gumbel"],
        ["--ties", "apart"],
    ],
)
def test_every_model_and_option_runs(run: Run, town: Path, options: list[str | int]) -> None:
    given = [str(town / str(option)) if str(option).endswith(".csv") else option for option in options]
    found = _json(run(town / "cases.csv", "--places", town / "places.csv", "--replicates", 99, *given, "--json"))
    for cluster in found["clusters"]:
        assert set(cluster) == KEYS
        assert cluster["from"] is None or str(cluster["from"]) >= "2026-01-01"


def test_zones_need_no_coordinates(run: Run, town: Path) -> None:
    found = _json(run(town / "cases.csv", "--zones", town / "zones.csv", "--replicates", 99, "--json"))
    assert sorted(found["clusters"][0]["locations"]) == ["P00", "P01", "P02", "P03"]


def test_geojson_lies_where_the_places_are(run: Run, town: Path) -> None:
    out = town / "clusters.geojson"
    result = run(town / "cases.csv", "--places", town / "places.csv", "--replicates", 9, "--geojson", out, "--crs", "EPSG:28992")
    assert result.exit_code == 0
    features = json.loads(out.read_text())["features"]
    longitude, latitude = features[0]["geometry"]["coordinates"][0][0]
    assert (3 < longitude < 4, 47 < latitude < 48) == (True, True)


def test_a_usage_error_ends_with_2(run: Run, town: Path) -> None:
    assert run(town / "cases.csv", "--spatial", "--temporal").exit_code == 2
    assert run(town / "none.csv").exit_code == 2
    assert run(town / "cases.csv", "--from", "1 March").exit_code == 2


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("cases.csv", "loc,cases,date\nNowhere,1,2026-01-01\n", "1 place is not in the file of places: Nowhere"),
        ("cases.csv", "loc,cases,date\nP00,1,first of May\n", "is no day; write it as"),
        ("cases.csv", "loc,cases,date\nP00,1.5,2026-01-01\n", "whole numbers"),
        ("cases.csv", "loc,cases,date\nP00,many,2026-01-01\n", "line 2: 'many' in column 'cases' is no number"),
        ("cases.csv", "loc,cases\nP00,1\n", "needs a column 'date' with a day for every case"),
        ("cases.csv", "", "cases.csv is empty"),
        ("cases.csv", "loc,cases,date\n", "there are no cases"),
        ("cases.csv", "loc,cases,date\nP00,1,2026-01-01\n", "too few cases to scan: 1 in the period, at least 2 are needed"),
        ("cases.csv", "P00 1 2026/01/01\nP01 1 2026/01/02\n", "begins with values"),
        ("cases.csv", "loc,cases,date\nP00,1,01-03-2026\n", "is no day; write it as"),
        ("cases.csv", "loc,cases,date\nP00,1,26-3-1\n", "is no day; write it as"),
        ("cases.csv", "loc,cases,date\nP00,1\n", "'' in column 'date' is no day"),
        ("cases.csv", "loc,cases,date\nP00,1,5,2026-01-01\n", "more values than the first names columns"),
        ("cases.csv", "loc,cases,date\nP00,-1,2026-01-01\n", "whole numbers of 0 or more"),
        (
            "places.csv",
            "loc,place\n" + "".join(f"P{i:02},a\n" for i in range(16)),
            "give the places' coordinates (x_m and y_m, or",
        ),
        ("places.csv", "loc,x_m,y_m\nP00,0,0\nP00,1,1\n", "'P00' stands there twice"),
        ("places.csv", "loc,longitude,latitude\n" + "".join(f"P{i:02},155000,463000\n" for i in range(16)), "are they metres"),
    ],
)
def test_what_cannot_be_used_is_said(run: Run, town: Path, name: str, text: str, message: str) -> None:
    (town / name).write_text(text)
    result = run(town / "cases.csv", "--places", town / "places.csv")
    assert isinstance(result.exception, CommandError)
    assert message in str(result.exception)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--from", "2026-03-01", "--to", "2026-01-01"], "the first day of the study lies after its last day"),
        (["--min-days", 30, "--max-days", 7], "the shortest window (30 days) is longer than the longest (7 days)"),
        (["--max-share", 50], "the largest share of a cluster lies above 0"),
        (["--min-cases", 500], "at least 500 are needed"),
        (["--model", "bernoulli", "--controls", "halves.csv"], "'controls' has to hold whole numbers of 0 or more"),
        (["--model", "poisson", "--places", "nobody.csv"], "'P00' has cases but nobody lives there"),
    ],
)
def test_what_does_not_fit_is_said(run: Run, town: Path, options: list[str | int], message: str) -> None:
    (town / "halves.csv").write_text("loc,controls\nP00,3.5\n")
    (town / "nobody.csv").write_text((town / "places.csv").read_text().replace("P00,0,0,100", "P00,0,0,0"))
    given = [town / one if isinstance(one, str) and one.endswith(".csv") else one for one in options]
    result = run(town / "cases.csv", "--places", town / "places.csv", *given)
    assert isinstance(result.exception, CommandError)
    assert message in str(result.exception)
    assert "--case-column" not in str(result.exception)


def test_files_are_read_as_spreadsheets_and_other_programs_write_them(run: Run, town: Path) -> None:
    """Semicolons, tabs and spaces, a mark before the first letter, UTF-16, slashes in dates, decimal commas, other names."""
    cases, places = (town / "cases.csv").read_text(), (town / "places.csv").read_text()
    rows = [line.split(",") for line in places.splitlines()[1:]]
    degrees = "".join(f"{name},{52 + float(y) / 111_132},{5 + float(x) / 68_400}\n" for name, x, y, _ in rows)
    written = {
        "semicolons": (cases.replace(",", ";").replace("loc;cases;date", "Loc;Cases;Datum").encode("utf-8-sig"), None),
        "tabs": (cases.replace(",", "\t").replace("\n", " 12:30\n").replace("date 12:30", "date").encode("utf-16"), None),
        "spaces": (cases.replace(",", " ").replace("-", "/").encode(), None),
        "blank lines": (cases.replace("\n", "\n\n,,\n").encode(), None),
        "decimal commas": (cases.encode(), ("Loc;X;Y\n" + "".join(f"{name};{x},0;{y},0\n" for name, x, y, _ in rows)).encode()),
        "degrees": (cases.encode(), ("loc,Lat,Long\n" + degrees).encode()),
    }
    options = ("--max-days", 7, "--max-radius-m", 600, "--replicates", 9, "--json")
    usual = _json(run(town / "cases.csv", "--places", town / "places.csv", *options))["clusters"][0]
    for name, (case_bytes, place_bytes) in written.items():
        (town / "other.csv").write_bytes(case_bytes)
        (town / "where.csv").write_bytes(place_bytes or places.encode())
        best = _json(run(town / "other.csv", "--places", town / "where.csv", *options))["clusters"][0]
        assert sorted(best["locations"]) == sorted(usual["locations"]), name
        assert (best["llr"], best["p"]) == (usual["llr"], usual["p"]), name


def test_names_in_a_windows_alphabet_are_kept(run: Run, town: Path) -> None:
    for name in ("cases.csv", "places.csv"):
        (town / name).write_bytes((town / name).read_text().replace("P0", "Groß-").encode("cp1252"))
    found = _json(run(town / "cases.csv", "--places", town / "places.csv", "--max-radius-m", 0, "--max-days", 7, "--json"))
    assert found["clusters"][0]["locations"][0] in {"Groß-0", "Groß-1"}


def test_cases_outside_the_period_are_left_out_and_counted(run: Run, town: Path) -> None:
    result = run(town / "cases.csv", "--places", town / "places.csv", "--to", "2026-02-28", "--replicates", 9, "--json")
    assert "cases lie outside the period and are left out" in result.stderr
    assert json.loads(result.stdout)["clusters"][0]["to"] == "2026-02-28"


def test_fractions_give_way_to_a_column_of_whole_cases(run: Run, town: Path) -> None:
    (town / "tracts.csv").write_text(
        "tract,x_m,y_m,population,cases,cases_floor\na,0,0,10,3.5,3\nb,9,9,10,1.2,1\nc,99,9,10,0.1,0\n"
    )
    result = run(town / "tracts.csv", "--places", town / "tracts.csv", "--model", "poisson", "--replicates", 9, "--json")
    assert result.exit_code == 0
    assert "'cases_floor' is counted" in result.stderr
    assert json.loads(result.stdout)["clusters"][0]["observed"] == 3
