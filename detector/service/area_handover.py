"""Handing areas over to the alerting side: names, nesting and coarse outlines, which are public, so that it can draw maps."""

from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from alerts import areas as told
from alerts.store.engine import StoreError
from detector.areas.outlines import coarse_outlines, source_digest
from detector.areas.shapes import AreaShape
from detector.model import Level
from detector.service.installation import Installation


def hand_over_areas(installation: Installation, now: datetime) -> tuple[str, ...]:
    """Give the alerting side the areas of each municipality whose areas it does not have, or has as they were before.

    What it has, it says itself: to be killed in between, or to give it an older copy of its database, leads to handing over
    again what is missing, and nothing twice.

    Returns:
        The codes of the municipalities that were handed over, or taken away.
    """
    areas, engine = installation.areas(), installation.alerts_engine
    there = told.digests(engine)
    by_municipality: dict[str, list[AreaShape]] = {}
    for shape in areas.shapes:
        if shape.area.level is not Level.POSTCODE:
            by_municipality.setdefault(shape.area.municipality, []).append(shape)
    changed = []
    for municipality, shapes in sorted(by_municipality.items()):
        digest = source_digest(shapes)
        if there.pop(municipality, None) != digest:
            told.receive(engine, municipality, _sheet(shapes), digest, now)
            changed.append(municipality)
    for municipality in sorted(there):
        told.receive(engine, municipality, (), "", now)
        changed.append(municipality)
    return tuple(changed)


def try_to_hand_over(installation: Installation, now: datetime) -> bool:
    """The same where something else matters more: False if the alerting side cannot be written now. Try again later."""
    try:
        hand_over_areas(installation, now)
    except (StoreError, SQLAlchemyError):
        return False
    return True


def _sheet(shapes: list[AreaShape]) -> list[told.Area]:
    outlines = coarse_outlines(shapes)
    return [
        told.Area(
            code=shape.area.code,
            name=shape.area.name,
            level=shape.area.level.value,
            parent=shape.area.parent,
            municipality=shape.area.municipality,
            outline=outlines.get(shape.area.code),
        )
        for shape in shapes
    ]
