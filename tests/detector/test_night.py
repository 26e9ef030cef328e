"""One look: the same again after a crash, whatever the other methods do."""

from datetime import timedelta

import numpy as np
import pytest
from town import START, neighbourhood, quiet_reports, report, town

from detector.methods import METHODS
from detector.model import Window
from detector.night import generator, look
from detector.patterns import PatternSettings
from detector.window import make_window

SETTINGS = PatternSettings()
ALL = [METHODS[name]() for name in sorted(METHODS)]


@pytest.fixture(scope="module")
def window() -> Window:
    burst = [report(9000 + n, 799 - 3 * n, neighbourhood(1, 4), communities=("d",)) for n in range(7)]
    reports = quiet_reports(np.random.default_rng(1), 800, 80) + burst
    return make_window(reports, town(), START + timedelta(days=800), look_days=7)


def test_the_same_night_twice_is_the_same_night(window: Window) -> None:
    assert look(window, ALL, [], SETTINGS, 5) == look(window, ALL, [], SETTINGS, 5)


def test_keys_differ_between_installations(window: Window) -> None:
    one, other = (look(window, ALL, [], SETTINGS, seed).followed[0].key for seed in (5, 6))
    assert one != other


def test_one_burst_is_one_pattern_seen_by_several_methods(window: Window) -> None:
    night = look(window, ALL, [], SETTINGS, 5)
    assert len({finding.method for finding in night.findings}) > 1
    assert len(night.followed) == 1
    assert len(night.followed[0].sightings) > 1


def test_a_method_does_not_change_what_another_sees(window: Window) -> None:
    alone = [method.detect(window, generator(5, window, f"detect {method.name}")) for method in ALL]
    together = look(window, ALL, [], SETTINGS, 5).findings
    assert [one for found in alone for one in found] == list(together)


def test_expected_false_alerts_add_up(window: Window) -> None:
    costs = [look(window, [method], [], SETTINGS, 5).expected_false_alerts_per_year for method in ALL]
    assert look(window, ALL, [], SETTINGS, 5).expected_false_alerts_per_year == pytest.approx(sum(costs))
