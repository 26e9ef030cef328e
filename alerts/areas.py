"""The areas of municipalities, as the alerting side knows them: names, nesting, coarse outlines; public facts, no reports."""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from weakref import WeakKeyDictionary

from sqlalchemy import ColumnElement, Connection, Engine, Row, Select, delete, insert, null, select

from alerts.kept import Kept
from alerts.store import tables as t
from alerts.store.engine import read, read_once, write

MUNICIPALITY: Final = "municipality"
DISTRICT: Final = "district"
NEIGHBOURHOOD: Final = "neighbourhood"
LEVELS: Final = (MUNICIPALITY, DISTRICT, NEIGHBOURHOOD)
"""Widest first, as in ``Pattern.level``."""

_SHEET_BYTES_KEPT: Final = 20_000_000
_NESTS_AT_MOST: Final = 20
"""Steps from an area to its municipality; a loop in the data ends there."""


@dataclass(frozen=True, slots=True)
class Area:
    """One area. ``outline`` is a coarse GeoJSON geometry in longitude and latitude; None where none is known."""

    code: str
    name: str
    level: str
    parent: str | None
    municipality: str
    outline: Mapping[str, Any] | None = None


def receive(engine: Engine, municipality: str, areas: Sequence[Area], digest: str, now: datetime) -> bool:
    """Take over all areas of a municipality in place of those that were known, all of them or nothing.

    Args:
        engine: the alerts database.
        municipality: its code.
        areas: wider ones first; none at all means that the municipality is no longer known.
        digest: of what the areas were drawn from, at most 64 characters.
        now: UTC.

    Returns:
        False where a sheet of that digest was taken over already: nothing was written.
    """
    with write(engine) as connection:
        if areas and _digest(connection, municipality) == digest:
            return False
        for table in (t.area, t.area_sheet):
            connection.execute(delete(table).where(table.c.municipality == municipality))
        if areas:
            rows = [_row(area, municipality, position) for position, area in enumerate(areas)]
            connection.execute(insert(t.area), rows)
            connection.execute(insert(t.area_sheet).values(municipality=municipality, digest=digest, received_at=now))
    return True


def digests(engine: Engine) -> dict[str, str]:
    """What the areas of each municipality that is known were drawn from; changes whenever they do."""
    with read(engine) as connection:
        rows = connection.execute(select(t.area_sheet.c.municipality, t.area_sheet.c.digest)).all()
    return {row.municipality: row.digest for row in rows}


def areas_of(engine: Engine, municipality: str, level: str | None = None) -> tuple[Area, ...]:
    """The areas of a municipality with their outlines, wider ones first; those of one level if given."""
    with read(engine) as connection:
        return tuple(_area(row) for row in connection.execute(_wanted(municipality, level, t.area.c.outline)))


def names_of(engine: Engine, municipality: str, level: str | None = None) -> tuple[Area, ...]:
    """The same without outlines, which is far quicker."""
    with read(engine) as connection:
        return tuple(_area(row) for row in connection.execute(_wanted(municipality, level, null().label("outline"))))


def districts(engine: Engine, municipality: str) -> tuple[Area, ...]:
    """The districts of a municipality, without outlines, by code."""
    return names_of(engine, municipality, DISTRICT)


def ancestors(engine: Engine, municipality: str, codes: Collection[str]) -> dict[str, tuple[str, ...]]:
    """For each code the codes of the areas around it, nearest first; nothing for one that is not known."""
    parents = {area.code: area.parent for area in names_of(engine, municipality)}
    return {code: _chain(code, parents) for code in codes}


def within(engine: Engine, municipality: str, codes: Collection[str]) -> frozenset[str]:
    """These areas and all that lie in them: what somebody sees who is there for some districts only."""
    parents = {area.code: area.parent for area in names_of(engine, municipality)}
    wanted = set(codes)
    return frozenset(wanted | {code for code in parents if wanted.intersection(_chain(code, parents))})


@dataclass(frozen=True, slots=True)
class Sheet:
    """The areas of a municipality as a map takes them: GeoJSON, and a mark that changes when it does."""

    body: bytes
    mark: str


def sheet(engine: Engine, municipality: str, level: str | None = None) -> Sheet:
    """The areas of a municipality, or those of one level, as GeoJSON; drawn once for as long as they stay the same."""
    kept = _SHEETS.setdefault(engine, Kept(_SHEET_BYTES_KEPT))
    with read_once(engine) as connection:
        digest = _digest(connection, municipality)
    found = kept.get((municipality, level, digest))
    if found is not None:
        return found
    with read(engine) as connection:
        # Asked again: in between others may have come, and what is kept under a digest has to be of that one.
        digest = _digest(connection, municipality)
        rows = connection.execute(_wanted(municipality, level, t.area.c.outline)).all()
    body = json.dumps(feature_collection([_area(row) for row in rows]), ensure_ascii=False, separators=(",", ":")).encode()
    return kept.put((municipality, level, digest), Sheet(body, hashlib.sha256(body).hexdigest()[:32]), len(body))


_SHEETS: Final[WeakKeyDictionary[Engine, Kept[tuple[str, str | None, str | None], Sheet]]] = WeakKeyDictionary()


def feature_collection(areas: Sequence[Area]) -> dict[str, Any]:
    """The areas as GeoJSON features with ``code``, ``name``, ``level`` and ``parent``; those without outline are left out."""
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": area.code,
                "properties": {"code": area.code, "name": area.name, "level": area.level, "parent": area.parent},
                "geometry": area.outline,
            }
            for area in areas
            if area.outline is not None
        ],
    }


def _chain(code: str, parents: Mapping[str, str | None]) -> tuple[str, ...]:
    found: list[str] = []
    step = parents.get(code)
    while step is not None and step not in found and len(found) < _NESTS_AT_MOST:
        found.append(step)
        step = parents.get(step)
    return tuple(found)


def _wanted(municipality: str, level: str | None, outline: ColumnElement[Any]) -> Select[Any]:
    c = t.area.c
    query = select(c.code, c.name, c.level, c.parent, c.municipality, outline).where(c.municipality == municipality)
    return (query if level is None else query.where(c.level == level)).order_by(c.position)


def _digest(connection: Connection, municipality: str) -> str | None:
    return connection.scalar(select(t.area_sheet.c.digest).where(t.area_sheet.c.municipality == municipality))


def _row(area: Area, municipality: str, position: int) -> dict[str, Any]:
    outline = None if area.outline is None else json.dumps(area.outline, separators=(",", ":"))
    return {
        "municipality": municipality,
        "code": area.code,
        "position": position,
        "level": area.level,
        "name": area.name,
        "parent": area.parent,
        "outline": outline,
    }


def _area(row: Row[Any]) -> Area:
    drawn = None if row.outline is None else json.loads(row.outline)
    return Area(row.code, row.name, row.level, row.parent, row.municipality, drawn)
