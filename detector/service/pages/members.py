"""The reports of a pattern: which there are, which count, and marking those that are no report of their own."""

import secrets
from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import Response

from alerts import queries
from alerts.alert import Alert, Rights
from alerts.console.forms import Filled, field
from alerts.console.groups import AlertLink, PageGroup
from alerts.console.rendering import back_to, flash, page
from alerts.names import Names
from alerts.render.catalogue import catalogue, marked
from alerts.render.labels import code_words
from alerts.render.words import date_words
from detector.model import ReportKind
from detector.service.pages.casework import PatternReports, mark_reports, pattern_reports, reason_is_safe, record
from detector.service.pages.folder import TEMPLATES
from detector.service.pages.services import CASE_WORKERS, CaseWorker, Language, PagesServices
from detector.store.errors import StoreError
from detector.store.marking import MarkedReport, Marking
from detector.window import counts_in_detection

KINDS = {
    ReportKind.SINGLE: marked("A report of its own"),
    ReportKind.MASS: marked("Mass report"),
    ReportKind.DUPLICATE: marked("Duplicate"),
    ReportKind.SERIES: marked("One of a series"),
}
AS_SOURCE = "as_source"


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One report as the page shows it; ``about`` and ``where`` are empty for who may not see them."""

    key: str
    name: str
    received: str
    happened: str
    where: str
    about: str
    kind: str
    mark: str
    counts: bool
    seen: bool


@dataclass(frozen=True, slots=True)
class MembersView:
    """The page; ``wrong`` is what is wrong with what was filled in."""

    alert_id: str
    lines: tuple[ReportLine, ...]
    counting: int
    gathered: int
    seen_now: bool
    kinds: tuple[tuple[str, str], ...]
    chosen: frozenset[str] = frozenset()
    kind: str = ""
    reason: str = ""
    wrong: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class MembersReader:
    """Who reads the page, in which language, and what areas and codes are called."""

    rights: Rights
    language: str
    areas: dict[str, str]
    names: Names


def members_view(alert: Alert, found: PatternReports, reader: MembersReader) -> MembersView:
    """What the page shows of a pattern's reports."""
    words = catalogue(reader.language)
    kinds = tuple((kind.value, words.gettext(label)) for kind, label in KINDS.items())
    lines = tuple(_line(one, found.members, reader) for one in found.reports)
    seen = found.seen
    chosen = (*kinds[1:], kinds[0], (AS_SOURCE, words.gettext("As the source says (take the mark away)")))
    return MembersView(alert.id, lines, seen.counting, seen.gathered, seen.seen_now, chosen)


def _line(one: MarkedReport, members: frozenset[str], reader: MembersReader) -> ReportLine:
    report, language = one.report, reader.language
    words = catalogue(language)
    about = []
    if reader.rights.sees_community:
        about = [code_words("community", code, language, reader.names) for code in report.communities]
    about += [code_words("ground", code, language, reader.names) for code in report.grounds]
    about += [code_words("domain", code, language, reader.names) for code in report.domains]
    change, mark = one.last_change, ""
    if change is not None:
        mark = words.gettext("%(kind)s, by %(who)s on %(day)s: %(reason)s") % {
            "kind": words.gettext(KINDS[change.after]),
            "who": change.actor,
            "day": date_words(change.at.date(), language),
            "reason": change.reason,
        }
    return ReportLine(
        key=report.key,
        name=report.report_id,
        received=date_words(report.received_on, language),
        happened=date_words(report.occurred_on, language) if report.occurred_on else "",
        where=reader.areas.get(report.area_code or "", report.area_code or "") if reader.rights.sees_place else "",
        about="; ".join(about),
        kind=words.gettext("Withdrawn") if report.withdrawn else words.gettext(KINDS[report.kind]),
        mark=mark,
        counts=counts_in_detection(report),
        seen=report.key in members,
    )


def members_group(services: PagesServices) -> PageGroup:
    """The pages of a pattern's reports."""
    router = APIRouter()
    installation = services.installation

    def view_of(person: CaseWorker, alert: Alert, language: str) -> MembersView:
        areas = installation.areas()
        names = {area.code: area.name for area in areas.areas if area.municipality == alert.municipality}
        reader = MembersReader(person.actor.rights, language, names, services.settings().names)
        return members_view(alert, pattern_reports(installation, alert), reader)

    @router.get("/alerts/{alert_id}/reports")
    def show(request: Request, alert_id: str, person: CaseWorker, language: Language) -> Response:
        """The reports; that somebody saw them goes into the audit log."""
        alert = queries.get(installation.alerts_engine, alert_id, person.actor)
        view = view_of(person, alert, language)
        details = {"reports": len(view.lines), "revision": alert.revision}
        record(installation.alerts_engine, person.actor, "reports_viewed", alert.id, at=services.clock(), details=details)
        return page(request, "members.html", view=view)

    @router.post("/alerts/{alert_id}/reports")
    def mark(request: Request, alert_id: str, person: CaseWorker, language: Language, form: Filled) -> Response:
        """Mark reports, and look again at once."""
        alert = queries.get(installation.alerts_engine, alert_id, person.actor)
        words = catalogue(language)
        view = view_of(person, alert, language)
        chosen = frozenset(str(key) for key in form.getlist("report")) & {line.key for line in view.lines}
        kind, reason = field(form, "kind"), field(form, "reason")
        wrong = []
        if not chosen:
            wrong.append(("reports", words.gettext("Choose at least one report.")))
        if kind not in {value for value, _ in view.kinds}:
            wrong.append(("kind", words.gettext("Choose what these reports are.")))
        if not reason_is_safe(reason):
            wrong.append(("reason", words.gettext("Say why in at most 200 characters, without names, numbers or addresses.")))
        if wrong:
            typed = MembersView(
                view.alert_id,
                view.lines,
                view.counting,
                view.gathered,
                view.seen_now,
                view.kinds,
                chosen,
                kind,
                reason,
                tuple(wrong),
            )
            return page(request, "members.html", status=400, view=typed)
        wanted = None if kind == AS_SOURCE else ReportKind(kind)
        marking = Marking(secrets.token_hex(8), alert.municipality, chosen, wanted, reason, person.name)
        try:
            changed, looked = mark_reports(
                installation, marking, alert, person.actor, at=services.clock(), look_again=services.look_again
            )
        except StoreError:
            flash(request, words.gettext("Nothing was marked: one of these reports is not there any more."), "error")
            return back_to(f"/alerts/{alert.id}/reports")
        _tell(request, view, view_of(person, alert, language), language, changed=changed, looked=looked)
        return back_to(f"/alerts/{alert.id}/reports")

    link = AlertLink("/alerts/{alert}/reports", marked("Reports of this pattern"), CASE_WORKERS)
    return PageGroup(router, alert_links=(link,), templates=TEMPLATES)


def _tell(request: Request, before: MembersView, after: MembersView, language: str, *, changed: int, looked: bool) -> None:
    """What came of it, in a sentence or two."""
    words = catalogue(language)
    if not changed:
        flash(request, words.gettext("Nothing changed: these reports were marked so already."), "info")
        return
    text = words.ngettext("%(count)s report was marked.", "%(count)s reports were marked.", changed) % {"count": changed}
    if not looked:
        flash(request, f"{text} " + words.gettext("The pattern will be looked at again with the next run."), "warning")
        return
    counts = {"before": before.counting, "after": after.counting}
    text += " " + words.gettext("Of this pattern %(after)s reports count now; before it were %(before)s.") % counts
    if not after.seen_now:
        text += " " + words.gettext("No method sees the pattern any more.")
    flash(request, text)
