"""The quarantine: rows that intake refused, where they stood and why, never what stood in them."""

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from alerts.console.groups import NavEntry, PageGroup
from alerts.console.rendering import page
from alerts.render.catalogue import marked
from alerts.render.words import date_words
from detector.service.pages.casework import record
from detector.service.pages.folder import TEMPLATES
from detector.service.pages.reasons import column_words, file_words, refusal_words
from detector.service.pages.services import CASE_WORKERS, Language, PagesServices, WholeService
from detector.store.quarantine import Quarantined

ROWS: Final = 100
PageNumber = Annotated[int, Query(ge=1, le=100_000)]


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """One refused row as the page shows it."""

    file: str
    source: str
    row: int
    column: str
    reason: str
    first: str
    last: str
    times: int


@dataclass(frozen=True, slots=True)
class QuarantineView:
    """A page of the quarantine; where the pages before and after it are."""

    lines: tuple[RefusedLine, ...]
    previous: str | None
    next: str | None


def quarantine_view(rows: list[Quarantined], number: int, language: str) -> QuarantineView:
    """``rows`` holds one more than a page shows where there is a next page."""
    lines = tuple(
        RefusedLine(
            file=file_words(row.file, language),
            source=row.source,
            row=row.row,
            column=column_words(row.column, language),
            reason=refusal_words(row, language),
            first=date_words(row.first_at.date(), language),
            last=date_words(row.last_at.date(), language),
            times=row.times,
        )
        for row in rows[:ROWS]
    )
    before = f"/quarantine?page={number - 1}" if number > 1 else None
    return QuarantineView(lines, before, f"/quarantine?page={number + 1}" if len(rows) > ROWS else None)


def quarantine_group(services: PagesServices) -> PageGroup:
    """The page of the quarantine."""
    router = APIRouter()

    @router.get("/quarantine")
    def show(
        request: Request, person: WholeService, language: Language, number: Annotated[PageNumber, Query(alias="page")] = 1
    ) -> Response:
        """Refused rows, the latest first."""
        rows = services.installation.reports.quarantined(limit=ROWS + 1, skip=(number - 1) * ROWS)
        record(services.installation.alerts_engine, person.actor, "quarantine_viewed", "quarantine", at=services.clock())
        return page(request, "quarantine.html", view=quarantine_view(rows, number, language))

    nav = NavEntry("/quarantine", marked("Quarantine"), CASE_WORKERS, order=62)
    return PageGroup(router, nav=(nav,), templates=TEMPLATES)
