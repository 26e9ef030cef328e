"""Which settings stand on the tuning page, how they are called there, and what the settings file says of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from alerts.render.catalogue import marked


class Shape(StrEnum):
    """How a setting is filled in."""

    NUMBER = "number"
    NUMBERS = "numbers"
    METHODS = "methods"


@dataclass(frozen=True, slots=True)
class Field:
    """One setting on the page: its dotted key, what people call it, and the line on it in the settings file."""

    key: str
    label: str
    hint: str
    shape: Shape = Shape.NUMBER


@dataclass(frozen=True, slots=True)
class Group:
    """Settings that belong together; what is ``rare`` stands folded away."""

    title: str
    fields: tuple[Field, ...]
    rare: bool = False


BUDGET: Final = "detection.false_alerts_per_year"
METHODS: Final = "detection.methods"
RULES: Final = "detection.threshold.rules"
GROUPS: Final = (
    Group(
        marked("How loud the service may be"),
        (
            Field(
                BUDGET,
                marked("False alerts a year that you accept"),
                marked(
                    "How many alerts a year you accept on a city in which nothing is going on. Everything else follows from this."
                ),
            ),
            Field(
                METHODS,
                marked("Methods that look"),
                marked("The methods that look, each described in docs/methods.md."),
                Shape.METHODS,
            ),
        ),
    ),
    Group(
        marked("Rules"),
        (
            Field(
                "detection.threshold.max_false_alerts_per_year",
                marked("False alerts a year that one rule may cost"),
                marked(
                    "A rule that would give more false alerts a year than this, on your own history, stays silent and says so."
                ),
            ),
        ),
    ),
    Group(
        marked("The scan"),
        (
            Field(
                "detection.scan.share",
                marked("Part of the budget for the scan"),
                marked("The part of false_alerts_per_year that this method may spend."),
            ),
            Field("detection.scan.min_reports", marked("Fewest reports in the scan"), marked("Fewest reports in a finding.")),
            Field(
                "detection.scan.windows_days",
                marked("Lengths of the windows, in days"),
                marked(
                    "Lengths of the windows that are looked at; all end today. Three that span patterns of two to ten weeks saw"
                    " more than four, as every further length costs a little of the budget."
                ),
                Shape.NUMBERS,
            ),
            Field(
                "detection.scan.alpha",
                marked("Weight of the inhabitants"),
                marked("How much the inhabitants of a place count against its own past: as many reports as this."),
            ),
            Field("detection.scan.family_shares.place", marked("Part for one place"), marked("Many reports at one place.")),
            Field(
                "detection.scan.family_shares.community",
                marked("Part for one community"),
                marked(
                    "Several reports on one community, anywhere in the municipality; with 0.25 too many of these stayed unseen."
                ),
            ),
            Field(
                "detection.scan.family_shares.place_community",
                marked("Part for one community in one place"),
                marked(
                    "Several reports on one community in one part of the municipality; chance makes few of these, so a small part"
                    " is enough."
                ),
            ),
        ),
        rare=True,
    ),
    Group(
        marked("Concentrations"),
        (
            Field(
                "detection.density.share",
                marked("Part of the budget for concentrations"),
                marked("The part of false_alerts_per_year that this method may spend."),
            ),
            Field(
                "detection.density.min_reports",
                marked("Fewest reports in a concentration"),
                marked("Fewest reports in a concentration."),
            ),
            Field(
                "detection.density.eps_m",
                marked("Near in metres"),
                marked("Two reports are near when they lie within this many metres ..."),
            ),
            Field(
                "detection.density.eps_days",
                marked("Near in days"),
                marked("... and days of each other, taken together: (metres/eps_m)² + (days/eps_days)² at most 1."),
            ),
            Field(
                "detection.density.recent_days",
                marked("Latest report at most so many days ago"),
                marked("A concentration is told only if it has a report of the last so many days."),
            ),
        ),
        rare=True,
    ),
    Group(
        marked("When patterns are the same"),
        (
            Field(
                "patterns.same_kind_overlap",
                marked("Shared part of the smaller one's reports"),
                marked("Two findings of one kind are one pattern when they share this part of the smaller one's reports."),
            ),
            Field(
                "patterns.other_kind_overlap",
                marked("Shared part of all reports, for different kinds"),
                marked("Two findings of different kinds are one pattern when they share this part of all reports in either."),
            ),
            Field(
                "patterns.quiet_after_days",
                marked("Quiet after so many days"),
                marked("Not seen for so many days, a pattern is quiet."),
            ),
            Field(
                "patterns.back_within_days",
                marked("Back within so many days"),
                marked("Seen again within so many days, a quiet pattern is the same one, back."),
            ),
        ),
        rare=True,
    ),
)
RULES_HINT: Final = marked(
    "Each rule: a name; at least min_reports within within_days; level: neighbourhood, district or "
    "municipality; stream: all, community, ground or domain; codes: only these communities, grounds or "
    "domains, empty for every one; min_ratio: and at least so many times what was usual there before, 0 to "
    "leave that out."
)
FIELDS: Final[Mapping[str, Field]] = {field.key: field for group in GROUPS for field in group.fields}


def value_at(settings: Any, key: str) -> Any:  # noqa: ANN401 - any setting
    """The value of a dotted key in settings as a nested mapping."""
    for part in key.split("."):
        settings = settings[part]
    return settings
