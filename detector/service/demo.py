"""A console that is filled: an account for each role, and the alerts of the made-up municipality handled, in every state."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from alerts import accounts, areas, queries
from alerts.accounts import Account
from alerts.alert import (
    MUNICIPALITY_ROLES,
    SYSTEM,
    Action,
    Actor,
    Alert,
    Approach,
    ApproachKind,
    DismissReason,
    ReviewState,
    Rights,
    Role,
    possible_actions,
)
from alerts.pattern import PatternKind
from detector.service.installation import Installation

NAMES: Final = {
    Role.CASE_WORKER: "consulent",
    Role.AREA_MANAGER: "gebiedsmanager",
    Role.POLICY_ADVISER: "beleidsadviseur",
    Role.OPERATOR: "systeembeheerder",
    Role.AUDITOR: "toezichthouder",
    Role.ADMINISTRATOR: "accountbeheerder",
}
A, S = Action, ReviewState
_PAUSE: Final = timedelta(minutes=7)
"""Between two steps that somebody takes."""
_TO_COMMUNITY: Final = (S.DISMISSED, S.HELD, S.REOPENED, S.IN_REVIEW)
"""How far the alerts that people release get, the oldest first; from there on they stay as they are."""
_TO_PLACE: Final = (S.CLOSED, S.ACKNOWLEDGED)
"""The same for those that the rule releases."""
_STEPS: Final = {
    S.NEW: (),
    S.RELEASED: (A.REVIEW, A.RELEASE),
    S.IN_REVIEW: (A.REVIEW,),
    S.HELD: (A.REVIEW, A.HOLD),
    S.DISMISSED: (A.REVIEW, A.DISMISS),
    S.REOPENED: (A.REVIEW, A.DISMISS, A.REOPEN),
    S.ACKNOWLEDGED: (A.REVIEW, A.RELEASE, A.ACKNOWLEDGE),
    S.APPROACH_AGREED: (A.REVIEW, A.RELEASE, A.ACKNOWLEDGE, A.AGREE),
    S.CLOSED: (A.REVIEW, A.RELEASE, A.ACKNOWLEDGE, A.AGREE, A.CLOSE),
}


@dataclass(frozen=True, slots=True)
class Demo:
    """An account that was made, with its password, which is told once."""

    account: Account
    password: str


def make_accounts(installation: Installation, municipality: str, now: datetime) -> tuple[Demo, ...]:
    """An account for each role, with a random password; the area manager gets the districts of the newest alert."""
    engine = installation.alerts_engine
    made = []
    for role, name in NAMES.items():
        where = municipality if role in MUNICIPALITY_ROLES else None
        rights = Rights(_districts(installation, municipality)) if role is Role.AREA_MANAGER else Rights()
        demo = Demo(Account(name, role, where, now, rights), secrets.token_urlsafe(12))
        accounts.add(engine, demo.account, demo.password, SYSTEM)
        made.append(demo)
    return tuple(made)


def _districts(installation: Installation, municipality: str) -> tuple[str, ...]:
    engine = installation.alerts_engine
    districts = {area.code for area in areas.districts(engine, municipality)}
    wanted = queries.Filter(review=(S.RELEASED, S.ACKNOWLEDGED, S.APPROACH_AGREED), kinds=(PatternKind.PLACE,))
    for alert in queries.find_alerts(engine, SYSTEM, wanted).alerts:
        codes = queries.current_pattern(engine, alert.id, SYSTEM).area_codes
        around = areas.ancestors(engine, municipality, codes)
        found = districts.intersection({*codes, *(one for chain in around.values() for one in chain)})
        if found:
            return tuple(sorted(found))
    return tuple(sorted(districts))


def agree_early(installation: Installation, municipality: str, then: datetime) -> None:
    """Agree on an approach for the oldest place pattern, so that weeks later there is an effect to look at."""
    wanted = queries.Filter(municipality=municipality, review=(S.RELEASED,), kinds=(PatternKind.PLACE,))
    found = queries.find_alerts(installation.alerts_engine, SYSTEM, wanted).alerts
    if found:
        oldest = min(found, key=lambda alert: (alert.created_at, alert.id))
        _bring(installation, oldest, (A.ACKNOWLEDGE, A.AGREE), then)


def handle(installation: Installation, municipality: str, now: datetime) -> None:
    """Bring the alerts into every state that there is, by the actions that people take."""
    wanted = queries.Filter(municipality=municipality)
    found = sorted(queries.find_alerts(installation.alerts_engine, SYSTEM, wanted).alerts, key=lambda one: one.created_at)
    for alert, state in (
        *zip([one for one in found if one.review is S.NEW], _TO_COMMUNITY, strict=False),
        *zip([one for one in found if one.review is S.RELEASED], _TO_PLACE, strict=False),
    ):
        # The last step is taken now: nobody has done anything tomorrow.
        _bring(installation, alert, _STEPS[state], max(alert.updated_at, now - _PAUSE * len(_STEPS[state])))


def _bring(installation: Installation, alert: Alert, steps: Sequence[Action], now: datetime) -> None:
    worker = Actor(NAMES[Role.CASE_WORKER], Role.CASE_WORKER)
    adviser = Actor(NAMES[Role.POLICY_ADVISER], Role.POLICY_ADVISER, alert.municipality)
    for step in steps:
        actor = adviser if step in {A.ACKNOWLEDGE, A.AGREE, A.CLOSE} else worker
        if alert.review is S.RELEASED and step in {A.REVIEW, A.RELEASE}:
            continue  # the rule has released it already
        if step not in possible_actions(alert, actor):
            return
        now += _PAUSE
        alert = installation.alerts.act(
            alert.id,
            step,
            actor,
            now,
            alert.version,
            dismiss_reason=DismissReason.KNOWN if step is A.DISMISS else None,
            approach=_approach(now.date(), closed=step is A.CLOSE) if step in {A.AGREE, A.CLOSE} else None,
            text=_TEXT.get(step, ""),
        )


_TEXT: Final = {A.HOLD: "Eerst navragen bij de school.", A.DISMISS: "Bekend: dezelfde burenruzie als vorig jaar."}


def _approach(today: date, *, closed: bool) -> Approach:
    return Approach(
        kind=ApproachKind.BOTH,
        owner="gebiedsteam",
        partners=("buurthuis", "wijkagent"),
        review_on=today + timedelta(weeks=8),
        actions="Gesprek met de gemeenschap, en zichtbaarder toezicht in de avond.",
        outcome="Gesprekken gevoerd; in het najaar kijken we opnieuw." if closed else "",
    )
