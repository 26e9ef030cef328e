"""Any order of patterns, people, silences, failures, deaths and restarts: nothing lost, nothing doubled, nothing to others."""

import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import ClassVar

import hypothesis
import numpy as np
from alerting import NOW, OPERATOR, WORKER, make_pattern, make_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import select

from alerts import audit, deliveries, queries, silences
from alerts.alert import (
    SETTLED_STATES,
    SYSTEM,
    Action,
    Approach,
    ApproachKind,
    DeliveryState,
    DetectionState,
    DismissReason,
    possible_actions,
    shown_to_municipality,
)
from alerts.channels.file import FileDrop
from alerts.delivery import deliver_due
from alerts.lifecycle import Alerts
from alerts.message import DeliveryError, Message, Receipt
from alerts.pattern import Audience, Band, Pattern, PatternKind, PatternState
from alerts.settings import DeliverySettings, Matchers
from alerts.store import queue
from alerts.store import tables as t
from alerts.store.engine import open_engine, read, write

MUNICIPALITIES = {"p0": "GM0001", "p1": "GM0001", "p2": "GM0002", "p3": "GM0002"}
EXAMPLES_ON_SQLITE = 12
EXAMPLES_ON_POSTGRESQL = 4
OWNERS = {"adv": None, "heiveen": "GM0001", "duinrade": "GM0002"}
BANDS = [None, Band(3, 5), Band(6, 10), Band(11, None)]
DELIVERY = DeliverySettings(jitter=0, at_once=4)


@dataclass(slots=True)
class Drop:
    """A real file drop that remembers every time something went out, and fails when told to."""

    kind: ClassVar[str] = "drop"
    inner: FileDrop
    failures: list[DeliveryError] = field(default_factory=list)
    sent: list[Message] = field(default_factory=list)

    def send(self, message: Message, now: datetime) -> Receipt:
        if self.failures:
            raise self.failures.pop()
        receipt = self.inner.send(message, now)
        self.sent.append(message)
        return receipt


class Service(RuleBasedStateMachine):
    """The alerting side from outside: what one can do to it, and what must hold whatever was done."""

    def __init__(self, make_store: Callable[[], str], quick_path: Path) -> None:
        super().__init__()
        self.url = make_store()
        self.now = NOW
        self.folder = tempfile.TemporaryDirectory(dir=quick_path)
        self.revisions: dict[str, int] = {}
        self.newest: dict[str, Pattern] = {}
        self.silences: list[str] = []
        self.unsure: set[str] = set()
        self.drops = {name: Drop(FileDrop(folder=Path(self.folder.name) / name)) for name in OWNERS}
        self.start()

    def start(self) -> None:
        self.engine = open_engine(self.url)
        settings = make_settings(route={"group_wait_seconds": 30}, policy={"reminders_at_most": 2})
        self.alerts = Alerts(self.engine, settings)

    @initialize()
    def first(self) -> None:
        self.hand_over("p0", PatternState.ACTIVE, Audience.MUNICIPALITY, BANDS[1], 400.0)

    @rule(
        key=st.sampled_from(sorted(MUNICIPALITIES)),
        state=st.sampled_from([PatternState.ACTIVE, PatternState.ACTIVE, PatternState.QUIET]),
        audience=st.sampled_from([Audience.MUNICIPALITY, Audience.MUNICIPALITY, Audience.ADV]),
        observed=st.sampled_from(BANDS),
        interval=st.sampled_from([100.0, 400.0, 2000.0]),
    )
    def hand_over(self, key: str, state: PatternState, audience: Audience, observed: Band | None, interval: float) -> None:
        self.revisions[key] = revision = self.revisions.get(key, 0) + 1
        kind = PatternKind.COMMUNITY if key in {"p1", "p3"} else PatternKind.PLACE
        pattern = make_pattern(
            key,
            revision,
            kind=kind,
            state=state,
            audience=audience,
            observed=observed,
            recurrence_interval_days=interval,
            municipality=MUNICIPALITIES[key],
        )
        self.newest[key] = pattern
        assert self.alerts.receive(pattern, self.now).new

    @rule(key=st.sampled_from(sorted(MUNICIPALITIES)))
    def hand_over_again(self, key: str) -> None:
        if key in self.newest:
            assert not self.alerts.receive(self.newest[key], self.now).new

    @rule(data=st.data())
    def act(self, data: st.DataObject) -> None:
        alert = data.draw(st.sampled_from(sorted(self.alerts.list().alerts, key=lambda each: each.pattern_key)), label="alert")
        possible = [each for each in possible_actions(alert, WORKER) if each is not Action.NOTE]
        if not possible:
            return
        action = data.draw(st.sampled_from(possible), label="action")
        self.alerts.act(
            alert.id,
            action,
            WORKER,
            self.now,
            alert.version,
            dismiss_reason=DismissReason.COINCIDENCE if action is Action.DISMISS else None,
            approach=Approach(ApproachKind.OTHER, "team") if action is Action.AGREE else None,
        )

    @rule(seconds=st.sampled_from([1, 60, 3600, 86_400, 8 * 86_400]))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        assert self.alerts.tick(self.now).failed == ()

    @rule(name=st.sampled_from(sorted(OWNERS)), kind=st.sampled_from(["down", "busy", "refused", "gone"]))
    def destination_fails(self, name: str, kind: str) -> None:
        errors = {
            "down": DeliveryError("down"),
            "busy": DeliveryError("busy", retry_after=timedelta(hours=1)),
            "refused": DeliveryError("refused", permanent=True),
            "gone": DeliveryError("gone", gone=True),
        }
        self.drops[name].failures.append(errors[kind])

    @rule()
    def deliver(self) -> None:
        first_time = {name: len(drop.sent) for name, drop in self.drops.items()}
        deliver_due(self.engine, self.drops, lambda: self.now, np.random.default_rng(1), DELIVERY)
        for name, drop in self.drops.items():
            for message in drop.sent[first_time[name] :]:
                self.check_readers(message)

    @rule(name=st.sampled_from(sorted(OWNERS)), sent=st.booleans())
    def die_while_delivering(self, name: str, sent: bool) -> None:
        """Claimed and perhaps sent, and never heard of again."""
        with write(self.engine) as connection:
            claim = queue.claim(connection, name, "one that died", self.now, DELIVERY)
        if claim is None:
            return
        self.unsure.add(claim.message.id)
        if sent:
            self.drops[name].inner.send(claim.message, self.now)
            self.drops[name].sent.append(claim.message)
            self.check_readers(claim.message)

    @rule()
    def restart(self) -> None:
        self.engine.dispose()
        self.start()

    @rule(municipality=st.sampled_from(["GM0001", "GM0002"]), days=st.integers(1, 20))
    def silence(self, municipality: str, days: int) -> None:
        matchers = Matchers(municipality=(municipality,))
        ends = self.now + timedelta(days=days)
        made = silences.add(self.engine, matchers, WORKER, self.now, comment="x", starts_at=self.now, ends_at=ends)
        self.silences.append(made.id)

    @precondition(lambda self: any(each.active(self.now) for each in silences.list_silences(self.engine)))
    @rule()
    def end_silences(self) -> None:
        for each in silences.list_silences(self.engine, active_at=self.now):
            silences.end(self.engine, each.id, WORKER, self.now)

    @rule(name=st.sampled_from(sorted(OWNERS)))
    def operator_repairs(self, name: str) -> None:
        self.drops[name].failures.clear()
        if any(each.name == name and each.gone_at for each in deliveries.destinations(self.engine)):
            deliveries.enable(self.engine, name, OPERATOR, self.now)
        if any(each.name == name for each in deliveries.destinations(self.engine)):
            deliveries.retry_all(self.engine, name, OPERATOR, self.now)

    def check_readers(self, message: Message) -> None:
        """A municipality hears of its own alerts only, and at the first attempt only of what it may see at that moment."""
        owner = OWNERS[message.destination]
        if owner is None:
            return
        tried_before = len(deliveries.attempts(self.engine, message.id)) > 1 or message.id in self.unsure
        for item in message.items:
            assert item.municipality == owner
            alert = self.alerts.get(item.alert_id)
            assert alert.municipality == owner
            assert tried_before or shown_to_municipality(alert.review, alert.audience)

    @invariant()
    def one_id_each_and_the_same_items_each_time(self) -> None:
        with read(self.engine) as connection:
            written = Counter(
                (row.destination, row.alert_id, row.revision, row.reason) for row in connection.execute(select(t.delivery))
            )
        ids: dict[tuple[str, str, int, str], set[str]] = {}
        for name, drop in self.drops.items():
            contents: dict[str, Message] = {}
            for message in drop.sent:
                assert contents.setdefault(message.id, message) == message
                for item in message.items:
                    ids.setdefault((name, item.alert_id, item.revision, item.reason), set()).add(message.id)
        for key, found in ids.items():
            # The same revision is told twice only where that is meant: a second reminder, a second release.
            assert len(found) <= written[key]
            assert written[key] == 1 or key[3] in {"reminder", "released", "back"}

    def teardown(self) -> None:
        """In the end, with everything repaired and no silence left, everything has arrived and nothing is left to tell."""
        if not self.newest:
            self.folder.cleanup()
            return
        self.end_silences()
        for name in OWNERS:
            self.operator_repairs(name)
        for _ in range(8):
            self.time_passes(2 * 86_400)
            self.deliver()
        self.now += timedelta(minutes=1)
        self.deliver()
        states = Counter(each.state for each in deliveries.list_messages(self.engine, limit=10_000))
        withdrawn = [
            each
            for each in deliveries.list_messages(self.engine, states=(DeliveryState.DEAD,), limit=10_000)
            if not each.message.items
        ]
        assert states[DeliveryState.WAITING] == 0
        assert states[DeliveryState.DEAD] == len(withdrawn)
        with read(self.engine) as connection:
            live = connection.execute(select(t.delivery).where(t.delivery.c.withdrawn_at.is_(None))).all()
            heard = {(row.alert_id, row.audience): row.revision for row in connection.execute(select(t.told))}
        for row in live:
            sent = {
                item.alert_id for each in self.drops[row.destination].sent if each.id == row.message_id for item in each.items
            }
            assert row.alert_id in sent
        for alert in self.alerts.list(limit=100).alerts:
            if alert.detection is DetectionState.ACTIVE and alert.review not in SETTLED_STATES:
                assert (alert.id, Audience.ADV) in heard
                if shown_to_municipality(alert.review, alert.audience):
                    assert (alert.id, Audience.MUNICIPALITY) in heard
        assert queries.find_alerts(self.engine, SYSTEM).next_page is None
        assert all(each.outcome is not None for each in silences.suppressions(self.engine))
        assert audit.verify(self.engine).intact
        self.engine.dispose()
        self.folder.cleanup()


def test_whatever_happens(make_store: Callable[[], str], quick_path: Path) -> None:
    class OnThisStore(Service):
        """The same, on a fresh store for each example."""

        def __init__(self) -> None:
            super().__init__(make_store, quick_path)

    run_state_machine_as_test(
        OnThisStore,
        settings=hypothesis.settings(
            max_examples=EXAMPLES_ON_SQLITE if make_store().startswith("sqlite") else EXAMPLES_ON_POSTGRESQL,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=[hypothesis.HealthCheck.too_slow],
        ),
    )
