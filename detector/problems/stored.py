"""Problems as text beside a refused row, to be told later in any language."""

import json
import re
from collections.abc import Mapping
from datetime import date
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
