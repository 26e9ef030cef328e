"""Reading revisions of patterns. One never changes, so what was read and understood once is kept."""

from collections.abc import Sequence
from typing import Final
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, select, tuple_

from alerts import pattern as patterns
from alerts.alert import Alert, AlertsError
from alerts.kept import Kept
from alerts.pattern import Pattern
from alerts.store import tables as t

CHARACTERS_KEPT: Final = 4_000_000
"""Of the text of revisions that are kept, each with its pattern: some thousands, in some tens of megabytes."""

Key = tuple[object, ...]

_BY_ENGINE: Final[WeakKeyDictionary[Engine, Kept[Key, Pattern]]] = WeakKeyDictionary()


def newest(connection: Connection, alerts: Sequence[Alert]) -> dict[str, Pattern]:
    """The pattern of each alert in the revision that the alert stands at, by the pattern's key.

    Raises:
        AlertsError: there is no such revision.
    """
    kept = _kept(connection)
    found = {alert.pattern_key: kept.get(_key(alert)) for alert in alerts}
    missing = {alert.pattern_key: alert for alert in alerts if found[alert.pattern_key] is None}
    if missing:
        c = t.pattern_revision.c
        wanted = [(alert.pattern_key, alert.revision) for alert in missing.values()]
        for key, body in connection.execute(select(c.pattern_key, c.body).where(tuple_(c.pattern_key, c.revision).in_(wanted))):
            found[key] = kept.put(_key(missing[key]), patterns.from_json(body), len(body))
    read = {key: pattern for key, pattern in found.items() if pattern is not None}
    if len(read) < len(found):
        raise AlertsError("an alert stands at a revision of its pattern that is not there")
    return read


def all_of(connection: Connection, pattern_key: str) -> tuple[Pattern, ...]:
    """Every revision of a pattern, oldest first."""
    kept, c = _kept(connection), t.pattern_revision.c
    bodies = connection.scalars(select(c.body).where(c.pattern_key == pattern_key).order_by(c.revision)).all()
    return tuple(kept.get((body,)) or kept.put((body,), patterns.from_json(body), len(body)) for body in bodies)


def _kept(connection: Connection) -> Kept[Key, Pattern]:
    return _BY_ENGINE.setdefault(connection.engine, Kept(CHARACTERS_KEPT))


def _key(alert: Alert) -> Key:
    # With the moment of the alert's last change: where a backup was put back and another revision got the same number since,
    # that moment is another one too.
    return alert.pattern_key, alert.revision, alert.updated_at
