"""The audit log in words: what an entry's event says, and its details. What this version does not know stays as it is written."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from alerts.alert import SYSTEM, Role
from alerts.console.oidc.claims import Refusal
from alerts.message import Reason
from alerts.pattern import Audience
from alerts.render.catalogue import catalogue, marked
from alerts.render.states import APPROACH, DETECTION, DISMISSED, DONE, REVIEW, ROLES, SEEN
from alerts.render.words import date_words, list_words, moment_words, reason_words
from alerts.tokens import Scope

EVENTS: Final[Mapping[str, str]] = {
    **{f"alert_{action}": text for action, text in DONE.items()},
    **{f"alert_{what}": text for what, text in SEEN.items()},
    "account_added": marked("Account made"),
    "account_changed": marked("Account changed"),
    "alert_viewed": marked("Alert opened"),
    "alerts_deleted": marked("Old alerts deleted"),
    "alerts_listed": marked("Alerts read by a program"),
    "audit_verified": marked("Audit log checked"),
    "destination_enabled": marked("Destination in use again"),
    "destination_gone": marked("Destination wants no more messages"),
    "intake_committed": marked("File taken in"),
    "intake_discarded": marked("File thrown away"),
    "intake_previewed": marked("File looked at before intake"),
    "message_dead": marked("Message could not be delivered"),
    "message_delivered": marked("Message delivered"),
    "message_retried": marked("Message to be tried again"),
    "message_withdrawn": marked("Message taken back before it went out"),
    "news_silenced": marked("Message kept back by a silence"),
    "password_changed": marked("Password changed"),
    "password_reset": marked("New password given out"),
    "quarantine_viewed": marked("Quarantine opened"),
    "replay_begun": marked("Replay begun"),
    "replay_cancelled": marked("Replay broken off"),
    "replay_viewed": marked("Result of a replay opened"),
    "reports_marked": marked("Reports marked"),
    "reports_viewed": marked("Reports of a pattern opened"),
    "revision_late": marked("A revision came in after a newer one"),
    "sessions_ended": marked("All own sessions ended"),
    "settings_downloaded": marked("Tried settings downloaded"),
    "settings_in_force": marked("Settings in force from here on"),
    "sign_in_refused": marked("Sign-in refused"),
    "signed_in": marked("Signed in"),
    "signed_out": marked("Signed out"),
    "silence_added": marked("Silence begun"),
    "silence_ended": marked("Silence ended"),
    "token_added": marked("Token for a program made"),
    "token_ended": marked("Token for a program ended"),
    "told": marked("Told"),
}

KEYS: Final[Mapping[str, str]] = {
    "alert": marked("alert"),
    "alerts": marked("alerts"),
    "approach": marked("approach"),
    "area_codes": marked("districts"),
    "areas": marked("districts"),
    "attempt": marked("attempt"),
    "audience": marked("for whom"),
    "before": marked("untouched since"),
    "by_rule": marked("by the rule"),
    "decided_upon": marked("upon version"),
    "destination": marked("destination"),
    "destinations": marked("destinations"),
    "detection": marked("pattern"),
    "disabled": marked("shut"),
    "dismissed_as": marked("reason"),
    "ends_at": marked("ends"),
    "expired": marked("the password had lapsed"),
    "expires_at": marked("holds until"),
    "from": marked("from"),
    "kind": marked("as"),
    "locked": marked("the name was locked"),
    "marking": marked("mark"),
    "municipality": marked("municipality"),
    "name": marked("name"),
    "newest": marked("newest revision"),
    "predecessors": marked("came from"),
    "profile": marked("source profile"),
    "provider": marked("at the organisation"),
    "reason": marked("because"),
    "replay": marked("replay"),
    "reports": marked("reports"),
    "revision": marked("revision"),
    "role": marked("role"),
    "scopes": marked("may"),
    "settings": marked("settings"),
    "silence": marked("silence"),
    "sees_community": marked("sees which community"),
    "sees_place": marked("sees where"),
    "starts_at": marked("begins"),
    "to": marked("to"),
}
AUDIENCES: Final[Mapping[str, str]] = {
    Audience.ADV: marked("the anti-discrimination service"),
    Audience.MUNICIPALITY: marked("the municipality too"),
}
_MARKS: Final[Mapping[str, str]] = {
    "single": marked("a report of its own"),
    "mass": marked("mass report"),
    "duplicate": marked("duplicate"),
    "series": marked("one of a series"),
    "as_source": marked("as the source says"),
}
_REFUSALS: Final[Mapping[str, str]] = {
    Refusal.FAILED: marked("something went wrong at the provider"),
    Refusal.UNREACHABLE: marked("the provider could not be reached"),
    Refusal.NO_ROLE: marked("the provider names no role for this person, or several"),
    Refusal.NO_MUNICIPALITY: marked("the provider names no municipality or district that is known here"),
    Refusal.NAME: marked("the name is taken, or is no name"),
    Refusal.SHUT: marked("the account is shut"),
}
_SCOPES: Final[Mapping[str, str]] = {
    Scope.ALERTS_READ: marked("read alerts"),
    Scope.ALERTS_ACT: marked("act on alerts"),
    Scope.PLACES_READ: marked("see where"),
    Scope.COMMUNITIES_READ: marked("see which community"),
    Scope.DELIVERIES_READ: marked("read deliveries"),
}
_STATES: Final[Mapping[str, Mapping[Any, str]]] = {
    "approach": APPROACH,
    "audience": AUDIENCES,
    "detection": DETECTION,
    "dismissed_as": DISMISSED,
    "from": REVIEW,
    "kind": _MARKS,
    "reason": _REFUSALS,
    "role": ROLES,
    "scopes": _SCOPES,
    "to": REVIEW,
}


_ACTORS: Final[Mapping[str, str]] = {
    SYSTEM.name: ROLES[Role.SYSTEM],
    "(nobody)": marked("nobody signed in"),
    "settings:start": marked("start of the service"),
    "settings:file": marked("changed file"),
}


_YES_OR_NO: Final = frozenset({"by_rule"})
"""Written as 0 or 1."""
_MOMENTS: Final = frozenset({"ends_at", "expires_at", "starts_at"})


def actor_words(actor: str, lang: str) -> str:
    """Who did it: a name, or what the service does by itself."""
    return catalogue(lang).gettext(_ACTORS[actor]) if actor in _ACTORS else actor


def actor_of(said: str, lang: str) -> str:
    """The actor who is called so in the log: what :func:`actor_words` makes words of."""
    return next((actor for actor in _ACTORS if actor_words(actor, lang).casefold() == said.casefold()), said)


def event_words(event: str, lang: str) -> str:
    """What happened, in few words."""
    return catalogue(lang).gettext(EVENTS[event]) if event in EVENTS else event


def details_words(details: str, lang: str, zone: ZoneInfo) -> tuple[tuple[str, str], ...]:
    """The details of an entry (JSON) as pairs of name and value, without those that are empty."""
    words = catalogue(lang)
    return tuple(
        (words.gettext(KEYS[key]) if key in KEYS else key, _value(key, value, lang, zone))
        for key, value in json.loads(details).items()
        if value not in ("", [], None)
    )


def _value(key: str, value: Any, lang: str, zone: ZoneInfo) -> str:  # noqa: ANN401 - any value of JSON
    words = catalogue(lang)
    if isinstance(value, bool) or key in _YES_OR_NO:
        return words.gettext("yes") if value else words.gettext("no")
    if isinstance(value, list):
        return list_words([_value(key, one, lang, zone) for one in value], lang)
    known = {str(code): text for code, text in _STATES.get(key, {}).items()}
    if str(value) in known:
        return words.gettext(known[str(value)])
    if key == "reason" and value in set(Reason):
        return reason_words(Reason(value), lang)
    if key in _MOMENTS:
        return moment_words(datetime.fromisoformat(value), zone, lang)
    return date_words(date.fromisoformat(value), lang) if key == "before" else str(value)
