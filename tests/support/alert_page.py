"""The page of one alert for tests: brought to any state, read as somebody reads it, and acted on."""

import html
import re
from dataclasses import dataclass
from typing import Any

import httpx
from alerting import ADVISER, COMMUNITY, WORKER, full_pattern
from consoling import Browser, Console

from alerts.alert import Action, Approach, ApproachKind, DismissReason, ReviewState
from alerts.lifecycle import alert_id_of
from alerts.pattern import Band

ALERT = alert_id_of("p1")
PAGE = f"/alerts/{ALERT}"
APPROACH = Approach(ApproachKind.AREA_BASED, "S. de Boer", ("politie",), actions="Gesprekken op het plein")
Step = tuple[Action, Any, dict[str, Any]]

STEPS: dict[ReviewState, tuple[Step, ...]] = {
    ReviewState.NEW: (),
    ReviewState.IN_REVIEW: ((Action.REVIEW, WORKER, {}),),
    ReviewState.HELD: ((Action.REVIEW, WORKER, {}), (Action.HOLD, WORKER, {})),
    ReviewState.DISMISSED: ((Action.REVIEW, WORKER, {}), (Action.DISMISS, WORKER, {"dismiss_reason": DismissReason.KNOWN})),
    ReviewState.RELEASED: ((Action.REVIEW, WORKER, {}), (Action.RELEASE, WORKER, {})),
}
STEPS[ReviewState.ACKNOWLEDGED] = (*STEPS[ReviewState.RELEASED], (Action.ACKNOWLEDGE, ADVISER, {}))
STEPS[ReviewState.APPROACH_AGREED] = (*STEPS[ReviewState.ACKNOWLEDGED], (Action.AGREE, ADVISER, {"approach": APPROACH}))
STEPS[ReviewState.CLOSED] = (*STEPS[ReviewState.APPROACH_AGREED], (Action.CLOSE, ADVISER, {}))
STEPS[ReviewState.REOPENED] = (*STEPS[ReviewState.CLOSED], (Action.REOPEN, ADVISER, {}))
SHOWN = {ReviewState.RELEASED, ReviewState.ACKNOWLEDGED, ReviewState.APPROACH_AGREED, ReviewState.CLOSED}


@dataclass(frozen=True)
class Seen:
    """A page, as somebody reads it."""

    answer: httpx.Response

    @property
    def text(self) -> str:
        without = re.sub(r"<script.*?</script>|<[^>]+>", " ", self.answer.text, flags=re.DOTALL)
        return " ".join(html.unescape(without).split())

    @property
    def forms(self) -> list[str]:
        return re.findall(r'name="action" value="(\w+)"', self.answer.text)


def stand(console: Console, state: ReviewState, **changes: Any) -> None:
    """An alert in this state; it concerns a community, so that nothing is released by rule."""
    console.alerts.receive(full_pattern(**{**COMMUNITY, "observed": Band(6, 10), **changes}), console.clock())
    for action, actor, more in STEPS[state]:
        console.alerts.act(alert_id_of(changes.get("key", "p1")), action, actor, console.clock(), **more)


def seen(browser: Browser, path: str = PAGE) -> Seen:
    return Seen(browser.get(path))


def do(browser: Browser, action: str, version: int, **fields: Any) -> Seen:
    return Seen(browser.post(PAGE, page=PAGE, action=action, version=version, seen=0, **fields))
