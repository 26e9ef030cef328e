import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import numpy as np
import pytest
from alerting import COMMUNITY, OPERATOR, Clock, Recorder, make_pattern, make_settings
from posting import SETTINGS, Post
from sqlalchemy import Engine, event

from alerts import deliveries
from alerts.alert import DeliveryState
from alerts.delivery import DeliveryReport, deliver_due
from alerts.lifecycle import Alerts, alert_id_of
from alerts.message import DeliveryError, Reason
from alerts.settings import DeliverySettings
from alerts.store import queue
from alerts.store.engine import write

EACH_ITS_OWN = make_settings(route={"group_wait_seconds": 0, "group_by": ["alert"]})


def only(engine: Engine, destination: str) -> deliveries.Sending:
    (found,) = deliveries.list_messages(engine, destination=destination)
    return found


def test_first_alert_reaches_each_destination_once(alerts: Alerts, post: Post, clock: Clock) -> None:
    alerts.receive(make_pattern(), clock())
    assert post.deliver() == DeliveryReport(delivered=2)
    (item,) = post.heiveen.sent[0].items
    assert (item.reason, item.municipality, item.link) == (
        Reason.RELEASED,
        "GM0001",
        f"https://console.example/alerts/{alert_id_of('p1')}",
    )
    assert post.adv.sent[0].items[0].reason is Reason.FIRST
    assert post.duinrade.sent == []
    assert post.deliver() == DeliveryReport()


def test_retries_follow_the_schedule_under_the_same_id_and_the_dead_is_kept(alerts: Alerts, post: Post, clock: Clock) -> None:
    alerts.receive(make_pattern(**COMMUNITY), clock())
    begin = clock()
    post.adv.failures = [DeliveryError("down") for _ in range(10)]
    for _ in range(10):
        post.deliver()
        clock.at = only(post.engine, "adv").next_attempt_at
    waits = [0, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]
    assert [at for _, at in post.adv.tried] == [begin + timedelta(seconds=sum(waits[: n + 1])) for n in range(10)]
    assert len({message_id for message_id, _ in post.adv.tried}) == 1
    dead = only(post.engine, "adv")
    assert (dead.state, dead.attempts, dead.last_error) == (DeliveryState.DEAD, 10, "down")
    assert post.deliver() == DeliveryReport()
    deliveries.retry(post.engine, dead.message.id, OPERATOR, clock())
    assert post.deliver().delivered == 1
    assert post.adv.sent[0].id == dead.message.id
    assert "." not in dead.message.id
    assert [each.outcome for each in deliveries.attempts(post.engine, dead.message.id)] == ["retried"] * 9 + ["dead", "delivered"]
    with pytest.raises(deliveries.DeliveriesError, match="is delivered"):
        deliveries.retry(post.engine, dead.message.id, OPERATOR, clock())


def test_jitter_spreads_the_retries(engine: Engine, alerts: Alerts, clock: Clock) -> None:
    post = Post(engine, clock, DeliverySettings(jitter=0.5))
    for number in range(8):
        alerts.receive(make_pattern(f"p{number}", municipality=f"GM{number}"), clock())
    post.settings = DeliverySettings(jitter=0.5, order_wait_at_most_seconds=0)
    post.adv.failures = [DeliveryError("down") for _ in range(8)]
    post.deliver()
    waits = [(each.next_attempt_at - clock()).total_seconds() for each in deliveries.list_messages(engine, destination="adv")]
    assert len(set(waits)) == 8
    assert all(2.5 <= wait <= 7.5 for wait in waits)


@pytest.mark.parametrize(("asked", "waits"), [(1, 5), (3600, 3600), (10**7, 86_400)])
def test_retry_after_is_honoured_up_to_a_point(alerts: Alerts, post: Post, clock: Clock, asked: int, waits: int) -> None:
    alerts.receive(make_pattern(**COMMUNITY), clock())
    post.adv.failures = [DeliveryError("busy", retry_after=timedelta(seconds=asked))]
    assert post.deliver().retried == 1
    assert only(post.engine, "adv").next_attempt_at == clock() + timedelta(seconds=waits)


def test_a_permanent_refusal_is_dead_at_once(alerts: Alerts, post: Post, clock: Clock) -> None:
    alerts.receive(make_pattern(), clock())
    post.adv.failures = [DeliveryError("no such mailbox", permanent=True)]
    assert post.deliver() == DeliveryReport(delivered=1, dead=1)
    assert only(post.engine, "adv").state is DeliveryState.DEAD


def test_a_destination_that_is_gone_gets_nothing_until_it_is_enabled(alerts: Alerts, post: Post, clock: Clock) -> None:
    for key in ("p1", "p2"):
        alerts.receive(make_pattern(key), clock())
    alerts.receive(make_pattern("p3", municipality="GM0003"), clock())
    post.adv.failures = [DeliveryError("HTTP 410", gone=True)]
    report = post.deliver()
    assert report.gone == ("adv",)
    assert len(post.adv.tried) == 1
    alerts.receive(make_pattern("p4"), clock())
    post.deliver()
    assert len(post.adv.tried) == 1
    assert {each.state for each in deliveries.list_messages(post.engine, destination="adv")} == {DeliveryState.DEAD}
    gone = next(each for each in deliveries.destinations(post.engine) if each.name == "adv")
    assert (gone.gone_at, gone.gone_text, gone.dead) == (clock(), "HTTP 410", 3)
    dead = deliveries.list_messages(post.engine, destination="adv")[0].message.id
    for attempt in (
        lambda: deliveries.retry(post.engine, dead, OPERATOR, clock()),
        lambda: deliveries.retry_all(post.engine, "adv", OPERATOR, clock()),
    ):
        with pytest.raises(deliveries.DeliveriesError, match="enable it first"):
            attempt()
    deliveries.enable(post.engine, "adv", OPERATOR, clock())
    assert post.deliver() == DeliveryReport()
    assert deliveries.retry_all(post.engine, "adv", OPERATOR, clock()) == 3
    assert post.deliver().delivered == 3
    assert sum(len(each.items) for each in post.adv.sent) == 4
    with pytest.raises(deliveries.DeliveriesError, match="not gone"):
        deliveries.enable(post.engine, "adv", OPERATOR, clock())


def test_a_slow_destination_holds_up_nobody_not_even_for_what_comes_later(alerts: Alerts, post: Post, clock: Clock) -> None:
    post.adv.hold = threading.Event()
    alerts.receive(make_pattern(), clock())
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(post.deliver)
        wait_until(lambda: len(post.heiveen.sent) == 1 and len(post.adv.tried) == 1)
        alerts.receive(make_pattern("later"), clock())
        wait_until(lambda: len(post.heiveen.sent) == 2)
        assert post.adv.sent == []
        post.adv.hold.set()
        assert running.result(20).delivered == 4


def test_an_unexpected_error_of_a_channel_is_retried_and_its_text_kept_out(alerts: Alerts, post: Post, clock: Clock) -> None:
    alerts.receive(make_pattern(), clock())
    post.adv.failures = [RuntimeError("password hunter2")]
    assert post.deliver() == DeliveryReport(delivered=1, retried=1)
    error = only(post.engine, "adv").last_error
    assert error == "the channel failed in an unexpected way (RuntimeError)"


def test_a_lapsed_lease_is_taken_back_and_the_same_id_goes_out(alerts: Alerts, post: Post, clock: Clock) -> None:
    alerts.receive(make_pattern(**COMMUNITY), clock())
    with write(post.engine) as connection:
        claim = queue.claim(connection, "adv", "one that died", clock(), SETTINGS)
    assert claim is not None
    assert post.deliver() == DeliveryReport()
    clock.forward(seconds=SETTINGS.lease_seconds)
    assert post.deliver().delivered == 1
    assert post.adv.sent[0] == claim.message
    assert only(post.engine, "adv").attempts == 2


def test_a_late_failure_does_not_undo_what_another_delivered(alerts: Alerts, post: Post, clock: Clock) -> None:
    alerts.receive(make_pattern(**COMMUNITY), clock())
    with write(post.engine) as connection:
        claim = queue.claim(connection, "adv", "slow one", clock(), SETTINGS)
    assert claim is not None
    clock.forward(seconds=SETTINGS.lease_seconds)
    post.deliver()
    with write(post.engine) as connection:
        queue.record_failure(connection, claim, DeliveryError("time-out", permanent=True), clock(), SETTINGS, jitter=0)
    assert only(post.engine, "adv").state is DeliveryState.DELIVERED


def test_the_quick_retries_keep_the_order_and_the_long_ones_are_passed_by(alerts: Alerts, post: Post, clock: Clock) -> None:
    alerts.receive(make_pattern("a", **COMMUNITY), clock())
    post.adv.failures = [DeliveryError("down") for _ in range(3)]
    post.deliver()
    alerts.receive(make_pattern("b", **COMMUNITY), clock.forward(seconds=1))
    assert post.deliver() == DeliveryReport()  # the older one comes in four seconds: the younger waits for it
    post.deliver()
    post.clock.forward(seconds=4)
    post.deliver()
    post.clock.forward(seconds=300)
    assert post.deliver() == DeliveryReport(delivered=1, retried=1)  # now the older one waits half an hour
    assert [each.items[0].alert_id for each in post.adv.sent] == [alert_id_of("b")]
    clock.forward(seconds=1800)
    post.deliver()
    assert [each.sequence for each in post.adv.sent] == [2, 1]


def test_what_comes_within_the_wait_becomes_one_message(engine: Engine, clock: Clock) -> None:
    alerts = Alerts(engine, make_settings(route={"group_wait_seconds": 30}))
    post = Post(engine, clock)
    for key in ("a", "b"):
        alerts.receive(make_pattern(key, **COMMUNITY), clock.forward(seconds=10))
    assert post.deliver() == DeliveryReport()
    clock.forward(seconds=20)
    assert post.deliver().delivered == 1
    alerts.receive(make_pattern("c", **COMMUNITY), clock())
    alerts.receive(make_pattern("d", municipality="GM0002", **COMMUNITY), clock())
    clock.forward(seconds=30)
    assert post.deliver().delivered == 2
    assert [[item.alert_id for item in each.items] for each in post.adv.sent] == [
        [alert_id_of("a"), alert_id_of("b")],
        [alert_id_of("c")],
        [alert_id_of("d")],
    ]


def test_one_message_never_speaks_twice_of_an_alert_nor_of_too_many(engine: Engine, clock: Clock) -> None:
    alerts = Alerts(engine, make_settings(route={"group_wait_seconds": 30}, delivery={"alerts_per_message": 2}))
    for key in ("a", "b", "c"):
        alerts.receive(make_pattern(key, **COMMUNITY), clock())
    alerts.receive(make_pattern("a", 2, recurrence_interval_days=9999.0, **COMMUNITY), clock())
    items = [[item.revision for item in each.message.items] for each in deliveries.list_messages(engine)]
    assert sorted(items) == [[1, 1], [1, 2]]


def test_a_sealed_message_keeps_its_items_over_retries(engine: Engine, clock: Clock) -> None:
    alerts = Alerts(engine, make_settings())
    post = Post(engine, clock)
    alerts.receive(make_pattern("a", **COMMUNITY), clock())
    post.adv.failures = [DeliveryError("down")]
    post.deliver()
    alerts.receive(make_pattern("b", **COMMUNITY), clock())
    clock.forward(seconds=5)
    post.deliver()
    assert [len(each.items) for each in post.adv.sent] == [1, 1]
    assert post.adv.sent[0].id == post.adv.tried[0][0]


def test_two_deliverers_at_once_send_each_message_once(engine: Engine, clock: Clock) -> None:
    alerts = Alerts(engine, EACH_ITS_OWN)
    for number in range(12):
        alerts.receive(make_pattern(f"p{number}"), clock())
    posts = [Post(engine, clock) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        reports = list(pool.map(lambda each: each.deliver(), posts))
    # Whoever came second to a destination may leave the rest to a later call.
    reports.append(posts[0].deliver())
    assert sum(report.delivered for report in reports) == 24
    sent = [message.id for post in posts for message in post.adv.sent + post.heiveen.sent]
    assert len(sent) == len(set(sent)) == 24


def test_a_destination_without_channel_is_named_and_its_messages_wait(engine: Engine, alerts: Alerts, clock: Clock) -> None:
    alerts.receive(make_pattern(), clock())
    adv = Recorder()
    report = deliver_due(engine, {"adv": adv}, clock, np.random.default_rng(1), SETTINGS)
    assert report == DeliveryReport(delivered=1, no_channel=("heiveen",))
    assert only(engine, "heiveen").state is DeliveryState.WAITING


def test_limit_and_stop(engine: Engine, clock: Clock) -> None:
    alerts = Alerts(engine, EACH_ITS_OWN)
    for number in range(4):
        alerts.receive(make_pattern(f"p{number}", **COMMUNITY), clock())
    adv = Recorder()
    rng = np.random.default_rng(1)
    assert deliver_due(engine, {"adv": adv}, clock, rng, SETTINGS, limit=1).delivered == 1
    assert deliver_due(engine, {"adv": adv}, clock, rng, SETTINGS, stop=lambda: len(adv.sent) >= 2).delivered == 1
    assert deliver_due(engine, {"adv": adv}, clock, rng, SETTINGS).delivered == 2


def test_one_message_at_a_time_goes_to_a_destination(engine: Engine, clock: Clock) -> None:
    alerts = Alerts(engine, EACH_ITS_OWN)
    for key in ("a", "b"):
        alerts.receive(make_pattern(key, **COMMUNITY), clock())
    with write(engine) as connection:
        assert queue.claim(connection, "adv", "one process", clock(), SETTINGS) is not None
        assert queue.claim(connection, "adv", "another", clock(), SETTINGS) is None


def test_nor_when_an_older_one_becomes_due_meanwhile(engine: Engine, clock: Clock) -> None:
    alerts = Alerts(engine, EACH_ITS_OWN)
    settings = DeliverySettings(jitter=0, retry_after_seconds=(0, 1000), lease_seconds=5000)
    alerts.receive(make_pattern("a", **COMMUNITY), clock())
    deliver_due(engine, {"adv": Recorder(failures=[DeliveryError("down")])}, clock, np.random.default_rng(1), settings)
    alerts.receive(make_pattern("b", **COMMUNITY), clock())
    with write(engine) as connection:
        assert queue.claim(connection, "adv", "one process", clock(), settings) is not None
        assert queue.claim(connection, "adv", "another", clock.forward(seconds=1000), settings) is None


def test_a_destination_whose_next_message_must_wait_is_asked_once(engine: Engine, alerts: Alerts, clock: Clock) -> None:
    alerts.receive(make_pattern("a", **COMMUNITY), clock())
    adv = Recorder(failures=[DeliveryError("down")])
    asked: list[int] = []

    def never(count: list[int] = asked) -> bool:
        count.append(1)
        return False

    deliver_due(engine, {"adv": adv}, clock, np.random.default_rng(1), SETTINGS)
    alerts.receive(make_pattern("b", **COMMUNITY), clock())
    deliver_due(engine, {"adv": adv}, clock, np.random.default_rng(1), SETTINGS, stop=never)
    assert len(asked) < 10


def wait_until(condition: object) -> None:
    """Until the other thread got there, or loudly not."""
    pause = threading.Event()
    for _ in range(1200):
        if callable(condition) and condition():
            return
        pause.wait(0.05)
    raise AssertionError("the other thread never got there")


def test_a_list_of_many_messages_asks_as_often_as_a_list_of_one(engine: Engine, alerts: Alerts, clock: Clock) -> None:
    for number in range(4):
        alerts.receive(make_pattern(f"p{number}", municipality=f"GM{number}"), clock())
        clock.forward(minutes=1)
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
    counts = []
    for limit in (1, 4):
        asked.clear()
        found = deliveries.list_messages(engine, destination="adv", limit=limit)
        assert [[item.alert_id for item in each.message.items] for each in found] == [
            [alert_id_of(f"p{number}")] for number in (3, 2, 1, 0)[:limit]
        ]
        counts.append(len(asked))
    assert counts[0] == counts[1]
