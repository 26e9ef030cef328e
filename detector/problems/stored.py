"""Problems as text beside a refused row, and what can be made of rows that were refused before their problems were kept."""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from typing import Final

from detector.problems.files import FileReason
from detector.problems.notices import Notice, Phrase
from detector.problems.problem import Part, Problem
from detector.problems.reason import Reason
from detector.problems.rows import RowReason

KINDS: Final[Mapping[str, type[Reason]]] = {kind.__name__: kind for kind in (RowReason, FileReason, Notice, Phrase)}
"""All kinds of sentences, by the name under which they are stored."""

_REASONS: Final[Mapping[tuple[str, str], Reason]] = {(name, one.key): one for name, kind in KINDS.items() for one in kind}
_PLACE: Final = re.compile(r"%\((\w+)\)s")
_COUNT: Final = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})*")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SENTENCES_IN: Final[Mapping[str, Iterable[Reason]]] = {
    "who": (Phrase.COLUMN, Phrase.ROW),
    "name": (Phrase.QUOTED, Phrase.NUMBERED),
    "where": (Phrase.LINES, Phrase.LINE),
    "why": tuple(FileReason),
}
"""Places in which another sentence stands."""


def to_text(problem: Problem) -> str:
    """What :func:`from_text` reads again."""
    return json.dumps(_plain(problem), ensure_ascii=False)


def from_text(text: str) -> Problem | None:
    """A problem as :func:`to_text` wrote it; None where this version knows no such sentence, or a part of it is missing."""
    try:
        problem = _read(json.loads(text))
    except (ValueError, KeyError, TypeError):
        return None
    return problem if isinstance(problem, Problem) and _complete(problem) else None


def from_reason(reason: str) -> Problem | None:
    """The problem behind a code and English sentence, as they stood alone beside rows refused before; None if nothing fits.

    Where the sentence is worded otherwise today, that of the bare code says what can be said, if it needs no parts.
    """
    code, _, sentence = reason.partition(": ")
    of_code = [one for one in RowReason if one.code == code]
    return _recovered(sentence, of_code) or next(
        (Problem(one) for one in of_code if one.key == code and _complete(Problem(one))), None
    )


def _plain(part: Part) -> object:
    match part:
        case Problem():
            return {"kind": type(part.why).__name__, "key": part.why.key, "parts": {n: _plain(p) for n, p in part.parts}}
        case date():
            return {"day": part.isoformat()}
        case tuple():
            return [_plain(one) for one in part]
        case _:
            return part


def _read(said: object) -> Part:
    match said:
        case {"kind": str(kind), "key": str(key), "parts": dict(parts)}:
            return Problem(_REASONS[kind, key], **{str(name): _read(part) for name, part in parts.items()})
        case {"day": str(day)}:
            return date.fromisoformat(day)
        case list():
            return tuple(_read(one) for one in said)
        case str() | int():
            return said
        case _:
            raise TypeError


def _complete(problem: Problem) -> bool:
    return set(_PLACE.findall(problem.why.sentence)) <= {"who", *dict(problem.parts)}


@cache
def _pattern(reason: Reason) -> re.Pattern[str]:
    pieces = _PLACE.split(reason.sentence)
    return re.compile("".join(f"(?P<{one}>.+)" if place % 2 else re.escape(one) for place, one in enumerate(pieces)), re.DOTALL)


def _recovered(sentence: str, among: Iterable[Reason]) -> Problem | None:
    for reason in among:
        if found := _pattern(reason).fullmatch(sentence):
            return Problem(reason, **{name: _part(name, text) for name, text in found.groupdict().items()})
    return None


def _part(name: str, text: str) -> Part:
    if name in _SENTENCES_IN:
        return _recovered(text, _SENTENCES_IN[name]) or text
    if _DAY.fullmatch(text):
        return date.fromisoformat(text)
    return int(text.replace(",", "")) if _COUNT.fullmatch(text) else text
