"""How findings become patterns and how patterns are followed: what an operator may turn."""

from typing import Annotated

from annotated_types import Ge, Gt, Le
from pydantic import BaseModel, ConfigDict

Share = Annotated[float, Gt(0.0), Le(1.0)]


class PatternSettings(BaseModel):
    """When findings are one pattern, and when tonight's pattern is last night's.

    Attributes:
        same_kind_overlap: two findings of one family and stream are one pattern when they share this part of the smaller.
        other_kind_overlap: two of different families or streams are when they share at least this part of all reports in either;
            higher keeps a place and a community that merely touch apart.
        apart_from_reports: one with fewer reports than this, of which the part ``same_kind_overlap`` lies in a larger one, is
            told with that one.
        region_overlap: a pattern that comes back with new reports must share at least this part of all areas in either.
        quiet_after_days: not seen for so many days, a pattern is quiet.
        back_within_days: seen again within so many days, a quiet pattern is the same one, back.
        community_back_within_days: the same for a pattern of the whole municipality, where the place cannot tell old from new.
        renew_after_days: a pattern followed for so long that none of its reports is as old as its beginning is a new one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    same_kind_overlap: Share = 0.5
    other_kind_overlap: Share = 0.4
    apart_from_reports: Annotated[int, Ge(1)] = 6
    region_overlap: Share = 0.5
    quiet_after_days: Annotated[int, Ge(1)] = 28
    back_within_days: Annotated[int, Ge(0)] = 365
    community_back_within_days: Annotated[int, Ge(0)] = 90
    renew_after_days: Annotated[int, Ge(1)] = 365
