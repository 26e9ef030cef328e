"""Accounts, for the administrator: who may sign in, as what, how far they see, and a new password for who forgot theirs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.responses import Response

from alerts import account_changes, areas
from alerts.account_changes import Wanted, account_id
from alerts.accounts import Account, AccountError
from alerts.alert import SYSTEM, Actor, Rights, Role
from alerts.console.forms import Filled, field
from alerts.console.groups import NavEntry, PageGroup
from alerts.console.languages import language_of
from alerts.console.people import Person, Services, only
from alerts.console.rendering import back_to, flash, page
from alerts.console.services import ConsoleServices
from alerts.console.times import moment_words
from alerts.render.catalogue import catalogue, marked

router = APIRouter()
PATH = "/accounts"
Administrator = Annotated[Person, Depends(only(Role.ADMINISTRATOR))]
ROLES = tuple(role for role in Role if role is not Role.SYSTEM)
Option = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Line:
    """An account in the list."""

    href: str
    name: str
    role: Role
    municipality: str
    seen: str
    open: bool


@dataclass(frozen=True, slots=True)
class AccountForm:
    """The form of an account; ``password`` is shown once, right after it was made.

    ``districts`` are those of the municipality ``districts_of``; ``asks_districts``: it was just chosen, and nothing is stored
    before they are.
    """

    href: str
    name: str
    role: str
    roles: tuple[Role, ...]
    municipality: str
    municipalities: tuple[Option, ...]
    districts: tuple[Option, ...]
    area_codes: tuple[str, ...]
    districts_of: str = ""
    asks_districts: bool = False
    sees_place: bool = True
    sees_community: bool = True
    disabled: bool = False
    is_new: bool = False
    elsewhere: bool = False
    error: str = ""
    password: str = ""


def _lines(found: tuple[Account, ...], services: ConsoleServices, lang: str) -> tuple[Line, ...]:
    names = dict(account_changes.municipalities(services.engine, SYSTEM))
    return tuple(
        Line(
            f"{PATH}/{account_id(one.name)}",
            one.name,
            one.role,
            names.get(one.municipality or "", one.municipality or ""),
            "" if one.seen_at is None else moment_words(one.seen_at, lang, services.zone),
            one.disabled_at is None,
        )
        for one in found
    )


def _districts(services: ConsoleServices, municipality: str, own: Sequence[str] = ()) -> tuple[Option, ...]:
    """The districts to choose from, and what else somebody has already: other areas can be given by command."""
    if not municipality:
        return ()
    names = {area.code: area.name for area in areas.names_of(services.engine, municipality)} if own else {}
    found = [(area.code, area.name) for area in areas.districts(services.engine, municipality)]
    known = {code for code, _ in found}
    return (*found, *((code, names.get(code, code)) for code in own if code not in known))


def _form(account: Account, services: ConsoleServices, by: Actor, *, error: str = "", password: str = "") -> AccountForm:
    return AccountForm(
        href=f"{PATH}/{account_id(account.name)}",
        name=account.name,
        role=account.role.value,
        roles=ROLES,
        municipality=account.municipality or "",
        municipalities=account_changes.municipalities(services.engine, by),
        districts=_districts(services, account.municipality or "", account.rights.area_codes),
        area_codes=account.rights.area_codes,
        districts_of=account.municipality or "",
        sees_place=account.rights.sees_place,
        sees_community=account.rights.sees_community,
        disabled=account.disabled_at is not None,
        elsewhere=account.issuer is not None,
        error=error,
        password=password,
    )


def wanted_of(form: FormData) -> Wanted:
    """What the form asks for.

    Raises:
        AccountError: it names no role.
    """
    try:
        role = Role(field(form, "role"))
    except ValueError as error:
        raise AccountError("choose a role") from error
    where = field(form, "municipality") or None
    # Districts are of a municipality: who works for the service has none, and those of another do not come along.
    codes = _chosen(form) if where is not None and where == field(form, "districts_of") else ()
    return Wanted(role, where, Rights(codes, "sees_place" in form, "sees_community" in form), "disabled" in form)


def _chosen(form: FormData) -> tuple[str, ...]:
    return tuple(sorted(str(code) for code in form.getlist("area")))


def _asked(view: AccountForm, services: ConsoleServices, form: FormData) -> AccountForm | None:
    """The form once more, with the districts of the municipality that was just chosen; None where there is nothing to ask."""
    where = field(form, "municipality")
    if field(form, "role") != Role.AREA_MANAGER or where == field(form, "districts_of"):
        return None
    if where not in dict(view.municipalities) or not (districts := _districts(services, where)):
        return None
    return replace(_typed(view, form), districts=districts, area_codes=(), districts_of=where, asks_districts=True)


def _typed(view: AccountForm, form: FormData) -> AccountForm:
    """The form with what was filled in."""
    return replace(
        view,
        role=field(form, "role"),
        municipality=field(form, "municipality"),
        area_codes=_chosen(form),
        sees_place="sees_place" in form,
        sees_community="sees_community" in form,
        disabled="disabled" in form,
    )


@router.get(PATH)
def show(request: Request, person: Administrator, services: Services) -> Response:
    """All accounts that this administrator looks after."""
    found = account_changes.administered(services.engine, person.actor)
    return page(request, "accounts.html", lines=_lines(found, services, language_of(request)))


def _blank(services: ConsoleServices, by: Actor, *, name: str = "", where: str = "", error: str = "") -> AccountForm:
    options = account_changes.municipalities(services.engine, by)
    # Of several municipalities the districts are asked for once the form says which one it is.
    of = options[0][0] if len(options) == 1 else where if where in dict(options) else ""
    return AccountForm(
        f"{PATH}/new",
        name,
        "",
        ROLES,
        by.municipality or "",
        options,
        _districts(services, of),
        (),
        of,
        is_new=True,
        error=error,
    )


@router.get(f"{PATH}/new")
def ask(request: Request, person: Administrator, services: Services) -> Response:
    """The form for a new account."""
    return page(request, "account_form.html", view=_blank(services, person.actor))


@router.post(f"{PATH}/new")
def add(request: Request, person: Administrator, services: Services, form: Filled) -> Response:
    """Make an account, and show its password once."""
    name, now = field(form, "name"), services.clock()
    if asked := _asked(_blank(services, person.actor, name=name), services, form):
        return page(request, "account_form.html", view=asked)
    try:
        wanted = wanted_of(form)
        hours = services.settings().one_time_hours
        password = account_changes.add(services.engine, name, wanted, person.actor, now, hours=hours)
    except AccountError:
        error = catalogue(language_of(request)).gettext(
            "The account cannot be made so: is the name new, is there a role, and a municipality where the role needs one?"
        )
        view = _blank(services, person.actor, name=name, where=field(form, "districts_of"), error=error)
        return page(request, "account_form.html", status=400, view=_typed(view, form))
    account = Account(name, wanted.role, wanted.municipality, now, wanted.rights)
    return page(request, "account_form.html", view=_form(account, services, person.actor, password=password))


def _sought(services: ConsoleServices, person: Person, sought: str) -> Account:
    account = account_changes.find(services.engine, sought, person.actor)
    if account is None:
        raise HTTPException(404)
    return account


@router.get(PATH + "/{sought}")
def edit(request: Request, person: Administrator, services: Services, sought: str) -> Response:
    """One account."""
    return page(request, "account_form.html", view=_form(_sought(services, person, sought), services, person.actor))


@router.post(PATH + "/{sought}")
def change(request: Request, person: Administrator, services: Services, sought: str, form: Filled) -> Response:
    """Change an account."""
    account = _sought(services, person, sought)
    words = catalogue(language_of(request))
    if asked := _asked(_form(account, services, person.actor), services, form):
        return page(request, "account_form.html", view=asked)
    try:
        account_changes.change(services.engine, account, wanted_of(form), person.actor, services.clock())
    except AccountError:
        error = words.gettext("The account cannot be changed so: role and municipality must go together, and not be your own.")
        return page(request, "account_form.html", status=400, view=_form(account, services, person.actor, error=error))
    flash(request, words.gettext("Stored. Whoever was signed in with this account has to sign in again."))
    return back_to(PATH)


@router.post(PATH + "/{sought}/password")
def reset(request: Request, person: Administrator, services: Services, sought: str) -> Response:
    """Give a password that lets in once, and show it once; that also lifts a lock."""
    account = _sought(services, person, sought)
    hours = services.settings().one_time_hours
    try:
        password = account_changes.give_one_time(services.engine, account, person.actor, services.clock(), hours=hours)
    except AccountError as error:
        raise HTTPException(400) from error
    return page(request, "account_form.html", view=_form(account, services, person.actor, password=password))


GROUP = PageGroup(router, nav=(NavEntry(PATH, marked("Accounts"), frozenset({Role.ADMINISTRATOR}), order=80),))
