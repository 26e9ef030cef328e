"""Tonight's patterns and last night's: which are the same, which came back, which merged, split or went quiet."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import chain

import numpy as np

from detector.model import Family, Finding, Region
from detector.patterns.followed import Followed, FollowState, sightings_of
from detector.patterns.merge import Merged
from detector.patterns.overlap import jaccard, lies_inside, same_kind, share_reports
from detector.patterns.settings import PatternSettings

_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
_KEY_LETTERS = 10


def new_key(rng: np.random.Generator) -> str:
    """A name that says nothing: fifty random bits, so no count or order of patterns can be read from it."""
    return "".join(_LETTERS[i] for i in rng.integers(len(_LETTERS), size=_KEY_LETTERS))


def follow(
    previous: Sequence[Followed],
    tonight: Sequence[Merged],
    as_of: date,
    settings: PatternSettings,
    rng: np.random.Generator,
    *,
    municipality: str,
) -> list[Followed]:
    """All patterns that still matter after tonight: those seen tonight, strongest first, then the unseen.

    A pattern keeps its key while tonight's reports overlap those it was last seen with; a key goes to one of tonight's at most.
    One that overlaps a pattern whose key another takes is split off it, one that overlaps several is merged from them; both
    name those keys as predecessors, and the others keep theirs, so that two that touch for a night go their own ways again.
    A pattern that grew beyond what was told of a part of it has a key of its own and names the part's, which goes quiet. The few
    reports that were mostly told under a key before are no pattern, and no sign that the one they were told under goes on.
    A quiet pattern is back when the same stream is seen in the same region, even if all its reports are new. Patterns that were
    over before tonight are left out of the answer; the caller need not pass them again.

    Args:
        previous: patterns followed so far, in any order.
        tonight: what :func:`detector.patterns.merge.merge` made of tonight's findings.
        as_of: tonight.
        settings: what counts as the same.
        rng: for new keys only.
        municipality: code of the municipality whose patterns these are.
    """
    alive = [followed for followed in previous if followed.state is not FollowState.OVER and followed.last_seen <= as_of]
    links = _links(alive, tonight, settings)
    kept = _matched(alive, tonight, links, settings)
    taken = set(kept.values())
    echoes = {i for i, merged in enumerate(tonight) if not links[i] and _was_told(merged, alive, settings)}
    for i, merged in enumerate(tonight):
        if i not in kept and not links[i] and i not in echoes:
            back = _come_back(merged, [f for f, _ in enumerate(alive) if f not in taken], alive, as_of, settings)
            if back is not None:
                kept[i] = back
                taken.add(back)
    seen = []
    known = {followed.key for followed in previous}
    for i, merged in enumerate(tonight):
        if i in kept:
            others = [alive[f].key for f in links[i] if f not in taken]
            seen.append(_continued(alive[kept[i]], merged, as_of, others))
        elif i not in echoes:
            seen.append(_born(_unused_key(rng, known), merged, as_of, municipality, [alive[f].key for f in links[i]]))
    keys = {followed.key for followed in seen}
    return seen + [_unseen(followed, as_of, settings) for followed in alive if followed.key not in keys]


def _unused_key(rng: np.random.Generator, known: set[str]) -> str:
    """A key that no pattern has; two looks on one day draw the same numbers, and would name different patterns alike."""
    while (key := new_key(rng)) in known:
        pass
    known.add(key)
    return key


def _links(alive: Sequence[Followed], tonight: Sequence[Merged], settings: PatternSettings) -> list[list[int]]:
    """For each of tonight's, the patterns that it shares its reports with."""
    return [[f for f, followed in enumerate(alive) if _linked(merged.led_as(followed), followed, settings)] for merged in tonight]


def _linked(led: Merged, followed: Followed, settings: PatternSettings) -> bool:
    """Whether tonight's shares its reports with those the pattern was last seen with, or with all it was told of."""
    if share_reports(led, followed, settings):
        return True
    if same_kind(led, followed) and _same_region(led.lead.region, followed.region, settings):
        return len(led.members & followed.gathered) >= settings.same_kind_overlap * len(led.members)
    return jaccard(led.members, followed.gathered) >= settings.other_kind_overlap


def _was_told(merged: Merged, alive: Sequence[Followed], settings: PatternSettings) -> bool:
    """Whether all that tonight's says was mostly told already."""
    return all(
        any(lies_inside(finding.members, followed.gathered, settings) for followed in alive) for finding in merged.findings
    )


def _outgrown(merged: Merged, led: Merged, followed: Followed, settings: PatternSettings) -> bool:
    """Whether what the pattern is about is by now a small part of what is seen."""
    more = len(merged.members) > len(led.members)
    return more and jaccard(merged.members, led.members | followed.members) < settings.other_kind_overlap


def _matched(
    alive: Sequence[Followed], tonight: Sequence[Merged], links: Sequence[Sequence[int]], settings: PatternSettings
) -> dict[int, int]:
    """Each of tonight's to at most one pattern and the other way round, closest pairs first."""
    pairs = []
    for i, merged in enumerate(tonight):
        for f in links[i]:
            led = merged.led_as(alive[f])
            if not _worn_out(alive[f], led, settings) and not _outgrown(merged, led, alive[f], settings):
                closeness = (same_kind(led, alive[f]), jaccard(led.members, alive[f].members), alive[f].last_seen, alive[f].key)
                pairs.append((closeness, i, f))
    kept: dict[int, int] = {}
    for _, i, f in sorted(pairs, reverse=True):
        if i not in kept and f not in kept.values():
            kept[i] = f
    return kept


def _come_back(
    merged: Merged, free: Sequence[int], alive: Sequence[Followed], as_of: date, settings: PatternSettings
) -> int | None:
    """The latest seen pattern of the same stream and region that may still come back."""
    fitting = [
        f
        for f in free
        if same_kind(merged, alive[f])
        and _same_region(merged.lead.region, alive[f].region, settings)
        and (as_of - alive[f].last_seen).days <= _back_within(alive[f], settings)
    ]
    return max(fitting, key=lambda f: (alive[f].last_seen, alive[f].key), default=None)


def _back_within(followed: Followed, settings: PatternSettings) -> int:
    return settings.community_back_within_days if followed.family is Family.COMMUNITY else settings.back_within_days


def _same_region(one: Region, other: Region, settings: PatternSettings) -> bool:
    if not one.area_codes and not other.area_codes:  # both the whole municipality
        return True
    return jaccard(one.area_codes, other.area_codes) >= settings.region_overlap


def _worn_out(followed: Followed, merged: Merged, settings: PatternSettings) -> bool:
    """Whether the pattern's present episode began so long ago that what is seen tonight has little to do with it."""
    return (merged.lead.window_from - followed.episode_from).days > settings.renew_after_days


def _continued(followed: Followed, merged: Merged, as_of: date, others: Sequence[str]) -> Followed:
    led = merged.led_as(followed)
    lead = led.lead
    anew = not (followed.gathered & lead.members)
    sightings = sightings_of(led.findings, () if anew else followed.sightings)
    continued = replace(
        followed,
        state=FollowState.ACTIVE,
        family=lead.family,
        stream_kind=lead.stream_kind,
        stream_code=lead.stream_code,
        region=lead.region,
        seen_from=lead.window_from,
        seen_to=lead.window_to,
        observed=lead.observed,
        expected=lead.expected,
        recurrence_interval_days=max(finding.recurrence_interval_days for finding in led.findings),
        members=lead.members,
        sightings=sightings,
        episode_from=as_of if anew else followed.episode_from,
        window_from=lead.window_from if anew else min(followed.window_from, lead.window_from),
        window_to=lead.window_to if anew else max(followed.window_to, lead.window_to),
        gathered=lead.members if anew else followed.gathered | lead.members,
        last_seen=as_of,
        nights_unseen=0,
        expected_gathered=lead.expected if anew else _expected_of_both(followed, lead),
        predecessors=_predecessors(followed.key, followed.predecessors, others),
    )
    return continued if _same_content(continued, followed) else replace(continued, revision=followed.revision + 1)


def _born(key: str, merged: Merged, as_of: date, municipality: str, others: Sequence[str]) -> Followed:
    lead = merged.lead
    return Followed(
        key=key,
        municipality=municipality,
        revision=1,
        state=FollowState.ACTIVE,
        family=lead.family,
        stream_kind=lead.stream_kind,
        stream_code=lead.stream_code,
        region=lead.region,
        seen_from=lead.window_from,
        seen_to=lead.window_to,
        observed=lead.observed,
        expected=lead.expected,
        recurrence_interval_days=max(finding.recurrence_interval_days for finding in merged.findings),
        members=lead.members,
        sightings=sightings_of(merged.findings),
        first_seen=as_of,
        last_seen=as_of,
        episode_from=as_of,
        window_from=lead.window_from,
        window_to=lead.window_to,
        gathered=lead.members,
        expected_gathered=lead.expected,
        predecessors=_predecessors(key, (), others),
    )


def _expected_of_both(followed: Followed, lead: Finding) -> float:
    """What was to be expected in all windows of the episode: for the days that tonight's adds, tonight's figure a day."""
    days = (lead.window_to - lead.window_from).days + 1
    earlier, later = (followed.window_from - lead.window_from).days, (lead.window_to - followed.window_to).days
    added = min(days, max(0, earlier) + max(0, later))
    return max(followed.expected_gathered + lead.expected * added / days, lead.expected)


def _unseen(followed: Followed, as_of: date, settings: PatternSettings) -> Followed:
    days = (as_of - followed.last_seen).days
    state = FollowState.ACTIVE
    if days > max(_back_within(followed, settings), settings.quiet_after_days):
        state = FollowState.OVER
    elif days >= settings.quiet_after_days:
        state = FollowState.QUIET
    revision = followed.revision if state is followed.state else followed.revision + 1
    return replace(followed, state=state, revision=revision, nights_unseen=followed.nights_unseen + 1)


def _predecessors(key: str, before: Sequence[str], others: Sequence[str]) -> tuple[str, ...]:
    return tuple(other for other in dict.fromkeys(chain(before, others)) if other != key)


def _same_content(one: Followed, other: Followed) -> bool:
    """Whether nothing changed but the night and the figures that wobble from look to look."""
    return (
        one.state is other.state
        and same_kind(one, other)
        and one.region.area_codes == other.region.area_codes
        and one.gathered == other.gathered
        and one.predecessors == other.predecessors
        and [sighting.method for sighting in one.sightings] == [sighting.method for sighting in other.sightings]
    )
