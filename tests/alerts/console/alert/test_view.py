from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from alerting import ADVISER, NOW, OPERATOR, WORKER, full_pattern, make_pattern
from sqlalchemy import Engine

from alerts import queries
from alerts.alert import Action, Alert, Approach, ApproachKind
from alerts.console.alert.acting import NOTHING_TYPED, Typed
from alerts.console.alert.forms import action_forms, may_silence
from alerts.console.alert.view import AlertView, Read, alert_view
from alerts.lifecycle import Alerts, alert_id_of
from alerts.pattern import (
    Audience,
    Pattern,
    PatternKind,
    PatternState,
)

ZONE = ZoneInfo("Europe/Amsterdam")


def seen(alerts: Alerts, pattern: Pattern) -> AlertView:
    alerts.receive(pattern, NOW)
    alert_id = alert_id_of(pattern.key)
    read = Read(
        alerts.get(alert_id),
        pattern,
        queries.revisions(alerts.engine, alert_id, WORKER),
        alerts.history(alert_id),
    )
    return alert_view(read, NOW, ZONE, "nl")


@pytest.fixture
def sqlite_alerts(sqlite_engine: Engine, alerts: Alerts) -> Alerts:
    return replace(alerts, engine=sqlite_engine)


def test_a_last_day_is_told_of_what_has_one(sqlite_alerts: Alerts) -> None:
    going_on = [name for name, _ in seen(sqlite_alerts, full_pattern()).facts]
    over = [name for name, _ in seen(sqlite_alerts, full_pattern(key="over", state=PatternState.QUIET)).facts]
    assert going_on[-1] == "Voor het eerst gezien"
    assert over == [*going_on, "Voor het laatst gezien"]


def test_the_sentence_says_it_all(sqlite_alerts: Alerts) -> None:
    view = seen(sqlite_alerts, full_pattern())
    assert view.sentence == (
        "In de wijk Zonnehoek kwamen sinds 5 januari 6 à 10 meldingen binnen; gewoonlijk zijn dat er 1 of 2."
    )
    assert view.chance == "Door toeval alleen zou dit hooguit eens in de 14 maanden gebeuren."
    assert view.growth is not None
    assert ("Meldingen", "6 à 10") in view.facts
    assert view.breakdowns[0].rows == (("Horeca en amusement", "3 à 5"), ("Onderwijs", "niet getoond"))
    assert view.campaigns[0][0] == "Discriminatie? Meld het!"
    assert view.methods[0] == ("scanstatistiek", "hooguit eens in de 13 maanden")
    assert any("te klein" in sentence for sentence in view.not_said)


def test_below_the_floor_the_page_says_for_whom_it_is(sqlite_alerts: Alerts) -> None:
    view = seen(sqlite_alerts, make_pattern(audience=Audience.ADV, observed=None, kind=PatternKind.COMMUNITY))
    assert view.only_service
    assert view.growth is None
    assert ("Meldingen", "niet getoond") in view.facts


def test_a_pattern_without_reasons_or_places_still_has_a_page(sqlite_alerts: Alerts) -> None:
    view = seen(sqlite_alerts, make_pattern(area_codes=(), area_names=()))
    assert view.places == "niet getoond"
    assert view.sentence


def test_the_forms_are_those_of_the_state_and_the_role(sqlite_alerts: Alerts) -> None:
    sqlite_alerts.receive(full_pattern(), NOW)
    alert = sqlite_alerts.get(alert_id_of("p1"))

    def names(of: Alert, actor: Any) -> list[str]:
        return [form.action for form in action_forms(of, actor, NOTHING_TYPED, "nl")]

    assert names(alert, ADVISER) == ["acknowledge", "note"]
    assert names(alert, WORKER) == ["acknowledge", "review", "note"]
    assert names(alert, OPERATOR) == []
    acknowledged = sqlite_alerts.act(alert.id, Action.ACKNOWLEDGE, ADVISER, NOW)
    assert names(acknowledged, ADVISER) == ["agree", "note"]
    agreed = sqlite_alerts.act(alert.id, Action.AGREE, ADVISER, NOW, approach=Approach(ApproachKind.BOTH, "S. de Boer"))
    first, second, _ = action_forms(agreed, ADVISER, NOTHING_TYPED, "nl")
    assert (first.action, first.primary) == ("close", True)
    assert second.value("owner") == "S. de Boer", "what was agreed stands in the form, to be changed"
    assert [may_silence(actor) for actor in (WORKER, ADVISER, OPERATOR)] == [True, False, True]


def test_a_form_that_could_not_be_acted_upon_is_open_with_what_was_typed(sqlite_alerts: Alerts) -> None:
    sqlite_alerts.receive(full_pattern(), NOW)
    typed = Typed("note", {"text": "x" * 5000}, {"text": "te lang"})
    first, second = action_forms(sqlite_alerts.get(alert_id_of("p1")), ADVISER, typed, "nl")
    assert (first.open, second.open) == (False, True)
    assert second.value("text") == "x" * 5000
    assert second.errors == (("text-note", "te lang"),)
