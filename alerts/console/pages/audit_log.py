"""The audit log, for the auditor: who saw, did and changed what, and whether the chain is whole."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime, time, timedelta
from typing import Annotated, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy import ColumnElement, Engine, select
from starlette.responses import Response

from alerts import audit, queries
from alerts.alert import Actor, Role
from alerts.audit import Entry
from alerts.console.audit_words import EVENTS, actor_of, actor_words, details_words, event_words
from alerts.console.forms import Filled, field
from alerts.console.groups import NavEntry, PageGroup
from alerts.console.languages import language_of
from alerts.console.people import Person, Services, only
from alerts.console.rendering import back_to, flash, page
from alerts.console.times import day_of, moment_words
from alerts.render.catalogue import catalogue, marked
from alerts.store import tables as t
from alerts.store.engine import read, write

router = APIRouter()
PATH: Final = "/audit"
PAGE_SIZE: Final = 100
LONGEST: Final = 200
Before = Annotated[int, Query(ge=0, lt=1 << 63)]
Auditor = Annotated[Person, Depends(only(Role.AUDITOR, Role.ADMINISTRATOR))]


@dataclass(frozen=True, slots=True)
class EntryLine:
    """A line of the audit log, in words."""

    number: int
    when: str
    actor: str
    event: str
    subject: str
    href: str
    details: str


@dataclass(frozen=True, slots=True)
class Sought:
    """What somebody looks for in the log, as the address says it; empty is everything. ``first`` and ``last`` are ISO days."""

    who: str = ""
    event: str = ""
    about: str = ""
    first: str = ""
    last: str = ""

    def __bool__(self) -> bool:
        """Whether anything is looked for."""
        return self != EVERYTHING

    @classmethod
    def of(cls, given: Mapping[str, str]) -> "Sought":
        """What an address holds, without what makes no sense."""
        said = {field.name: given.get(field.name, "").strip()[:LONGEST] for field in fields(cls)}
        kept = {name: text for name, text in said.items() if name not in {"first", "last"} or day_of(text)}
        return cls(**{**kept, "event": said["event"] if said["event"] in EVENTS else ""})

    def conditions(self, lang: str, zone: ZoneInfo) -> Iterator[ColumnElement[bool]]:
        """What an entry has to be; names are those shown in the language, days are those of the zone."""
        c = t.audit.c
        for column, text in ((c.actor, actor_of(self.who, lang)), (c.event, self.event), (c.subject, self.about)):
            if text:
                yield column == text
        if (first := day_of(self.first)) and first > date.min:
            yield c.at >= datetime.combine(first, time.min, zone)
        if (last := day_of(self.last)) and last < date.max:
            yield c.at < datetime.combine(last + timedelta(days=1), time.min, zone)

    def page_before(self, number: int) -> str:
        """Address of the page with what is older than an entry."""
        said = {name: text for name, text in asdict(self).items() if text}
        return f"{PATH}?{urlencode({**said, 'before': number})}"


EVERYTHING: Final = Sought()


@dataclass(frozen=True, slots=True)
class AuditView:
    """A page of the log, the newest first. ``older``: address of the next page, empty if there is none."""

    lines: tuple[EntryLine, ...]
    older: str
    whole: bool
    sought: Sought
    events: tuple[tuple[str, str], ...]


def subjects_of(engine: Engine, actor: Actor) -> frozenset[str] | None:
    """What an auditor of one municipality may read of: its alerts and its accounts; None: of everything."""
    if actor.municipality is None:
        return None
    alerts = select(t.alert.c.id).where(t.alert.c.municipality == actor.municipality)
    accounts = select(t.account.c.name).where(t.account.c.municipality == actor.municipality)
    with read(engine) as connection:
        return frozenset(connection.scalars(alerts.union(accounts)).all())


def entry_line(entry: Entry, href: str, lang: str, zone: ZoneInfo) -> EntryLine:
    """An entry for the table; ``href`` leads to the alert that it is about."""
    details = "; ".join(f"{name}: {value}" for name, value in details_words(entry.details, lang, zone))
    who, what = actor_words(entry.actor, lang), event_words(entry.event, lang)
    return EntryLine(entry.seq, moment_words(entry.at, lang, zone), who, what, entry.subject, href, details)


@router.get(PATH)
def show(request: Request, person: Auditor, services: Services, before: Before = 0) -> Response:
    """The newest entries that are sought, or those before a number."""
    c, lang, zone = t.audit.c, language_of(request), services.zone
    sought = Sought.of(request.query_params)
    query = select(t.audit).where(*sought.conditions(lang, zone)).order_by(c.seq.desc()).limit(PAGE_SIZE + 1)
    if before > 0:
        query = query.where(c.seq < before)
    subjects = subjects_of(services.engine, person.actor)
    if subjects is not None:
        query = query.where(c.subject.in_(subjects))
    with read(services.engine) as connection:
        found = [
            Entry(r.seq, r.at, r.actor, r.event, r.subject, r.details, r.prev_hash, r.hash) for r in connection.execute(query)
        ]
    shown = found[:PAGE_SIZE]
    alerts = queries.visible_among(services.engine, frozenset(one.subject for one in shown), person.actor)
    lines = tuple(entry_line(one, f"/alerts/{one.subject}" if one.subject in alerts else "", lang, zone) for one in shown)
    older = sought.page_before(lines[-1].number) if len(found) > PAGE_SIZE else ""
    events = tuple(sorted(((event, event_words(event, lang)) for event in EVENTS), key=lambda one: one[1].casefold()))
    return page(request, "audit_log.html", view=AuditView(lines, older, subjects is None, sought, events))


@router.post(f"{PATH}/verify")
def verify(request: Request, person: Auditor, services: Services, form: Filled) -> Response:
    """Walk the whole chain, and say what was found."""
    words = catalogue(language_of(request))
    noted, _, digest = field(form, "noted").partition(" ")
    known = audit.Head(int(noted), digest.strip()) if noted.isdigit() and digest else None
    report = audit.verify(services.engine, known)
    with write(services.engine) as connection:
        audit.append(connection, at=services.clock(), actor=person.name, event="audit_verified", subject=str(report.head.seq))
    if report.intact:
        text = words.gettext("The log is whole: %(entries)s entries. Note elsewhere: %(number)s %(digest)s")
        said = {"entries": report.entries, "number": report.head.seq, "digest": report.head.hash}
        flash(request, text % said)
    else:
        flash(
            request, words.gettext("The log was tampered with: %(problems)s") % {"problems": "; ".join(report.problems)}, "error"
        )
    return back_to(PATH)


GROUP = PageGroup(router, nav=(NavEntry(PATH, marked("Audit log"), frozenset({Role.AUDITOR, Role.ADMINISTRATOR}), order=70),))
