"""What is told since an approach was agreed: bands, floors, and nothing by difference."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from alerting import make_pattern
from town import TOWN, district, neighbourhood, report, town

from alerts.effect import FollowUp
from alerts.pattern import Audience, Band, PatternKind
from detector.disclosure import DisclosureSettings
from detector.disclosure.bands import band_of, bands
from detector.disclosure.follow_up import CITY_STEP, Period, follow_up, told_total
from detector.model import Family, Region, Report, ReportKind, StreamKind
from detector.patterns import Followed, FollowState
from detector.window import TimeAxis

NOW = datetime(2026, 6, 1, tzinfo=UTC)
FIRST = date(2026, 3, 9)
SETTINGS = DisclosureSettings()
HERE, BESIDE = neighbourhood(0, 0), neighbourhood(1, 0)


def followed(**changes: Any) -> Followed:
    values: dict[str, Any] = {
        "key": "p1",
        "municipality": TOWN,
        "revision": 1,
        "state": FollowState.OVER,
        "family": Family.PLACE,
        "stream_kind": StreamKind.ALL,
        "stream_code": "",
        "region": Region((HERE,)),
        "seen_from": date(2026, 1, 5),
        "seen_to": date(2026, 3, 1),
        "observed": 4,
        "expected": 0.5,
        "recurrence_interval_days": 400.0,
        "members": frozenset(),
        "sightings": (),
        "first_seen": date(2026, 3, 1),
        "last_seen": date(2026, 3, 1),
        "episode_from": date(2026, 3, 1),
        "window_from": date(2026, 1, 5),
        "window_to": date(2026, 3, 1),
        "gathered": frozenset(),
    }
    return Followed(**{**values, **changes})


def tell(reports: Sequence[Report], told: Sequence[FollowUp] = (), weeks: int = 4, **changes: Any) -> FollowUp | None:
    pattern = changes.pop("pattern", make_pattern(municipality=TOWN))
    return follow_up(
        followed(**changes),
        pattern,
        reports,
        told,
        Period(FIRST, weeks),
        areas=town(),
        settings=SETTINGS,
        time_axis=TimeAxis.RECEIVED_ON,
        now=NOW,
    )


def test_it_counts_what_the_pattern_would_have_gathered_in_whole_weeks() -> None:
    inside = [report(number, FIRST + timedelta(days=number), HERE) for number in range(3)]
    others = [
        report(10, FIRST - timedelta(days=1), HERE),
        report(11, FIRST + timedelta(weeks=4), HERE),
        report(12, FIRST, BESIDE),
        report(13, FIRST),
        report(14, FIRST, HERE, withdrawn=True),
        report(15, FIRST, HERE, kind=ReportKind.MASS),
    ]
    assert tell([*inside[:2], *others]).after is None  # type: ignore[union-attr]
    told = tell([*inside, *others])
    assert told is not None
    assert (told.after, told.floor, told.before, told.weeks) == (Band(3, 5), 3, Band(3, 5), 4)
    assert tell([*inside[:2], *others], gathered=frozenset({"test:r00013"})).after == Band(3, 5)  # type: ignore[union-attr]
    assert tell([*inside, *others], region=Region((district(1),))).after is None  # type: ignore[union-attr]


def test_a_community_is_counted_by_itself_and_with_its_own_floor() -> None:
    pattern = make_pattern(municipality=TOWN, kind=PatternKind.COMMUNITY, community="a", observed=Band(5, 10))
    reports = [report(number, FIRST, communities=("a",)) for number in range(4)]
    reports += [report(10 + number, FIRST, communities=("b",)) for number in range(9)]
    assert tell(reports, pattern=pattern, region=Region()).after is None  # type: ignore[union-attr]
    told = tell([*reports, report(30, FIRST, HERE, communities=("a", "b"))], pattern=pattern, region=Region((TOWN,)))
    assert told is not None
    assert (told.after, told.floor) == (Band(5, 10), 5)


def test_a_pattern_for_the_service_alone_has_no_follow_up() -> None:
    assert tell([], pattern=make_pattern(audience=Audience.ADV, observed=None)) is None


def test_a_band_never_goes_down_unless_it_falls_below_the_floor() -> None:
    six = tell([report(number, FIRST, HERE) for number in range(6)])
    assert six is not None
    assert six.after == Band(6, 10)
    later = [report(number, FIRST, HERE, withdrawn=number > 3) for number in range(6)]
    assert tell(later, [six], weeks=8).after == Band(6, 10)  # type: ignore[union-attr]
    assert tell(later[2:], [six], weeks=8).after is None  # type: ignore[union-attr]


def test_the_city_before_is_told_once_for_good() -> None:
    pattern = make_pattern(municipality=TOWN)
    before = [report(number, pattern.window_from) for number in range(40)]
    first = tell(before)
    assert first is not None
    assert first.city_before == Band(38, 42)
    assert tell(before[:30], [first], weeks=8).city_before == Band(38, 42)  # type: ignore[union-attr]


@pytest.mark.parametrize("edges", [(3, 6, 11), (3, 7), (3, 6, 11, 22), (4, 40)])
def test_a_total_is_told_only_far_above_any_band(edges: tuple[int, ...]) -> None:
    """So that even with the highest band the rest of the city may be nothing, and anything below its floor."""
    settings = DisclosureSettings(band_edges=edges)
    for count in range(200):
        told = told_total(count, settings)
        if told is None:
            continue
        assert told.low <= count <= (told.high or 0)
        assert (told.high or 0) - told.low == CITY_STEP - 1
        highest = bands(settings.place_floor, edges)[-1]
        assert (told.high or 0) - highest.low >= settings.community_floor - 1


@pytest.mark.parametrize("floor", [3, 5])
def test_no_small_count_can_be_worked_out_from_all_that_is_told(floor: int) -> None:
    """Somebody knows the rules, every follow-up, and every revision since.

    ``start`` reports before; in each of two periods some come in, of which the pattern gathers some. Among all histories that
    would have been told in the same words, a count that was hidden still has two values or more. The city's total, even the exact
    one, adds nothing: what is told of it hangs on nothing else.
    """
    among = bands(floor, SETTINGS.band_edges)
    worlds: dict[tuple[Bands, Bands], list[tuple[int, int]]] = defaultdict(list)
    steps = [(more, gathered) for more in range(13) for gathered in range(more + 1)]
    for start in range(floor, 13):
        for (one, gathered), (other, also_gathered) in product(steps, steps):
            afters = (one, one + other)
            totals = (start, start + gathered, start + gathered + also_gathered)
            worlds[_bands(afters, among), _bands(totals, among)].append(afters)
    assert len(worlds) > 20
    for told, held in worlds.items():
        for number, band in enumerate(told[0]):
            if band is None:
                assert len({afters[number] for afters in held}) > 1, (told, held)


Bands = tuple[Band | None, ...]


def _bands(counts: Sequence[int], among: Sequence[Band]) -> Bands:
    return tuple(band_of(count, among) for count in counts)
