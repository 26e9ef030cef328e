from datetime import timedelta

import pytest
from alerting import ADVISER, COMMUNITY, NOW, WORKER, make_follow_up, make_pattern
from sqlalchemy import Engine, func, select

from alerts import audit, deliveries, follow_ups, queries
from alerts.alert import Action, Approach, ApproachKind, UnknownAlertError
from alerts.lifecycle import Alerts, alert_id_of
from alerts.pattern import PatternState
from alerts.retention import forget
from alerts.store import tables as t
from alerts.store.engine import read

YEARS = timedelta(days=5 * 365)
LATER = NOW + YEARS + timedelta(days=1)
ABOUT_ALERTS = (
    t.alert, t.pattern_revision, t.event, t.alert_area, t.alert_predecessor, t.told, t.suppression, t.follow_up, t.delivery,
    t.message, t.attempt,
)  # fmt: skip


def rows(engine: Engine) -> dict[str, int]:
    """How many rows there are of each table that tells of alerts."""
    with read(engine) as connection:
        return {table.name: connection.scalar(select(func.count()).select_from(table)) or 0 for table in ABOUT_ALERTS}


def receive(alerts: Alerts, key: str, *, quiet: bool = True) -> str:
    """An alert on a community, of which two audiences are told."""
    alerts.receive(make_pattern(key, **COMMUNITY), NOW)
    if quiet:
        alerts.receive(make_pattern(key, revision=2, state=PatternState.QUIET, **COMMUNITY), NOW)
    return alert_id_of(key)


def test_nothing_remains_of_an_alert_but_its_lines_in_the_audit_log(engine: Engine, alerts: Alerts) -> None:
    receive(alerts, "p1")
    alert_id = alert_id_of("p1")
    for action in (Action.REVIEW, Action.RELEASE):
        alerts.act(alert_id, action, WORKER, NOW)
    alerts.act(alert_id, Action.ACKNOWLEDGE, ADVISER, NOW)
    alerts.act(alert_id, Action.AGREE, ADVISER, NOW, approach=Approach(ApproachKind.BOTH, "S. de Boer"))
    follow_ups.receive(engine, make_follow_up(), NOW)
    alerts.act(alert_id, Action.CLOSE, ADVISER, NOW)
    before = rows(engine)
    assert all(before[table.name] for table in (t.alert, t.event, t.follow_up, t.message, t.delivery, t.pattern_revision))

    assert forget(engine, LATER - YEARS, LATER) == 1

    assert set(rows(engine).values()) == {0}
    with pytest.raises(UnknownAlertError):
        queries.get(engine, alert_id, WORKER)
    report = audit.verify(engine)
    assert not report.problems
    assert forget(engine, LATER - YEARS, LATER) == 0


def test_what_is_seen_still_or_in_hand_or_young_stays(engine: Engine, alerts: Alerts) -> None:
    receive(alerts, "seen", quiet=False)
    in_hand = receive(alerts, "in hand")
    for action in (Action.REVIEW, Action.RELEASE):
        alerts.act(in_hand, action, WORKER, NOW)
    alerts.act(in_hand, Action.ACKNOWLEDGE, ADVISER, NOW)
    young = receive(alerts, "young")
    alerts.act(young, Action.REVIEW, WORKER, LATER - timedelta(days=30))
    old = receive(alerts, "old")
    before = rows(engine)

    assert forget(engine, LATER - YEARS, LATER) == 1

    left = {alert.id for alert in queries.find_alerts(engine, WORKER).alerts}
    assert left == {alert_id_of("seen"), in_hand, young}
    assert old not in left
    after = rows(engine)
    assert after["alerts_pattern_revision"] == before["alerts_pattern_revision"] - 2
    assert all(message.message.items for message in deliveries.list_messages(engine, limit=1000))


def test_a_message_that_tells_of_another_alert_too_stays(engine: Engine, alerts: Alerts) -> None:
    receive(alerts, "old")
    young = receive(alerts, "young")
    alerts.act(young, Action.REVIEW, WORKER, LATER)
    with engine.begin() as connection:
        message = connection.scalar(select(t.delivery.c.message_id).where(t.delivery.c.alert_id == young))
        connection.execute(t.delivery.update().values(message_id=message))

    assert forget(engine, LATER - YEARS, LATER) == 1

    with read(engine) as connection:
        assert connection.scalars(select(t.message.c.id)).all() == [message]
        assert set(connection.scalars(select(t.delivery.c.alert_id))) == {young}


def test_a_pattern_of_a_forgotten_alert_that_is_seen_again_is_a_new_alert(engine: Engine, alerts: Alerts) -> None:
    receive(alerts, "p1")
    forget(engine, LATER - YEARS, LATER)
    assert alerts.receive(make_pattern("p1", revision=3, **COMMUNITY), LATER).new
    assert [event.what for event in alerts.history(alert_id_of("p1"))] == ["created"]
