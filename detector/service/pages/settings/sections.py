"""All parts of the settings page, in the order in which operators ask, and which setting belongs where."""

from collections.abc import Mapping
from typing import Final

from detector.service.pages.settings.alerting import ALERTING
from detector.service.pages.settings.detecting import DETECTING
from detector.service.pages.settings.section import Section

SECTIONS: Final[tuple[Section, ...]] = (*DETECTING, *ALERTING)
LINES: Final[Mapping[str, str]] = {key: line for section in SECTIONS for key, line in section.lines.items()}

HIDDEN_KEYS: Final = frozenset(
    {"detection.density.false_alerts_per_year", "detection.scan.false_alerts_per_year", "alerts.route.go_on"}
)
"""No settings: what the methods are told of the one budget, and what would follow the outermost route."""


def known_key(key: str) -> str | None:
    """The key on the page that a key belongs to: its own, or that of the table around it; None where the page has none."""
    parts = key.split(".")
    return next((found for length in range(len(parts), 0, -1) if (found := ".".join(parts[:length])) in LINES), None)
