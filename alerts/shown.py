"""What of a pattern somebody may see: where, and which community, are rights apart. Pure; everything goes through here."""

from dataclasses import replace

from alerts.alert import Rights
from alerts.areas import MUNICIPALITY
from alerts.pattern import CampaignOverlap, Pattern, WhyPart
from alerts.render import why


def shown_to(pattern: Pattern, rights: Rights) -> Pattern:
    """The pattern as far as these rights go; the same object for who may see all of it.

    Who may not see which community still sees that the pattern is of a community, when, and how many. What would give it away
    goes as well: the code in the why-sentence, the breakdown by ground, and the names of campaigns. Who may not see where sees
    nothing beneath the municipality. The lasting key goes with either: nobody needs it who does not see all.
    """
    if rights.sees_place and rights.sees_community:
        return pattern
    if not rights.sees_place:
        pattern = _without_place(pattern)
    if not rights.sees_community and _has_community(pattern):
        pattern = _without_community(pattern)
    return replace(pattern, key="", predecessors=())


def _has_community(pattern: Pattern) -> bool:
    return pattern.community is not None or any(part.values.get("rubric") == "community" for part in pattern.why)


def _without_place(pattern: Pattern) -> Pattern:
    return replace(
        pattern,
        level=MUNICIPALITY,
        area_codes=(pattern.municipality,),
        area_names=(pattern.municipality_name,),
        geometry=None,
        why=tuple(_wide(part, pattern.municipality_name) for part in pattern.why),
        campaigns=_nameless(pattern.campaigns),
    )


def _wide(part: WhyPart, municipality_name: str) -> WhyPart:
    if part.message == why.CAMPAIGN_OVERLAP:
        return _unnamed(part)
    if "areas" not in part.values:
        return part
    return replace(part, values={**part.values, "areas": municipality_name, "level": MUNICIPALITY})


def _without_community(pattern: Pattern) -> Pattern:
    return replace(
        pattern,
        community=None,
        breakdowns=tuple(each for each in pattern.breakdowns if each.rubric not in {"community", "ground"}),
        why=tuple(_unnamed(part) for part in pattern.why),
        campaigns=_nameless(pattern.campaigns),
    )


def _nameless(campaigns: tuple[CampaignOverlap, ...]) -> tuple[CampaignOverlap, ...]:
    """A campaign's name can tell where it was, and for whom."""
    return tuple(CampaignOverlap("", each.starts_on, each.ends_on) for each in campaigns)


def _unnamed(part: WhyPart) -> WhyPart:
    if part.message == why.CAMPAIGN_OVERLAP:
        return replace(part, values={**part.values, "campaign": ""})
    if part.values.get("rubric") == "community":
        return replace(part, values={**part.values, "code": ""})
    return part
