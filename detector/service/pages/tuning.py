"""The tuning pages: change settings, replay past years with them, see what would be different, take the file along."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.responses import Response

from alerts.audit import Details
from alerts.console.forms import Filled as Form
from alerts.console.groups import NavEntry, PageGroup
from alerts.console.people import Person
from alerts.console.rendering import back_to, flash, page
from alerts.render.catalogue import catalogue, marked
from detector.service.pages.casework import record
from detector.service.pages.folder import TEMPLATES
from detector.service.pages.proposal import Filled, own_file, propose, shown
from detector.service.pages.replay import ReplayOrder
from detector.service.pages.replays import BusyError, Replay, ReplayState
from detector.service.pages.result_view import ResultReader, replay_view, result_view
from detector.service.pages.services import OPERATORS, Language, Operator, PagesServices, municipalities_of
from detector.service.pages.tuning_view import tuning_view
from detector.service.work import as_toml_tables

YEARS: Final = ("1", "2", "3")
EVERY: Final = ("7", "1")
_DAYS_A_YEAR: Final = 365

Part = Annotated[bool, Query()]


def filled_in(form: FormData) -> Filled:
    """The texts of a form, by field."""
    return {key: [value for value in form.getlist(key) if isinstance(value, str)] for key in form}


@dataclass(frozen=True)
class TuningPages:
    """The pages, as the router calls them."""

    services: PagesServices

    def _note(self, person: Person, event: str, code: str, details: Details) -> None:
        engine, at = self.services.installation.alerts_engine, self.services.clock()
        record(engine, person.actor, event, code, at=at, details=details)

    def _place(self, person: Person, code: str) -> tuple[str, str]:
        """The municipality's code and name; for whoever may not see it, it does not exist."""
        place = next((one for one in municipalities_of(self.services, person.actor) if one[0] == code), None)
        if place is None:
            raise HTTPException(404)
        return place

    def _replay(self, code: str, replay: str) -> Replay:
        found = self.services.replays.get(code, replay)
        if found is None:
            raise HTTPException(404)
        return found

    def choose(self, request: Request, person: Operator) -> Response:
        """The municipalities; straight on where there is one."""
        places = municipalities_of(self.services, person.actor)
        if len(places) == 1:
            return back_to(f"/tuning/{places[0][0]}")
        return page(request, "tuning_choose.html", places=places)

    def show(self, request: Request, code: str, person: Operator, language: Language) -> Response:
        """The settings in force, to be changed."""
        place, settings = self._place(person, code), self.services.settings()
        view = tuning_view(place, settings, shown(settings, code), self.services.replays.list(code), language)
        return page(request, "tuning.html", view=view)

    def begin(self, request: Request, code: str, person: Operator, language: Language, form: Form) -> Response:
        """Check what was filled in, and begin the replay; what is wrong stands beside its field."""
        place, settings, filled = self._place(person, code), self.services.settings(), filled_in(form)
        # A box that is not ticked is not sent.
        proposal = propose(settings, code, {"detection.methods": [], **filled})
        words, replays = catalogue(language), self.services.replays
        if proposal.settings is None:
            view = tuning_view(place, settings, filled, replays.list(code), language, wrong=proposal.wrong)
            return page(request, "tuning.html", status=400, view=view)
        order = self._order(settings, proposal.settings, code, filled)
        try:
            replay = replays.start(order, person.name, proposal.changes)
        except BusyError:
            flash(request, words.gettext("A replay is under way already; wait for it, or break it off."), "warning")
            return back_to(f"/tuning/{code}")
        self._note(person, "replay_begun", code, {"replay": replay, "settings": proposal.settings.rules_hash()})
        return back_to(f"/tuning/{code}/{replay}")

    def _order(self, settings: Any, candidate: Any, code: str, filled: Filled) -> ReplayOrder:  # noqa: ANN401 - both Settings
        years = next((one for one in filled.get("years", ()) if one in YEARS), YEARS[0])
        every = next((one for one in filled.get("every", ()) if one in EVERY), EVERY[0])
        now = self.services.clock()
        last = now.astimezone(settings.zone(code)).date()
        first = last - timedelta(days=int(years) * _DAYS_A_YEAR - 1)
        # The folder is chosen where the replay is begun.
        return ReplayOrder(settings, candidate, code, first, last, int(every), now, settings.data_dir)

    def look(
        self, request: Request, code: str, replay: str, person: Operator, language: Language, *, part: Part = False
    ) -> Response:
        """How the replay stands, or what it came to; ``part`` is the part of the page that changes while it goes on."""
        place, found = self._place(person, code), self._replay(code, replay)
        result, names = None, self.services.settings().names
        if found.state is ReplayState.DONE and not part:
            areas = self.services.installation.areas()
            reader = ResultReader(person.actor.rights, language, names)
            result = result_view(self.services.replays.result(code, replay), areas, code, reader)
            self._note(person, "replay_viewed", code, {"replay": replay})
        view = replay_view(place, found, result, language, names)
        if not part:
            return page(request, "replay.html", view=view)
        response = page(request, "replay_progress.html", view=view)
        if found.state is not ReplayState.RUNNING:
            response.headers["HX-Refresh"] = "true"
        return response

    def cancel(self, code: str, replay: str, person: Operator) -> Response:
        """Break it off; its own page says so, to which the page that watches it leads as well."""
        self._place(person, code)
        self._replay(code, replay)
        if self.services.replays.cancel(code, replay):
            self._note(person, "replay_cancelled", code, {"replay": replay})
        return back_to(f"/tuning/{code}/{replay}")

    def download(self, code: str, replay: str, person: Operator) -> Response:
        """The operator's own settings file with the changes of this replay."""
        self._place(person, code)
        found = self._replay(code, replay)
        self._note(person, "settings_downloaded", code, {"replay": replay})
        text = as_toml_tables(own_file(found.changes, self.services.own_file()))
        headers = {"Content-Disposition": 'attachment; filename="local.toml"'}
        return Response(text, media_type="application/toml", headers=headers)


def tuning_group(services: PagesServices) -> PageGroup:
    """The tuning pages."""
    router, pages = APIRouter(), TuningPages(services)
    router.add_api_route("/tuning", pages.choose, methods=["GET"])
    router.add_api_route("/tuning/{code}", pages.show, methods=["GET"])
    router.add_api_route("/tuning/{code}", pages.begin, methods=["POST"])
    router.add_api_route("/tuning/{code}/{replay}", pages.look, methods=["GET"])
    router.add_api_route("/tuning/{code}/{replay}/cancel", pages.cancel, methods=["POST"])
    router.add_api_route("/tuning/{code}/{replay}/local.toml", pages.download, methods=["GET"])
    nav = NavEntry("/tuning", marked("Tuning"), OPERATORS, order=70)
    return PageGroup(router, nav=(nav,), templates=TEMPLATES)
