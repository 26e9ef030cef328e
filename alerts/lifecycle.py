"""A pattern or a person's action becomes a transition, with everything that follows from it, in one transaction."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import SQLAlchemyError

from alerts import audit, outbox, queries, telling, transitions
from alerts.alert import (
    SYSTEM,
    Action,
    Actor,
    Alert,
    AlertsError,
    Approach,
    ConflictError,
    DetectionState,
    DismissReason,
    ReviewState,
    shown_to_municipality,
)
from alerts.message import Reason
from alerts.pattern import Audience, Pattern, PatternState
from alerts.settings import AlertsSettings
from alerts.store import alerts as rows
from alerts.store import tables as t
from alerts.store.engine import read, write


@dataclass(frozen=True, slots=True)
class Received:
    """What a pattern's revision led to. ``reason`` None: no message went out. ``new``: the revision was not known yet."""

    alert_id: str
    reason: Reason | None
    new: bool


@dataclass(frozen=True, slots=True)
class Tick:
    """What time alone led to: how many alerts were looked at, lapsed, were told of; and which failed, with the kind of error."""

    looked_at: int
    lapsed: int
    told: int
    failed: tuple[str, ...] = ()


def alert_id_of(pattern_key: str) -> str:
    """The alert's id follows from its pattern, so that a pattern can never have two, nor another one after a restore."""
    return uuid5(NAMESPACE_URL, f"urn:patroonwacht:pattern:{pattern_key}").hex


@dataclass(frozen=True, slots=True)
class Alerts:
    """The alerts, as one can change them. The clock is passed with every call."""

    engine: Engine
    settings: AlertsSettings

    def receive(self, pattern: Pattern, now: datetime) -> Received:
        """Take in a revision of a pattern; the same one again changes nothing, one older than the newest is kept and no more.

        Raises:
            AlertsError: the revision contradicts what was handed over before.
        """
        with write(self.engine) as connection:
            alert_id = alert_id_of(pattern.key)
            if rows.has_revision(connection, pattern):
                return Received(alert_id, None, new=False)
            before = rows.find(connection, pattern_key=pattern.key)
            late = before is not None and pattern.revision < before.revision
            rows.add_revision(connection, pattern, now=now, late=late)
            if before is None:
                return Received(alert_id, self._create(connection, pattern, now), new=True)
            if before.municipality != pattern.municipality:
                raise AlertsError(
                    f"pattern {pattern.key} belongs to municipality {before.municipality}, and now says {pattern.municipality}:"
                    " a pattern never moves to another municipality; hand it over under a new key"
                )
            if late:
                details: audit.Details = {"revision": pattern.revision, "newest": before.revision}
                audit.append(connection, at=now, actor="system", event="revision_late", subject=alert_id, details=details)
                return Received(alert_id, None, new=True)
            return Received(alert_id, self._update(connection, before, pattern, now), new=True)

    def _create(self, connection: Connection, pattern: Pattern, now: datetime) -> Reason | None:
        alert = Alert(
            id=alert_id_of(pattern.key),
            pattern_key=pattern.key,
            revision=pattern.revision,
            version=1,
            municipality=pattern.municipality,
            municipality_name=pattern.municipality_name,
            kind=pattern.kind,
            audience=pattern.audience,
            detection=DetectionState(pattern.state),
            review=ReviewState.NEW,
            back_revision=None,
            releases=0,
            released_by_person=False,
            dismissed_as=None,
            approach=None,
            created_at=now,
            updated_at=now,
            in_state_since=now,
            released_at=None,
            acknowledged_at=None,
            agreed_at=None,
            closed_at=None,
        )
        rows.add(connection, alert, pattern)
        transitions.note(connection, alert, "created", now, details={"predecessors": list(pattern.predecessors)})
        return self._follow_up(connection, alert, alert, pattern, now)

    def _update(self, connection: Connection, before: Alert, pattern: Pattern, now: datetime) -> Reason | None:
        back = before.detection is DetectionState.QUIET and pattern.state is PatternState.ACTIVE
        alert = replace(
            before,
            revision=pattern.revision,
            version=before.version + 1,
            municipality_name=pattern.municipality_name,
            kind=pattern.kind,
            audience=pattern.audience,
            detection=DetectionState(pattern.state),
            back_revision=pattern.revision if back else before.back_revision,
            updated_at=now,
        )
        rows.set_areas(connection, alert.id, pattern)
        what = "revised" if before.detection is alert.detection else "back" if back else "quiet"
        transitions.note(connection, alert, what, now)
        if back and alert.review in {ReviewState.CLOSED, ReviewState.DISMISSED}:
            reopened = transitions.move(connection, alert, Action.REOPEN, SYSTEM, now)
            return self._follow_up(connection, before, reopened, pattern, now, reopened_by_rule=True)
        return self._follow_up(connection, before, alert, pattern, now)

    def _follow_up(
        self,
        connection: Connection,
        before: Alert,
        alert: Alert,
        pattern: Pattern,
        now: datetime,
        *,
        reopened_by_rule: bool = False,
    ) -> Reason | None:
        """Release by the rule, take back what may not be told any more, tell whom there is news for, and store the alert."""
        releasable = alert.audience is Audience.MUNICIPALITY and alert.detection is DetectionState.ACTIVE
        if (
            releasable
            and alert.kind not in self.settings.release_required
            and (alert.review is ReviewState.NEW or reopened_by_rule)
        ):
            alert = transitions.move(connection, alert, Action.RELEASE, SYSTEM, now)
        if _shown(before) and not _shown(alert) and outbox.withdraw(connection, alert, Audience.MUNICIPALITY, now):
            rows.set_told(connection, alert.id, Audience.MUNICIPALITY, None)
        if alert != before and alert.version == before.version:
            alert = replace(alert, version=before.version + 1)
        outcomes = [telling.tell(connection, alert, pattern, self.settings, now, reader=reader) for reader in Audience]
        looks = [outcome.look_at for outcome in outcomes if outcome.look_at is not None]
        if alert.review is ReviewState.ACKNOWLEDGED and alert.acknowledged_at is not None:
            looks.append(alert.acknowledged_at + self._lapse_after)
        rows.save(connection, alert, pattern, look_at=min(looks, default=None), read_version=before.version)
        return next((outcome.reason for outcome in outcomes if outcome.reason is not None), None)

    @property
    def _lapse_after(self) -> timedelta:
        return timedelta(days=self.settings.acknowledgement_lapses_after_days)

    def act(
        self,
        alert_id: str,
        action: Action,
        actor: Actor,
        now: datetime,
        expected_version: int | None = None,
        *,
        dismiss_reason: DismissReason | None = None,
        approach: Approach | None = None,
        text: str = "",
    ) -> Alert:
        """Do what a person decided, and everything that follows from it.

        ``expected_version`` is the version that the person looked at. ``dismiss_reason`` is required for ``dismiss``,
        ``approach`` for ``agree`` and allowed for ``close`` (with its outcome), ``text`` required for ``note``.

        Raises:
            UnknownAlertError: no such alert, or not for this actor.
            ConflictError: somebody changed it since.
            TransitionError: not possible now, or something required is missing.
        """
        transitions.check_details(action, dismiss_reason, approach, text)
        with write(self.engine) as connection:
            before = queries.visible(connection, alert_id, actor)
            if expected_version is not None and before.version != expected_version:
                last = rows.events(connection, alert_id)[-1]
                raise ConflictError(
                    f"alert {alert_id} was changed since you looked at it (by {last.actor}: {last.what},"
                    f" {last.at:%Y-%m-%d %H:%M} UTC); nothing of yours was stored: look at it again, then decide"
                )
            pattern = rows.revision(connection, before.pattern_key, before.revision)
            moved = transitions.move(
                connection, before, action, actor, now, dismiss_reason=dismiss_reason, approach=approach, text=text
            )
            alert = replace(moved, version=before.version + 1)
            self._follow_up(connection, before, alert, pattern, now)
            return queries.visible(connection, alert_id, SYSTEM)

    def get(self, alert_id: str, actor: Actor = SYSTEM) -> Alert:
        """One alert; see ``queries.get``."""
        return queries.get(self.engine, alert_id, actor)

    def list(
        self,
        wanted: queries.Filter = queries.EVERYTHING,
        actor: Actor = SYSTEM,
        *,
        limit: int = 100,
        after: queries.Cursor | None = None,
    ) -> queries.Page:
        """Alerts that match, a page at a time; see ``queries.find_alerts``."""
        return queries.find_alerts(self.engine, actor, wanted, limit=limit, after=after)

    def history(self, alert_id: str, actor: Actor = SYSTEM) -> tuple[rows.Event, ...]:
        """What happened to an alert; see ``queries.history``."""
        return queries.history(self.engine, alert_id, actor)

    def tick(self, now: datetime, limit: int = 500) -> Tick:
        """Do what time alone makes due: acknowledgements that lapse, reminders, news that a silence kept back.

        At most ``limit`` alerts, each in its own transaction; the ones that wait longest first.
        """
        with read(self.engine) as connection:
            due = connection.scalars(
                select(t.alert.c.id).where(t.alert.c.look_at <= now).order_by(t.alert.c.look_at).limit(limit)
            ).all()
        lapsed = told = 0
        failed: list[str] = []
        for alert_id in due:
            try:
                has_lapsed, reason = self._look(alert_id, now)
            except (AlertsError, SQLAlchemyError) as error:
                # One alert that cannot be handled must not stand before all others; the caller shows which, and why.
                failed.append(f"{alert_id}: {type(error).__name__}")
                continue
            lapsed += has_lapsed
            told += reason is not None
        return Tick(len(due), lapsed, told, tuple(failed))

    def _look(self, alert_id: str, now: datetime) -> tuple[bool, Reason | None]:
        with write(self.engine) as connection:
            before = alert = queries.visible(connection, alert_id, SYSTEM)
            acknowledged = before.acknowledged_at if before.review is ReviewState.ACKNOWLEDGED else None
            lapses = acknowledged is not None and acknowledged + self._lapse_after <= now
            if lapses:
                alert = transitions.move(connection, before, Action.LAPSE, SYSTEM, now)
            pattern = rows.revision(connection, before.pattern_key, before.revision)
            return lapses, self._follow_up(connection, before, alert, pattern, now)


def _shown(alert: Alert) -> bool:
    return shown_to_municipality(alert.review, alert.audience)
