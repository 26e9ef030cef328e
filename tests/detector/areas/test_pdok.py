"""Fetching from PDOK, against a real server on this machine that answers in PDOK's format."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
import shapely
from shapely.geometry.base import BaseGeometry

from detector.areas import AreaError, AreaSet
from detector.areas.pdok import fetch_areas

Square = Callable[..., BaseGeometry]
RD_URI = "http://www.opengis.net/def/crs/EPSG/0/28992"
YEARS = ("2024", "2025")


def features(square: Square) -> dict[str, list[dict[str, object]]]:
    """Two municipalities side by side, as PDOK writes them."""

    def feature(outline: BaseGeometry, **properties: object) -> dict[str, object]:
        return {"type": "Feature", "id": 1, "properties": properties, "geometry": json.loads(shapely.to_geojson(outline))}

    inner = [
        feature(
            square(column, 0),
            buurtcode=f"BU0307{column // 3:02d}{column:02d}",
            buurtnaam=f"Buurt {column}",
            wijkcode=f"WK0307{column // 3:02d}",
            gemeentecode="GM0307",
            gemeentenaam="Amersfoort",
            aantal_inwoners=100 * column if column else -99997,
            water="NEE",
        )
        for column in range(5)
    ]
    inner.append(
        feature(square(5, 0), buurtcode="BU03080000", wijkcode="WK030800", gemeentecode="GM0308", aantal_inwoners=7, water="NEE")
    )
    return {
        "gemeenten": [
            feature(square(0, 0, 5000), gemeentecode="GM0307", gemeentenaam="Amersfoort", aantal_inwoners=1000, water="NEE"),
            feature(square(0, 5, 500), gemeentecode="GM0307", gemeentenaam="Amersfoort", aantal_inwoners=-99997, water="JA"),
            feature(square(5, 0, 5000), gemeentecode="GM0308", gemeentenaam="Baarn", aantal_inwoners=7, water="NEE"),
        ],
        "wijken": [
            feature(square(0, 0), wijkcode="WK030700", wijknaam="West", gemeentecode="GM0307", aantal_inwoners=300, water="NEE"),
            feature(square(3, 0), wijkcode="WK030701", wijknaam="Oost", gemeentecode="GM0307", aantal_inwoners=700, water="NEE"),
        ],
        "buurten": inner,
    }


@dataclass
class Behaviour:
    """What the server does; tests change it. ``faults`` are answers to give before the right ones."""

    collections: dict[str, list[dict[str, object]]]
    filters: bool = True
    page_size: int = 2
    faults: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    instead: Callable[[str], tuple[int, bytes] | None] = lambda _path: None
    endless: bool = False
    seen: list[str] = field(default_factory=list)


@pytest.fixture
def behaviour(square: Square) -> Behaviour:
    return Behaviour(features(square))


class Handler(BaseHTTPRequestHandler):
    """Answers as PDOK does, unless told otherwise."""

    protocol_version = "HTTP/1.1"

    @property
    def behaviour(self) -> Behaviour:
        assert isinstance(self.server, Server)
        return self.server.behaviour

    def do_GET(self) -> None:
        behaviour = self.behaviour
        behaviour.seen.append(self.path)
        if behaviour.faults:
            self.answer(*behaviour.faults.pop(0))
            return
        instead = behaviour.instead(self.path)
        if instead:
            self.answer(instead[0], {}, instead[1])
            return
        url = urlsplit(self.path)
        parts = url.path.strip("/").split("/")
        year = parts[1].removeprefix("wijken-en-buurten-")
        if parts[0] != "cbs" or year not in YEARS:
            self.answer(404, {}, b'{"title":"Not Found","status":404}')
        elif parts[-1] == "collections":
            self.answer(200, {}, b'{"collections":[]}')
        else:
            self.items(parts[-2], {key: values[0] for key, values in parse_qs(url.query).items()})

    def items(self, collection: str, query: dict[str, str]) -> None:
        behaviour = self.behaviour
        allowed = {"f", "limit", "crs", "bbox", "bbox-crs", "cursor"} | ({"gemeentecode"} if behaviour.filters else set())
        unknown = query.keys() - allowed
        if unknown:
            detail = {"title": "Bad Request", "status": 400, "detail": f"unknown query parameter(s) found: {unknown}"}
            self.answer(400, {}, json.dumps(detail).encode())
            return
        assert query.get("crs") == RD_URI
        rows = [row for row in behaviour.collections[collection] if asked_for(row, query)]
        first = int(query.get("cursor", "0"))
        page = rows[first : first + behaviour.page_size]
        links = [{"rel": "self", "href": self.path}, {"rel": "alternate", "href": self.path + "&f=html"}]
        if first + behaviour.page_size < len(rows) or behaviour.endless:
            following = query | {"cursor": str(0 if behaviour.endless else first + behaviour.page_size)}
            links.append({"rel": "next", "href": f"{urlsplit(self.path).path}?{urlencode(following)}"})
        body = {"type": "FeatureCollection", "numberReturned": len(page), "features": page, "links": links}
        self.answer(200, {"Content-Crs": f"<{RD_URI}>", "Content-Type": "application/geo+json"}, json.dumps(body).encode())

    def answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    """The server, with what it is to do."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        super().__init__(("127.0.0.1", 0), Handler)


def asked_for(row: dict[str, object], query: dict[str, str]) -> bool:
    """Whether a feature passes the filters of a request."""
    properties = row["properties"]
    assert isinstance(properties, dict)
    if "gemeentecode" in query and properties["gemeentecode"] != query["gemeentecode"]:
        return False
    if "bbox" not in query:
        return True
    assert query["bbox-crs"] == RD_URI
    left, bottom, right, top = (float(value) for value in query["bbox"].split(","))
    box = shapely.box(left, bottom, right, top)
    return bool(shapely.from_geojson(json.dumps(row["geometry"])).intersects(box))


@pytest.fixture
def base_url(behaviour: Behaviour) -> Iterator[str]:
    server = Server(behaviour)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/cbs"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def fetch(base_url: str, waits: list[float]) -> Iterator[Callable[..., AreaSet]]:
    with httpx.Client(timeout=60, trust_env=False) as client:
        yield lambda code="GM0307", year=2024: fetch_areas(code, year, base_url, client, wait=waits.append)


@pytest.mark.parametrize("filters", [True, False])
def test_fetches_all_levels_page_by_page(fetch: Callable[..., AreaSet], behaviour: Behaviour, *, filters: bool) -> None:
    behaviour.filters = filters
    areas = fetch()
    assert areas.municipalities == ("GM0307",)
    table = areas.table("GM0307")
    assert [area.code for area in table.areas] == [
        "GM0307", "WK030700", "WK030701", "BU03070000", "BU03070001", "BU03070002", "BU03070103", "BU03070104",
    ]  # fmt: skip
    assert [area.name for area in table.areas[:3]] == ["Amersfoort", "West", "Oost"]
    assert [area.inhabitants for area in table.areas] == [1000, 300, 700, None, 100, 200, 300, 400]
    assert areas.geometry("GM0307").area == pytest.approx(25e6)
    assert {shape.map_year for shape in areas.shapes} == {2024}
    assert any("1 areas of water" in warning for warning in areas.warnings)
    assert any("cursor=2" in path for path in behaviour.seen)
    assert any("bbox=" in path for path in behaviour.seen) is not filters


def test_the_newest_year_is_found(fetch: Callable[..., AreaSet]) -> None:
    assert {shape.map_year for shape in fetch(year=None).shapes} == {2025}


def test_passing_faults_are_sat_out(fetch: Callable[..., AreaSet], behaviour: Behaviour, waits: list[float]) -> None:
    behaviour.faults = [(503, {}, b""), (429, {"Retry-After": "7"}, b""), (502, {}, b"<html>")]
    assert fetch().municipalities == ("GM0307",)
    assert waits == [0.5, 7.0, 2.0]


def test_lasting_faults_are_said(fetch: Callable[..., AreaSet], behaviour: Behaviour, waits: list[float]) -> None:
    behaviour.instead = lambda _path: (500, b"")
    with pytest.raises(AreaError, match="did not answer in 4 attempts: status 500"):
        fetch()
    assert len(waits) == 3


def test_redirects_are_followed(fetch: Callable[..., AreaSet], behaviour: Behaviour) -> None:
    behaviour.faults = [(301, {"Location": "/cbs/wijken-en-buurten-2024/ogc/v1/collections?f=json&moved=1"}, b"")]
    assert fetch().known
    assert "moved=1" in behaviour.seen[1]


def test_redirects_in_a_circle_are_said(fetch: Callable[..., AreaSet], behaviour: Behaviour) -> None:
    behaviour.faults = [(302, {"Location": "/cbs/again"}, b"")] * 50
    with pytest.raises(AreaError, match="round in circles"):
        fetch()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"<html>maintenance</html>", "no page of features"),
        (b"[1, 2]", "no page of features"),
        (b'{"features": "none"}', "no page of features"),
        (b'{"features": [1]}', "no page of features"),
        (b'{"features": [], "numberReturned": 3}', "says it has 3 features and has 0"),
        (b'{"features": []}', "no municipality GM0307"),
        (
            b'{"features": [{"properties": {"gemeentecode": "GM0307"}, "geometry": {"type": "Polygon"}}]}',
            "an outline that is none",
        ),
        (b'{"features": [{"properties": {"gemeentecode": "GM0307"}, "geometry": "round"}]}', "an outline that is none"),
        (b'{"features": [{"properties": null, "geometry": null}]}', "no municipality GM0307"),
    ],
)
def test_garbage_is_refused(fetch: Callable[..., AreaSet], behaviour: Behaviour, body: bytes, message: str) -> None:
    behaviour.instead = lambda path: (200, body) if "/items" in path else None
    with pytest.raises(AreaError, match=message):
        fetch()


def test_pages_without_end_are_cut_off(fetch: Callable[..., AreaSet], behaviour: Behaviour) -> None:
    behaviour.endless = True
    with pytest.raises(AreaError, match="without end"):
        fetch()
    # The circle is seen when it closes, not only when patience ends.
    assert len(behaviour.seen) < 6


@pytest.mark.parametrize(
    ("code", "year", "message"),
    [
        ("GM9998", 2024, "has no municipality GM9998"),
        ("GM0307", 1980, "no map of districts and neighbourhoods for 1980"),
        ("Amersfoort", 2024, "write it as GM0307"),
        ("BU03070100", 2024, "write it as GM0307"),
    ],
)
def test_what_is_not_there_is_said(fetch: Callable[..., AreaSet], code: str, year: int, message: str) -> None:
    with pytest.raises(AreaError, match=message):
        fetch(code, year)


def test_a_code_may_be_written_short(fetch: Callable[..., AreaSet]) -> None:
    assert fetch("307").municipalities == ("GM0307",)
    assert fetch("gm0307").municipalities == ("GM0307",)


def test_nobody_answers(waits: list[float]) -> None:
    with httpx.Client(timeout=60, trust_env=False) as client, pytest.raises(AreaError, match="ConnectError"):
        fetch_areas("GM0307", 2024, "http://127.0.0.1:9", client, wait=waits.append)
