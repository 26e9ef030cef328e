"""What all shapes that go out have in common, links, and problems."""

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class Shape(BaseModel):
    """Field names go out in camelCase."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True, extra="forbid")


class Link(Shape):
    """An address, and what it is to this answer."""

    rel: str
    href: str
    type: str | None = None
    title: str | None = None


class Problem(BaseModel):
    """What is wrong with a request (RFC 9457); `errors` has all of it at once."""

    class Error(BaseModel):
        """One thing that is wrong, and where."""

        model_config = ConfigDict(title="ProblemError")

        detail: str

    status: int
    title: str
    detail: str
    errors: Sequence[Error] = ()
