from datetime import timedelta

import numpy as np
import pytest

from alerts.delivery import deliver_due
from alerts.message import DeliveryError, Reason
from alerts.settings import DeliverySettings


@pytest.fixture
def rng():
    return np.random.default_rng(7)


def test_first_alert_reaches_each_destination_once(engine, alerts, make_pattern, make_recorder, clock, rng):
    received = alerts.receive(make_pattern(), clock())
    assert received.new
    assert received.reason is Reason.FIRST
    adv, heiveen, duinrade = make_recorder(), make_recorder(), make_recorder()
    channels = {"adv": adv, "heiveen": heiveen, "duinrade": duinrade}
    report = deliver_due(engine, channels, clock, rng, DeliverySettings())
    assert report.delivered == 2
    assert [item.reason for item in adv.sent[0].items] == [Reason.FIRST]
    assert [item.reason for item in heiveen.sent[0].items] == [Reason.RELEASED]
    assert duinrade.sent == []
    assert deliver_due(engine, channels, clock, rng, DeliverySettings()).delivered == 0
    assert not alerts.receive(make_pattern(), clock()).new
