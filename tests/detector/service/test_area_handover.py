from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from alerting import make_pattern
from sqlalchemy.exc import DataError

from alerts import areas as told
from alerts.lifecycle import Alerts
from alerts.pattern import Pattern
from detector.areas import read_areas
from detector.configuration import load
from detector.service.area_handover import hand_over_areas
from detector.service.commands.areas import save
from detector.service.cycle import Cycle
from detector.service.engine import SerialEngine
from detector.service.installation import Installation
from detector.simulate import SimulationPlan, simulate

NOW = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    paths = simulate(tmp_path / "made-up", SimulationPlan(end=date(2026, 3, 1), years=1))
    made = Installation(load(environ={"PATROONWACHT_DATA_DIR": str(tmp_path)}).settings)
    made.area_store.replace(read_areas(paths.areas).to_rows())
    yield made
    made.close()


def test_the_alerting_side_has_the_areas_after_a_cycle_and_once(installation: Installation) -> None:
    Cycle(installation, SerialEngine(), lambda: NOW).hand_over()
    found = told.areas_of(installation.alerts_engine, "GM9999")
    assert [area.code for area in found] == [area.code for area in installation.areas().areas]
    assert all(area.outline is not None for area in found)
    assert hand_over_areas(installation, NOW) == ()


def test_a_changed_map_and_a_lost_copy_are_handed_over_again(installation: Installation) -> None:
    hand_over_areas(installation, NOW)
    rows = [{**row, "name": "Nieuw"} if row["code"] == "GM9999" else row for row in installation.area_store.load()]
    installation.area_store.replace(rows)
    assert hand_over_areas(installation, NOW) == ("GM9999",)
    assert told.areas_of(installation.alerts_engine, "GM9999")[0].name == "Nieuw"
    told.receive(installation.alerts_engine, "GM9999", (), "", NOW)
    assert hand_over_areas(installation, NOW) == ("GM9999",)
    installation.area_store.replace([])
    assert hand_over_areas(installation, NOW) == ("GM9999",)
    assert told.digests(installation.alerts_engine) == {}


def test_loading_areas_hands_them_over_at_once(installation: Installation) -> None:
    save(installation, installation.areas())
    assert set(told.digests(installation.alerts_engine)) == {"GM9999"}


def test_a_map_that_cannot_be_handed_over_keeps_no_alert_waiting(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    cycle = Cycle(installation, SerialEngine(), lambda: NOW)
    monkeypatch.setattr(told, "digests", _cannot)
    assert cycle.hand_over() == 0
    monkeypatch.undo()
    cycle.hand_over()
    assert set(told.digests(installation.alerts_engine)) == {"GM9999"}


def test_a_revision_that_a_database_cannot_hold_keeps_no_other_waiting(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = {key: make_pattern(key) for key in ("bad", "good")}
    got: list[str] = []

    def receive(_self: Alerts, pattern: Pattern, _now: datetime) -> None:
        if pattern.key == "bad":
            raise DataError("INSERT", {}, ValueError("value too long"))
        got.append(pattern.key)

    def outbox(_self: object, _limit: int, stuck: Collection[str]) -> list[Pattern]:
        return [pattern for key, pattern in waiting.items() if key not in stuck]

    monkeypatch.setattr(Alerts, "receive", receive)
    monkeypatch.setattr(type(installation.patterns), "outbox", outbox)
    monkeypatch.setattr(type(installation.patterns), "mark_handed_over", lambda _self, key, *_: waiting.pop(key))
    assert Cycle(installation, SerialEngine(), lambda: NOW).hand_over() == 1
    assert (got, list(waiting)) == (["good"], ["bad"])


def _cannot(_engine: object) -> dict[str, str]:
    from alerts.store.engine import StoreError  # noqa: PLC0415 - only here

    raise StoreError("the database cannot be reached")
