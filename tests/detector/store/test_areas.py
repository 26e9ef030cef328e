from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from detector.store.areas import AreaStore
from detector.store.errors import StoreError
from detector.store.history import SettingsEntry, SettingsHistory


def _row(code: str, municipality: str = "GM0001", **said: Any) -> dict[str, Any]:
    row = {"code": code, "name": "Noord", "level": "district", "municipality": municipality, "x_m": 1.0, "y_m": 2.5}
    return {**row, "crs": "EPSG:28992", **said}


@pytest.fixture
def areas(engine: Engine) -> AreaStore:
    return AreaStore(engine)


def test_areas_come_back_as_they_went_in(areas: AreaStore) -> None:
    assert (areas.load(), areas.version()) == ([], 0)
    full = _row("WK000101", parent="GM0001", inhabitants=1200, map_year=2025, geometry_wkb=b"\x01\x00")
    assert areas.replace(iter([full, _row("GM0001")])) == 2
    [municipality, district] = areas.load()
    assert district == full
    assert municipality == _row("GM0001", parent=None, inhabitants=None, map_year=None, geometry_wkb=None)
    assert areas.version() == 1


def test_a_new_set_takes_the_place_of_the_old(areas: AreaStore) -> None:
    areas.replace([_row("WK1"), _row("WK2"), _row("WK3", "GM0002")])
    areas.replace([_row("WK2", name="Zuid"), _row("WK9")])
    assert [(row["code"], row["name"]) for row in areas.load()] == [("WK2", "Zuid"), ("WK9", "Noord")]
    assert areas.replace([]) == 0
    assert (areas.load(), areas.version()) == ([], 3)


def test_a_row_that_cannot_be_kept_is_told_by_its_columns_and_the_old_set_stays(areas: AreaStore) -> None:
    areas.replace([_row("WK7")])
    with pytest.raises(StoreError, match=r"missing \['x_m'\], unknown \['population'\]"):
        areas.replace([_row("WK1"), _row("WK2", x_m=None, population=3)])
    assert [row["code"] for row in areas.load()] == ["WK7"]


def test_settings_are_kept_when_they_change(engine: Engine, noon: datetime) -> None:
    history = SettingsHistory(engine)
    first = SettingsEntry("abc", "a = 1", noon, "start")
    other = SettingsEntry("def", "a = 2", noon, "jansen")
    back = SettingsEntry("abc", "a = 1", noon + timedelta(days=1), "jansen")
    assert [history.record(entry) for entry in (first, first, other, back)] == [True, False, True, True]
    assert history.list() == [first, other, back]
