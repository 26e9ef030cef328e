"""How much two patterns share: the measures that merging and following have in common."""

from collections.abc import Collection
from collections.abc import Set as AbstractSet
from typing import Protocol

from detector.model import Family, StreamKind
from detector.patterns.settings import PatternSettings


class Kindred(Protocol):
    """What findings, merged findings and followed patterns have in common."""

    @property
    def family(self) -> Family:
        """Place, community, or both."""
        ...

    @property
    def stream_kind(self) -> StreamKind:
        """By what the stream cuts the reports."""
        ...

    @property
    def stream_code(self) -> str:
        """Which community, ground or domain."""
        ...

    @property
    def members(self) -> frozenset[str]:
        """Report keys."""
        ...


def overlap_coefficient(one: AbstractSet[str], other: AbstractSet[str]) -> float:
    """|A ∩ B| / min(|A|, |B|): 1 when one holds the other. Misleads when one is tiny: a single shared report then says much."""
    smaller = min(len(one), len(other))
    return len(one & other) / smaller if smaller else 0.0


def jaccard(one: Collection[str], other: Collection[str]) -> float:
    """|A ∩ B| / |A ∪ B|: 1 when both are the same."""
    union = len(set(one) | set(other))
    return len(set(one) & set(other)) / union if union else 0.0


def same_kind(one: Kindred, other: Kindred) -> bool:
    """Whether both are of one family and one stream."""
    return one.family is other.family and one.stream_kind is other.stream_kind and one.stream_code == other.stream_code


def share_reports(one: Kindred, other: Kindred, settings: PatternSettings) -> bool:
    """Whether two share so many reports that they are one.

    Between kinds all reports in either count, not those of the smaller alone: the six reports that concern a community in one
    street do not make a wave through the whole city a matter of that street.
    """
    if same_kind(one, other):
        return overlap_coefficient(one.members, other.members) >= settings.same_kind_overlap
    return jaccard(one.members, other.members) >= settings.other_kind_overlap


def lies_inside(part: AbstractSet[str], whole: AbstractSet[str], settings: PatternSettings) -> bool:
    """Whether a few reports are mostly among those of something larger: then they are no news of their own.

    From ``apart_from_reports`` on they are: six on one community in one street say something that a wave of twenty through the
    whole city does not.
    """
    few = len(part) < settings.apart_from_reports and len(part) < len(whole)
    return few and len(part & whole) >= settings.same_kind_overlap * len(part)
