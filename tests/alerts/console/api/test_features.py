import json
import os
import subprocess
import sys
from pathlib import Path

import httpx
import pyogrio
import pytest
from asking import MUNICIPAL, SQUARE, problem, program, receive_areas, receive_pattern
from consoling import Console

from alerts.console.api.features import converted
from alerts.console.api.negotiation import Crs

RD = "http://www.opengis.net/def/crs/EPSG/0/28992"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
ETRS89 = "http://www.opengis.net/def/crs/EPSG/0/4258"
GEOJSON = {"Accept": "application/geo+json"}


def test_a_feature_collection_as_gdal_and_so_qgis_reads_it(console: Console, tmp_path: Path) -> None:
    receive_pattern(console, "p1")
    receive_pattern(console, "p2", geometry=None)
    for crs, epsg in (("CRS84", 4326), ("EPSG:28992", 28992)):
        answer = program(console).get("/alerts", params={"crs": crs}, headers=GEOJSON)
        file = tmp_path / f"{epsg}.geojson"
        file.write_bytes(answer.content)
        table = pyogrio.read_dataframe(file)
        assert table.crs.to_epsg() == epsg
        assert list(table["areaNames"]) == ["Zonnehoek", "Zonnehoek"]
        assert list(table.geometry.isna()) == [True, False]
        # The church in Amersfoort from which RD is measured, at 155 and 463 km, stands at 5.38721 and 52.15517 degrees: the
        # corner lies 0.00721 degrees (of 68.4 km) west of it and 0.00517 (of 111.3 km) south.
        west, south, _, _ = table.total_bounds
        expected = (154_507, 462_425) if epsg == 28992 else (5.38, 52.15)
        assert (west, south) == pytest.approx(expected, abs=5 if epsg == 28992 else 1e-9)


def test_gdal_reads_the_pages_by_itself(console: Console) -> None:
    made = {receive_pattern(console, f"p{number}") for number in range(3)}
    ask = program(console, MUNICIPAL, "GM0001")
    program_text = (
        "import json, sys, pyogrio; url = sys.argv[1];"
        "table = pyogrio.read_dataframe(url, layer='alerts', fid_as_index=False);"
        "print(json.dumps([sorted(name for name, _ in pyogrio.list_layers(url)), len(table), table.crs.to_authority()]))"
    )
    secret = ask.headers["authorization"].removeprefix("Bearer ")
    # In a process of its own: GDAL waits for the answer without letting other threads of this one go on.
    done = subprocess.run(
        [sys.executable, "-c", program_text, f"OAPIF:{console.url}/v1"],
        env={**os.environ, "GDAL_HTTP_AUTH": "BEARER", "GDAL_HTTP_BEARER": secret},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [["alerts", "areas"], len(made), ["OGC", "CRS84"]]


@pytest.mark.parametrize(
    ("query", "headers", "said", "first"),
    [
        ("", {}, CRS84, [5.38, 52.15]),
        (f"?crs={CRS84}", {}, CRS84, [5.38, 52.15]),
        (f"?crs={ETRS89}", {}, ETRS89, [52.15, 5.38]),
        (f"?crs={RD}", {}, RD, None),
        ("", {"Accept-Crs": "EPSG:28992"}, RD, None),
        ("", {"Accept-Crs": f"<{ETRS89}>;q=1"}, ETRS89, [52.15, 5.38]),
    ],
)
def test_the_coordinate_system_is_the_callers_choice(
    console: Console, query: str, headers: dict[str, str], said: str, first: list[float] | None
) -> None:
    alert_id = receive_pattern(console)
    for path in ("/alerts", f"/alerts/{alert_id}", "/collections/alerts/items", f"/collections/alerts/items/{alert_id}"):
        answer = program(console).get(f"{path}{query}", headers={**GEOJSON, **headers})
        assert answer.headers["content-crs"] == f"<{said}>"
        assert answer.headers["content-type"] == "application/geo+json"
        body = answer.json()
        feature = body if body["type"] == "Feature" else body["features"][0]
        corner = feature["geometry"]["coordinates"][0][0]
        assert corner == first or (first is None and 154_000 < corner[0] < 155_000 and 462_000 < corner[1] < 464_000)


def test_another_coordinate_system_is_refused(console: Console) -> None:
    ask = program(console)
    for path in ("/alerts", "/collections/alerts/items"):
        told = problem(ask.get(f"{path}?crs=EPSG:3857", headers=GEOJSON), 400)
        assert told[0].startswith("query.crs: must be one of http://www.opengis.net")
        problem(ask.get(path, headers={**GEOJSON, "Accept-Crs": "EPSG:3857"}), 406)


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("bbox=5.39,52.14,5.5,52.17", 1),
        ("bbox=5.41,52.14,5.5,52.17", 0),
        (f"bbox=154000,462000,156000,464000&bbox-crs={RD}", 1),
        (f"bbox=52.14,5.39,52.17,5.5&bbox-crs={ETRS89}", 1),
        ("bbox=5.39,52.14,0,5.5,52.17,10", 1),
        ("datetime=2026-02-01", 1),
        ("datetime=2026-03-02/..", 0),
        ("datetime=../2026-01-04T00:00:00Z", 0),
    ],
)
def test_features_in_a_box_or_in_a_time(console: Console, query: str, number: int) -> None:
    receive_pattern(console)
    assert program(console).get(f"/collections/alerts/items?{query}").json()["numberReturned"] == number


@pytest.mark.parametrize("query", ["bbox=1,2,3", "bbox=a,b,c,d", "bbox=1,2,nan,4", "datetime=soon", "bbox-crs=EPSG:3857"])
def test_a_box_or_a_time_that_is_none_is_refused(console: Console, query: str) -> None:
    assert problem(program(console).get(f"/collections/alerts/items?{query}"), 400)[0].startswith("query.")


def test_areas_as_features(console: Console) -> None:
    receive_areas(console)
    ask = program(console, MUNICIPAL, "GM0001")
    body = ask.get("/collections/areas/items").json()
    assert [each["id"] for each in body["features"]] == ["GM0001", "WK000101", "WK000102"]
    assert ask.get("/collections/areas/items/WK000101").json()["geometry"] == SQUARE
    problem(ask.get("/collections/areas/items/WK999999"), 404)
    assert json.dumps(ask.get("/collections").json()).count(CRS84) == 5
    assert "core" in ask.get("/conformance").text
    rels = {link["rel"] for link in httpx.get(f"{console.url}/v1", headers=ask.headers, trust_env=False).json()["links"]}
    assert rels == {"self", "service-desc", "conformance", "data"}


@pytest.mark.parametrize("crs", list(Crs))
def test_what_has_no_outline_has_none_in_any_system(crs: Crs) -> None:
    empty = {"type": "GeometryCollection", "geometries": []}
    assert converted(empty, crs) == empty
