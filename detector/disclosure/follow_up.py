"""What may be told of a pattern since an approach was agreed: a band of four weeks or more, and a coarse total of the city."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from alerts.effect import FollowUp
from alerts.pattern import Audience, Band, Pattern
from detector.disclosure.bands import band_of, bands, higher
from detector.disclosure.settings import DisclosureSettings
from detector.disclosure.subject import Subject
from detector.model import AreaTable, Report
from detector.patterns import Followed
from detector.window import TimeAxis, counts_in_detection, day_of

CITY_STEP: Final = 5
"""A city's total is told as the nearest multiple, and so to within two; the council's figures are rounded to the same."""


@dataclass(frozen=True, slots=True)
class Period:
    """Whole weeks from ``first``, a Monday."""

    first: date
    weeks: int

    @property
    def last(self) -> date:
        """The last day."""
        return self.first + timedelta(days=7 * self.weeks - 1)


def follow_up(
    followed: Followed,
    agreed: Pattern,
    reports: Sequence[Report],
    told: Sequence[FollowUp],
    period: Period,
    *,
    areas: AreaTable,
    settings: DisclosureSettings,
    time_axis: TimeAxis,
    now: datetime,
) -> FollowUp | None:
    """What may be told of the period; None of a pattern that no municipality may see.

    Before is what was told already, so telling it again adds nothing. After counts what the pattern would gather if it went on:
    reports on its subject in its areas, and all that it did gather. That count only grows from one follow-up to the next, and is
    told as a band, nothing below the floor. The city's total includes the pattern, so that somebody who knows the exact total
    learns nothing of the pattern from it; and it is told only where it is far above any band.

    Args:
        followed: as it is followed now, also when quiet or over.
        agreed: the revision in force when the approach was agreed.
        reports: the municipality's.
        told: earlier follow-ups of this approach.
        period: after.
        areas: the municipality's.
        settings: floors and bands.
        time_axis: which day of a report counts.
        now: UTC; when this is recorded.
    """
    if agreed.audience is not Audience.MUNICIPALITY or agreed.observed is None:
        return None
    subject = Subject(agreed.kind, agreed.community, agreed.ground, agreed.domain)
    floor = subject.floor(settings)
    counted = [report for report in reports if counts_in_detection(report)]
    here = _inside(followed.region.area_codes, areas)
    after = [
        report
        for report in counted
        if period.first <= day_of(report, time_axis) <= period.last
        and subject.concerns(report)
        and (report.key in followed.gathered or here is None or report.area_code in here)
    ]
    band = band_of(len(after), bands(floor, settings.band_edges))
    before_it = [each for each in told if each.approach_from == period.first]
    if band is not None:
        for each in before_it:
            band = higher(band, each.after)

    def city(first: date, last: date) -> Band | None:
        return told_total(sum(first <= day_of(report, time_axis) <= last for report in counted), settings)

    return FollowUp(
        pattern_key=followed.key,
        approach_from=period.first,
        weeks=period.weeks,
        floor=floor,
        before_from=agreed.window_from,
        before_to=agreed.window_to,
        before=agreed.observed,
        after=band,
        # Told once for good: reports that are withdrawn later would let two roundings be compared.
        city_before=before_it[0].city_before if before_it else city(agreed.window_from, agreed.window_to),
        city_after=city(period.first, period.last),
        recorded_at=now,
    )


def told_total(count: int, settings: DisclosureSettings) -> Band | None:
    """A city's total as the range around the nearest multiple of five; None where a band could come near it."""
    nearest = CITY_STEP * round(count / CITY_STEP)
    least = max(settings.band_edges[-1], settings.community_floor) + settings.community_floor + CITY_STEP // 2
    if nearest < least:
        return None
    return Band(nearest - CITY_STEP // 2, nearest + CITY_STEP // 2)


def _inside(codes: Collection[str], areas: AreaTable) -> frozenset[str] | None:
    """The areas and all within; None for the whole municipality, reports that do not say where included."""
    if not codes or areas.municipality.code in codes:
        return None
    wanted = set(codes)
    return frozenset(
        area.code
        for row, area in enumerate(areas.areas)
        if wanted.intersection(areas.areas[around].code for around in areas.ancestors(row))
    )
