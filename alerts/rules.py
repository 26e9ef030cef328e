"""What policy and routing are told by the settings: who can be told, by which routes, when. Pure models, no channels."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from alerts.message import Reason
from alerts.pattern import Audience, PatternKind

Name = Annotated[str, Field(min_length=1, max_length=200)]


class Frozen(BaseModel):
    """The base of every model here: cannot be changed, knows no other keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Matchers(Frozen):
    """What an alert must be for a route or a silence to apply: each key that is given must match one of its values.

    ``areas`` are area codes; a CBS district code also matches its neighbourhoods. ``audience`` is whom the message is for.
    """

    municipality: tuple[Name, ...] | None = None
    kind: tuple[PatternKind, ...] | None = None
    areas: tuple[Name, ...] | None = None
    reason: tuple[Reason, ...] | None = None
    audience: tuple[Audience, ...] | None = None
    alert: tuple[Name, ...] | None = None

    @model_validator(mode="after")
    def _no_empty_lists(self) -> Self:
        for name in type(self).model_fields:
            if getattr(self, name) == ():
                raise ValueError(f"{name} is an empty list, which nothing matches: leave the key out to match everything")
        return self

    @property
    def empty(self) -> bool:
        """Whether everything matches."""
        return all(getattr(self, name) is None for name in type(self).model_fields)


class GroupKey(StrEnum):
    """What alerts in one message must have in common; ``alert`` means that each gets its own message."""

    MUNICIPALITY = "municipality"
    KIND = "kind"
    REASON = "reason"
    ALERT = "alert"


class Route(Frozen):
    """A node of the routing tree, after Alertmanager's model.

    An alert that matches goes to the first of ``routes`` that matches it as well, and to the next ones too as long as
    ``continue`` is set; if none does, the node itself handles it. What a node leaves out, it takes from the one above;
    ``destinations`` left out everywhere means every destination of the audience.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True, validate_by_alias=True)

    match: Matchers = Matchers()
    destinations: tuple[Name, ...] | None = None
    group_by: tuple[GroupKey, ...] | None = None
    group_wait_seconds: Annotated[float, Field(ge=0, le=86_400)] | None = None
    go_on: Annotated[bool, Field(alias="continue")] = False
    routes: tuple["Route", ...] = ()


class Reader(Frozen):
    """Somebody who can be told. ``municipality`` is required for the audience ``municipality``: it hears of no other."""

    audience: Audience
    municipality: Name | None = None
    language: Annotated[str, Field(pattern="^(nl|en)$")] = "nl"

    @model_validator(mode="after")
    def _municipality_named(self) -> Self:
        if self.audience is Audience.MUNICIPALITY and self.municipality is None:
            raise ValueError(
                'a destination with audience = "municipality" needs the code of its municipality: municipality = "GM0307"'
            )
        return self


class PolicySettings(Frozen):
    """When a revision deserves a message."""

    recurrence_steps_days: tuple[Annotated[float, Field(gt=0)], ...] = (365.0, 1825.0, 3650.0)
    reminder_after_days: Annotated[float, Field(gt=0, le=366)] = 7.0
    reminders_at_most: Annotated[int, Field(ge=0, le=50)] = 3

    @model_validator(mode="after")
    def _steps_grow(self) -> Self:
        if list(self.recurrence_steps_days) != sorted(set(self.recurrence_steps_days)):
            raise ValueError("recurrence_steps_days must grow from one step to the next, for example [365, 1825, 3650]")
        return self


def names_in(route: Route) -> set[str]:
    """Names of the destinations that the route or one below it names."""
    return set(route.destinations or ()).union(*(names_in(child) for child in route.routes))
