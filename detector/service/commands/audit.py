"""``patroonwacht audit``: is the log of who did what whole?"""

from typing import Annotated

import typer

from alerts import audit
from detector.service.commands.alerts import opened
from detector.service.terminal import OUT, CommandError, JsonFlag, print_json

app = typer.Typer(help="The hash-chained log of who did what.", no_args_is_help=True)

Noted = Annotated[str | None, typer.Option(help="A head noted elsewhere before, as NUMBER:HASH; finds a chain made anew.")]


@app.command()
def verify(*, noted: Noted = None, as_json: JsonFlag = False) -> None:
    """Walk the whole log and tell every break. Note the head that it prints somewhere else."""
    with opened() as installation:
        report = audit.verify(installation.alerts_engine, _head(noted))
    head = f"{report.head.seq}:{report.head.hash}"
    if as_json:
        print_json({"intact": report.intact, "entries": report.entries, "head": head, "problems": list(report.problems)})
    else:
        OUT.print(f"{report.entries} entries; head {head}", markup=False)
        for problem in report.problems:
            OUT.print(f"  {problem}", markup=False, style="red")
    if not report.intact:
        raise CommandError("the audit log is not whole")


@app.command("list")
def show(
    *,
    subject: Annotated[str | None, typer.Option(help="Only about this alert, silence or destination.")] = None,
    after: Annotated[int, typer.Option(min=0, help="Only entries after this number.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most so many.")] = 100,
    as_json: JsonFlag = False,
) -> None:
    """Entries of the log, the oldest first."""
    with opened() as installation:
        found = audit.entries(installation.alerts_engine, subject=subject, after=after, limit=limit)
    if as_json:
        print_json(
            {"entries": [{"seq": e.seq, "at": e.at, "actor": e.actor, "event": e.event, "subject": e.subject} for e in found]}
        )
        return
    for entry in found:
        OUT.print(f"{entry.seq:>6}  {entry.at:%Y-%m-%d %H:%M:%S}  {entry.event} by {entry.actor}: {entry.subject}", markup=False)


def _head(text: str | None) -> audit.Head | None:
    if text is None:
        return None
    number, colon, digest = text.partition(":")
    if not (colon and number.isdigit()):
        raise typer.BadParameter("write it as verify printed it: NUMBER:HASH", param_hint="--noted")
    return audit.Head(int(number), digest)
