"""In which form an answer goes out: media types, coordinate systems, and the address that links begin with."""

from enum import StrEnum
from typing import Final
from urllib.parse import urlencode, urlsplit

from fastapi import Request

from alerts.console.problems import ProblemError
from alerts.console.services import services_of

JSON: Final = "application/json"
GEOJSON: Final = "application/geo+json"
PROBLEM: Final = "application/problem+json"


class Crs(StrEnum):
    """The coordinate systems that geometry can be had in."""

    CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
    RD = "http://www.opengis.net/def/crs/EPSG/0/28992"
    ETRS89 = "http://www.opengis.net/def/crs/EPSG/0/4258"


_SHORT: Final = {"CRS84": Crs.CRS84, "OGC:CRS84": Crs.CRS84, "EPSG:28992": Crs.RD, "EPSG:4258": Crs.ETRS89}


def media_of(request: Request, *offered: str) -> str:
    """Which of the media types to answer in: the caller's favourite, the first of them where all are as welcome.

    Raises:
        ProblemError: 406.
    """
    wanted = request.headers.get("accept", "*/*")
    qualities = {name: quality for name, quality in map(_range, wanted.split(",")) if name}
    best = max(offered, key=lambda media: _quality(media, qualities))
    if qualities and _quality(best, qualities) <= 0:
        raise ProblemError(406, "There is no such form", f"This path answers in {' or '.join(offered)}: ask for that in Accept.")
    return best


def only_json(request: Request) -> None:
    """Refuse a caller that takes no JSON, with 406; a dependency."""
    media_of(request, JSON)


def _range(part: str) -> tuple[str, float]:
    media, *parameters = (each.strip().lower() for each in part.split(";"))
    quality = next((each.removeprefix("q=") for each in parameters if each.startswith("q=")), "1")
    try:
        return media, float(quality)
    except ValueError:
        return media, 1.0


def _quality(media: str, qualities: dict[str, float]) -> float:
    kind = media.partition("/")[0]
    return next((qualities[name] for name in (media, f"{kind}/*", "*/*") if name in qualities), 0.0)


def crs_of(request: Request, parameter: str | None, *, name: str = "crs") -> Crs:
    """The coordinate system asked for: the parameter, else the header Accept-Crs, else CRS84.

    Raises:
        ProblemError: 400 for a parameter, 406 for a header, that names one we do not have.
    """
    if parameter is not None:
        known = _SHORT.get(parameter) or next((crs for crs in Crs if crs == parameter), None)
        if known is None:
            told = [f"query.{name}: must be one of {', '.join(Crs)}"]
            raise ProblemError(400, "The request is not right", "See the errors, and /v1/collections for what there is.", told)
        return known
    header = request.headers.get("accept-crs") if name == "crs" else None
    if header is None:
        return Crs.CRS84
    for wanted in header.split(","):
        text = wanted.partition(";")[0].strip().strip("<>")
        known = _SHORT.get(text) or next((crs for crs in Crs if crs == text), None)
        if known is not None:
            return known
    raise ProblemError(406, "There is no such coordinate system", f"Ask in Accept-Crs for one of {', '.join(_SHORT)}.")


def root_of(request: Request) -> str:
    """The address under which this service is reached, without a slash at the end.

    The settings say how (``alerts.console_url``); where the caller used another name, that one, so that links lead back.
    """
    configured = urlsplit(services_of(request).alerts().settings.console_url)
    if configured.netloc == request.url.netloc and configured.scheme:
        return f"{configured.scheme}://{configured.netloc}"
    return f"{request.url.scheme}://{request.url.netloc}"


def href(request: Request, path: str, query: list[tuple[str, str]] | None = None) -> str:
    """A whole address of a path under ``/v1``."""
    return f"{root_of(request)}/v1{path}" + (f"?{urlencode(query)}" if query else "")
