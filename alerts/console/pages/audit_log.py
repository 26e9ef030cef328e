"""The audit log, for the auditor: who saw, did and changed what, and whether the chain is whole."""

from dataclasses import dataclass
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request
from sqlalchemy import Engine, select
from starlette.responses import Response

from alerts import audit
from alerts.alert import Actor, Role
from alerts.audit import Entry
from alerts.console.audit_words import actor_words, details_words, event_words
from alerts.console.forms import Filled, field
from alerts.console.groups import NavEntry, PageGroup
from alerts.console.languages import language_of
from alerts.console.people import Person, Services, only
from alerts.console.rendering import back_to, flash, page
from alerts.console.times import moment_words
from alerts.render.catalogue import catalogue, marked
from alerts.store import tables as t
from alerts.store.engine import read, write

router = APIRouter()
PATH: Final = "/audit"
PAGE_SIZE: Final = 100
Auditor = Annotated[Person, Depends(only(Role.AUDITOR, Role.ADMINISTRATOR))]


@dataclass(frozen=True, slots=True)
class EntryLine:
    """A line of the audit log, in words."""

    number: int
    when: str
    actor: str
    event: str
    subject: str
    details: str


@dataclass(frozen=True, slots=True)
class AuditView:
    """A page of the log, the newest first. ``older``: number from which the next page goes down, 0 if there is none."""

    lines: tuple[EntryLine, ...]
    older: int
    whole: bool


def subjects_of(engine: Engine, actor: Actor) -> frozenset[str] | None:
    """What an auditor of one municipality may read of: its alerts and its accounts; None: of everything."""
    if actor.municipality is None:
        return None
    alerts = select(t.alert.c.id).where(t.alert.c.municipality == actor.municipality)
    accounts = select(t.account.c.name).where(t.account.c.municipality == actor.municipality)
    with read(engine) as connection:
        return frozenset(connection.scalars(alerts.union(accounts)).all())


def entry_line(entry: Entry, lang: str, zone: ZoneInfo) -> EntryLine:
    """An entry for the table."""
    details = "; ".join(f"{name}: {value}" for name, value in details_words(entry.details, lang, zone))
    who, what = actor_words(entry.actor, lang), event_words(entry.event, lang)
    return EntryLine(entry.seq, moment_words(entry.at, lang, zone), who, what, entry.subject, details)


@router.get(PATH)
def show(request: Request, person: Auditor, services: Services, before: int = 0) -> Response:
    """The newest entries, or those before a number."""
    c = t.audit.c
    query = select(t.audit).order_by(c.seq.desc()).limit(PAGE_SIZE + 1)
    if before > 0:
        query = query.where(c.seq < before)
    subjects = subjects_of(services.engine, person.actor)
    if subjects is not None:
        query = query.where(c.subject.in_(subjects))
    with read(services.engine) as connection:
        found = [
            Entry(r.seq, r.at, r.actor, r.event, r.subject, r.details, r.prev_hash, r.hash) for r in connection.execute(query)
        ]
    lines = tuple(entry_line(one, language_of(request), services.zone) for one in found[:PAGE_SIZE])
    older = lines[-1].number if len(found) > PAGE_SIZE else 0
    return page(request, "audit_log.html", view=AuditView(lines, older, subjects is None))


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
