"""A case worker's view of a pattern's reports, and marking them: in the store, in the audit log, and looked at again at once."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from alerts import audit
from alerts.alert import Actor, Alert
from alerts.store.engine import write
from detector.ingest.guard import Guard
from detector.patterns import Followed, FollowState
from detector.patterns.followed import from_json
from detector.service.installation import Installation
from detector.store.marking import MarkedReport, Marking
from detector.window import counts_in_detection

REASON_LETTERS = 200


@dataclass(frozen=True, slots=True)
class Seen:
    """How a pattern stands for the case worker: reports that count of those ever gathered, and whether the last look saw it."""

    counting: int
    gathered: int
    seen_now: bool


@dataclass(frozen=True, slots=True)
class PatternReports:
    """The reports behind a pattern, marked ones included, and how it stands."""

    reports: tuple[MarkedReport, ...]
    members: frozenset[str]
    seen: Seen


def pattern_reports(installation: Installation, alert: Alert) -> PatternReports:
    """The reports that the pattern ever gathered and that are still there.

    ``members`` are the keys of those that the last look counted.
    """
    stored = {one.key: one.payload for one in installation.patterns.load(alert.municipality)}
    payload = stored.get(alert.pattern_key)
    followed: Followed | None = None if payload is None else from_json(payload)
    keys = set(followed.gathered) if followed is not None else set()
    for revision in range(1, alert.revision + 1):
        keys |= installation.patterns.members(alert.pattern_key, revision)
    reports = tuple(installation.reports.marked(alert.municipality, keys))
    counting = sum(counts_in_detection(one.report) for one in reports)
    seen_now = followed is not None and followed.nights_unseen == 0 and followed.state is FollowState.ACTIVE
    members = followed.members if followed is not None and seen_now else frozenset()
    return PatternReports(reports, members, Seen(counting, len(reports), seen_now))


def reason_is_safe(reason: str) -> bool:
    """Whether a reason can be kept: something is said, it is short, and it holds nothing that points at somebody."""
    return 0 < len(reason) <= REASON_LETTERS and not Guard().sensitive(reason) and not re.search(r"[\x00-\x1f]", reason)


def record(engine: Engine, actor: Actor, event: str, subject: str, *, at: datetime, details: audit.Details | None = None) -> None:
    """A line in the audit log of the alerting side; never a report id."""
    with write(engine) as connection:
        said: audit.Details = {"role": actor.role.value, **(details or {})}
        audit.append(connection, at=at, actor=actor.name, event=event, subject=subject, details=said)


def mark_reports(
    installation: Installation,
    marking: Marking,
    alert: Alert,
    actor: Actor,
    *,
    at: datetime,
    look_again: Callable[[str], bool],
) -> tuple[int, bool]:
    """Mark reports and look at the municipality again; gives how many reports changed, and whether the look was done.

    The audit log comes first: to die in between leaves a line about a mark that was not made, and never a mark without a line.
    A mark is news, so that the next run looks again where this one could not.

    Raises:
        StoreError: one of the reports is not there; nothing was marked.
    """
    kind = marking.kind.value if marking.kind else "as_source"
    said: audit.Details = {"marking": marking.id, "reports": len(marking.keys), "kind": kind}
    record(installation.alerts_engine, actor, "reports_marked", alert.id, at=at, details=said)
    changed = installation.reports.mark(marking, at)
    return len(changed), look_again(marking.municipality) if changed else True
