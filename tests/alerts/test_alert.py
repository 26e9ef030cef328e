from itertools import product

import pytest
from alerting import NOW

from alerts.alert import (
    SHOWN_STATES,
    TRANSITIONS,
    Action,
    Actor,
    Alert,
    DetectionState,
    ReviewState,
    Role,
    TransitionError,
    may_see,
    next_state,
    possible_actions,
    shown_to_municipality,
)
from alerts.pattern import Audience, PatternKind

# Written out once more, by hand, from the design: state -> what can follow.
EXPECTED = {
    ReviewState.NEW: {Action.REVIEW: ReviewState.IN_REVIEW, Action.RELEASE: ReviewState.RELEASED},
    ReviewState.IN_REVIEW: {
        Action.RELEASE: ReviewState.RELEASED,
        Action.HOLD: ReviewState.HELD,
        Action.DISMISS: ReviewState.DISMISSED,
    },
    ReviewState.HELD: {
        Action.REVIEW: ReviewState.IN_REVIEW,
        Action.RELEASE: ReviewState.RELEASED,
        Action.DISMISS: ReviewState.DISMISSED,
    },
    ReviewState.RELEASED: {Action.REVIEW: ReviewState.IN_REVIEW, Action.ACKNOWLEDGE: ReviewState.ACKNOWLEDGED},
    ReviewState.ACKNOWLEDGED: {
        Action.REVIEW: ReviewState.IN_REVIEW,
        Action.AGREE: ReviewState.APPROACH_AGREED,
        Action.LAPSE: ReviewState.RELEASED,
    },
    ReviewState.APPROACH_AGREED: {Action.AGREE: ReviewState.APPROACH_AGREED, Action.CLOSE: ReviewState.CLOSED},
    ReviewState.CLOSED: {Action.REOPEN: ReviewState.REOPENED},
    ReviewState.DISMISSED: {Action.REOPEN: ReviewState.REOPENED},
    ReviewState.REOPENED: {Action.REVIEW: ReviewState.IN_REVIEW, Action.RELEASE: ReviewState.RELEASED},
}
BY_THE_SYSTEM_ONLY = {
    (ReviewState.NEW, Action.RELEASE),
    (ReviewState.REOPENED, Action.RELEASE),
    (ReviewState.ACKNOWLEDGED, Action.LAPSE),
}


def alert(review: ReviewState, audience: Audience = Audience.MUNICIPALITY) -> Alert:
    return Alert(
        id="a",
        pattern_key="p",
        revision=1,
        version=1,
        municipality="GM0001",
        municipality_name="Heiveen",
        kind=PatternKind.PLACE,
        audience=audience,
        detection=DetectionState.ACTIVE,
        review=review,
        in_state_since=NOW,
        back_revision=None,
        releases=0,
        released_by_person=False,
        dismissed_as=None,
        approach=None,
        created_at=NOW,
        updated_at=NOW,
        released_at=None,
        acknowledged_at=None,
        agreed_at=None,
        closed_at=None,
    )


@pytest.mark.parametrize(("state", "action"), list(product(ReviewState, Action)))
def test_every_pair(state: ReviewState, action: Action) -> None:
    for role in Role:
        check(state, action, role)


def check(state: ReviewState, action: Action, role: Role) -> None:
    actor = Actor("somebody", role, "GM0001")
    target = state if action is Action.NOTE else EXPECTED[state].get(action)
    system_only = (state, action) in BY_THE_SYSTEM_ONLY
    municipality = action in {Action.ACKNOWLEDGE, Action.AGREE, Action.CLOSE, Action.NOTE} or (state, action) == (
        ReviewState.CLOSED,
        Action.REOPEN,
    )
    allowed = target is not None and (
        (role is Role.CASE_WORKER and not system_only)
        or (role is Role.SYSTEM and (system_only or action is Action.REOPEN))
        or (role in {Role.AREA_MANAGER, Role.POLICY_ADVISER} and municipality and state in SHOWN_STATES)
    )
    if allowed:
        assert next_state(alert(state), action, actor) is target
        assert action in possible_actions(alert(state), actor)
    else:
        with pytest.raises(TransitionError, match="possible now for"):
            next_state(alert(state), action, actor)
        assert action not in possible_actions(alert(state), actor)


def test_the_table_leads_only_to_known_states_and_from_each_state_there_is_a_way() -> None:
    assert {state for state, action in TRANSITIONS if action is not Action.NOTE} == set(ReviewState)
    assert {each.target for each in TRANSITIONS.values()} == set(ReviewState)
    assert all(each.roles for each in TRANSITIONS.values())


@pytest.mark.parametrize("state", [ReviewState.NEW, ReviewState.IN_REVIEW, ReviewState.HELD, ReviewState.REOPENED])
@pytest.mark.parametrize("role", [Role.CASE_WORKER, Role.SYSTEM])
def test_what_only_the_service_may_see_cannot_be_released(state: ReviewState, role: Role) -> None:
    if (state, Action.RELEASE) in TRANSITIONS and role in TRANSITIONS[state, Action.RELEASE].roles:
        with pytest.raises(TransitionError, match="under its floor"):
            next_state(alert(state, Audience.ADV), Action.RELEASE, Actor("x", role))


@pytest.mark.parametrize(("state", "audience"), list(product(ReviewState, Audience)))
def test_a_municipality_sees_only_its_own_and_only_what_was_released(state: ReviewState, audience: Audience) -> None:
    shown = (
        state
        in {
            ReviewState.RELEASED,
            ReviewState.ACKNOWLEDGED,
            ReviewState.APPROACH_AGREED,
            ReviewState.CLOSED,
        }
        and audience is Audience.MUNICIPALITY
    )
    assert shown_to_municipality(state, audience) is shown
    for role in (Role.AREA_MANAGER, Role.POLICY_ADVISER):
        assert may_see(Actor("x", role, "GM0001"), alert(state, audience)) is shown
        assert not may_see(Actor("x", role, "GM0002"), alert(state, audience))
        assert not may_see(Actor("x", role, None), alert(state, audience))
    assert may_see(Actor("x", Role.CASE_WORKER), alert(state, audience))
    assert not may_see(Actor("x", Role.CASE_WORKER, "GM0002"), alert(state, audience))
