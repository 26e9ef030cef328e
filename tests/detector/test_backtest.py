"""Past nights: no look ahead, one entry a pattern, the promised shape."""

import json
from datetime import date, timedelta

import numpy as np
import pytest
from town import START, TOWN, neighbourhood, quiet_reports, report, town

from detector.backtest import backtest, nights_between
from detector.methods.scan import Scan
from detector.methods.threshold import Rule, RuleLevel, Threshold
from detector.model import Report
from detector.patterns import PatternSettings
from detector.window import History

AREAS = town()
SETTINGS = PatternSettings()
BURST_FROM = 500


def planted(late_days: int = 0) -> list[Report]:
    """A burst; ``late_days`` lie between the day it happened and the day it came in."""
    happened = [BURST_FROM + 4 * n for n in range(10)]
    return [
        report(9000 + n, day + late_days, neighbourhood(1, 4), communities=("d",), occurred_on=START + timedelta(days=day))
        for n, day in enumerate(happened)
    ]


def history(reports: list[Report], axis: str = "received_on") -> History:
    return History(quiet_reports(np.random.default_rng(1), 700, 80) + reports, AREAS, axis)


def night(day: int) -> date:
    return START + timedelta(days=day)


def test_a_planted_pattern_is_one_alert_that_grows() -> None:
    result = backtest(history(planted()), [Scan(), Threshold()], SETTINGS, night(450), night(600), every_days=7)
    ours = [one for one in result.alerts if one.members & {f"test:r{9000 + n:05d}" for n in range(10)}]
    assert len(ours) == 1
    assert BURST_FROM < (ours[0].first_seen - START).days <= BURST_FROM + 4 * 6 + 7
    assert ours[0].observed >= 8


def test_nothing_is_seen_before_it_came_in() -> None:
    """The same burst, that came in a hundred days later only, on the axis of when it happened."""
    late = backtest(
        history(planted(late_days=140), "occurred_on"), [Scan(), Threshold()], SETTINGS, night(450), night(636), every_days=7
    )
    assert not any(one.members & {f"test:r{9000 + n:05d}" for n in range(10)} for one in late.alerts)


def test_the_future_does_not_change_the_past() -> None:
    reports = quiet_reports(np.random.default_rng(1), 700, 80) + planted()
    until = night(560)
    past = [one for one in reports if one.received_on <= until]
    whole, cut = (
        backtest(History(held, AREAS, "received_on"), [Scan(), Threshold()], SETTINGS, night(450), until, every_days=7)
        for held in (reports, past)
    )
    assert whole.as_json() == cut.as_json()


def test_the_shape_is_as_promised() -> None:
    told: list[tuple[int, int]] = []
    result = backtest(
        history(planted()),
        [Threshold(rules=(Rule("buurt", 4, 90, RuleLevel.NEIGHBOURHOOD),), max_false_alerts_per_year=9)],
        SETTINGS,
        night(480),
        night(560),
        every_days=10,
        progress=lambda done, of: told.append((done, of)),
    )
    entry = json.loads(json.dumps(result.as_json()))
    assert list(entry) == ["nights", "alerts", "alerts_per_year", "expected_false_alerts_per_year"]
    assert entry["nights"] == 9
    assert told == [(n, 9) for n in range(1, 10)]
    assert entry["alerts_per_year"] == pytest.approx(len(entry["alerts"]) * 365.25 / 90)
    alert = next(one for one in entry["alerts"] if one["stream"] == "all" and "r09003" in one["report_ids"])
    assert list(alert) == [
        "pattern",
        "kind",
        "stream",
        "areas",
        "first_seen",
        "window_from",
        "window_to",
        "observed",
        "expected",
        "recurrence_interval_days",
        "methods",
        "report_ids",
    ]
    assert alert["kind"] == "place"
    assert alert["areas"] == [neighbourhood(1, 4)]
    assert alert["methods"] == ["threshold"]
    assert alert["observed"] == len(alert["report_ids"])
    assert date.fromisoformat(alert["window_from"]) < date.fromisoformat(alert["window_to"])


def test_an_empty_town_has_quiet_nights() -> None:
    result = backtest(History([], AREAS, "received_on"), [Scan(), Threshold()], SETTINGS, night(0), night(20))
    assert (result.nights, result.alerts, result.alerts_per_year) == (21, (), 0.0)


def test_nights_that_make_no_sense_are_refused() -> None:
    assert nights_between(night(0), night(15), 7) == [night(0), night(7), night(14)]
    with pytest.raises(ValueError, match="swap them"):
        nights_between(night(1), night(0), 7)
    with pytest.raises(ValueError, match="1 or more"):
        nights_between(night(0), night(1), 0)


def test_a_community_through_the_whole_town() -> None:
    reports = [report(9000 + n, BURST_FROM + 3 * n, neighbourhood(n % 4, n % 9), communities=("e",)) for n in range(8)]
    result = backtest(history(reports), [Scan()], SETTINGS, night(450), night(600), every_days=7)
    assert ("community", "community:e", [TOWN]) in [
        (one["kind"], one["stream"], one["areas"]) for one in result.as_json()["alerts"]
    ]
