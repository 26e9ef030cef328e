from datetime import date, timedelta

from alerts.console.alert.chart import GrowthChart, growth_chart
from alerts.pattern import Band, WeekPoint

MONDAY = date(2026, 1, 5)
WEEKS = (None, Band(3, 5), Band(3, 5), Band(6, 10), Band(11, None))


def weekly(*bands: Band | None) -> tuple[WeekPoint, ...]:
    return tuple(WeekPoint(MONDAY + timedelta(weeks=number), band, 0.5 * (number + 1)) for number, band in enumerate(bands))


def drawn(*bands: Band | None) -> GrowthChart:
    chart = growth_chart(weekly(*bands), "nl")
    assert chart is not None
    return chart


def test_without_weeks_there_is_no_chart() -> None:
    assert growth_chart((), "nl") is None


def test_a_week_that_may_not_be_told_leaves_no_trace_but_in_words() -> None:
    chart = drawn(*WEEKS)
    assert len(chart.surfaces) == len(chart.dots) == 4
    assert chart.surfaces[0].x > chart.left, "the first week has no surface"
    assert chart.rows[0].observed == "niet getoond"
    assert drawn(None, None).seen == ""


def test_surfaces_reach_from_the_least_to_the_greatest_count() -> None:
    chart = drawn(*WEEKS)
    top = {tick.label: tick.at for tick in chart.y_ticks}
    band = chart.surfaces[2]
    assert not band.open
    assert top["10"] == band.y
    assert top["0"] > band.y + band.height == chart.dots[2].y > top["10"]
    last = chart.surfaces[3]
    assert (last.open, last.y) == (True, float(chart.top)), "an open band reaches the top"


def test_everything_lies_within_the_frame() -> None:
    for bands in (WEEKS, (Band(3, 5),), (None,) * 30, (Band(1000, None),) * 3):
        chart = drawn(*bands)
        for surface in chart.surfaces:
            assert chart.left <= surface.x < surface.x + surface.width <= chart.right + 0.1
            assert chart.top <= surface.y <= surface.y + surface.height <= chart.bottom
        assert 2 <= len(chart.y_ticks) <= 8
        assert len(chart.x_ticks) <= 6


def test_the_chart_and_the_table_are_told_in_words_without_any_count() -> None:
    chart = drawn(*WEEKS)
    assert chart.description == (
        "Van de week van 5 januari 2026 tot en met die van 2 februari 2026 werden het meer dan 10 meldingen; "
        "gewoonlijk zouden het er 2 of 3 zijn."
    )
    assert [row.observed for row in chart.rows] == ["niet getoond", "3 à 5", "3 à 5", "6 à 10", "meer dan 10"]
    assert chart.rows[0].week == "5 januari 2026"
