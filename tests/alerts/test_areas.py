import json
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, event

from alerts import areas
from alerts.areas import Area

NOW = datetime(2026, 3, 2, tzinfo=UTC)
SQUARE: dict[str, Any] = {"type": "Polygon", "coordinates": [[[5.1, 52.1], [5.2, 52.1], [5.2, 52.2], [5.1, 52.1]]]}
HEIVEEN = (
    Area("GM0001", "Heiveen", "municipality", None, "GM0001", SQUARE),
    Area("WK000101", "Zonnehoek", "district", "GM0001", "GM0001", SQUARE),
    Area("WK000102", "Koppel", "district", "GM0001", "GM0001"),
    Area("BU00010101", "De Laar", "neighbourhood", "WK000101", "GM0001", SQUARE),
)


def test_the_areas_come_back_as_they_were_handed_over(engine: Engine) -> None:
    assert areas.receive(engine, "GM0001", HEIVEEN, "one", NOW)
    assert areas.areas_of(engine, "GM0001") == HEIVEEN
    assert [area.code for area in areas.districts(engine, "GM0001")] == ["WK000101", "WK000102"]
    assert areas.districts(engine, "GM0001")[0].outline is None
    assert areas.areas_of(engine, "GM0002") == ()


def test_the_same_again_writes_nothing_and_a_change_replaces_all(engine: Engine) -> None:
    areas.receive(engine, "GM0001", HEIVEEN, "one", NOW)
    assert not areas.receive(engine, "GM0001", HEIVEEN[:1], "one", NOW)
    assert areas.areas_of(engine, "GM0001") == HEIVEEN
    assert areas.receive(engine, "GM0001", HEIVEEN[:2], "two", NOW)
    assert areas.areas_of(engine, "GM0001") == HEIVEEN[:2]
    assert areas.digests(engine) == {"GM0001": "two"}


def test_a_hand_over_that_dies_leaves_what_was_there(engine: Engine) -> None:
    areas.receive(engine, "GM0001", HEIVEEN, "one", NOW)

    def die(*args: object) -> None:
        if "alerts_area_sheet" in str(args[2]) and str(args[2]).startswith("INSERT"):
            raise RuntimeError("the process died")

    event.listen(engine, "before_cursor_execute", die)
    with pytest.raises(RuntimeError, match="died"):
        areas.receive(engine, "GM0001", HEIVEEN[:1], "two", NOW)
    event.remove(engine, "before_cursor_execute", die)
    assert areas.areas_of(engine, "GM0001") == HEIVEEN
    assert areas.digests(engine) == {"GM0001": "one"}


def test_municipalities_do_not_touch_each_other_and_can_go(engine: Engine) -> None:
    areas.receive(engine, "GM0001", HEIVEEN, "one", NOW)
    areas.receive(engine, "GM0002", [Area("BU00010101", "De Laar", "neighbourhood", None, "GM0002")], "one", NOW)
    assert areas.receive(engine, "GM0001", (), "", NOW)
    assert areas.areas_of(engine, "GM0001") == ()
    assert set(areas.digests(engine)) == {"GM0002"}


def test_what_lies_around_and_within(engine: Engine) -> None:
    areas.receive(engine, "GM0001", HEIVEEN, "one", NOW)
    assert areas.ancestors(engine, "GM0001", ["BU00010101", "unknown"]) == {
        "BU00010101": ("WK000101", "GM0001"),
        "unknown": (),
    }
    assert areas.within(engine, "GM0001", ["WK000101"]) == {"WK000101", "BU00010101"}
    assert areas.within(engine, "GM0001", ["WK000102"]) == {"WK000102"}


def test_areas_that_lie_in_each_other_do_not_hang(engine: Engine) -> None:
    loop = [Area("a", "A", "district", "b", "GM0001"), Area("b", "B", "district", "a", "GM0001")]
    areas.receive(engine, "GM0001", loop, "one", NOW)
    assert areas.ancestors(engine, "GM0001", ["a"]) == {"a": ("b", "a")}


def test_geojson_holds_only_what_can_be_drawn() -> None:
    collection = areas.feature_collection(HEIVEEN)
    assert [feature["id"] for feature in collection["features"]] == ["GM0001", "WK000101", "BU00010101"]
    assert collection["features"][2]["properties"] == {
        "code": "BU00010101",
        "name": "De Laar",
        "level": "neighbourhood",
        "parent": "WK000101",
    }


def test_a_sheet_is_drawn_once_and_anew_when_the_areas_change(engine: Engine) -> None:
    assert json.loads(areas.sheet(engine, "GM0001").body)["features"] == []
    areas.receive(engine, "GM0001", HEIVEEN, "a", NOW)
    first = areas.sheet(engine, "GM0001")
    assert json.loads(first.body) == json.loads(json.dumps(areas.feature_collection(areas.areas_of(engine, "GM0001"))))
    assert areas.sheet(engine, "GM0001") is first
    assert areas.sheet(engine, "GM0001", "district").mark != first.mark
    areas.receive(engine, "GM0001", HEIVEEN[:1], "b", NOW)
    assert len(json.loads(areas.sheet(engine, "GM0001").body)["features"]) < len(json.loads(first.body)["features"])
    areas.receive(engine, "GM0001", HEIVEEN, "a", NOW)
    assert areas.sheet(engine, "GM0001") == first
