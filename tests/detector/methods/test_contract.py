"""Every method × every promise of a method."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError
from town import START, neighbourhood, quiet_reports, report, town

import detector.methods
from detector.methods import METHODS, Method
from detector.model import Report, Window
from detector.window import History, make_window

AREAS = town()
AS_OF = START + timedelta(days=800)


@pytest.fixture(params=sorted(METHODS))
def method(request: pytest.FixtureRequest) -> Method:
    return METHODS[request.param]()


def burst(first: int) -> list[Report]:
    """Seven reports in one neighbourhood on one community, in the last three weeks."""
    return [report(first + n, 800 - 3 * n, neighbourhood(1, 4), communities=("d",), grounds=("godsdienst",)) for n in range(7)]


def window_of(reports: list[Report]) -> Window:
    return make_window(reports, AREAS, AS_OF, look_days=7)


@pytest.fixture(scope="module")
def busy() -> Window:
    return window_of(quiet_reports(np.random.default_rng(1), 800, 80) + burst(9000))


def test_the_registry_is_the_folder() -> None:
    folder = {path.stem for path in Path(detector.methods.__file__).parent.glob("*.py")} - {"__init__", "base"}
    assert set(METHODS) == folder
    assert all(METHODS[name].name == name for name in METHODS)


def test_it_sees_a_burst(method: Method, busy: Window) -> None:
    planted = {f"test:r{9000 + n:05d}" for n in range(7)}
    best = method.detect(busy, np.random.default_rng(0))[0]
    assert len(best.members & planted) >= 5
    assert neighbourhood(1, 4) in best.region.area_codes


def test_findings_are_about_the_window(method: Method, busy: Window) -> None:
    findings = method.detect(busy, np.random.default_rng(0))
    day = dict(zip(busy.report_keys, busy.day.tolist(), strict=True))
    for one in findings:
        assert one.method == method.name
        assert one.members <= set(busy.report_keys)
        assert one.observed == len(one.members)
        assert one.window_from <= one.window_to <= busy.as_of
        assert all(one.window_from.toordinal() <= day[key] <= one.window_to.toordinal() for key in one.members)
        assert all(code in AREAS.index for code in one.region.area_codes)
        assert one.region.area_codes
        assert 0 < one.p <= 1
        assert one.recurrence_interval_days > 0
        assert one.expected >= 0
    assert [one.p for one in findings] == sorted(one.p for one in findings)


def test_it_changes_nothing(method: Method, busy: Window) -> None:
    before = [array.copy() for array in (busy.day, busy.area, busy.x_m, busy.y_m, busy.venue)]
    members = [stream.members.copy() for stream in busy.streams]
    method.detect(busy, np.random.default_rng(0))
    for array, now in zip(before, (busy.day, busy.area, busy.x_m, busy.y_m, busy.venue), strict=True):
        assert np.array_equal(array, now, equal_nan=array.dtype.kind == "f")
    assert all(np.array_equal(old, stream.members) for old, stream in zip(members, busy.streams, strict=True))


def test_the_same_generator_gives_the_same_answer(method: Method, busy: Window) -> None:
    one, other = (method.detect(busy, np.random.default_rng(7)) for _ in range(2))
    assert one == other
    costs = {method.expected_false_alerts_per_year(busy, np.random.default_rng(7)) for _ in range(2)}
    assert len(costs) == 1


@pytest.mark.parametrize(
    "reports",
    [
        list,
        lambda: [report(1, 800)],
        lambda: [report(1, 800, neighbourhood(0, 0), communities=("a",), x_m=1.0, y_m=1.0, place_key="v")],
        lambda: [report(n, 800) for n in range(5)],
        lambda: [report(n, n * 100) for n in range(9)],
    ],
    ids=["none", "one", "one with everything", "nowhere, one day", "nowhere, years"],
)
def test_next_to_nothing_is_no_pattern(method: Method, reports: Callable[[], list[Report]]) -> None:
    window = window_of(reports())
    assert method.detect(window, np.random.default_rng(0)) == []
    assert method.expected_false_alerts_per_year(window, np.random.default_rng(0)) >= 0


def test_all_on_one_spot(method: Method) -> None:
    reports = [
        report(
            n, 40 * n, neighbourhood(0, 0), x_m=5.0, y_m=5.0, place_key="v", communities=("a",), grounds=("g",), domains=("d",)
        )
        for n in range(20)
    ]
    assert method.detect(window_of(reports), np.random.default_rng(0)) == []


def test_permuted_dates_rarely_speak(method: Method) -> None:
    """Over a year of weekly looks at a town in which nothing is going on, at most a few alerts above what was promised."""
    nights, spoke, promised = 52, 0, 0.0
    for seed in range(2):
        history = History(quiet_reports(np.random.default_rng(100 + seed), 800, 90), AREAS, "received_on")
        for week in range(nights):
            window = history.at(START + timedelta(days=430 + 7 * week), 7)
            spoke += bool(method.detect(window, np.random.default_rng(week)))
        promised += method.expected_false_alerts_per_year(window, np.random.default_rng(0))
    assert spoke <= 10 * promised + 6  # one episode is seen for several weeks in a row


def test_settings_are_validated_and_unknown_ones_refused(method: Method) -> None:
    adapter = TypeAdapter(type(method))
    assert adapter.validate_python({}) == method
    with pytest.raises(ValidationError, match="nonsense"):
        adapter.validate_python({"nonsense": 1})
