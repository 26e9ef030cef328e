"""A report as a row of the table, and back; hand-made where intake's speed depends on it."""

import json
from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Final

from detector.model import PlaceKind, Report, ReportKind

SAID: Final = (
    "source",
    "report_id",
    "municipality",
    "received_on",
    "occurred_on",
    "x_m",
    "y_m",
    "area_code",
    "place_key",
    "place_kind",
    "grounds",
    "communities",
    "domains",
    "nature",
    "kind",
    "withdrawn",
)
"""The columns that hold what the source says, in the order of :func:`said`."""

Said = tuple[Any, ...]

# Reading an enum's value through its descriptor for every row costs more than all else here.
_PLACE_KIND: Final[dict[PlaceKind | None, str | None]] = {None: None, **{kind: kind.value for kind in PlaceKind}}
_KIND: Final = {kind: kind.value for kind in ReportKind}


@lru_cache(maxsize=65536)
def to_list_text(codes: tuple[str, ...]) -> str:
    """Several codes in one column; few combinations occur, so they are kept."""
    return json.dumps(codes, ensure_ascii=False, separators=(",", ":"))


@lru_cache(maxsize=65536)
def from_list_text(text: str) -> tuple[str, ...]:
    """The codes of one column."""
    return tuple(json.loads(text))


def said(report: Report, day: Callable[[date | None], Any]) -> Said:
    """What the source says, as the columns ``SAID``; ``day`` gives a date as the database's driver takes it."""
    return (
        report.source,
        report.report_id,
        report.municipality,
        day(report.received_on),
        day(report.occurred_on),
        report.x_m,
        report.y_m,
        report.area_code,
        report.place_key,
        _PLACE_KIND[report.place_kind],
        to_list_text(report.grounds),
        to_list_text(report.communities),
        to_list_text(report.domains),
        report.nature,
        _KIND[report.kind],
        report.withdrawn,
    )


def digest(text: str) -> bytes:
    """16 bytes that differ when anything the source says differs; ``text`` is the ``repr`` of :func:`said` past the id."""
    # Half a surrogate pair is escaped by repr, so that every text has bytes.
    return blake2b(text.encode(), digest_size=16).digest()


@lru_cache(maxsize=65536)
def iso(day: date | None) -> str | None:
    """A date as SQLite keeps it."""
    return None if day is None else day.isoformat()


def as_it_is(day: date | None) -> date | None:
    """A date as PostgreSQL's driver takes it."""
    return day


def from_row(row: Mapping[Any, Any]) -> Report:
    """The report of a row; what a case worker marked goes before what the source says."""
    return Report(
        source=row["source"],
        report_id=row["report_id"],
        municipality=row["municipality"],
        received_on=row["received_on"],
        occurred_on=row["occurred_on"],
        x_m=row["x_m"],
        y_m=row["y_m"],
        area_code=row["area_code"],
        place_key=row["place_key"],
        place_kind=row["place_kind"] and PlaceKind(row["place_kind"]),
        grounds=from_list_text(row["grounds"]),
        communities=from_list_text(row["communities"]),
        domains=from_list_text(row["domains"]),
        nature=row["nature"],
        kind=ReportKind(row["marked_kind"] or row["kind"]),
        withdrawn=bool(row["withdrawn"]),
    )
