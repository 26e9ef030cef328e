"""A municipality's own look, what can be chosen in the list, and maps that a page can carry."""

import json
import math
from pathlib import Path

import pytest
from pydantic import ValidationError

from alerts.alert import SETTLED_STATES, ReviewState, Role
from alerts.console.door import page_policy
from alerts.console.listing.choice import NO_PLACE, NOTHING, OPEN, WAITING, Choice, choice_of, filter_of
from alerts.console.look import ThemeError, theme_of, tiles_origin
from alerts.console.maps import POINTS_AT_MOST, Shape, band_class, band_sign, coarse, map_view
from alerts.console.settings import ConsoleSettings
from alerts.pattern import Band


def test_a_token_file_is_taken_up_and_again_when_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "own.css"
    settings = ConsoleSettings(theme_file=str(path))
    with pytest.raises(ThemeError, match="cannot be read"):
        theme_of(settings)
    path.write_text("p { color: red }", encoding="utf-8")
    with pytest.raises(ThemeError, match="ends in -theme"):
        theme_of(settings)
    path.write_text(".heiveen-theme { --pw-accent: #123456 }", encoding="utf-8")
    found = theme_of(settings)
    assert found is not None
    assert found.classes == ("heiveen-theme",)
    assert theme_of(ConsoleSettings()) is None


def test_only_the_host_of_the_tiles_is_allowed_and_only_if_there_are_any() -> None:
    assert "//" not in page_policy(tiles_origin(ConsoleSettings()))
    tiles = ConsoleSettings(tiles_url="https://tiles.example/{z}/{x}/{y}.png")
    assert "connect-src 'self' https://tiles.example;" in page_policy(tiles_origin(tiles))
    with pytest.raises(ValidationError):
        ConsoleSettings(tiles_url="https://tiles.example; script-src *")


def test_what_makes_no_sense_is_not_chosen() -> None:
    assert choice_of({"state": "gone", "kind": "x", "first": "soon", "unknown": "y"}) == NOTHING
    assert choice_of(Choice(state=OPEN, area=NO_PLACE, mine="yes").body) == Choice(state=OPEN, area=NO_PLACE, mine="yes")


def test_a_choice_means_a_filter() -> None:
    meant = filter_of(Choice(state=OPEN, area="WK1", mine="yes"), "ann", Role.CASE_WORKER, lambda code: frozenset({code, "BU1"}))
    assert not SETTLED_STATES & set(meant.review)
    assert (meant.area_codes, meant.no_place, meant.handled_by) == (("BU1", "WK1"), False, "ann")
    assert filter_of(Choice(area=NO_PLACE), "ann", Role.CASE_WORKER, lambda code: frozenset({code})).no_place


def test_what_waits_depends_on_whom_it_waits_for() -> None:
    choice = choice_of({"state": WAITING})
    service, municipality = (
        set(filter_of(choice, "ann", role, lambda code: frozenset({code})).review)
        for role in (Role.CASE_WORKER, Role.AREA_MANAGER)
    )
    assert ReviewState.NEW in service
    assert ReviewState.RELEASED in municipality
    assert not service & municipality


@pytest.mark.parametrize(
    ("band", "sign", "kind"),
    [(Band(3, 5), "3–5", "1"), (Band(6, 10), "6–10", "2"), (Band(11, None), ">10", "3"), (None, "?", "unknown")],
)
def test_a_count_in_short(band: Band | None, sign: str, kind: str) -> None:
    assert (band_sign(band), band_class(band)) == (sign, kind)


def test_a_page_carries_no_more_corners_than_it_needs_and_no_text_that_ends_its_data() -> None:
    turns = [2 * math.pi * step / 5000 for step in range(5000)]
    ring = [[5 + 0.05 * math.cos(turn), 52 + 0.05 * math.sin(turn)] for turn in turns]
    drawn = coarse({"type": "Polygon", "coordinates": [[*ring, ring[0]]]})
    assert 10 < len(drawn["coordinates"][0]) <= POINTS_AT_MOST
    title = "</script><b>"
    view = map_view([Shape("a1", drawn, None, title)], ["GM0001"], title)
    assert "<" not in view.data
    assert json.loads(view.data)["shapes"][0]["properties"]["title"] == title
