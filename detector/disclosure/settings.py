"""Floors and bands: how little of a pattern is too little to be told, and how coarse the rest is."""

from typing import Annotated, Self

from annotated_types import Ge, Gt, MinLen
from pydantic import BaseModel, ConfigDict, model_validator


class DisclosureSettings(BaseModel):
    """What may be told of a pattern.

    Attributes:
        place_floor: fewest reports of which a municipality hears in a place pattern, and in a cell of its breakdown;
            at least 3, as with 2 each of the two reporters would know of the other.
        community_floor: the same where a community or a ground is named.
        min_inhabitants: an area with fewer, or of which it is not known, is told as the area around it.
        max_areas: a region of more areas than this is told as the areas around them.
        band_edges: where bands begin; a band that would be narrower than the floor is joined to the next.
        expected_steps: the expected count is told as the nearest of these, beyond the last as tenfolds of them.
        recurrence_steps_days: the recurrence interval is told as the largest of these that it reaches.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    place_floor: Annotated[int, Ge(3)] = 3
    community_floor: Annotated[int, Ge(3)] = 5
    min_inhabitants: Annotated[int, Ge(0)] = 200
    max_areas: Annotated[int, Ge(1)] = 8
    band_edges: Annotated[tuple[Annotated[int, Ge(2)], ...], MinLen(1)] = (3, 6, 11)
    expected_steps: Annotated[tuple[Annotated[float, Gt(0)], ...], MinLen(1)] = (0.5, 1.0, 2.0, 3.0, 5.0, 7.0)
    recurrence_steps_days: Annotated[tuple[Annotated[int, Gt(0)], ...], MinLen(1)] = (7, 30, 90, 365, 1825, 3650)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.community_floor < self.place_floor:
            raise ValueError("community_floor is below place_floor: a community asks for at least as many reports as a place")
        for name in ("band_edges", "expected_steps", "recurrence_steps_days"):
            steps = list(getattr(self, name))
            if steps != sorted(set(steps)):
                raise ValueError(f"{name} must rise from each value to the next; {steps} does not")
        return self
