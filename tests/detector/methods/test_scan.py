"""The nightly scan: quiet cities give nothing, planted patterns are seen, and the budget of false alerts is kept."""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError

from detector.methods.scan import Scan, Score
from detector.model import Area, AreaTable, BoolArray, Family, Finding, IntArray, Level, Stream, StreamKind, Window
from detector.scan.zones import ZoneKind

AS_OF = date(2025, 12, 31)
COMMUNITIES = ("a", "b", "c", "d", "e")
SIDE = 6

Make = Callable[..., Window]


def _areas() -> AreaTable:
    """A town of 6 × 6 neighbourhoods of 500 m in 9 districts."""
    areas = [Area("G", "Town", Level.MUNICIPALITY, None, "G", 1500.0, 1500.0, 3600)]
    parent, neighbours = [-1], [np.zeros(0, dtype=np.int64)]
    for i in range(9):
        areas.append(Area(f"W{i}", f"W{i}", Level.DISTRICT, "G", "G", (i % 3) * 1000.0, (i // 3) * 1000.0, 400))
        parent.append(0)
        neighbours.append(np.zeros(0, dtype=np.int64))
    for i in range(SIDE * SIDE):
        x, y = i % SIDE, i // SIDE
        district = (y // 2) * 3 + x // 2
        areas.append(Area(f"B{i:02}", f"B{i}", Level.NEIGHBOURHOOD, f"W{district}", "G", x * 500.0, y * 500.0 + x, 100))
        parent.append(1 + district)
        beside = [(x + dx, y + dy) for dx, dy in ((0, 1), (1, 0), (0, -1), (-1, 0))]
        neighbours.append(np.array([10 + b * SIDE + a for a, b in beside if 0 <= a < SIDE and 0 <= b < SIDE], dtype=np.int64))
    return AreaTable(tuple(areas), np.array(parent, dtype=np.int64), tuple(neighbours))


@pytest.fixture(scope="module")
def town() -> AreaTable:
    return _areas()


@pytest.fixture(scope="module")
def make(town: AreaTable) -> Make:
    def build(day: IntArray, area: IntArray, communities: BoolArray, *, as_of: date = AS_OF, look_days: int = 1) -> Window:
        """``day`` are days before ``AS_OF``; reports after ``as_of`` are left out, as the service does."""
        ordinal = AS_OF.toordinal() - day
        order = np.lexsort((np.arange(day.size), ordinal))
        order = order[ordinal[order] <= as_of.toordinal()]
        n = order.size
        streams = [Stream(StreamKind.ALL, "", np.arange(n))]
        streams += [Stream(StreamKind.COMMUNITY, c, np.flatnonzero(communities[order, i])) for i, c in enumerate(COMMUNITIES)]
        nowhere = np.full(n, np.nan)
        return Window(
            "G", as_of, AS_OF.toordinal() - 1500, look_days, town, tuple(f"s:{i}" for i in order.tolist()), ordinal[order],
            area[order], nowhere, nowhere, np.full(n, -1, dtype=np.int64), tuple(streams),
        )  # fmt: skip

    return build


def _quiet(rng: np.random.Generator, n: int = 400, days: int = 1400) -> tuple[IntArray, IntArray, BoolArray]:
    area = np.where(rng.random(n) < 0.1, -1, rng.integers(10, 10 + SIDE * SIDE, n))
    return rng.integers(0, days, n), area.astype(np.int64), rng.random((n, len(COMMUNITIES))) < [0.3, 0.15, 0.1, 0.05, 0.02]


def _with(
    quiet: tuple[IntArray, IntArray, BoolArray], day: list[int], area: list[int], community: int | None
) -> tuple[IntArray, IntArray, BoolArray]:
    extra = np.zeros((len(day), len(COMMUNITIES)), dtype=np.bool_)
    if community is not None:
        extra[:, community] = True
    return np.concatenate([quiet[0], day]), np.concatenate([quiet[1], area]), np.concatenate([quiet[2], extra])


def _detect(window: Window, scan: Scan | None = None, seed: int = 1) -> list[Finding]:
    return (scan or Scan(replicates=1999)).detect(window, np.random.default_rng(seed))


def test_nothing_is_found_where_there_is_nothing_to_compare(make: Make) -> None:
    empty = np.zeros(0, dtype=np.int64)
    none = np.zeros((0, len(COMMUNITIES)), dtype=np.bool_)
    assert _detect(make(empty, empty, none)) == []
    one = np.ones((1, len(COMMUNITIES)), dtype=np.bool_)
    assert _detect(make(np.array([3]), np.array([12]), one)) == []
    same_place = np.ones((50, len(COMMUNITIES)), dtype=np.bool_)
    assert _detect(make(np.arange(50) * 7, np.full(50, 12), same_place)) == []


def test_a_short_history_gives_nothing_rather_than_everything(make: Make) -> None:
    rows = np.ones((9, len(COMMUNITIES)), dtype=np.bool_)
    assert _detect(make(np.arange(9), np.full(9, 12), rows)) == []


def test_reports_in_one_neighbourhood_are_a_place(make: Make) -> None:
    quiet = _quiet(np.random.default_rng(4))
    found = _detect(make(*_with(quiet, [1, 4, 9, 12, 15, 20, 21, 24], [31] * 8, None)))
    best = next(f for f in found if f.family is Family.PLACE)
    assert best.region.area_codes == ("B21",)
    assert best.observed == len(best.members) >= 8
    assert {f"s:{i}" for i in range(400, 408)} <= best.members
    assert best.expected < 2
    assert best.window_to == AS_OF
    assert best.window_from == AS_OF - timedelta(41)
    assert best.recurrence_interval_days == pytest.approx(7 / best.p)  # the looks of a week are one


def test_reports_on_one_community_all_over_town_are_a_community(make: Make) -> None:
    rng = np.random.default_rng(5)
    found = _detect(make(*_with(_quiet(rng), list(range(2, 42, 4)), rng.permutation(36)[:10].tolist(), 4)))
    best = next(f for f in found if f.family is Family.COMMUNITY)
    assert (best.stream, best.region.area_codes) == ("community:e", ("G",))
    assert {f"s:{i}" for i in range(400, 410)} <= best.members


def test_few_reports_on_one_community_in_one_part_of_town_are_both(make: Make) -> None:
    found = _detect(make(*_with(_quiet(np.random.default_rng(6)), [2, 9, 17, 30, 33], [20, 20, 21, 26, 21], 3)))
    best = next(f for f in found if f.family is Family.PLACE_COMMUNITY)
    assert best.stream == "community:d"
    assert {f"s:{i}" for i in range(400, 405)} & best.members


def test_mostly_the_same_reports_give_one_finding_and_others_another(make: Make) -> None:
    quiet = _quiet(np.random.default_rng(7))
    rows = _with(_with(quiet, [1, 3, 5, 7, 9, 11, 13], [10] * 7, None), [2, 4, 6, 8, 10, 12, 14], [45] * 7, None)
    places = [f for f in _detect(make(*rows)) if f.family is Family.PLACE]
    assert {f.region.area_codes for f in places} == {("B00",), ("B35",)}
    for one, other in pairwise(places):
        assert not one.members & other.members


def test_growth_of_the_whole_town_is_no_pattern(make: Make) -> None:
    rng = np.random.default_rng(8)
    _, area, communities = _quiet(rng, 600)
    day = np.where(rng.random(600) < 0.3, rng.integers(0, 30, 600), rng.integers(0, 1400, 600))
    assert _detect(make(day, area, communities)) == []


@pytest.mark.parametrize("score", list(Score))
def test_the_answer_depends_on_the_seed_only(make: Make, score: Score) -> None:
    window = make(*_with(_quiet(np.random.default_rng(4)), [1, 4, 9, 15, 20, 24], [31] * 6, 3))
    one = _detect(window, Scan(score=score, threads=1, false_alerts_per_year=22))
    assert one
    assert one == _detect(window, Scan(score=score, threads=2, false_alerts_per_year=22))
    assert one != _detect(window, Scan(score=score, false_alerts_per_year=22), seed=2)


def test_stopping_early_changes_no_finding(make: Make) -> None:
    window = make(*_with(_quiet(np.random.default_rng(4)), [1, 4, 9, 15, 20, 24], [31] * 6, 3))
    strict = {(f.family, f.stream, f.region): f.p for f in _detect(window, Scan(replicates=29_999, false_alerts_per_year=0.3))}
    loose = {(f.family, f.stream, f.region): f.p for f in _detect(window, Scan(replicates=29_999, false_alerts_per_year=100))}
    assert 0 < len(strict) < len(loose)
    assert strict.items() <= loose.items()


def test_a_small_budget_gets_the_replicates_it_needs(make: Make) -> None:
    window = make(*_with(_quiet(np.random.default_rng(4)), [1, 2, 3, 4, 5, 6, 7, 8, 9], [31] * 9, 3))
    found = _detect(window, Scan(false_alerts_per_year=0.05, replicates=999))
    assert found
    assert max(f.p for f in found) <= 7 * 0.05 * 0.9 * 0.5 / 365.25


@pytest.mark.parametrize("look_days", [1, 7])
def test_alerts_on_permuted_dates_stay_within_the_budget(make: Make, look_days: int) -> None:
    budget, years, episodes = 6.0, 0.0, 0
    scan = Scan(false_alerts_per_year=budget, share=1.0, replicates=199)
    for run in range(3):
        rows = _quiet(np.random.default_rng(100 + run))
        last: dict[tuple[Family, str], int] = {}
        for ago in range(700, 0, -look_days):
            window = make(*rows, as_of=AS_OF - timedelta(ago), look_days=look_days)
            for finding in scan.detect(window, np.random.default_rng([run, ago])):
                key = (finding.family, finding.stream)
                episodes += last.get(key, 10_000) - ago > 28
                last[key] = ago
        years += 700 / 365.25
    assert 0 < episodes <= budget * years + 3 * (budget * years) ** 0.5


def test_looking_every_day_costs_no_more_than_every_week() -> None:
    scan = Scan(false_alerts_per_year=2.0)
    daily, weekly, monthly = (scan.limit(Family.PLACE, days) for days in (1, 7, 30))
    assert daily == weekly == pytest.approx(7 * 2.0 * 0.9 * 0.5 / 365.25)
    assert monthly == pytest.approx(30 / 7 * weekly)


def test_circles_and_the_likelihood_ratio_are_a_choice(make: Make) -> None:
    window = make(*_with(_quiet(np.random.default_rng(4)), list(range(1, 13)), [31, 31, 32, 31, 37, 32] * 2, None))
    scan = Scan(
        score=Score.LLR,
        false_alerts_per_year=30,
        zones=(ZoneKind.NEIGHBOURHOOD, ZoneKind.CIRCLE),
        replicates=999,
        max_radius_m=800,
    )
    best = next(f for f in _detect(window, scan) if f.family is Family.PLACE)
    assert "B21" in best.region.area_codes
    assert best.score_name == "llr"
    assert best.region.radius_m is None or best.region.radius_m <= 800


def test_settings_are_refused_with_a_reason() -> None:
    adapter = TypeAdapter(Scan)
    assert adapter.validate_python({}) == Scan()
    assert adapter.validate_python({"score": "llr", "family_shares": {"place": 1.0}}).family_shares == {Family.PLACE: 1.0}
    refused: list[dict[str, object]] = [
        {"alpha": 0},
        {"unknown": 1},
        {"windows_days": []},
        {"family_shares": {"place": 0.9, "community": 0.9}},
    ]
    for wrong in refused:
        with pytest.raises(ValidationError):
            adapter.validate_python(wrong)
    with pytest.raises(ValueError, match="place family already scans all"):
        Scan(streams=(StreamKind.ALL,))


def test_the_promised_rate_is_the_part_of_the_budget(make: Make) -> None:
    window = make(*_quiet(np.random.default_rng(1)))
    rate = Scan(false_alerts_per_year=4.0, share=0.5).expected_false_alerts_per_year(window, np.random.default_rng(0))
    assert rate == pytest.approx(2.0)
