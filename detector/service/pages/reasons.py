"""Why rows and files are refused, and what is worth knowing of them, in the reader's language."""

from typing import Final

from alerts.render.catalogue import catalogue, marked
from alerts.render.words import date_words, number_words
from detector.ingest.guard import HIDDEN_NAME
from detector.ingest.intake import POSTED
from detector.problems.problem import Problem, Writer, named
from detector.problems.stored import from_text
from detector.store.quarantine import Quarantined

UNKNOWN: Final = marked("The row was refused for a reason that this version does not know (%(code)s). Send the file again.")
_FILES: Final = {
    HIDDEN_NAME: marked("(name not shown: it may hold personal data)"),
    POSTED: marked("(sent by a system, not as a file)"),
}
_ENDS: Final = (".", "?", "!")


def writer(language: str) -> Writer:
    """How a language writes what intake says."""
    return Writer(catalogue(language).gettext, lambda count: number_words(count, language), lambda day: date_words(day, language))


def problem_words(problem: Problem, language: str) -> str:
    """A problem as a sentence of its own."""
    text = problem.told(writer(language))
    return text[0].upper() + text[1:] + ("" if text.endswith(_ENDS) else ".")


def refusal_words(row: Quarantined, language: str) -> str:
    """Why a row in quarantine was refused."""
    problem = from_text(row.told)
    if problem is None:
        return catalogue(language).gettext(UNKNOWN) % {"code": row.reason.partition(":")[0]}
    return problem_words(problem, language)


def column_words(column: str | None, language: str) -> str:
    """A column by its name, or by its number where the name is not shown; empty for none."""
    name = named(column or "")
    return name.told(writer(language)) if isinstance(name, Problem) else str(name)


def file_words(name: str, language: str) -> str:
    """A file by its name, or what stands in its place."""
    return catalogue(language).gettext(_FILES[name]) if name in _FILES else name
