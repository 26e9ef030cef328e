"""Findings of one night that share most of their reports are one pattern, seen by several methods."""

from collections.abc import Iterable
from dataclasses import dataclass

from detector.model import Family, Finding, StreamKind
from detector.patterns.overlap import Kindred, lies_inside, same_kind, share_reports
from detector.patterns.settings import PatternSettings


@dataclass(frozen=True, slots=True)
class Merged:
    """What one night saw of one pattern: findings that are about the same reports, the strongest first.

    Its own members are those of the finding that speaks for it, not the union: else a chain of findings that each touch the next
    would become one pattern.
    """

    findings: tuple[Finding, ...]

    @property
    def lead(self) -> Finding:
        """The finding that speaks for the others."""
        return self.findings[0]

    @property
    def family(self) -> Family:
        """Family of the lead."""
        return self.lead.family

    @property
    def stream_kind(self) -> StreamKind:
        """Stream of the lead."""
        return self.lead.stream_kind

    @property
    def stream_code(self) -> str:
        """Stream of the lead."""
        return self.lead.stream_code

    @property
    def members(self) -> frozenset[str]:
        """Report keys of the lead."""
        return self.lead.members

    def led_as(self, before: Kindred) -> "Merged":
        """The same, led by its strongest finding of the kind that the pattern had before, where there is one."""
        alike = [finding for finding in self.findings if same_kind(finding, before)]
        if not alike or same_kind(self, before):
            return self
        return Merged((alike[0], *(finding for finding in self.findings if finding is not alike[0])))


def strength(finding: Finding) -> tuple[float, int, str, tuple[str, ...], str]:
    """Sorts findings strongest first, and ties always the same way."""
    return (-finding.recurrence_interval_days, -finding.observed, finding.stream, finding.region.area_codes, finding.method)


def merge(findings: Iterable[Finding], settings: PatternSettings) -> list[Merged]:
    """Findings of one night as patterns, strongest first.

    Each finding joins the strongest one that it shares its reports with; it is compared with that one, never with what has
    joined since, so that A–B–C does not make one of A and C. The few that are mostly part of something larger join that, however
    strong they are, and do not speak for it.
    """
    ordered = sorted(findings, key=strength)
    parts = [finding for finding in ordered if any(_is_part(finding, other, settings) for other in ordered)]
    groups: list[list[Finding]] = []
    for finding in [*(finding for finding in ordered if finding not in parts), *parts]:
        group = next((group for group in groups if _belongs(finding, group[0], settings)), None)
        if group is None:
            groups.append([finding])
        else:
            group.append(finding)
    return [Merged(tuple(group)) for group in sorted(groups, key=lambda group: strength(group[0]))]


def _is_part(one: Finding, other: Finding, settings: PatternSettings) -> bool:
    return lies_inside(one.members, other.members, settings) and not share_reports(one, other, settings)


def _belongs(finding: Finding, lead: Finding, settings: PatternSettings) -> bool:
    return share_reports(lead, finding, settings) or lies_inside(finding.members, lead.members, settings)
