from dataclasses import dataclass
from datetime import timedelta

from alerting import NOW, make_pattern
from sqlalchemy import Engine, delete, update

from alerts import pattern as patterns
from alerts.alert import SYSTEM
from alerts.kept import Drawn, Kept
from alerts.lifecycle import Alerts, alert_id_of
from alerts.queries import current_pattern
from alerts.store import tables as t
from alerts.store.engine import write


@dataclass
class Seconds:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def test_what_was_used_last_stays_as_far_as_there_is_room() -> None:
    kept: Kept[str, int] = Kept(room=10)
    kept.put("a", 1, 4)
    kept.put("b", 2, 4)
    assert kept.get("a") == 1
    kept.put("c", 3, 4)
    assert (kept.get("a"), kept.get("b"), kept.get("c")) == (1, None, 3)
    assert kept.put("too heavy", 4, 11) == 4
    assert (kept.get("too heavy"), kept.get("a"), kept.get("c")) == (None, 1, 3)


def test_a_key_stands_for_its_first_value_and_weighs_once() -> None:
    kept: Kept[str, int] = Kept(room=2)
    kept.put("a", 1)
    kept.put("a", 1)
    kept.put("b", 2)
    assert (kept.get("a"), kept.get("b")) == (1, 2)


def test_nothing_stays_for_longer_than_a_day() -> None:
    seconds = Seconds()
    kept: Kept[str, int] = Kept(room=2, seconds=seconds)
    kept.put("a", 1)
    seconds.now = 24 * 3600 - 1
    assert kept.get("a") == 1
    seconds.now += 1
    assert kept.get("a") is None
    kept.put("b", 2)
    kept.put("c", 3)
    assert (kept.get("b"), kept.get("c")) == (2, 3)


def test_what_is_drawn_belongs_to_the_very_object() -> None:
    made: list[list[int]] = []

    def draw(source: list[int]) -> str:
        made.append(source)
        return str(source)

    drawn = Drawn(draw, room=1)
    one, equal = [1], [1]
    assert [drawn(one), drawn(one)] == ["[1]", "[1]"]
    assert len(made) == 1
    assert drawn(equal) == "[1]"
    assert drawn([2]) == "[2]"
    assert len(made) == 3


def test_a_revision_is_understood_once_and_another_is_not_taken_for_it_where_a_backup_was_put_back(
    engine: Engine, alerts: Alerts
) -> None:
    alerts.receive(make_pattern("p1"), NOW)
    alert_id = alert_id_of("p1")
    first = current_pattern(engine, alert_id, SYSTEM)
    assert current_pattern(engine, alert_id, SYSTEM) is first
    with write(engine) as connection:
        # As after a backup: what came since comes again, later, and under the same number it can be another revision.
        connection.execute(delete(t.pattern_revision))
        body = patterns.to_json(make_pattern("p1", expected=2.5))
        values = {"pattern_key": "p1", "revision": 1, "body": body, "received_at": NOW, "late": False}
        connection.execute(t.pattern_revision.insert(), values)
        connection.execute(update(t.alert).values(updated_at=NOW + timedelta(minutes=1)))
    assert current_pattern(engine, alert_id, SYSTEM).expected == 2.5
