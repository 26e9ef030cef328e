"""``POST /v1/alerts/{alert}/actions``: what a person can do with an alert, done by a program for one."""

from datetime import date
from typing import Annotated, Any, Final, Self

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_camel
from starlette.concurrency import run_in_threadpool

from alerts import queries
from alerts.alert import (
    TRANSITIONS,
    Action,
    Actor,
    Approach,
    ApproachKind,
    ConflictError,
    DismissReason,
    TransitionError,
)
from alerts.console.api.access import Doer, secured
from alerts.console.api.alerts import AlertId
from alerts.console.api.answers import responses, told
from alerts.console.api.bodies import read_json
from alerts.console.api.filters import Text
from alerts.console.api.listing import invalid
from alerts.console.api.negotiation import JSON, href, media_of
from alerts.console.api.seen import known
from alerts.console.api.shape import Link
from alerts.console.api.shapes import ActionResult
from alerts.console.people import Services
from alerts.console.problems import ProblemError
from alerts.console.services import ConsoleServices
from alerts.store.alerts import approach_json
from alerts.tokens import Scope, Token

router = APIRouter(prefix="/v1", tags=["alerts"])

_LONGEST: Final = 5_000
_BY_PEOPLE: Final = tuple(action for action in Action if action is not Action.LAPSE)
_REST: Final = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True, extra="forbid")

Line = Annotated[Text, Field(max_length=200)]
Prose = Annotated[Text, Field(max_length=_LONGEST)]


class AgreedApproach(BaseModel):
    """The agreed approach, as it is handed in."""

    model_config = _REST

    kind: ApproachKind
    owner: Annotated[Line, Field(min_length=1, description="Who leads it.")]
    partners: Annotated[tuple[Line, ...], Field(max_length=50, description="With whom.")] = ()
    review_on: Annotated[date | None, Field(description="Day on which it is looked at again.")] = None
    actions: Annotated[Prose, Field(description="What is done.")] = ""
    outcome: Annotated[Prose, Field(description="What came of it; with close.")] = ""

    def as_approach(self) -> Approach:
        """The same for the alerts."""
        return Approach(self.kind, self.owner, self.partners, self.review_on, self.actions, self.outcome)


class ActionRequest(BaseModel):
    """What to do, and upon which version of the alert it was decided."""

    model_config = _REST

    action: Annotated[Action, Field(json_schema_extra={"enum": list(_BY_PEOPLE)})]
    version: Annotated[int, Field(ge=1, le=2**31 - 1, description="The version that was looked at.")]
    reason: Annotated[DismissReason | None, Field(description="Why it needs nobody's attention; with dismiss.")] = None
    approach: Annotated[AgreedApproach | None, Field(description="With agree; allowed with close.")] = None
    text: Annotated[Prose, Field(description="A remark, kept in the history; required with note.")] = ""

    @model_validator(mode="after")
    def _belongs_together(self) -> Self:
        wrong = [
            (self.action is Action.LAPSE, "only the service itself lets an acknowledgement lapse"),
            (self.action is Action.DISMISS and self.reason is None, "dismiss needs a reason"),
            (self.action is not Action.DISMISS and self.reason is not None, "a reason goes with dismiss alone"),
            (self.action is Action.AGREE and self.approach is None, "agree needs an approach"),
            (
                self.action not in {Action.AGREE, Action.CLOSE} and self.approach is not None,
                "an approach goes with agree and close alone",
            ),
            (self.action is Action.NOTE and not self.text.strip(), "note needs a text"),
        ]
        if said := "; ".join(words for is_wrong, words in wrong if is_wrong):
            raise ValueError(said)
        return self


@router.post(
    "/alerts/{alert}/actions",
    operation_id="postAction",
    responses=responses(ActionResult, "Done; or it had been done before by this very request.", 400, 403, 404, 409, 413, 415),
    openapi_extra={
        **secured(Scope.ALERTS_READ, Scope.ALERTS_ACT),
        "requestBody": {"required": True, "content": {JSON: {"schema": {"$ref": "#/components/schemas/ActionRequest"}}}},
    },
)
async def post_action(request: Request, token: Doer, services: Services, alert: AlertId) -> Response:
    """Do with an alert what a person in the token's role can do.

    `version` is the one that the decision rests on: if the alert changed since, nothing is stored (409). The same request may be
    sent again, as after a line that broke: it is carried out once, and answered the same.
    """
    media_of(request, JSON)
    body = await read_json(request)
    try:
        wanted = ActionRequest.model_validate(body)
    except ValidationError as error:
        raise invalid(error) from error
    done = await run_in_threadpool(_act, services, token, alert, wanted)
    links = (Link(rel="alert", href=href(request, f"/alerts/{alert}"), type=JSON),)
    return told(ActionResult(alert_id=alert, **done, links=links))


def _act(services: ConsoleServices, token: Token, alert_id: str, wanted: ActionRequest) -> dict[str, Any]:
    actor = token.actor
    _check_role(wanted.action, actor)
    approach = None if wanted.approach is None else wanted.approach.as_approach()
    try:
        with known():
            alert = services.alerts().act(
                alert_id,
                wanted.action,
                actor,
                services.clock(),
                wanted.version,
                dismiss_reason=wanted.reason,
                approach=approach,
                text=wanted.text,
            )
    except (ProblemError, ConflictError, TransitionError) as error:
        done = _done_before(services, alert_id, actor, wanted, approach)
        if done is not None:
            return done
        if isinstance(error, ProblemError):
            raise
        if isinstance(error, ConflictError):
            title, detail = (
                "The alert was changed",
                "It is not the version any more that was looked at: read it again, then decide.",
            )
        else:
            title, detail = "Not possible in this state", "Read the alert again: possibleActions has what can be done now."
        raise ProblemError(409, title, detail) from error
    return {"review": alert.review, "version": alert.version, "repeated": False}


def _check_role(action: Action, actor: Actor) -> None:
    if not any(actor.role in transition.roles for (_, each), transition in TRANSITIONS.items() if each is action):
        detail = f"The token acts as {actor.role}, for whom {action} is not."
        raise ProblemError(403, "The token is not for this", detail)


def _done_before(
    services: ConsoleServices, alert_id: str, actor: Actor, wanted: ActionRequest, approach: Approach | None
) -> dict[str, Any] | None:
    """How the alert stood after this very request, if it was carried out before."""
    agreed = None if approach is None else approach_json(approach)
    for event in queries.own_events(services.engine, alert_id, actor):
        same = (event.what, event.text, event.details.get("agreed")) == (wanted.action, wanted.text, agreed)
        if same and event.details.get("decided_upon") == wanted.version:
            if (wanted.reason or "") != event.details.get("dismissed_as", ""):
                continue
            return {"review": event.review_to, "version": wanted.version + 1, "repeated": True}
    return None
