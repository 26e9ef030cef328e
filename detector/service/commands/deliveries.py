"""``patroonwacht deliveries``: what went out, what waits, what could not be delivered; and trying again."""

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from alerts import deliveries
from alerts.alert import DeliveryState, Role
from detector.service.commands.alerts import By, actor, opened
from detector.service.terminal import OUT, CommandError, JsonFlag, number_of, print_json

app = typer.Typer(help="Messages to destinations: waiting, delivered, dead.", no_args_is_help=True)

OfDestination = Annotated[str | None, typer.Option(help="Only to this destination.")]


@app.command("list")
def show_all(
    *,
    state: Annotated[list[DeliveryState] | None, typer.Option(help="Only in this state; may be given more than once.")] = None,
    destination: OfDestination = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most so many.")] = 100,
    as_json: JsonFlag = False,
) -> None:
    """Messages, the newest first."""
    with opened() as installation:
        found = deliveries.list_messages(
            installation.alerts_engine, states=tuple(state or DeliveryState), destination=destination, limit=limit
        )
        known = deliveries.destinations(installation.alerts_engine)
    if as_json:
        gone = {each.name: each.gone_at for each in known if each.gone_at}
        print_json({"deliveries": [_entry(each) for each in found], "gone_destinations": gone})
        return
    if not found:
        OUT.print("There are no such messages.")
    for each in found:
        note = each.receipt or each.last_error or ""
        OUT.print(
            f"{each.message.id}  {each.state:<9} {each.message.destination}: {number_of(len(each.message.items), 'alert')}, "
            f"{number_of(each.attempts, 'attempt')}  {note}".rstrip(),
            markup=False,
        )
    for one in known:
        if one.gone_at:
            OUT.print(
                f"{one.name} wants no more since {one.gone_at:%Y-%m-%d %H:%M} UTC; when that is settled: "
                f"patroonwacht deliveries enable {one.name}",
                markup=False,
                style="yellow",
            )


@app.command()
def retry(
    message_id: Annotated[str | None, typer.Argument(help="The message's id.", show_default=False)] = None,
    *,
    destination: OfDestination = None,
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """Try a dead message again, or all dead ones to a destination, under the same id."""
    if (message_id is None) == (destination is None):
        raise CommandError("name one message, or --destination for all that are dead there")
    who, now = actor(by, Role.OPERATOR, None), datetime.now(UTC)
    with opened() as installation:
        if message_id is not None:
            deliveries.retry(installation.alerts_engine, message_id, who, now)
            number = 1
        else:
            number = deliveries.retry_all(installation.alerts_engine, str(destination), who, now)
    if as_json:
        print_json({"waiting": number})
    else:
        OUT.print(f"Waiting for the next delivery: {number_of(number, 'message')}")


@app.command()
def enable(
    destination: Annotated[str, typer.Argument(help="The destination's name.", show_default=False)],
    *,
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """Send again to a destination that had said it wants no more (HTTP 410)."""
    with opened() as installation:
        deliveries.enable(installation.alerts_engine, destination, actor(by, Role.OPERATOR, None), datetime.now(UTC))
    if as_json:
        print_json({"enabled": destination})
    else:
        OUT.print(f"{destination} gets messages again; dead ones: patroonwacht deliveries retry --destination {destination}")


def _entry(sending: deliveries.Sending) -> dict[str, Any]:
    message = sending.message
    return {
        "id": message.id,
        "destination": message.destination,
        "sequence": message.sequence,
        "state": sending.state,
        "attempts": sending.attempts,
        "next_attempt_at": sending.next_attempt_at if sending.state is DeliveryState.WAITING else None,
        "last_error": sending.last_error,
        "receipt": sending.receipt,
        "recorded_at": message.recorded_at,
        "finished_at": sending.finished_at,
        "alerts": [{"id": item.alert_id, "revision": item.revision, "reason": item.reason} for item in message.items],
    }
