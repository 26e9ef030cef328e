from alerting import OPERATOR, WORKER, Clock, make_pattern
from posting import Post

from alerts import deliveries
from alerts.alert import Action
from alerts.lifecycle import Alerts, alert_id_of
from alerts.message import DeliveryError, Reason
from alerts.pattern import Audience


def test_taken_back_while_it_was_retried_alone(alerts: Alerts, post: Post, clock: Clock) -> None:
    alerts.receive(make_pattern(), clock())
    post.heiveen.failures = [DeliveryError("down")]
    post.deliver()
    alerts.act(alert_id_of("p1"), Action.REVIEW, WORKER, clock())
    clock.forward(days=1)
    post.deliver()
    assert post.heiveen.sent == []


def test_what_a_gone_destination_never_got_is_taken_back_too(alerts: Alerts, post: Post, clock: Clock) -> None:
    post.heiveen.failures = [DeliveryError("HTTP 410", gone=True)]
    alerts.receive(make_pattern("first"), clock())
    post.deliver()
    for key in ("taken back", "stays"):
        alerts.receive(make_pattern(key), clock())
    alerts.act(alert_id_of("taken back"), Action.REVIEW, WORKER, clock())
    deliveries.enable(post.engine, "heiveen", OPERATOR, clock())
    deliveries.retry_all(post.engine, "heiveen", OPERATOR, clock())
    post.deliver()
    assert {item.alert_id for each in post.heiveen.sent for item in each.items} == {alert_id_of("first"), alert_id_of("stays")}


def test_hidden_before_it_arrived_and_shown_again_is_told_again(alerts: Alerts, post: Post, clock: Clock) -> None:
    alerts.receive(make_pattern(), clock())
    post.heiveen.failures = [DeliveryError("down")]
    post.deliver()
    alerts.receive(make_pattern(revision=2, audience=Audience.ADV), clock())
    alerts.receive(make_pattern(revision=3), clock.forward(days=1))
    post.deliver()
    assert [(item.reason, item.revision) for each in post.heiveen.sent for item in each.items] == [(Reason.RELEASED, 3)]


def test_a_message_of_several_alerts_that_was_not_tried_loses_what_is_taken_back(
    alerts: Alerts, post: Post, clock: Clock
) -> None:
    for key in ("a", "b"):
        alerts.receive(make_pattern(key), clock())
    alerts.act(alert_id_of("a"), Action.REVIEW, WORKER, clock())
    post.deliver()
    assert [[item.alert_id for item in each.items] for each in post.heiveen.sent] == [[alert_id_of("b")]]


def test_a_message_of_several_alerts_that_was_tried_keeps_them_all(alerts: Alerts, post: Post, clock: Clock) -> None:
    for key in ("a", "b"):
        alerts.receive(make_pattern(key), clock())
    post.heiveen.failures = [DeliveryError("time-out, so it may have arrived")]
    post.deliver()
    alerts.act(alert_id_of("a"), Action.REVIEW, WORKER, clock())
    clock.forward(seconds=5)
    post.deliver()
    assert [{item.alert_id for item in each.items} for each in post.heiveen.sent] == [{alert_id_of("a"), alert_id_of("b")}]
