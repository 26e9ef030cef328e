"""A report as a row of the table, and back."""

import json
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from detector.model import PlaceKind, Report, ReportKind


@lru_cache(maxsize=65536)
def to_list_text(codes: tuple[str, ...]) -> str:
    """Several codes in one column; few combinations occur, so they are kept."""
    return json.dumps(codes, ensure_ascii=False, separators=(",", ":"))


@lru_cache(maxsize=65536)
def from_list_text(text: str) -> tuple[str, ...]:
    """The codes of one column."""
    return tuple(json.loads(text))


def digest(report: Report) -> tuple[bytes, str]:
    """16 bytes that differ when anything the source says differs, and the text they were made of.

    ``known_on`` is not in it: that is what this service says, not the source.
    """
    said = repr(
        (
            report.municipality,
            report.received_on.toordinal(),
            report.occurred_on and report.occurred_on.toordinal(),
            report.x_m,
            report.y_m,
            report.area_code,
            report.place_key,
            report.place_kind and report.place_kind.value,
            report.grounds,
            report.communities,
            report.domains,
            report.nature,
            report.kind.value,
            report.withdrawn,
        )
    )
    return blake2b(said.encode(), digest_size=16).digest(), said


def known_on(report: Report, today: date) -> date | None:
    """The day this service learned of a report that it sees for the first time; None where that is ``received_on``."""
    known = report.known_on or today
    return known if known > report.received_on else None


def to_row(report: Report, known: date | None, row_digest: bytes) -> dict[str, Any]:
    """The values of all columns that an intake writes."""
    return {
        "source": report.source,
        "report_id": report.report_id,
        "municipality": report.municipality,
        "received_on": report.received_on,
        "occurred_on": report.occurred_on,
        "known_on": known,
        "x_m": report.x_m,
        "y_m": report.y_m,
        "area_code": report.area_code,
        "place_key": report.place_key,
        "place_kind": report.place_kind and report.place_kind.value,
        "grounds": to_list_text(report.grounds),
        "communities": to_list_text(report.communities),
        "domains": to_list_text(report.domains),
        "nature": report.nature,
        "kind": report.kind.value,
        "withdrawn": report.withdrawn,
        "digest": row_digest,
    }


def from_row(row: Mapping[Any, Any]) -> Report:
    """The report of a row; what a case worker marked goes before what the source says."""
    return Report(
        source=row["source"],
        report_id=row["report_id"],
        municipality=row["municipality"],
        received_on=row["received_on"],
        occurred_on=row["occurred_on"],
        known_on=row["known_on"],
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
