"""The decision to tell, as a table: what was told, what is now, how it stands, and the reason that must come out."""

from datetime import datetime, timedelta
from itertools import product
from typing import Any

import pytest
from alerting import NOW, make_pattern
from hypothesis import given
from hypothesis import strategies as st

from alerts.alert import SHOWN_STATES, ReviewState
from alerts.message import Reason
from alerts.pattern import Audience, Band, Pattern, PatternState
from alerts.policy import Standing, Told, decide
from alerts.settings import PolicySettings

ADV, MUNICIPALITY = Audience.ADV, Audience.MUNICIPALITY
SETTINGS = PolicySettings(recurrence_steps_days=(365, 1825), reminder_after_days=7, reminders_at_most=2)
SMALL, MEDIUM, LARGE = Band(3, 5), Band(6, 10), Band(11, None)
YESTERDAY = NOW - timedelta(days=1)
WEEK_AGO = NOW - timedelta(days=7)


def told(at: datetime = YESTERDAY, reminders: int = 0, releases: int = 1) -> Told:
    return Told(at, reminders, releases)


def now_is(**changes: Any) -> Pattern:
    return make_pattern(revision=5, **changes)


def standing(reader: Audience, review: ReviewState, told: Told | None = None, **changes: Any) -> Standing:
    return Standing(reader, review, **{"releases": 1, **changes}, told=told)


BEFORE = make_pattern(revision=3)
QUIET = {"state": PatternState.QUIET}
R = ReviewState

CASES: dict[str, tuple[Pattern | None, Pattern, Standing, Reason | None]] = {
    "the service hears of a new pattern": (None, now_is(), standing(ADV, R.NEW), Reason.FIRST),
    "also of one that only it may see": (None, now_is(audience=ADV), standing(ADV, R.NEW), Reason.FIRST),
    "not of one that is quiet": (None, now_is(**QUIET), standing(ADV, R.NEW), None),
    "dismissed before anybody was told": (None, now_is(), standing(ADV, R.DISMISSED), None),
    "closed before the municipality was told": (None, now_is(), standing(MUNICIPALITY, R.CLOSED), None),
    "the same again is no news": (BEFORE, now_is(), standing(ADV, R.NEW, told()), None),
    "a higher band": (BEFORE, now_is(observed=MEDIUM), standing(ADV, R.NEW, told()), Reason.GROWN),
    "an open band is higher": (make_pattern(observed=MEDIUM), now_is(observed=LARGE), standing(ADV, R.NEW, told()), Reason.GROWN),
    "a band where none could be told": (make_pattern(observed=None), now_is(), standing(ADV, R.NEW, told()), Reason.GROWN),
    "a lower band is no news": (make_pattern(observed=MEDIUM), now_is(), standing(ADV, R.NEW, told()), None),
    "grown while held": (BEFORE, now_is(observed=MEDIUM), standing(ADV, R.HELD, told()), Reason.GROWN),
    "grown but quiet": (BEFORE, now_is(observed=MEDIUM, **QUIET), standing(ADV, R.NEW, told()), None),
    "grown but dismissed": (BEFORE, now_is(observed=MEDIUM), standing(ADV, R.DISMISSED, told()), None),
    "rarer by a step": (BEFORE, now_is(recurrence_interval_days=1825.0), standing(ADV, R.NEW, told()), Reason.ESCALATED),
    "rarer within a step": (BEFORE, now_is(recurrence_interval_days=1824.0), standing(ADV, R.NEW, told()), None),
    "less rare": (make_pattern(recurrence_interval_days=2000.0), now_is(), standing(ADV, R.NEW, told()), None),
    "escalated although dismissed": (
        BEFORE,
        now_is(recurrence_interval_days=2000.0),
        standing(ADV, R.DISMISSED, told()),
        Reason.ESCALATED,
    ),
    "the municipality may see it from now on": (
        make_pattern(revision=3, audience=ADV),
        now_is(),
        standing(ADV, R.NEW, told()),
        Reason.ESCALATED,
    ),
    "both grown and escalated": (
        BEFORE,
        now_is(observed=LARGE, recurrence_interval_days=2000.0),
        standing(ADV, R.NEW, told()),
        Reason.ESCALATED,
    ),
    "back after quiet": (BEFORE, now_is(), standing(ADV, R.NEW, told(), back_revision=5), Reason.BACK),
    "back, and told so already": (BEFORE, now_is(), standing(ADV, R.NEW, told(), back_revision=3), None),
    "nobody took it up for a week": (BEFORE, now_is(), standing(ADV, R.NEW, told(WEEK_AGO)), Reason.REMINDER),
    "almost a week": (BEFORE, now_is(), standing(ADV, R.NEW, told(WEEK_AGO + timedelta(seconds=1))), None),
    "reminded often enough": (BEFORE, now_is(), standing(ADV, R.NEW, told(WEEK_AGO, reminders=2)), None),
    "somebody is on it": (BEFORE, now_is(), standing(ADV, R.IN_REVIEW, told(WEEK_AGO)), None),
    "reopened yesterday": (BEFORE, now_is(), standing(ADV, R.REOPENED, told(WEEK_AGO), in_state_since=YESTERDAY), None),
    "no reminder of a quiet pattern": (BEFORE, now_is(**QUIET), standing(ADV, R.NEW, told(WEEK_AGO)), None),
    "the municipality hears nothing before release": (None, now_is(), standing(MUNICIPALITY, R.NEW), None),
    "nor while it is in review": (None, now_is(), standing(MUNICIPALITY, R.IN_REVIEW), None),
    "released": (None, now_is(), standing(MUNICIPALITY, R.RELEASED), Reason.RELEASED),
    "released, but only the service may see it": (None, now_is(audience=ADV), standing(MUNICIPALITY, R.RELEASED), None),
    "released again": (BEFORE, now_is(), standing(MUNICIPALITY, R.RELEASED, told(), releases=2), Reason.RELEASED),
    "released by a person though quiet": (
        None,
        now_is(**QUIET),
        standing(MUNICIPALITY, R.RELEASED, released_by_person=True),
        Reason.RELEASED,
    ),
    "released by the rule, quiet by now": (None, now_is(**QUIET), standing(MUNICIPALITY, R.RELEASED), None),
    "back and released anew": (
        BEFORE,
        now_is(),
        standing(MUNICIPALITY, R.RELEASED, told(), releases=2, back_revision=5),
        Reason.BACK,
    ),
    "grown while an approach is agreed": (
        BEFORE,
        now_is(observed=MEDIUM),
        standing(MUNICIPALITY, R.APPROACH_AGREED, told()),
        Reason.GROWN,
    ),
    "grown after closing": (BEFORE, now_is(observed=MEDIUM), standing(MUNICIPALITY, R.CLOSED, told()), None),
    "not acknowledged for a week": (BEFORE, now_is(), standing(MUNICIPALITY, R.RELEASED, told(WEEK_AGO)), Reason.REMINDER),
    "acknowledged": (BEFORE, now_is(), standing(MUNICIPALITY, R.ACKNOWLEDGED, told(WEEK_AGO)), None),
}


@pytest.mark.parametrize("case", CASES, ids=list(CASES))
def test_decision(case: str) -> None:
    previous, current, stands, reason = CASES[case]
    assert decide(previous, current, stands, SETTINGS, NOW) is reason


def test_every_reason_is_in_the_table_for_some_reader() -> None:
    assert {reason for *_, reason in CASES.values()} == {*Reason, None}


@given(
    review=st.sampled_from(ReviewState),
    audience=st.sampled_from(Audience),
    state=st.sampled_from(PatternState),
    observed=st.sampled_from([None, SMALL, MEDIUM, LARGE]),
    interval=st.floats(1, 1e6),
    releases=st.integers(0, 3),
    back=st.none() | st.integers(1, 6),
    before=st.none() | st.sampled_from([SMALL, MEDIUM]),
)
def test_a_municipality_never_hears_of_what_it_may_not_see(  # noqa: PLR0917 - hypothesis hands them over by name
    review: ReviewState,
    audience: Audience,
    state: PatternState,
    observed: Band | None,
    interval: float,
    releases: int,
    back: int | None,
    before: Band | None,
) -> None:
    current = now_is(audience=audience, state=state, observed=observed, recurrence_interval_days=interval)
    stands = standing(MUNICIPALITY, review, None if before is None else told(WEEK_AGO), releases=releases, back_revision=back)
    previous = None if before is None else make_pattern(revision=3, observed=before)
    if decide(previous, current, stands, SETTINGS, NOW) is not None:
        assert review in SHOWN_STATES
        assert audience is MUNICIPALITY


@pytest.mark.parametrize(("review", "reader"), list(product(ReviewState, Audience)))
def test_told_once_the_same_revision_is_no_news_again(review: ReviewState, reader: Audience) -> None:
    current = now_is(observed=LARGE, recurrence_interval_days=3000.0)
    stands = standing(reader, review, told(NOW), back_revision=5)
    assert decide(current, current, stands, SETTINGS, NOW) is None
