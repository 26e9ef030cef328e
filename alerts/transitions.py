"""One transition of an alert, with its line in the history and in the audit log, in the caller's transaction."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from alerts import audit
from alerts.alert import SYSTEM, Action, Actor, Alert, Approach, DismissReason, Role, TransitionError, next_state
from alerts.store import alerts as rows


def note(connection: Connection, alert: Alert, what: str, now: datetime, *, details: audit.Details | None = None) -> None:
    """What the system saw of the pattern, as a line in the history and in the audit log."""
    facts: audit.Details = {"revision": alert.revision, "detection": alert.detection, "audience": alert.audience}
    rows.add_event(connection, alert, what, SYSTEM, now, details={**facts, **(details or {})})
    audit.append(
        connection, at=now, actor=SYSTEM.name, event=f"alert_{what}", subject=alert.id, details={**facts, **(details or {})}
    )


def move(
    connection: Connection,
    alert: Alert,
    action: Action,
    actor: Actor,
    now: datetime,
    *,
    dismiss_reason: DismissReason | None = None,
    approach: Approach | None = None,
    text: str = "",
) -> Alert:
    """One transition, with its line in the history and in the audit log; the alert is not stored yet."""
    moved = replace(
        alert,
        review=next_state(alert, action, actor),
        updated_at=now,
        in_state_since=alert.in_state_since if action is Action.NOTE else now,
    )
    # Which version was decided upon tells a request that is sent again from one that is new.
    details: dict[str, str | int] = {"revision": alert.revision, "role": actor.role, "decided_upon": alert.version}
    match action:
        case Action.RELEASE:
            by_person = actor.role is not Role.SYSTEM
            moved = replace(moved, releases=alert.releases + 1, released_by_person=by_person, released_at=now)
            details["by_rule"] = 0 if by_person else 1
        case Action.DISMISS:
            moved = replace(moved, dismissed_as=dismiss_reason)
            details["dismissed_as"] = dismiss_reason or ""
        case Action.ACKNOWLEDGE:
            moved = replace(moved, acknowledged_at=now)
            rows.forget_reminders(connection, alert.id)
        case Action.AGREE:
            moved = replace(moved, approach=approach, agreed_at=now)
            details["approach"] = approach.kind if approach is not None else ""
        case Action.CLOSE:
            moved = replace(moved, approach=approach or alert.approach, closed_at=now)
        case Action.REOPEN:
            moved = replace(moved, dismissed_as=None)
        case _:
            pass
    # What was agreed stands in the history in full; the audit log has no free text.
    agreed = {} if approach is None else {"agreed": rows.approach_json(approach)}
    rows.add_event(connection, moved, action, actor, now, review_from=alert.review, text=text, details={**details, **agreed})
    transition = {"from": alert.review, "to": moved.review}
    audit.append(
        connection, at=now, actor=actor.name, event=f"alert_{action}", subject=alert.id, details={**details, **transition}
    )
    return moved


def check_details(action: Action, dismiss_reason: DismissReason | None, approach: Approach | None, text: str) -> None:
    """Refuse an action that lacks what it needs, or comes with what does not belong to it, with ``TransitionError``."""
    if action is Action.DISMISS and dismiss_reason is None:
        raise TransitionError(f"dismissing needs a reason: {', '.join(DismissReason)}")
    if action is not Action.DISMISS and dismiss_reason is not None:
        raise TransitionError(f"a reason for dismissing does not go with {action}")
    if action is Action.AGREE and approach is None:
        raise TransitionError("agreeing on an approach needs the approach: its kind, and who leads it")
    if action not in {Action.AGREE, Action.CLOSE} and approach is not None:
        raise TransitionError(f"an approach does not go with {action}")
    if action is Action.NOTE and not text.strip():
        raise TransitionError("a note needs a text")
