"""A pattern as it is followed from run to run: what the store keeps of it between two nights."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from pydantic import TypeAdapter

from detector.model import Family, Finding, Region, StreamKind


class FollowState(StrEnum):
    """Whether runs see the pattern; one that is over never comes back."""

    ACTIVE = "active"
    QUIET = "quiet"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Sighting:
    """What one method said when it saw the pattern most strongly."""

    method: str
    recurrence_interval_days: float
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Followed:
    """One pattern under its lasting key.

    ``family``, stream, ``region``, ``observed``, ``expected``, ``seen_from``/``seen_to`` (days, both included) and ``members``
    (report keys) are as last seen; ``gathered`` and ``window_from``/``window_to`` hold all of its present episode, so they only
    grow while it lasts. So does ``expected_gathered``, what was to be expected where and while these were gathered: a night's own
    figure may be of one street in what was four neighbourhoods before. An episode begins (``episode_from``) when the pattern is
    first seen, or comes back with new reports only.
    ``revision`` counts the nights on which that changed; ``nights_unseen`` the looks since it was last seen. ``predecessors`` are
    the keys that it was merged from or split off.
    """

    key: str
    municipality: str
    revision: int
    state: FollowState
    family: Family
    stream_kind: StreamKind
    stream_code: str
    region: Region
    seen_from: date
    seen_to: date
    observed: int
    expected: float
    recurrence_interval_days: float
    members: frozenset[str]
    sightings: tuple[Sighting, ...]
    first_seen: date
    last_seen: date
    episode_from: date
    window_from: date
    window_to: date
    gathered: frozenset[str]
    nights_unseen: int = 0
    expected_gathered: float = 0.0
    predecessors: tuple[str, ...] = ()

    @property
    def stream(self) -> str:
        """``all``, or kind and code as in ``community:moslims``."""
        return self.stream_kind.value if self.stream_kind is StreamKind.ALL else f"{self.stream_kind.value}:{self.stream_code}"


def sightings_of(findings: Iterable[Finding], before: Iterable[Sighting] = ()) -> tuple[Sighting, ...]:
    """What each method said at its strongest, now or before, by method name."""
    best = {sighting.method: sighting for sighting in before}
    for finding in findings:
        known = best.get(finding.method)
        if known is None or finding.recurrence_interval_days > known.recurrence_interval_days:
            best[finding.method] = Sighting(finding.method, finding.recurrence_interval_days, finding.detail)
    return tuple(best[method] for method in sorted(best))


_ADAPTER = TypeAdapter(Followed)


def to_json(followed: Followed) -> str:
    """The pattern as one line of JSON, for the store; it names reports, so it stays on the detector's side."""
    return _ADAPTER.dump_json(followed).decode()


def from_json(text: str | bytes) -> Followed:
    """Read back what :func:`to_json` wrote.

    Raises:
        ValueError: the text is no followed pattern.
    """
    return _ADAPTER.validate_json(text)
