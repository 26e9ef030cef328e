from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from alerts.alert import Action, Approach, ApproachKind, DismissReason
from alerts.console.alert.acting import FormError, Typed, approach_values, read_action, read_silence

ZONE = ZoneInfo("Europe/Amsterdam")
NOW = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
TODAY = date(2026, 3, 2)
AGREED = Approach(ApproachKind.BOTH, "S. de Boer", ("politie", "moskee"), date(2026, 9, 1), "gesprek", "")


def errors_of(action: Action, values: dict[str, str], current: Approach | None = None) -> set[str]:
    with pytest.raises(FormError) as raised:
        read_action(action, values, current, TODAY, "nl")
    assert all(raised.value.errors.values())
    return set(raised.value.errors)


def test_an_approach_is_read_from_its_form() -> None:
    asked = read_action(Action.AGREE, approach_values(AGREED) | {"text": "afgesproken"}, None, TODAY, "nl")
    assert asked.approach == AGREED
    assert asked.text == "afgesproken"


def test_everything_that_is_wrong_is_told_at_once() -> None:
    assert errors_of(Action.AGREE, {"kind": "war", "review_on": "soon"}) == {"kind", "owner", "review_on"}
    assert errors_of(Action.AGREE, {"kind": "both", "owner": "x" * 301, "text": "x" * 4001}) == {"owner", "text"}
    assert errors_of(Action.DISMISS, {"dismiss_reason": "boredom"}) == {"dismiss_reason"}
    assert errors_of(Action.NOTE, {}) == {"text"}
    assert errors_of(Action.CLOSE, {}, AGREED) == {"outcome"}


def test_an_approach_is_looked_at_again_on_a_day_to_come() -> None:
    passed = approach_values(AGREED) | {"review_on": "2026-03-01"}
    assert errors_of(Action.AGREE, passed) == {"review_on"}
    assert read_action(Action.AGREE, passed | {"review_on": "2026-03-02"}, None, TODAY, "nl").approach is not None
    before = replace(AGREED, review_on=date(2026, 3, 1))
    assert read_action(Action.AGREE, passed, before, TODAY, "nl").approach == before, "it stood there already"


def test_closing_adds_the_outcome_to_what_was_agreed() -> None:
    asked = read_action(Action.CLOSE, {"outcome": "rust"}, AGREED, TODAY, "nl")
    assert asked.approach == Approach(AGREED.kind, AGREED.owner, AGREED.partners, AGREED.review_on, AGREED.actions, "rust")


def test_dismissing_takes_its_reason_along() -> None:
    assert read_action(Action.DISMISS, {"dismiss_reason": "known"}, None, TODAY, "nl").dismiss_reason is DismissReason.KNOWN
    assert read_action(Action.REVIEW, {}, None, TODAY, "nl").approach is None


def test_a_silence_lasts_through_its_last_day() -> None:
    asked = read_silence({"text": "vakantie", "until": "2026-03-02"}, NOW, ZONE, "nl")
    assert asked.ends_at == datetime(2026, 3, 2, 23, tzinfo=UTC), "midnight in Amsterdam; it is the second of March there already"


@pytest.mark.parametrize("until", ["", "2026-03-01", "2027-06-01", "tomorrow"])
def test_a_silence_needs_an_end_and_a_reason(until: str) -> None:
    with pytest.raises(FormError) as raised:
        read_silence({"until": until}, NOW, ZONE, "nl")
    assert set(raised.value.errors) == {"text", "until"}


def test_what_was_typed_stands_in_the_form_it_was_typed_in_only() -> None:
    typed = Typed("dismiss", {"text": "lang verhaal", "dismiss_reason": "known"}, {"text": "te lang"})
    assert typed.value("dismiss", "text") == "lang verhaal"
    assert typed.value("note", "text", "leeg") == "leeg"
    assert (typed.error("dismiss", "text"), typed.error("note", "text")) == ("te lang", "")
    assert typed.kept == ("lang verhaal",)
