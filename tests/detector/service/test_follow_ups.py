from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from town import TOWN, report

from alerts import follow_ups
from alerts.alert import Action, Actor, Approach, ApproachKind, Role
from alerts.pattern import Audience, Band
from detector.configuration import load
from detector.service.cycle import Cycle
from detector.service.engine import SerialEngine
from detector.service.installation import Installation

ADVISER = Actor("adviser", Role.POLICY_ADVISER, TOWN)
WORKER = Actor("worker", Role.CASE_WORKER)
END = date(2024, 6, 3)


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """Three years of one report a fortnight, and seven on one community in the last month."""
    made = Installation(load(environ={"PATROONWACHT_DATA_DIR": str(tmp_path)}).settings)
    quiet = [report(number, END - timedelta(days=14 * number), communities=("b",)) for number in range(1, 60)]
    burst = [report(100 + number, END - timedelta(days=3 * number), communities=("a",)) for number in range(7)]
    made.reports.upsert([*quiet, *burst])
    yield made
    made.close()


def look(installation: Installation, day: date) -> None:
    at = datetime(day.year, day.month, day.day, 3, tzinfo=UTC)
    Cycle(installation, SerialEngine(), lambda: at).run([TOWN], "test", day)


def agreed(installation: Installation) -> str:
    look(installation, END)
    alerts = installation.alerts
    alert = next(each for each in alerts.list().alerts if each.audience is Audience.MUNICIPALITY)
    at = datetime(END.year, END.month, END.day, 9, tzinfo=UTC)
    if alert.releases == 0:
        alerts.act(alert.id, Action.REVIEW, WORKER, at)
        alerts.act(alert.id, Action.RELEASE, WORKER, at)
    alerts.act(alert.id, Action.ACKNOWLEDGE, ADVISER, at)
    alerts.act(alert.id, Action.AGREE, ADVISER, at, approach=Approach(ApproachKind.COMMUNITY_DIALOGUE, "S. de Boer"))
    return alert.id


def test_an_agreed_approach_is_followed_every_four_weeks_also_when_the_pattern_is_quiet(installation: Installation) -> None:
    alert_id = agreed(installation)
    engine = installation.alerts_engine
    first = END + timedelta(days=7)
    look(installation, first + timedelta(days=27))
    assert follow_ups.latest(engine, alert_id, ADVISER) is None, "four weeks are not over"
    look(installation, first + timedelta(days=28))
    told = follow_ups.latest(engine, alert_id, ADVISER)
    assert told is not None
    assert (told.weeks, told.after, told.before, told.approach_from) == (4, None, Band(5, 10), first)
    look(installation, first + timedelta(days=29))
    assert follow_ups.running(engine, TOWN)[0].told == (told,), "and once"


def test_what_came_in_since_is_told_as_a_band_and_a_missed_follow_up_is_made_up_for(installation: Installation) -> None:
    alert_id = agreed(installation)
    first = END + timedelta(days=7)
    days = [first + timedelta(days=9 * number) for number in range(6)]
    installation.reports.upsert([report(200 + number, day, communities=("a",)) for number, day in enumerate(days)])
    look(installation, first + timedelta(weeks=13))
    told = follow_ups.latest(installation.alerts_engine, alert_id, ADVISER)
    assert told is not None
    assert (told.weeks, told.after) == (12, Band(5, 10))


def test_a_follow_up_that_cannot_be_written_stops_no_cycle(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    alert_id = agreed(installation)

    def cannot(*_args: object) -> bool:
        from detector.store.errors import StoreError  # noqa: PLC0415 - only here

        raise StoreError("the database cannot be reached")

    monkeypatch.setattr(follow_ups, "receive", cannot)
    day = END + timedelta(weeks=6)
    look(installation, day)
    monkeypatch.undo()
    look(installation, day)
    assert follow_ups.latest(installation.alerts_engine, alert_id, ADVISER) is not None
