"""Where a pattern may be said to be: never in an area so small that it points at somebody."""

from collections.abc import Iterable
from dataclasses import dataclass

from detector.disclosure.settings import DisclosureSettings
from detector.model import Area, AreaTable, Level

_WIDER = (Level.NEIGHBOURHOOD, Level.DISTRICT, Level.MUNICIPALITY)


@dataclass(frozen=True, slots=True)
class ToldRegion:
    """Areas of one level that may be told, by code."""

    level: Level
    areas: tuple[Area, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes, sorted."""
        return tuple(area.code for area in self.areas)

    @property
    def names(self) -> tuple[str, ...]:
        """Names, in the order of the codes."""
        return tuple(area.name for area in self.areas)


def told_region(codes: Iterable[str], least: Level, areas: AreaTable, settings: DisclosureSettings) -> ToldRegion:
    """The narrowest level at which every area may be told, from ``least`` up, and those areas.

    An area may be told when it has ``min_inhabitants``; there may be ``max_areas`` of them at most. All areas are of one level:
    a neighbourhood beside a district would say that the district stands for one too small to name. Codes that the table does not
    know, and no codes at all, mean the whole municipality, which may always be told.
    """
    wanted = list(codes)
    for level in _WIDER[_WIDER.index(least) : -1]:
        lifted = {_around(code, level, areas) for code in wanted}
        found = [area for area in lifted if area is not None and _large_enough(area, areas, settings)]
        if wanted and len(found) == len(lifted) and len(found) <= settings.max_areas:
            return ToldRegion(level, tuple(sorted(found, key=lambda area: area.code)))
    return ToldRegion(Level.MUNICIPALITY, (areas.municipality,))


def wider(one: Level, other: Level) -> Level:
    """The wider of two levels."""
    return max(one, other, key=_WIDER.index)


def touches(codes: Iterable[str], others: Iterable[str], areas: AreaTable) -> bool:
    """Whether an area of one is, lies in, or lies around an area of the other."""
    return any(one in _chain(other, areas) or other in _chain(one, areas) for one in codes for other in set(others))


def _chain(code: str, areas: AreaTable) -> set[str]:
    row = areas.index.get(code)
    return {code} if row is None else {areas.areas[above].code for above in areas.ancestors(row)}


def _around(code: str, level: Level, areas: AreaTable) -> Area | None:
    row = areas.index.get(code)
    if row is None:
        return None
    return next((areas.areas[above] for above in areas.ancestors(row) if areas.areas[above].level is level), None)


def _large_enough(area: Area, areas: AreaTable, settings: DisclosureSettings) -> bool:
    """An area that does not say how many live there has at least those of the areas in it that do."""
    if settings.min_inhabitants == 0:
        return True
    inhabitants = area.inhabitants
    if inhabitants is None:
        inhabitants = sum(inner.inhabitants or 0 for inner in areas.areas if inner.parent == area.code)
    return inhabitants >= settings.min_inhabitants
