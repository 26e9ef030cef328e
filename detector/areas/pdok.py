"""Areas of a Dutch municipality from PDOK's OGC API Features for the CBS map of districts and neighbourhoods."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urljoin

import httpx
from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from detector.areas.areaset import AreaSet
from detector.areas.columns import AreaColumns
from detector.areas.error import AreaError
from detector.areas.files import Cell, Layer, checked_crs
from detector.areas.nesting import cbs_level
from detector.areas.reading import areas_from_layers, cbs_code
from detector.areas.shapes import NOTHING, RD, metric_or_any, total_bounds
from detector.model import Level

PDOK_URL = "https://api.pdok.nl/cbs"
NEWEST_KNOWN_YEAR = 2025
"""The newest map when this was written; later ones are asked for before it."""
RD_URI = "http://www.opengis.net/def/crs/EPSG/0/28992"
PAGE_SIZE = 1000
MOST_PAGES = 200
ATTEMPTS = 4
LONGEST_WAIT_S = 30.0

Json = Mapping[str, object]


@dataclass(frozen=True)
class _Service:
    """One year's map at PDOK: requests with patience, answers checked."""

    root: str
    client: httpx.Client
    wait: Callable[[float], None]

    def get(self, url: str, params: Mapping[str, str] | None = None) -> httpx.Response:
        """One answer; passing faults (no connection, 429, 5xx) are tried again, a little later each time.

        Raises:
            AreaError: it kept failing.
        """
        problem = ""
        for attempt in range(ATTEMPTS):
            pause = 0.5 * 2**attempt
            try:
                response = self.client.get(url, params=params, headers={"Accept": "application/geo+json"}, follow_redirects=True)
            except httpx.TooManyRedirects as error:
                message = f"{_host(url)} sends requests round in circles; check the address of the area service."
                raise AreaError(message) from error
            except (httpx.TransportError, httpx.DecodingError) as error:
                problem = f"no usable answer ({type(error).__name__})"
            except httpx.InvalidURL as error:
                message = f"'{url}' is not an address; check the address of the area service."
                raise AreaError(message) from error
            else:
                if (
                    response.status_code != httpx.codes.TOO_MANY_REQUESTS
                    and response.status_code < httpx.codes.INTERNAL_SERVER_ERROR
                ):
                    return response
                problem = f"status {response.status_code}"
                asked = response.headers.get("Retry-After", "")
                pause = max(pause, float(asked)) if asked.isdigit() else pause
            if attempt + 1 < ATTEMPTS:
                self.wait(min(pause, LONGEST_WAIT_S))
        message = (
            f"{_host(url)} did not answer in {ATTEMPTS} attempts: {problem}. Try again later, or load the areas from a file."
        )
        raise AreaError(message)

    def pages(self, collection: str, params: Mapping[str, str]) -> Iterator[tuple[list[Json], str | None]]:
        """Features page by page along the ``next`` links, each with the coordinate system that its header names.

        Raises:
            AreaError: an answer that is no page of features, or pages without end.
            _Refused: the service does not know a parameter.
        """
        url = f"{self.root}/collections/{collection}/items"
        query: Mapping[str, str] | None = {"f": "json", "limit": str(PAGE_SIZE), "crs": RD_URI, **params}
        seen: set[str] = set()
        for _ in range(MOST_PAGES):
            response = self.get(url, query)
            if response.status_code == httpx.codes.BAD_REQUEST and query is not None:
                raise _Refused
            if response.status_code != httpx.codes.OK:
                status = response.status_code
                message = f"{_host(url)} answered with status {status} for '{collection}'; check the year and the address."
                raise AreaError(message)
            features, following = _page(response, collection)
            yield features, _header_crs(response)
            if following is None:
                return
            url, query = urljoin(str(response.url), following), None
            if url in seen:
                break
            seen.add(url)
        message = (
            f"{_host(url)} sends page after page of '{collection}' without end; try again later, or load the areas from a file."
        )
        raise AreaError(message)


class _Refused(Exception):  # noqa: N818 - not an error but an answer, caught in this module
    """The service does not know a parameter of the request."""


def fetch_areas(
    code: str, year: int | None, base_url: str, client: httpx.Client, *, wait: Callable[[float], None] = time.sleep
) -> AreaSet:
    """Fetch a municipality with its districts, neighbourhoods and inhabitants.

    Args:
        code: the CBS code, ``GM0307``.
        year: the year of the map; None for the newest there is.
        base_url: where the maps are, :data:`PDOK_URL`; ``/wijken-en-buurten-YEAR/ogc/v1`` follows on it.
        client: the HTTP client, with its time limits.
        wait: how to pass the seconds between two attempts.

    Raises:
        AreaError: the code is none, the service cannot be reached, or what it sends is not what it should be.
    """
    municipality = cbs_code(code.strip().upper(), Level.MUNICIPALITY)
    if cbs_level(municipality) is not Level.MUNICIPALITY:
        message = f"'{code}' is not a municipality's code; write it as GM0307."
        raise AreaError(message)
    service, found_year = _newest(base_url, year, client, wait)
    around = _fetch(service, "gemeenten", municipality, None)
    if not around.geometries:
        message = (
            f"The map of {found_year} has no municipality {municipality}; it may have merged with another, or try another year."
        )
        raise AreaError(message)
    inner = [_fetch(service, name, municipality, around) for name in ("wijken", "buurten")]
    layers = [layer for layer in (around, *inner) if layer.geometries]
    return areas_from_layers(layers, AreaColumns(crs=RD), Level.NEIGHBOURHOOD, str(found_year), f"PDOK {found_year}")


def _newest(base_url: str, year: int | None, client: httpx.Client, wait: Callable[[float], None]) -> tuple[_Service, int]:
    """The service of the asked year, or of the newest that answers."""
    tried = [year] if year is not None else list(range(NEWEST_KNOWN_YEAR + 2, NEWEST_KNOWN_YEAR - 2, -1))
    for candidate in tried:
        service = _Service(f"{base_url.rstrip('/')}/wijken-en-buurten-{candidate}/ogc/v1", client, wait)
        response = service.get(f"{service.root}/collections", {"f": "json"})
        if response.status_code == httpx.codes.OK:
            return service, candidate
        if response.status_code not in {httpx.codes.NOT_FOUND, httpx.codes.GONE}:
            message = f"{_host(base_url)} answered with status {response.status_code}; check the address of the area service."
            raise AreaError(message)
    years = str(tried[0]) if len(tried) == 1 else f"{tried[-1]} to {tried[0]}"
    message = f"{_host(base_url)} has no map of districts and neighbourhoods for {years}; ask for another year."
    raise AreaError(message)


def _fetch(service: _Service, collection: str, municipality: str, around: Layer | None) -> Layer:
    """All features of a municipality in one collection.

    The filter on ``gemeentecode`` is asked for first. Where the service does not offer it (it refuses what it does not know) the
    box around the municipality is asked for instead, and what is not in the municipality left out here.
    """
    try:
        return _gather(service, collection, municipality, {"gemeentecode": municipality})
    except _Refused:
        pass
    params: dict[str, str] = {}
    bounds = total_bounds(around.geometries) if around else None
    if bounds is not None:
        params = {"bbox": ",".join(f"{value:.0f}" for value in bounds), "bbox-crs": RD_URI}
    try:
        return _gather(service, collection, municipality, params)
    except _Refused as error:
        message = (
            f"{_host(service.root)} refuses the request for '{collection}'; it may have changed. Load the areas from a file."
        )
        raise AreaError(message) from error


def _gather(service: _Service, collection: str, municipality: str, params: Mapping[str, str]) -> Layer:
    rows: list[dict[str, Cell]] = []
    outlines: list[BaseGeometry] = []
    crs: str | None = None
    for features, said in service.pages(collection, params):
        crs = said or crs
        for feature in features:
            properties = feature.get("properties")
            if isinstance(properties, dict) and str(properties.get("gemeentecode")) == municipality:
                rows.append({str(key): value for key, value in properties.items() if isinstance(value, str | int | float)})
                outlines.append(_outline(feature.get("geometry"), collection))
    columns: dict[str, list[Cell]] = {}
    for name in dict.fromkeys(key for row in rows for key in row):
        columns[name] = [row.get(name) for row in rows]
    told, warnings = checked_crs(crs or RD, outlines, f"PDOK's {collection}")
    return Layer(collection, columns, outlines, told, warnings)


def _outline(geometry: object, collection: str) -> BaseGeometry:
    if geometry is None:
        return NOTHING
    message = f"PDOK's '{collection}' holds an outline that is none; try again later, or load the areas from a file."
    if not isinstance(geometry, dict):
        raise AreaError(message)
    try:
        return shape(geometry)
    except (ShapelyError, ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
        raise AreaError(message) from error


def _page(response: httpx.Response, collection: str) -> tuple[list[Json], str | None]:
    """The features of an answer and where the next page is.

    Raises:
        AreaError: it is not a page of features, or was cut off.
    """
    message = f"{_host(str(response.url))} answered '{collection}' with something that is no page of features; check the address."
    try:
        body = response.json()
    except ValueError as error:
        raise AreaError(message) from error
    features = body.get("features") if isinstance(body, dict) else None
    if not isinstance(features, list) or not all(isinstance(feature, dict) for feature in features):
        raise AreaError(message)
    if isinstance(body.get("numberReturned"), int) and body["numberReturned"] != len(features):
        cut = f"A page of '{collection}' says it has {body['numberReturned']} features and has {len(features)}; try again later."
        raise AreaError(cut)
    links = body.get("links")
    for link in links if isinstance(links, list) else []:
        if isinstance(link, dict) and link.get("rel") == "next" and isinstance(link.get("href"), str):
            return features, str(link["href"])
    return features, None


def _header_crs(response: httpx.Response) -> str | None:
    said = response.headers.get("Content-Crs", "").strip("<> ")
    if not said:
        return None
    return "OGC:CRS84" if said.endswith("CRS84") else metric_or_any(said).to_string()


def _host(url: str) -> str:
    try:
        return httpx.URL(url).host or "The area service"
    except httpx.InvalidURL:
        return "The area service"
