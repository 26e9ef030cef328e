from datetime import datetime, timedelta
from typing import Any

import pytest
from alerting import ADVISER, NOW, OPERATOR, WORKER, Clock, make_pattern
from sqlalchemy import Engine

from alerts import deliveries, silences
from alerts.alert import Action, ReviewState
from alerts.lifecycle import Alerts, alert_id_of
from alerts.message import Reason
from alerts.pattern import Band, PatternState
from alerts.settings import Matchers

ID = alert_id_of("p1")
HEIVEEN = Matchers(municipality=("GM0001",))


def silence(engine: Engine, until: datetime, matchers: Matchers = HEIVEEN) -> silences.Silence:
    return silences.add(engine, matchers, WORKER, NOW, comment="the fair", starts_at=NOW, ends_at=until)


def told(engine: Engine) -> list[tuple[str, str, int]]:
    found = [(each.message.destination, item) for each in deliveries.list_messages(engine) for item in each.message.items]
    return sorted((name, item.reason.value, item.revision) for name, item in found)


def test_a_silence_keeps_the_message_back_and_nothing_else(engine: Engine, alerts: Alerts, clock: Clock) -> None:
    made = silence(engine, NOW + timedelta(days=2))
    assert alerts.receive(make_pattern(), clock()).reason is None
    assert alerts.get(ID).review is ReviewState.RELEASED
    assert told(engine) == []
    kept = silences.suppressions(engine, silence_id=made.id)
    assert [(each.audience, each.reason, each.outcome) for each in kept] == [
        ("adv", "first", None),
        ("municipality", "released", None),
    ]
    assert alerts.receive(make_pattern("p2", municipality="GM0002"), clock()).reason is Reason.FIRST


def test_at_its_end_what_is_still_news_goes_out_once(engine: Engine, alerts: Alerts, clock: Clock) -> None:
    silence(engine, NOW + timedelta(days=2))
    alerts.receive(make_pattern(), clock())
    alerts.receive(make_pattern(revision=2, observed=Band(6, 10)), clock.forward(days=1))
    for _ in range(5):
        alerts.tick(clock())
    assert told(engine) == []
    alerts.tick(clock.forward(days=1))
    alerts.tick(clock.forward(hours=1))
    assert told(engine) == [("adv", "first", 2), ("heiveen", "released", 2)]
    assert {each.outcome for each in silences.suppressions(engine)} == {"told"}


def test_what_went_quiet_meanwhile_is_no_news(engine: Engine, alerts: Alerts, clock: Clock) -> None:
    silence(engine, NOW + timedelta(days=2))
    alerts.receive(make_pattern(), clock())
    alerts.receive(make_pattern(revision=2, state=PatternState.QUIET), clock.forward(days=1))
    alerts.tick(clock.forward(days=2))
    assert told(engine) == []
    assert {each.outcome for each in silences.suppressions(engine)} == {"no_news_any_more"}


def test_ended_by_hand(engine: Engine, alerts: Alerts, clock: Clock) -> None:
    made = silence(engine, NOW + timedelta(days=300))
    alerts.receive(make_pattern(), clock())
    ended = silences.end(engine, made.id, OPERATOR, clock.forward(hours=1))
    assert (ended.ends_at, ended.ended_by) == (clock(), "operator")
    alerts.tick(clock())
    assert len(told(engine)) == 2
    with pytest.raises(silences.SilenceError, match="ended already"):
        silences.end(engine, made.id, OPERATOR, clock())


def test_another_silence_takes_over(engine: Engine, alerts: Alerts, clock: Clock) -> None:
    silence(engine, NOW + timedelta(days=1))
    alerts.receive(make_pattern(), clock())
    silence(engine, NOW + timedelta(days=3), Matchers(alert=(ID,)))
    alerts.tick(clock.forward(days=1))
    assert told(engine) == []
    alerts.tick(clock.forward(days=2))
    assert len(told(engine)) == 2


def test_a_silence_of_one_reason_lets_others_through(engine: Engine, alerts: Alerts, clock: Clock) -> None:
    silence(engine, NOW + timedelta(days=3), Matchers(reason=(Reason.GROWN,)))
    alerts.receive(make_pattern(), clock())
    alerts.receive(make_pattern(revision=2, observed=Band(6, 10)), clock())
    assert told(engine) == [("adv", "first", 1), ("heiveen", "released", 1)]
    alerts.tick(clock.forward(days=3))
    assert told(engine)[1::2] == [("adv", "grown", 2), ("heiveen", "released", 1)]


def test_a_reminder_is_silenced_too_and_recorded_once(engine: Engine, alerts: Alerts, clock: Clock) -> None:
    alerts.receive(make_pattern(), clock())
    silence(engine, NOW + timedelta(days=10))
    for _ in range(9):
        alerts.tick(clock.forward(days=1))
    assert len(silences.suppressions(engine)) == 1
    alerts.tick(clock.forward(days=1))
    assert [each for each in told(engine) if each[1] == "reminder"] == [("heiveen", "reminder", 1)]


def test_listing(engine: Engine) -> None:
    first = silence(engine, NOW + timedelta(days=1))
    second = silence(engine, NOW + timedelta(days=5), Matchers(alert=(ID,)))
    assert {each.id for each in silences.list_silences(engine)} == {first.id, second.id}
    assert silences.list_silences(engine, active_at=NOW + timedelta(days=1)) == (second,)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"comment": " "}, "author and a comment"),
        ({"matchers": Matchers()}, "at least one matcher"),
        ({"ends_at": NOW - timedelta(days=1)}, "end after it starts"),
        ({"starts_at": NOW - timedelta(days=3), "ends_at": NOW - timedelta(days=1)}, "ended already"),
        ({"ends_at": datetime(2027, 1, 1)}, "time zone"),  # noqa: DTZ001 - that is the point
        ({"actor": ADVISER}, "not for policy_adviser"),
    ],
)
def test_everything_is_required(sqlite_engine: Engine, changes: dict[str, Any], text: str) -> None:
    given = {
        "matchers": HEIVEEN,
        "actor": WORKER,
        "comment": "x",
        "starts_at": NOW,
        "ends_at": NOW + timedelta(days=1),
        **changes,
    }
    with pytest.raises(silences.SilenceError, match=text):
        silences.add(sqlite_engine, given.pop("matchers"), given.pop("actor"), NOW, **given)


def test_an_unknown_silence_cannot_be_ended(sqlite_engine: Engine) -> None:
    with pytest.raises(silences.SilenceError, match="no silence"):
        silences.end(sqlite_engine, "x", WORKER, NOW)


def test_a_persons_actions_are_not_silenced(engine: Engine, alerts: Alerts, clock: Clock) -> None:
    silence(engine, NOW + timedelta(days=2))
    alerts.receive(make_pattern(), clock())
    assert alerts.act(ID, Action.ACKNOWLEDGE, ADVISER, clock()).review is ReviewState.ACKNOWLEDGED
