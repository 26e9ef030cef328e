from datetime import UTC, date, datetime, timedelta

import pytest
from alerting import ADVISER, NOW, WORKER, make_follow_up, make_pattern

from alerts import follow_ups
from alerts.alert import Action, Actor, Approach, ApproachKind, Role, UnknownAlertError
from alerts.lifecycle import Alerts, alert_id_of
from alerts.pattern import Band

APPROACH = Approach(ApproachKind.AREA_BASED, "S. de Boer")
DAY = timedelta(days=1)


def agree(alerts: Alerts, at: datetime = NOW) -> str:
    alerts.receive(make_pattern(), NOW)
    alert_id = alert_id_of("p1")
    alerts.act(alert_id, Action.ACKNOWLEDGE, ADVISER, at)
    alerts.act(alert_id, Action.AGREE, ADVISER, at, approach=APPROACH)
    return alert_id


def test_an_approach_is_followed_from_its_first_agreement(alerts: Alerts) -> None:
    assert follow_ups.running(alerts.engine, "GM0001") == ()
    alert_id = agree(alerts)
    alerts.receive(make_pattern(revision=2, observed=Band(6, 10)), NOW + DAY)
    alerts.act(alert_id, Action.AGREE, ADVISER, NOW + 2 * DAY, approach=Approach(ApproachKind.BOTH, "S. de Boer"))
    alerts.act(alert_id, Action.CLOSE, ADVISER, NOW + 3 * DAY)
    (approach,) = follow_ups.running(alerts.engine, "GM0001")
    assert (approach.pattern_key, approach.revision, approach.began_at) == ("p1", 1, NOW)
    assert follow_ups.running(alerts.engine, "GM0002") == ()


def test_a_reopened_alert_is_no_longer_followed_and_a_new_approach_begins_anew(alerts: Alerts) -> None:
    alert_id = agree(alerts)
    alerts.act(alert_id, Action.CLOSE, ADVISER, NOW)
    alerts.act(alert_id, Action.REOPEN, ADVISER, NOW)
    assert follow_ups.running(alerts.engine, "GM0001") == ()
    alerts.act(alert_id, Action.REVIEW, WORKER, NOW)
    alerts.act(alert_id, Action.RELEASE, WORKER, NOW)
    follow_ups.receive(alerts.engine, make_follow_up(), NOW)
    later = datetime(2026, 5, 1, tzinfo=UTC)
    alerts.act(alert_id, Action.ACKNOWLEDGE, ADVISER, later)
    alerts.act(alert_id, Action.AGREE, ADVISER, later, approach=APPROACH)
    assert [approach.began_at for approach in follow_ups.running(alerts.engine, "GM0001")] == [later]
    assert follow_ups.latest(alerts.engine, alert_id, ADVISER) is None, "what was told of the former approach is not of this one"


def test_each_follow_up_is_kept_once_and_the_newest_is_shown(alerts: Alerts) -> None:
    alert_id = agree(alerts)
    first, second = make_follow_up(weeks=4), make_follow_up(weeks=8, after=Band(3, 5))
    assert follow_ups.latest(alerts.engine, alert_id, ADVISER) is None
    assert follow_ups.receive(alerts.engine, second, NOW)
    assert follow_ups.receive(alerts.engine, first, NOW)
    assert not follow_ups.receive(alerts.engine, make_follow_up(weeks=8), NOW)
    assert follow_ups.latest(alerts.engine, alert_id, ADVISER) == second
    assert [approach.told for approach in follow_ups.running(alerts.engine, "GM0001")] == [(first, second)]


def test_nobody_sees_the_effect_of_an_alert_that_is_not_theirs(alerts: Alerts) -> None:
    alert_id = agree(alerts)
    follow_ups.receive(alerts.engine, make_follow_up(approach_from=date(2026, 3, 9)), NOW)
    with pytest.raises(UnknownAlertError):
        follow_ups.latest(alerts.engine, alert_id, Actor("other", Role.POLICY_ADVISER, "GM0002"))
