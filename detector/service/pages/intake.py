"""The intake page: hand in a file, see row by row what would happen, then take it in or throw it away."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import Response

from alerts.audit import Details
from alerts.console.forms import Filled, field
from alerts.console.groups import NavEntry, PageGroup
from alerts.console.people import Person
from alerts.console.rendering import back_to, flash, page
from alerts.render.catalogue import catalogue, marked
from alerts.render.words import date_words
from detector.ingest.errors import IntakeError
from detector.ingest.intake import ingest_file
from detector.ingest.outcome import IntakeResult
from detector.ingest.profile import available_profiles
from detector.ingest.readers import READERS
from detector.service.pages.casework import record
from detector.service.pages.folder import TEMPLATES
from detector.service.pages.intake_view import Called, IntakeView, UploadLine, done_view, preview_view, unread_view, upload_words
from detector.service.pages.limit import limited
from detector.service.pages.preview import Previewed, preview
from detector.service.pages.reasons import problem_words
from detector.service.pages.services import CASE_WORKERS, Language, PagesServices, WholeService
from detector.service.pages.uploads import TooLargeError, Upload
from detector.store.upsert import Fate

PageNumber = Annotated[int, Query(alias="page", ge=1, le=100_000)]
Only = Annotated[Fate | None, Query()]


class IntakeDesk:
    """What the intake page does with files, in one installation."""

    def __init__(self, services: PagesServices) -> None:
        self._services = services
        self._installation = services.installation

    def profiles(self) -> list[str]:
        """Names of the source profiles."""
        return sorted(available_profiles(self._installation.profile_folders()))

    def profile_words(self, name: str, language: str) -> str:
        """What a source profile is called; its bare name where it says no more, is broken or is gone."""
        try:
            said = self._installation.profile(name).described(language)
        except IntakeError:
            said = ""
        return f"{name} ({said})" if said else name

    def told(self, upload: Upload, language: str) -> Upload:
        """A file with its source profile as people call it."""
        return replace(upload, profile=self.profile_words(upload.profile, language))

    def most_bytes(self) -> int:
        """How large a file may be."""
        return self._services.settings().intake.max_body_mb * 1024 * 1024

    def clean(self) -> None:
        """Throw away what waited for too long."""
        hours = self._services.settings().intake.keep_uploads_hours
        self._services.uploads.clean(self._services.clock(), timedelta(hours=hours))

    def view(self, language: str, wrong: tuple[tuple[str, str], ...] = ()) -> IntakeView:
        """The page."""
        words, intake = catalogue(language), self._services.settings().intake
        lines = tuple(
            UploadLine(
                one.id,
                upload_words(one, language),
                one.profile,
                one.actor,
                date_words(datetime.fromisoformat(one.at).date(), language),
                words.gettext("waits") if one.counts is None else words.gettext("taken in"),
            )
            for one in self._services.uploads.list()
        )
        names = tuple((name, self.profile_words(name, language)) for name in self.profiles())
        endings = ", ".join(sorted(READERS))
        return IntakeView(names, intake.default_profile, endings, intake.max_body_mb, intake.keep_uploads_hours, lines, wrong)

    def previewed(self, upload: Upload, only: Fate | None, number: int) -> Previewed:
        """What would become of a file."""
        installation = self._installation
        profile = installation.profile(upload.profile)
        path, now = self._services.uploads.path(upload), self._services.clock()
        return preview(path, profile, installation.areas(), installation.reports.preview(), now, only=only, page=number)

    def take_in(self, path: Path, upload: Upload) -> IntakeResult:
        """Take a file in, by the same rules as any other."""
        installation = self._installation
        profile = installation.profile(upload.profile)
        result = ingest_file(path, profile, installation.areas(), installation.reports, self._services.clock())
        self._services.rows_read(result)
        return result

    def names(self) -> Called:
        """What areas and codes are called here."""
        return Called({area.code: area.name for area in self._installation.areas().areas}, self._services.settings().names)


class IntakePages:
    """The pages, as the router calls them."""

    def __init__(self, services: PagesServices, desk: IntakeDesk) -> None:
        self._services = services
        self._desk = desk
        self._uploads = services.uploads

    def _note(self, person: Person, event: str, upload: str, details: Details | None = None) -> None:
        engine, at = self._services.installation.alerts_engine, self._services.clock()
        record(engine, person.actor, event, upload, at=at, details=details)

    def _found(self, upload: str) -> Upload:
        found = self._uploads.get(upload)
        if found is None:
            raise HTTPException(404)
        return found

    def show(self, request: Request, _: WholeService, language: Language) -> Response:
        """Hand in a file; files that wait."""
        self._desk.clean()
        return page(request, "intake.html", view=self._desk.view(language))

    def hand_in(self, request: Request, person: WholeService, language: Language, form: Filled) -> Response:
        """Keep the file, and show what would become of it."""
        words, file, profile = catalogue(language), form.get("file"), field(form, "profile")
        wrong = []
        if not isinstance(file, UploadFile) or not file.filename:
            wrong.append(("file", words.gettext("Choose a file.")))
        elif Path(file.filename).suffix.casefold() not in READERS:
            wrong.append(("file", words.gettext("A file of this kind cannot be read; see the list of endings.")))
        if profile not in self._desk.profiles():
            wrong.append(("profile", words.gettext("Choose a source profile.")))
        if not wrong and isinstance(file, UploadFile):
            now, most = self._services.clock(), self._desk.most_bytes()
            try:
                kept = self._uploads.keep(file.file, file.filename or "", profile, person.name, at=now, at_most_bytes=most)
            except TooLargeError:
                wrong.append(("file", words.gettext("The file is too large.")))
            else:
                self._note(person, "intake_previewed", kept.id, {"profile": profile})
                return back_to(f"/intake/{kept.id}")
        return page(request, "intake.html", status=400, view=self._desk.view(language, tuple(wrong)))

    def look(
        self, request: Request, upload: str, _: WholeService, language: Language, only: Only = None, number: PageNumber = 1
    ) -> Response:
        """What would become of it, or what became of it."""
        found = self._found(upload)
        told = self._desk.told(found, language)
        if found.counts is not None:
            return page(request, "preview.html", view=done_view(told, language))
        try:
            previewed = self._desk.previewed(found, only, number)
        except IntakeError as error:
            return page(request, "preview.html", view=unread_view(told, error.problem, language))
        view = preview_view(told, previewed, language, self._desk.names(), only=only, number=number)
        return page(request, "preview.html", view=view)

    def commit(self, request: Request, upload: str, person: WholeService, language: Language) -> Response:
        """Take it in; once, however often it is asked."""
        before = self._found(upload)
        if before.counts is None:
            # First the line, then the reports: to die in between leaves a line more, and never reports without a line.
            self._note(person, "intake_committed", upload, {"profile": before.profile})
        try:
            self._uploads.commit(upload, self._desk.take_in)
        except IntakeError as error:
            flash(request, problem_words(error.problem, language), "error")
            return back_to(f"/intake/{upload}")
        flash(request, catalogue(language).gettext("The file was taken in; its municipalities are looked at again."))
        return back_to(f"/intake/{upload}")

    def discard(self, request: Request, upload: str, person: WholeService, language: Language) -> Response:
        """Throw it away."""
        if self._uploads.discard(upload):
            self._note(person, "intake_discarded", upload)
            flash(request, catalogue(language).gettext("The file was thrown away."))
        return back_to("/intake")


def intake_group(services: PagesServices) -> PageGroup:
    """The pages of the intake."""
    desk = IntakeDesk(services)
    pages = IntakePages(services, desk)
    router = APIRouter(route_class=limited(desk.most_bytes))
    router.add_api_route("/intake", pages.show, methods=["GET"])
    router.add_api_route("/intake", pages.hand_in, methods=["POST"])
    router.add_api_route("/intake/{upload}", pages.look, methods=["GET"])
    router.add_api_route("/intake/{upload}/commit", pages.commit, methods=["POST"])
    router.add_api_route("/intake/{upload}/discard", pages.discard, methods=["POST"])
    nav = NavEntry("/intake", marked("Intake"), CASE_WORKERS, order=60)
    return PageGroup(router, nav=(nav,), templates=TEMPLATES)
