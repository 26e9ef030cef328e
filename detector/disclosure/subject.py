"""What a pattern may be said to be about, and how many of its reports are: settled by the first telling, for good."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from alerts.pattern import Audience, Pattern, PatternKind
from detector.disclosure.settings import DisclosureSettings
from detector.model import Level, Report, StreamKind
from detector.patterns import Followed
from detector.window import TimeAxis, counts_in_detection, day_of


@dataclass(frozen=True, slots=True)
class Subject:
    """What the pattern is told to be about. Without a community, ground or domain it is about a place."""

    kind: PatternKind
    community: str | None = None
    ground: str | None = None
    domain: str | None = None

    @property
    def rubric(self) -> str:
        """``community``, ``ground`` or ``domain``; empty for a place."""
        return next((name for name in ("community", "ground", "domain") if getattr(self, name) is not None), "")

    @property
    def code(self) -> str:
        """The community, ground or domain; empty for a place."""
        return self.community or self.ground or self.domain or ""

    @property
    def least_level(self) -> Level:
        """The narrowest area in which the subject may be named; no neighbourhood beside a community."""
        if self.kind is PatternKind.PLACE:
            return Level.NEIGHBOURHOOD
        return Level.DISTRICT if self.kind is PatternKind.PLACE_COMMUNITY else Level.MUNICIPALITY

    def floor(self, settings: DisclosureSettings) -> int:
        """Fewest reports that may be told; a ground says as much of people as a community does."""
        return settings.community_floor if self.community or self.ground else settings.place_floor

    def concerns(self, report: Report) -> bool:
        """Whether the report is about the subject."""
        held = {"community": report.communities, "ground": report.grounds, "domain": report.domains}.get(self.rubric)
        return held is None or self.code in held


def subject_of(followed: Followed, told: Sequence[Pattern]) -> Subject:
    """The subject of the first revision that a municipality could see; before that, what the pattern is seen as now.

    A key never changes its subject: a community named under a key that once named a neighbourhood would place it there.
    """
    if told:
        first = told[0]
        return Subject(first.kind, first.community, first.ground, first.domain)
    kind = PatternKind(followed.family.value)
    code = followed.stream_code or None
    return Subject(
        kind,
        community=code if followed.stream_kind is StreamKind.COMMUNITY else None,
        ground=code if followed.stream_kind is StreamKind.GROUND else None,
        domain=code if followed.stream_kind is StreamKind.DOMAIN else None,
    )


@dataclass(frozen=True, slots=True)
class Past:
    """What was told under the key: all revisions, those that a municipality could see, and of these the present episode's."""

    all: tuple[Pattern, ...]
    told: tuple[Pattern, ...]
    episode: tuple[Pattern, ...]

    @classmethod
    def of(cls, previous: Sequence[Pattern], followed: Followed) -> "Past":
        """Sort what was told before, oldest first; an episode's reports are all new, so its counts begin anew."""
        ordered = tuple(sorted(previous, key=lambda pattern: pattern.revision))
        told = tuple(pattern for pattern in ordered if pattern.audience is Audience.MUNICIPALITY)
        return cls(ordered, told, tuple(pattern for pattern in told if pattern.last_seen >= followed.episode_from))


@dataclass(frozen=True, slots=True)
class Gathered:
    """The reports of the present episode that still count and are about the subject, and their days, oldest first."""

    reports: tuple[Report, ...]
    days: tuple[date, ...]

    @classmethod
    def of(cls, followed: Followed, subject: Subject, reports: Mapping[str, Report], axis: TimeAxis) -> "Gathered":
        """Reports that were withdrawn, found double or deleted since no longer count."""
        held = [reports[key] for key in followed.gathered if key in reports]
        kept = [report for report in held if counts_in_detection(report) and subject.concerns(report)]
        kept.sort(key=lambda report: (day_of(report, axis), report.key))
        return cls(tuple(kept), tuple(day_of(report, axis) for report in kept))

    @property
    def count(self) -> int:
        """How many."""
        return len(self.reports)
