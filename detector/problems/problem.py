"""One sentence with its parts: made where something is wrong, told in any language."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from typing import TypeAlias

from detector.problems.notices import Phrase
from detector.problems.reason import Reason

Part: TypeAlias = "str | int | date | Problem | tuple[Part, ...]"
"""What stands in a place of a sentence: several become a list, another sentence becomes a piece of this one."""


@dataclass(frozen=True, slots=True)
class Writer:
    """How a language writes a sentence: its translation, numbers and days."""

    translate: Callable[[str], str]
    number: Callable[[int], str]
    day: Callable[[date], str]


ENGLISH = Writer(str, "{:,}".format, date.isoformat)
"""As commands, logs and JSON tell it."""


@dataclass(frozen=True, slots=True, init=False)
class Problem:
    """What is wrong with a row or a file, or worth knowing of it; no part is ever a value of a report."""

    why: Reason
    parts: tuple[tuple[str, Part], ...]

    def __init__(self, why: Reason, /, **parts: Part) -> None:
        object.__setattr__(self, "why", why)
        object.__setattr__(self, "parts", tuple(parts.items()))

    def told(self, writer: Writer) -> str:
        """The sentence as a language writes it, without a capital and a full stop.

        Raises:
            KeyError: a part is missing that the sentence has a place for.
        """
        parts = {"who": Problem(Phrase.ROW), **dict(self.parts)} if "%(who)s" in self.why.sentence else dict(self.parts)
        return writer.translate(self.why.sentence) % {name: _told(part, writer) for name, part in parts.items()}

    @property
    def code(self) -> str:
        """What scripts may rely on."""
        return self.why.code

    @property
    def sentence(self) -> str:
        """The sentence in English."""
        return self.told(ENGLISH)

    def __str__(self) -> str:
        """The sentence in English."""
        return self.sentence

    @property
    def reason(self) -> str:
        """Code and English sentence, as commands and JSON tell why a row is refused."""
        return f"{self.code}: {self.sentence}"

    def of_column(self, label: str | None) -> Problem:
        """The same, said of a column by its label; of the whole row if None."""
        return (
            self if label is None else Problem(self.why, **{**dict(self.parts), "who": Problem(Phrase.COLUMN, name=named(label))})
        )


def named(label: str) -> Part:
    """A column's label as a part: its name in quotation marks, or its number where the name is not shown."""
    if label.startswith("'"):
        return Problem(Phrase.QUOTED, name=label[1:-1])
    number = label.removeprefix("no. ")
    return Problem(Phrase.NUMBERED, number=int(number)) if number != label and number.isdecimal() else label


def listed(names: Iterable[Part], most: int) -> Part:
    """Names as a part: so many of them, and how many more there are."""
    every = tuple(names)
    return Problem(Phrase.LIST_WITH_MORE, names=every[:most], more=len(every) - most) if len(every) > most else every


def lines(first: int, last: int) -> Part:
    """Lines of a file as a part."""
    return Problem(Phrase.LINE, line=first) if first == last else Problem(Phrase.LINES, first=first, last=last)


def chained(phrase: Phrase, parts: Sequence[Part]) -> Part:
    """Parts of which each stands beside the next as ``phrase`` puts ``one`` and ``other`` together."""
    return reduce(lambda one, other: Problem(phrase, one=one, other=other), parts)


def _told(part: Part, writer: Writer) -> str:
    match part:
        case Problem():
            return part.told(writer)
        case date():
            return writer.day(part)
        case int():
            return writer.number(part)
        case tuple():
            return ", ".join(_told(one, writer) for one in part)
        case _:
            return part
