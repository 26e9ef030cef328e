from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from alerting import make_pattern

from alerts.alert import Approach, ApproachKind
from alerts.console.alert.history import event_lines, revision_lines
from alerts.pattern import Audience, Band, PatternState
from alerts.store.alerts import Event, approach_json

ZONE = ZoneInfo("Europe/Amsterdam")


def event(number: int, what: str, actor: str = "case worker", role: str = "case_worker", **details: Any) -> Event:
    text = details.pop("text", "")
    return Event(number, datetime(2026, 3, 2, 8, number, tzinfo=UTC), actor, role, what, 1, None, None, text, details)


def test_the_newest_stands_first_with_who_and_what() -> None:
    lines = event_lines([event(1, "created", "system", "system"), event(2, "note", text="gebeld")], ZONE, "nl")
    assert [(line.number, line.what, line.who, line.text) for line in lines] == [
        (2, "Notitie", "case worker (Consulent)", "gebeld"),
        (1, "Patroon voor het eerst gezien", "Patroonwacht zelf", ""),
    ]
    assert lines[0].moment == "2 maart 2026, 09:02", "on the clocks of Amsterdam"


def test_reasons_and_agreements_are_told() -> None:
    agreed = approach_json(Approach(ApproachKind.AREA_BASED, "S. de Boer", outcome="rust"))
    lines = event_lines([event(1, "dismiss", dismissed_as="known"), event(2, "close", agreed=agreed)], ZONE, "nl")
    assert lines[1].said == ("Reden: Al bekend, en er wordt aan gewerkt",)
    assert lines[0].said == ("Werk in het gebied, onder leiding van S. de Boer", "Wat het heeft opgeleverd: rust")
    assert event_lines([event(1, "agree", agreed="of a later version")], ZONE, "nl")[0].said == ()


def test_revisions_say_what_had_changed() -> None:
    first = make_pattern(observed=Band(3, 5))
    grown = make_pattern(revision=2, observed=Band(6, 10), window_to=date(2026, 3, 8))
    quiet = make_pattern(revision=3, observed=Band(6, 10), window_to=date(2026, 3, 8), state=PatternState.QUIET)
    same = make_pattern(
        revision=4,
        observed=Band(6, 10),
        window_to=date(2026, 3, 8),
        state=PatternState.QUIET,
        recurrence_interval_days=99.0,
    )
    back = make_pattern(revision=5, observed=None, window_to=date(2026, 3, 8), audience=Audience.ADV)
    lines = revision_lines([first, grown, quiet, same, back], ZONE, "nl")
    assert [line.revision for line in lines] == [5, 4, 3, 2, 1]
    assert lines[3].changed == ("Meldingen: 6 à 10", "Tot en met de week die eindigt op: 8 maart 2026")
    assert lines[2].changed == ("Toestand: nu rustig",)
    assert lines[1].changed == ("Uitsplitsing, methoden of kans veranderden",)
    assert "Meldingen: niet getoond" in lines[0].changed
    assert len(lines[4].changed) == 5
