from dataclasses import replace
from datetime import timedelta

import pytest
from alerting import ADVISER, COMMUNITY, NOW, WORKER, Clock, make_pattern, make_settings
from sqlalchemy import Engine

from alerts import deliveries, queries
from alerts.alert import (
    Action,
    Actor,
    AlertsError,
    Approach,
    ApproachKind,
    ConflictError,
    DeliveryState,
    DetectionState,
    DismissReason,
    ReviewState,
    Role,
    TransitionError,
    UnknownAlertError,
)
from alerts.lifecycle import Alerts, Received, alert_id_of
from alerts.message import Reason
from alerts.pattern import Audience, Band, PatternKind, PatternState

ID = alert_id_of("p1")
LARGE = Band(11, None)


def told(engine: Engine) -> list[tuple[str, str, int]]:
    """What was written down to be sent: destination, reason, revision."""
    messages = sorted(
        deliveries.list_messages(engine, limit=1000), key=lambda each: (each.message.destination, each.message.sequence)
    )
    return [(each.message.destination, item.reason.value, item.revision) for each in messages for item in each.message.items]


def test_a_place_pattern_is_released_by_the_rule(engine: Engine, alerts: Alerts, clock: Clock) -> None:
    assert alerts.receive(make_pattern(), clock()) == Received(ID, Reason.FIRST, new=True)
    alert = alerts.get(ID)
    assert (alert.review, alert.released_by_person, alert.releases) == (ReviewState.RELEASED, False, 1)
    assert told(engine) == [("adv", "first", 1), ("heiveen", "released", 1)]
    assert [(each.what, each.actor) for each in alerts.history(ID)] == [("created", "system"), ("release", "system")]


def test_a_community_pattern_waits_for_the_service(engine: Engine, alerts: Alerts, clock: Clock) -> None:
    alerts.receive(make_pattern(**COMMUNITY), clock())
    assert told(engine) == [("adv", "first", 1)]
    with pytest.raises(UnknownAlertError):
        alerts.get(ID, ADVISER)
    alerts.act(ID, Action.REVIEW, WORKER, clock())
    released = alerts.act(ID, Action.RELEASE, WORKER, clock())
    assert released.released_by_person
    assert told(engine)[1:] == [("heiveen", "released", 1)]
    assert alerts.get(ID, ADVISER).review is ReviewState.RELEASED


def test_the_same_revision_again_changes_nothing(engine: Engine, alerts: Alerts, clock: Clock) -> None:
    alerts.receive(make_pattern(), clock())
    before = (alerts.get(ID), told(engine), alerts.history(ID))
    assert alerts.receive(make_pattern(), clock.forward(days=1)) == Received(ID, None, new=False)
    assert (alerts.get(ID), told(engine), alerts.history(ID)) == before


def test_the_same_revision_with_another_content_is_refused(alerts: Alerts, clock: Clock) -> None:
    alerts.receive(make_pattern(), clock())
    with pytest.raises(AlertsError, match="next revision number"):
        alerts.receive(make_pattern(expected=0.9), clock())


def test_an_older_revision_is_kept_and_changes_nothing(engine: Engine, alerts: Alerts, clock: Clock) -> None:
    alerts.receive(make_pattern(revision=3), clock())
    before = alerts.get(ID)
    assert alerts.receive(make_pattern(revision=2, observed=LARGE), clock()) == Received(ID, None, new=True)
    assert alerts.get(ID) == before
    assert [each.revision for each in queries.revisions(engine, ID, WORKER)] == [2, 3]


def test_a_pattern_does_not_move_to_another_municipality(engine: Engine, alerts: Alerts, clock: Clock) -> None:
    alerts.receive(make_pattern(), clock())
    with pytest.raises(AlertsError, match="never moves"):
        alerts.receive(make_pattern(revision=2, municipality="GM0002"), clock())
    assert [each.revision for each in queries.revisions(engine, ID, WORKER)] == [1]


def test_growth_is_told_once(engine: Engine, alerts: Alerts, clock: Clock) -> None:
    alerts.receive(make_pattern(), clock())
    for revision in (2, 3):
        alerts.receive(make_pattern(revision=revision, observed=LARGE), clock.forward(days=1))
    assert told(engine) == [
        ("adv", "first", 1),
        ("adv", "grown", 2),
        ("heiveen", "released", 1),
        ("heiveen", "grown", 2),
    ]


def test_quiet_and_back_reopens_what_was_closed(engine: Engine, alerts: Alerts, clock: Clock) -> None:
    alerts.receive(make_pattern(), clock())
    alerts.act(ID, Action.ACKNOWLEDGE, ADVISER, clock())
    alerts.act(ID, Action.AGREE, ADVISER, clock(), approach=Approach(ApproachKind.AREA_BASED, "district team"))
    alerts.act(ID, Action.CLOSE, ADVISER, clock(), text="done")
    assert alerts.receive(make_pattern(revision=2, state=PatternState.QUIET), clock()).reason is None
    assert alerts.get(ID).detection is DetectionState.QUIET
    assert alerts.receive(make_pattern(revision=3), clock.forward(days=30)).reason is Reason.BACK
    assert alerts.get(ID).review is ReviewState.RELEASED
    assert [each for each in told(engine) if each[2] == 3] == [("adv", "back", 3), ("heiveen", "back", 3)]


def test_what_a_person_reopens_the_rule_does_not_release(alerts: Alerts, clock: Clock) -> None:
    alerts.receive(make_pattern(), clock())
    alerts.act(ID, Action.REVIEW, WORKER, clock())
    alerts.act(ID, Action.DISMISS, WORKER, clock(), dismiss_reason=DismissReason.KNOWN)
    assert alerts.act(ID, Action.REOPEN, WORKER, clock()).review is ReviewState.REOPENED
    alerts.receive(make_pattern(revision=2), clock())
    assert alerts.get(ID).review is ReviewState.REOPENED


def test_what_only_the_service_may_see_is_not_released(engine: Engine, alerts: Alerts, clock: Clock) -> None:
    alerts.receive(make_pattern(audience=Audience.ADV), clock())
    alerts.act(ID, Action.REVIEW, WORKER, clock())
    with pytest.raises(TransitionError, match="under its floor"):
        alerts.act(ID, Action.RELEASE, WORKER, clock())
    assert told(engine) == [("adv", "first", 1)]
    alerts.receive(make_pattern(revision=2), clock())
    assert told(engine) == [("adv", "first", 1), ("adv", "escalated", 2)]
    assert alerts.act(ID, Action.RELEASE, WORKER, clock()).review is ReviewState.RELEASED


def test_taken_back_before_it_was_sent_is_not_sent(engine: Engine, alerts: Alerts, clock: Clock) -> None:
    alerts.receive(make_pattern(), clock())
    alerts.act(ID, Action.REVIEW, WORKER, clock())
    withdrawn = deliveries.list_messages(engine, destination="heiveen")
    assert [(each.state, each.message.items) for each in withdrawn] == [(DeliveryState.DEAD, ())]
    with pytest.raises(deliveries.DeliveriesError, match="taken back"):
        deliveries.retry(engine, withdrawn[0].message.id, WORKER, clock())
    alerts.act(ID, Action.RELEASE, WORKER, clock())
    assert told(engine) == [("adv", "first", 1), ("heiveen", "released", 1)]


def test_two_people_at_once(alerts: Alerts, clock: Clock) -> None:
    alerts.receive(make_pattern(**COMMUNITY), clock())
    seen = alerts.get(ID).version
    alerts.act(ID, Action.REVIEW, WORKER, clock(), seen)
    with pytest.raises(ConflictError, match="by case worker: review"):
        alerts.act(ID, Action.REVIEW, replace(WORKER, name="colleague"), clock(), seen)
    assert alerts.get(ID).version == seen + 1


def test_deciding_upon_an_older_revision_is_refused(alerts: Alerts, clock: Clock) -> None:
    alerts.receive(make_pattern(**COMMUNITY), clock())
    alerts.act(ID, Action.REVIEW, WORKER, clock())
    seen = alerts.get(ID).version
    alerts.receive(make_pattern(revision=2, observed=LARGE, **COMMUNITY), clock())
    with pytest.raises(ConflictError, match="revised"):
        alerts.act(ID, Action.RELEASE, WORKER, clock(), seen)


def test_reminders_end_and_an_acknowledgement_lapses(engine: Engine, clock: Clock) -> None:
    settings = make_settings(
        policy={"reminder_after_days": 7, "reminders_at_most": 2}, acknowledgement_lapses_after_days=10, release_required=[]
    )
    alerts = Alerts(engine, settings)
    alerts.receive(make_pattern(), clock())
    for _ in range(40):
        alerts.tick(clock.forward(days=1))
    municipality = [each for each in told(engine) if each[0] == "heiveen"]
    assert municipality == [("heiveen", "released", 1), ("heiveen", "reminder", 1), ("heiveen", "reminder", 1)]
    alerts.act(ID, Action.ACKNOWLEDGE, ADVISER, clock())
    for _ in range(9):
        alerts.tick(clock.forward(days=1))
    assert alerts.get(ID).review is ReviewState.ACKNOWLEDGED
    assert alerts.tick(clock.forward(days=1)).lapsed == 1
    assert alerts.get(ID).review is ReviewState.RELEASED
    for _ in range(40):
        assert alerts.tick(clock.forward(days=1)).failed == ()
    assert len([each for each in told(engine) if each[0] == "heiveen"]) == 5


def test_after_a_reminder_growth_is_still_measured_from_what_was_told(engine: Engine, alerts: Alerts, clock: Clock) -> None:
    alerts.receive(make_pattern(observed=LARGE), clock())
    alerts.receive(make_pattern(revision=2), clock.forward(days=1))
    assert alerts.tick(clock.forward(days=7)).told == 1
    assert alerts.receive(make_pattern(revision=3, observed=LARGE), clock()).reason is None
    assert [each for each in told(engine) if each[0] == "heiveen"] == [("heiveen", "released", 1), ("heiveen", "reminder", 2)]


def test_an_alert_that_nobody_can_be_told_of_is_told_once_somebody_can(engine: Engine, clock: Clock) -> None:
    assert Alerts(engine, make_settings(destinations={})).receive(make_pattern(), clock()).reason is None
    alerts = Alerts(engine, make_settings())
    assert alerts.tick(clock.forward(minutes=59)).told == 0
    assert alerts.tick(clock.forward(minutes=1)).told == 1
    assert told(engine) == [("adv", "first", 1), ("heiveen", "released", 1)]
    assert alerts.tick(clock.forward(hours=2)).told == 0


def test_merged_patterns_are_linked(engine: Engine, alerts: Alerts, clock: Clock) -> None:
    for key in ("a", "b"):
        alerts.receive(make_pattern(key), clock())
    alerts.receive(make_pattern("c", predecessors=("a", "b", "unknown")), clock())
    assert set(queries.predecessors(engine, alert_id_of("c"), WORKER)) == {alert_id_of("a"), alert_id_of("b")}
    assert queries.successors(engine, alert_id_of("a"), WORKER) == (alert_id_of("c"),)
    assert queries.predecessors(engine, alert_id_of("c"), ADVISER) != ()


@pytest.mark.parametrize(
    ("action", "details", "text"),
    [
        (Action.DISMISS, {}, "needs a reason: mass_report"),
        (Action.RELEASE, {"dismiss_reason": DismissReason.KNOWN}, "does not go with"),
        (Action.AGREE, {}, "needs the approach"),
        (Action.REVIEW, {"approach": Approach(ApproachKind.NONE, "x")}, "does not go with"),
        (Action.NOTE, {"text": "  "}, "needs a text"),
    ],
)
def test_what_an_action_needs(alerts: Alerts, clock: Clock, action: Action, details: dict[str, object], text: str) -> None:
    alerts.receive(make_pattern(**COMMUNITY), clock())
    with pytest.raises(TransitionError, match=text):
        alerts.act(ID, action, WORKER, clock(), **details)  # type: ignore[arg-type]  # wrong on purpose


def test_a_municipality_sees_its_own_part_of_the_history(alerts: Alerts, clock: Clock) -> None:
    alerts.receive(make_pattern(**COMMUNITY), clock())
    alerts.act(ID, Action.NOTE, WORKER, clock(), text="one reporter called twice")
    alerts.act(ID, Action.REVIEW, WORKER, clock())
    alerts.act(ID, Action.RELEASE, WORKER, clock(), text="discussed with the team")
    alerts.act(ID, Action.ACKNOWLEDGE, ADVISER, clock())
    alerts.act(ID, Action.NOTE, ADVISER, clock(), text="calling the mosque")
    assert [(each.what, each.text) for each in alerts.history(ID, ADVISER)] == [
        ("release", ""),
        ("acknowledge", ""),
        ("note", "calling the mosque"),
    ]
    assert len(alerts.history(ID)) == 6


def test_finding_alerts(engine: Engine, alerts: Alerts, clock: Clock) -> None:
    for number in range(5):
        alerts.receive(make_pattern(f"place{number}", area_codes=(f"WK00010{number}",)), clock.forward(minutes=1))
    alerts.receive(make_pattern("community", **COMMUNITY), clock.forward(minutes=1))
    alerts.receive(make_pattern("elsewhere", municipality="GM0002"), clock.forward(minutes=1))

    def keys(wanted: queries.Filter, actor: Actor = WORKER) -> list[str]:
        return [each.pattern_key for each in alerts.list(wanted, actor).alerts]

    assert keys(queries.Filter(kinds=(PatternKind.COMMUNITY,))) == ["community"]
    assert keys(queries.Filter(review=(ReviewState.NEW,))) == ["community"]
    assert keys(queries.Filter(municipality="GM0002")) == ["elsewhere"]
    assert keys(queries.Filter(area_codes=("WK000103", "WK000104"))) == ["place4", "place3"]
    assert keys(queries.Filter(community="c1")) == ["community"]
    assert keys(queries.Filter(window_from=NOW.date() + timedelta(days=9))) == []
    assert keys(queries.Filter(), ADVISER) == ["place4", "place3", "place2", "place1", "place0"]
    assert keys(queries.Filter(), Actor("nobody", Role.POLICY_ADVISER, None)) == []
    first = alerts.list(limit=4)
    second = alerts.list(limit=4, after=first.next_page)
    assert [each.pattern_key for each in first.alerts + second.alerts] == [
        "elsewhere",
        "community",
        "place4",
        "place3",
        "place2",
        "place1",
        "place0",
    ]
    assert second.next_page is None
    assert sum(queries.counts(engine).values()) == 7
