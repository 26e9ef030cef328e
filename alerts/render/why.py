"""The parts of a why-sentence: their names, what each must carry, and the only functions that make them.

The side that decides what may be told fills these in; the side that tells it turns them into Dutch or English. Both meet
here and nowhere else, so that a name or a key cannot differ between them. Nothing is imported that renders.

| message | values |
|---|---|
| `place_count` | `areas`, `level`, and the figures |
| `community_count` | `municipality`, `rubric`, `code`, and the figures |
| `place_community_count` | `areas`, `level`, `rubric`, `code`, and the figures |
| `campaign_overlap` | `campaign`, `starts_on`, `ends_on` |
| `chance` | `recurrence_interval_days` |

The figures: `since` and, for a pattern that is over, `until` (both ISO dates), `band` (as ``str(Band)``; empty where the
count may not be told), `expected`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from alerts.pattern import Band, WhyPart

PLACE_COUNT: Final = "place_count"
COMMUNITY_COUNT: Final = "community_count"
PLACE_COMMUNITY_COUNT: Final = "place_community_count"
CAMPAIGN_OVERLAP: Final = "campaign_overlap"
CHANCE: Final = "chance"

RUBRICS: Final = ("community", "ground", "domain")
"""What ``code`` can be a code of."""

AREA_SEPARATOR: Final = "; "

_FIGURES: Final = frozenset({"since", "band", "expected"})

REQUIRED: Final[dict[str, frozenset[str]]] = {
    PLACE_COUNT: _FIGURES | {"areas", "level"},
    COMMUNITY_COUNT: _FIGURES | {"municipality", "rubric", "code"},
    PLACE_COMMUNITY_COUNT: _FIGURES | {"areas", "level", "rubric", "code"},
    CAMPAIGN_OVERLAP: frozenset({"campaign", "starts_on", "ends_on"}),
    CHANCE: frozenset({"recurrence_interval_days"}),
}
"""The keys that each message must carry."""

OPTIONAL: Final = frozenset({"until"})
"""Keys that a message with figures may carry besides."""


@dataclass(frozen=True, slots=True)
class Figures:
    """How many came in, when, and how many usually do.

    ``band`` None: the count may not be told. ``until`` None: it still goes on. Both days are inclusive.
    """

    since: date
    band: Band | None
    expected: float
    until: date | None = None


def place_count(areas: Sequence[str], level: str, figures: Figures) -> WhyPart:
    """More reports than usual in ``areas`` (names), each of ``level`` (``neighbourhood``, ``district``, ``municipality``).

    Raises:
        ValueError: no area is named.
    """
    return WhyPart(PLACE_COUNT, {"areas": _joined(areas), "level": level, **_values(figures)})


def community_count(municipality: str, rubric: str, code: str, figures: Figures) -> WhyPart:
    """More reports than usual on one community, ground or domain (``rubric``, ``code``) in a whole ``municipality`` (name).

    Raises:
        ValueError: ``rubric`` is none of ``RUBRICS``.
    """
    return WhyPart(COMMUNITY_COUNT, {"municipality": municipality, "rubric": _checked(rubric), "code": code, **_values(figures)})


def place_community_count(areas: Sequence[str], level: str, rubric: str, code: str, figures: Figures) -> WhyPart:
    """More reports than usual on one community, ground or domain in ``areas`` (names), each of ``level``.

    Raises:
        ValueError: no area is named, or ``rubric`` is none of ``RUBRICS``.
    """
    values: dict[str, str | int | float] = {"areas": _joined(areas), "level": level, "rubric": _checked(rubric), "code": code}
    return WhyPart(PLACE_COMMUNITY_COUNT, {**values, **_values(figures)})


def campaign_overlap(campaign: str, starts_on: date, ends_on: date) -> WhyPart:
    """Outreach ran in the same weeks and place, which may explain a rise."""
    return WhyPart(CAMPAIGN_OVERLAP, {"campaign": campaign, "starts_on": starts_on.isoformat(), "ends_on": ends_on.isoformat()})


def chance(recurrence_interval_days: float) -> WhyPart:
    """How often chance alone would do as much: once in ``recurrence_interval_days``."""
    return WhyPart(CHANCE, {"recurrence_interval_days": recurrence_interval_days})


def _joined(areas: Sequence[str]) -> str:
    if not areas:
        raise ValueError("a place pattern must name at least one area: give the names of its areas")
    return AREA_SEPARATOR.join(areas)


def _checked(rubric: str) -> str:
    if rubric not in RUBRICS:
        raise ValueError(f"no such rubric for a pattern: {rubric!r}; use one of {', '.join(RUBRICS)}")
    return rubric


def _values(figures: Figures) -> dict[str, str | int | float]:
    values: dict[str, str | int | float] = {
        "since": figures.since.isoformat(),
        "band": "" if figures.band is None else str(figures.band),
        "expected": figures.expected,
    }
    return values if figures.until is None else {**values, "until": figures.until.isoformat()}
