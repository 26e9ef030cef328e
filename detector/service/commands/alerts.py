"""``patroonwacht alerts``: the review actions, for scripts and for who has no browser at hand."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Annotated, Any

import typer

from alerts import queries
from alerts.alert import Action, Actor, Alert, Approach, ApproachKind, DismissReason, ReviewState, Role, possible_actions
from alerts.pattern import PatternKind
from alerts.pattern import to_json as pattern_json
from alerts.queries import Filter
from alerts.render import alert_text
from detector.service.installation import Installation
from detector.service.terminal import OUT, CommandError, JsonFlag, day, in_force, print_json

app = typer.Typer(help="List and show alerts, and record what people decide.", no_args_is_help=True)

AlertId = Annotated[str, typer.Argument(help="The alert's id.", show_default=False)]
By = Annotated[str | None, typer.Option(help="Who decides; your user name if not given.")]
AsRole = Annotated[Role, typer.Option("--role", help="In which role.")]
InMunicipality = Annotated[str | None, typer.Option(help="Code of the municipality you work for, in a municipal role.")]
Version = Annotated[int | None, typer.Option(help="The version you looked at; refused if somebody changed it since.")]
Text = Annotated[str, typer.Option(help="A remark, kept in the history.")]


@contextmanager
def opened() -> Iterator[Installation]:
    """The installation, for one command."""
    installation = Installation(in_force().settings)
    try:
        yield installation
    finally:
        installation.close()


def actor(by: str | None, role: Role, municipality: str | None) -> Actor:
    """Who acts on the command line."""
    if role in {Role.AREA_MANAGER, Role.POLICY_ADVISER} and municipality is None:
        raise CommandError(f"in the role {role} you see the alerts of one municipality: name it with --municipality GM0307")
    return Actor(by or getpass.getuser(), role, municipality)


@app.command("list")
def show_all(
    *,
    state: Annotated[list[ReviewState] | None, typer.Option(help="Only in this state; may be given more than once.")] = None,
    kind: Annotated[list[PatternKind] | None, typer.Option(help="Only of this kind.")] = None,
    municipality: Annotated[str | None, typer.Option(help="Only of this municipality.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most so many.")] = 100,
    as_json: JsonFlag = False,
) -> None:
    """Alerts, the last changed first."""
    wanted = Filter(municipality=municipality, review=tuple(state or ()), kinds=tuple(kind or ()))
    with opened() as installation:
        found = installation.alerts.list(wanted, limit=limit).alerts
        entries = [_entry(installation, alert) for alert in found]
    if as_json:
        print_json({"alerts": entries})
        return
    if not entries:
        OUT.print("There are no such alerts. That no pattern is seen does not mean that nothing is going on.")
    for entry in entries:
        areas = ", ".join(entry["areas"]) or entry["municipality"]
        count = entry["observed"] or "count not told"
        OUT.print(
            f"{entry['id']}  {entry['review']:<15} {entry['detection']:<6} {entry['kind']:<15} {areas}: {count}, "
            f"since {entry['window_from']}",
            markup=False,
        )


def _entry(installation: Installation, alert: Alert) -> dict[str, Any]:
    pattern = queries.current_pattern(installation.alerts_engine, alert.id, Actor("command", Role.SYSTEM))
    return {
        "id": alert.id,
        "pattern": alert.pattern_key,
        "revision": alert.revision,
        "version": alert.version,
        "municipality": alert.municipality,
        "kind": alert.kind,
        "detection": alert.detection,
        "review": alert.review,
        "audience": alert.audience,
        "areas": list(pattern.area_names),
        "community": pattern.community,
        "observed": str(pattern.observed) if pattern.observed else None,
        "expected": pattern.expected,
        "window_from": pattern.window_from,
        "window_to": pattern.window_to,
        "first_seen": pattern.first_seen,
        "updated_at": alert.updated_at,
    }


@app.command()
def show(
    alert_id: AlertId, *, language: Annotated[str | None, typer.Option(help="nl or en.")] = None, as_json: JsonFlag = False
) -> None:
    """One alert: what is seen, why, what people did, and what can be done now."""
    with opened() as installation:
        system = Actor("command", Role.SYSTEM)
        alert = installation.alerts.get(alert_id)
        pattern = queries.current_pattern(installation.alerts_engine, alert_id, system)
        events = installation.alerts.history(alert_id)
        actions = possible_actions(alert, Actor("command", Role.CASE_WORKER))
        entry = _entry(installation, alert)
        settings = installation.settings
        words = alert_text(pattern, language or settings.language, settings.names)
    history = [
        {
            "at": event.at,
            "actor": event.actor,
            "role": event.role,
            "what": event.what,
            "revision": event.revision,
            "text": event.text,
        }
        for event in events
    ]
    if as_json:
        print_json({**entry, "pattern_json": pattern_json(pattern), "history": history, "possible_actions": list(actions)})
        return
    OUT.print(words, markup=False)
    OUT.print(f"\n{alert.review} since {alert.in_state_since:%Y-%m-%d %H:%M} UTC; version {alert.version}", markup=False)
    for line in history:
        OUT.print(f"  {line['at']:%Y-%m-%d %H:%M}  {line['what']} by {line['actor']}  {line['text']}".rstrip(), markup=False)
    OUT.print("A case worker can now: " + (", ".join(actions) or "nothing"), markup=False)


def _act(
    alert_id: str,
    action: Action,
    who: Actor,
    version: int | None,
    *,
    as_json: bool,
    text: str = "",
    reason: DismissReason | None = None,
    approach: Approach | None = None,
) -> None:
    with opened() as installation:
        alert = installation.alerts.act(
            alert_id, action, who, datetime.now(UTC), version, dismiss_reason=reason, approach=approach, text=text
        )
    if as_json:
        print_json({"id": alert.id, "review": alert.review, "version": alert.version})
    else:
        OUT.print(f"{alert.id} is now {alert.review} (version {alert.version})", markup=False)


def _plain_action(action: Action, words: str, default: Role) -> None:
    def run(
        alert_id: AlertId,
        *,
        by: By = None,
        role: AsRole = default,
        municipality: InMunicipality = None,
        version: Version = None,
        text: Text = "",
        as_json: JsonFlag = False,
    ) -> None:
        _act(alert_id, action, actor(by, role, municipality), version, as_json=as_json, text=text)

    run.__doc__ = words
    app.command(action.value)(run)


for _action, _words, _role in (
    (Action.REVIEW, "Take an alert into review.", Role.CASE_WORKER),
    (Action.RELEASE, "Say yes to showing an alert to the municipality.", Role.CASE_WORKER),
    (Action.HOLD, "Keep an alert from the municipality for now.", Role.CASE_WORKER),
    (Action.ACKNOWLEDGE, "Say that the municipality has it in hand.", Role.CASE_WORKER),
    (Action.REOPEN, "Take up a closed or dismissed alert again.", Role.CASE_WORKER),
    (Action.NOTE, "Add a remark to an alert.", Role.CASE_WORKER),
):
    _plain_action(_action, _words, _role)


@app.command()
def dismiss(
    alert_id: AlertId,
    *,
    reason: Annotated[DismissReason, typer.Option(help="Why it needs nobody's attention.", show_default=False)],
    by: By = None,
    role: AsRole = Role.CASE_WORKER,
    municipality: InMunicipality = None,
    version: Version = None,
    text: Text = "",
    as_json: JsonFlag = False,
) -> None:
    """Say that a pattern needs nobody's attention, and why."""
    _act(alert_id, Action.DISMISS, actor(by, role, municipality), version, as_json=as_json, text=text, reason=reason)


ApproachOption = Annotated[ApproachKind, typer.Option("--approach", help="What was agreed.", show_default=False)]
Owner = Annotated[str, typer.Option(help="Who leads it.", show_default=False)]


@app.command()
def agree(
    alert_id: AlertId,
    *,
    approach: ApproachOption,
    owner: Owner,
    partner: Annotated[list[str] | None, typer.Option(help="With whom; may be given more than once.")] = None,
    review_on: Annotated[str | None, typer.Option(help="Day on which it is looked at again: 2026-09-01.")] = None,
    actions: Annotated[str, typer.Option(help="What is done.")] = "",
    by: By = None,
    role: AsRole = Role.POLICY_ADVISER,
    municipality: InMunicipality = None,
    version: Version = None,
    as_json: JsonFlag = False,
) -> None:
    """Record the agreed approach."""
    agreed = Approach(approach, owner, tuple(partner or ()), day(review_on, "--review-on"), actions)
    _act(alert_id, Action.AGREE, actor(by, role, municipality), version, as_json=as_json, approach=agreed)


@app.command()
def close(
    alert_id: AlertId,
    *,
    outcome: Annotated[str, typer.Option(help="What came of it.")] = "",
    by: By = None,
    role: AsRole = Role.POLICY_ADVISER,
    municipality: InMunicipality = None,
    version: Version = None,
    as_json: JsonFlag = False,
) -> None:
    """Close an alert, with what came of it."""
    who = actor(by, role, municipality)
    with opened() as installation:
        agreed = installation.alerts.get(alert_id).approach
    approach = Approach(agreed.kind, agreed.owner, agreed.partners, agreed.review_on, agreed.actions, outcome) if agreed else None
    _act(alert_id, Action.CLOSE, who, version, as_json=as_json, approach=approach, text="" if agreed else outcome)


def until(text: str, option: str) -> datetime:
    """A moment given as ``2026-09-01`` or ``2026-09-01T12:00+02:00``; days begin at midnight UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is no moment; write 2026-09-01 or 2026-09-01T12:00", param_hint=option) from error
    if isinstance(moment, date) and moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC)
