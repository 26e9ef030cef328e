"""The one gate between what is known and what is told: a followed pattern in, as much of it as may be told out; pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from alerts.pattern import Audience, Band, CampaignOverlap, Pattern, PatternKind, PatternState, RuleVersion, WhyPart
from alerts.render import why
from detector.disclosure.figures import (
    Weeks,
    breakdowns,
    methods_say,
    told_band,
    told_expected,
    told_weeks,
    weekly_series,
)
from detector.disclosure.region import ToldRegion, told_region, touches, wider
from detector.disclosure.settings import DisclosureSettings
from detector.disclosure.subject import Gathered, Past, Subject, subject_of
from detector.model import AreaTable, Campaign, Level, Report
from detector.patterns import Followed, FollowState
from detector.window import TimeAxis

Outline = Callable[[Sequence[str]], dict[str, Any]]
"""Draws the outline of areas, by code, as GeoJSON in longitude and latitude."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the gate needs to know besides the pattern: fixed for a municipality and a run."""

    areas: AreaTable
    settings: DisclosureSettings
    rule: RuleVersion
    time_axis: TimeAxis = TimeAxis.RECEIVED_ON
    campaigns: Sequence[Campaign] = ()
    outline: Outline | None = None


def disclose(
    followed: Followed,
    reports: Mapping[str, Report],
    previous: Sequence[Pattern],
    surroundings: Surroundings,
    now: datetime,
) -> Pattern:
    """What may be told of a followed pattern now.

    Only the answer crosses to the alerting side. It is the last of ``previous`` itself, unchanged, when nothing that is told has
    changed since; else a new revision. Below its floor it is for the ADV alone, and names no community, area or count.

    Args:
        followed: as the night left it.
        reports: at least those of ``followed.gathered`` that still exist, by report key.
        previous: every revision handed over under this key, in any order; what they told is never told more finely by difference.
        surroundings: areas, settings and calendar.
        now: UTC; when this is recorded.
    """
    past = Past.of(previous, followed)
    subject = subject_of(followed, past.told)
    gathered = Gathered.of(followed, subject, reports, surroundings.time_axis)
    floor = subject.floor(surroundings.settings)
    band = told_band(gathered.count, floor, past.episode, surroundings.settings)
    pattern = _outer(followed, past, subject, gathered, surroundings=surroundings, now=now)
    if band is not None:
        pattern = _told(pattern, followed, band, past=past, subject=subject, gathered=gathered, surroundings=surroundings)
    last = past.all[-1] if past.all else None
    return last if last is not None and _says_the_same(last, pattern) else pattern


def _outer(
    followed: Followed, past: Past, subject: Subject, gathered: Gathered, *, surroundings: Surroundings, now: datetime
) -> Pattern:
    """The pattern with nothing in it that has a floor."""
    whole = surroundings.areas.municipality
    weeks = told_weeks(followed, gathered, past.episode)
    expected = told_expected(followed, weeks, surroundings.settings)
    says = methods_say(followed, past.episode, surroundings.settings)
    state = PatternState.ACTIVE if followed.state is FollowState.ACTIVE else PatternState.QUIET
    figures = why.Figures(weeks.first, None, expected, weeks.last if state is PatternState.QUIET else None)
    return Pattern(
        key=followed.key,
        revision=past.all[-1].revision + 1 if past.all else 1,
        kind=subject.kind,
        state=state,
        audience=Audience.ADV,
        municipality=whole.code,
        municipality_name=whole.name,
        level=Level.MUNICIPALITY.value,
        area_codes=(whole.code,),
        area_names=(whole.name,),
        geometry=_geometry((whole.code,), surroundings),
        community=None,
        ground=None,
        domain=None,
        window_from=weeks.first,
        window_to=weeks.last,
        observed=None,
        expected=expected,
        relative_risk=None,
        recurrence_interval_days=max(say.recurrence_interval_days for say in says),
        weekly=(),
        breakdowns=(),
        why=(why.place_count([whole.name], Level.MUNICIPALITY.value, figures),),
        methods=says,
        campaigns=(),
        rule=surroundings.rule,
        first_seen=followed.first_seen,
        last_seen=followed.last_seen,
        recorded_at=now,
        predecessors=followed.predecessors,
    )


def _told(
    outer: Pattern,
    followed: Followed,
    band: Band,
    *,
    past: Past,
    subject: Subject,
    gathered: Gathered,
    surroundings: Surroundings,
) -> Pattern:
    """The same with what may be told above the floor."""
    settings = surroundings.settings
    region = _region(followed, subject, past, surroundings)
    weeks = Weeks(outer.window_from, outer.window_to)
    narrow = Level.NEIGHBOURHOOD.value in {region.level.value, *(pattern.level for pattern in past.told)}
    overlaps = _campaigns(outer, region, subject, surroundings)
    told = replace(
        outer,
        audience=Audience.MUNICIPALITY,
        level=region.level.value,
        area_codes=region.codes,
        area_names=region.names,
        geometry=_geometry(region.codes, surroundings),
        community=subject.community,
        ground=subject.ground,
        domain=subject.domain,
        observed=band,
        relative_risk=round(band.low / outer.expected, 1),
        weekly=weekly_series(
            gathered, weeks, past.episode, floor=subject.floor(settings), expected=outer.expected, settings=settings
        ),
        breakdowns=breakdowns(gathered, subject, band, past.episode, narrow=narrow, settings=settings),
        campaigns=overlaps,
    )
    return replace(told, why=_why(told, subject))


def _region(followed: Followed, subject: Subject, past: Past, surroundings: Surroundings) -> ToldRegion:
    """Tonight's areas with those told in this episode: a region only grows, and its level only widens under a key."""
    least = subject.least_level
    for pattern in past.told:
        least = wider(least, Level(pattern.level))
    codes = {*followed.region.area_codes, *(code for pattern in past.episode for code in pattern.area_codes)}
    known = codes if followed.region.area_codes else ()
    return told_region(known, least, surroundings.areas, surroundings.settings)


def _geometry(codes: Sequence[str], surroundings: Surroundings) -> dict[str, Any] | None:
    return None if surroundings.outline is None else surroundings.outline(codes)


def _campaigns(outer: Pattern, region: ToldRegion, subject: Subject, surroundings: Surroundings) -> tuple[CampaignOverlap, ...]:
    """Campaigns in the told weeks and areas; for whom they were counts only where a community is told."""
    return tuple(
        CampaignOverlap(campaign.name, campaign.starts_on, campaign.ends_on)
        for campaign in surroundings.campaigns
        if campaign.overlaps(outer.window_from, outer.window_to)
        and (not campaign.area_codes or touches(campaign.area_codes, region.codes, surroundings.areas))
        and (not campaign.communities or subject.community is None or subject.community in campaign.communities)
    )


def _why(told: Pattern, subject: Subject) -> tuple[WhyPart, ...]:
    until = told.window_to if told.state is PatternState.QUIET else None
    figures = why.Figures(told.window_from, told.observed, told.expected, until)
    if subject.kind is PatternKind.PLACE or not subject.rubric:
        first = why.place_count(told.area_names, told.level, figures)
    elif told.level == Level.MUNICIPALITY.value:
        first = why.community_count(told.municipality_name, subject.rubric, subject.code, figures)
    else:
        first = why.place_community_count(told.area_names, told.level, subject.rubric, subject.code, figures)
    campaigns = [why.campaign_overlap(overlap.name, overlap.starts_on, overlap.ends_on) for overlap in told.campaigns]
    return (first, why.chance(told.recurrence_interval_days), *campaigns)


def _says_the_same(last: Pattern, pattern: Pattern) -> bool:
    """Whether nothing told has changed but figures that wobble from night to night and the note of who said so when."""
    return _core(last) == _core(pattern)


def _core(pattern: Pattern) -> tuple[object, ...]:
    return (
        pattern.kind,
        pattern.state,
        pattern.audience,
        pattern.level,
        pattern.area_codes,
        (pattern.community, pattern.ground, pattern.domain),
        (pattern.window_from, pattern.window_to),
        pattern.observed,
        pattern.recurrence_interval_days,
        [point.observed for point in pattern.weekly],
        pattern.breakdowns,
        [say.method for say in pattern.methods],
        pattern.campaigns,
        pattern.predecessors,
    )
