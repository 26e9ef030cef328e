"""What the intake page and the preview of a file show."""

from dataclasses import dataclass
from typing import Final

from alerts.names import Names
from alerts.render.catalogue import catalogue, marked
from alerts.render.labels import code_words
from alerts.render.words import date_words, number_words
from detector.ingest.guard import Guard
from detector.problems.problem import Problem
from detector.service.pages.preview import ROWS_ON_A_PAGE, Previewed, Row
from detector.service.pages.reasons import file_words, problem_words
from detector.service.pages.uploads import Upload
from detector.store.upsert import Fate

FATES: Final = {
    Fate.ACCEPTED: marked("New"),
    Fate.UPDATED: marked("Changed"),
    Fate.UNCHANGED: marked("There already"),
    Fate.REFUSED: marked("Refused"),
}


@dataclass(frozen=True, slots=True)
class UploadLine:
    """A file on the page; ``state`` in words."""

    id: str
    name: str
    profile: str
    by: str
    day: str
    state: str


@dataclass(frozen=True, slots=True)
class IntakeView:
    """The page on which files are handed in."""

    profiles: tuple[tuple[str, str], ...]
    profile: str
    endings: str
    most_mb: int
    hours: int
    uploads: tuple[UploadLine, ...]
    wrong: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class RowLine:
    """One row of a file as the preview shows it."""

    number: int
    fate: str
    tone: str
    what: str


@dataclass(frozen=True, slots=True)
class PreviewView:
    """What would become of a file, or what became of it (``done``); ``unread`` says why nothing of it can be read."""

    id: str
    name: str
    profile: str
    done: bool
    counts: tuple[tuple[str, str, str, bool], ...] = ()
    read: str = ""
    rows: tuple[RowLine, ...] = ()
    warnings: tuple[str, ...] = ()
    previous: str | None = None
    next: str | None = None
    unread: str = ""


def upload_words(upload: Upload, language: str) -> str:
    """What a file is called."""
    return file_words(Guard().shown(upload.name), language)


def unread_view(upload: Upload, problem: Problem, language: str) -> PreviewView:
    """The page of a file of which nothing can be read."""
    name, unread = upload_words(upload, language), problem_words(problem, language)
    return PreviewView(upload.id, name, upload.profile, done=False, unread=unread)


_TONES: Final = {Fate.ACCEPTED: "ok", Fate.UPDATED: "info", Fate.UNCHANGED: "neutral", Fate.REFUSED: "warning"}


@dataclass(frozen=True, slots=True)
class Called:
    """What areas (by code) and the codes of reports are called here."""

    areas: dict[str, str]
    codes: Names


def preview_view(
    upload: Upload, found: Previewed, language: str, names: Called, *, only: Fate | None, number: int
) -> PreviewView:
    """The page of a file that waits."""
    words, home = catalogue(language), f"/intake/{upload.id}"
    counts = tuple(
        (words.gettext(FATES[fate]), number_words(found.counts.get(fate, 0), language), f"{home}?only={fate.value}", fate is only)
        for fate in Fate
    )
    kept = f"only={only.value}&" if only else ""
    more = found.matching > number * ROWS_ON_A_PAGE
    return PreviewView(
        id=upload.id,
        name=upload_words(upload, language),
        profile=upload.profile,
        done=False,
        counts=counts,
        read=number_words(found.read, language),
        rows=tuple(_row(row, names, language) for row in found.rows),
        warnings=tuple(problem_words(warning, language) for warning in found.warnings),
        previous=f"{home}?{kept}page={number - 1}" if number > 1 else None,
        next=f"{home}?{kept}page={number + 1}" if more else None,
    )


def _row(row: Row, names: Called, language: str) -> RowLine:
    report, words = row.report, catalogue(language)
    what = "" if row.problem is None else problem_words(row.problem, language)
    if report is not None:
        codes = [("community", code) for code in report.communities] + [("ground", code) for code in report.grounds]
        codes += [("domain", code) for code in report.domains]
        about = "; ".join(code_words(rubric, code, language, names.codes) for rubric, code in codes)
        where = names.areas.get(report.area_code or report.municipality, report.area_code or report.municipality)
        received = words.gettext("received on %(day)s") % {"day": date_words(report.received_on, language)}
        gone = words.gettext("withdrawn") if report.withdrawn else ""
        what = "; ".join(part for part in (received, where, about, gone) if part)
    return RowLine(row.number, words.gettext(FATES[row.fate]), _TONES[row.fate], what)


def done_view(upload: Upload, language: str) -> PreviewView:
    """The page of a file that was taken in."""
    words, counts = catalogue(language), upload.counts
    assert counts is not None  # noqa: S101 - for the type checker: only such a file is done
    numbers = (counts.accepted, counts.updated, counts.unchanged, counts.refused)
    told = tuple(
        (words.gettext(FATES[fate]), number_words(number, language), "", False)
        for fate, number in zip(Fate, numbers, strict=True)
    )
    return PreviewView(
        upload.id,
        upload_words(upload, language),
        upload.profile,
        done=True,
        counts=told,
        read=number_words(counts.read, language),
    )
