from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.alert import SHOWN_STATES, ReviewState
from alerts.message import Reason
from alerts.pattern import Audience, PatternKind
from alerts.routing import Facts, matches, send_to
from alerts.settings import DestinationSettings, Matchers, Route

DESTINATIONS = {
    "adv": DestinationSettings(audience=Audience.ADV),
    "adv_duinrade": DestinationSettings(audience=Audience.ADV, municipality="GM0002"),
    "heiveen": DestinationSettings(audience=Audience.MUNICIPALITY, municipality="GM0001"),
    "heiveen_safety": DestinationSettings(audience=Audience.MUNICIPALITY, municipality="GM0001"),
    "duinrade": DestinationSettings(audience=Audience.MUNICIPALITY, municipality="GM0002"),
}


def facts(**changes: Any) -> Facts:
    values: dict[str, Any] = {
        "alert_id": "a1",
        "municipality": "GM0001",
        "kind": PatternKind.PLACE,
        "area_codes": ("BU00010203",),
        "reason": Reason.RELEASED,
        "reader": Audience.MUNICIPALITY,
        "review": ReviewState.RELEASED,
        "audience": Audience.MUNICIPALITY,
    }
    return Facts(**{**values, **changes})


def names(route: dict[str, Any], **changes: Any) -> list[str]:
    return [each.destination for each in send_to(facts(**changes), Route.model_validate(route), DESTINATIONS)]


def test_without_routes_everybody_of_the_audience_hears_of_it() -> None:
    assert names({}) == ["heiveen", "heiveen_safety"]
    assert names({}, reader=Audience.ADV) == ["adv"]
    assert names({}, reader=Audience.ADV, municipality="GM0002") == ["adv", "adv_duinrade"]


def test_the_first_matching_route_takes_it_unless_it_says_continue() -> None:
    by_kind = {"match": {"kind": ["place"]}, "destinations": ["heiveen"]}
    by_area = {"match": {"areas": ["WK000102"]}, "destinations": ["heiveen_safety"]}
    assert names({"routes": [by_kind, by_area]}) == ["heiveen"]
    assert names({"routes": [{**by_kind, "continue": True}, by_area]}) == ["heiveen", "heiveen_safety"]
    assert names({"routes": [by_kind, by_area]}, kind=PatternKind.COMMUNITY) == ["heiveen_safety"]


def test_what_no_child_takes_the_parent_handles() -> None:
    child = {"match": {"reason": ["reminder"]}, "destinations": ["heiveen_safety"]}
    assert names({"destinations": ["heiveen"], "routes": [child]}) == ["heiveen"]
    assert names({"destinations": ["heiveen"], "routes": [child]}, reason=Reason.REMINDER) == ["heiveen_safety"]


def test_a_child_takes_over_what_it_leaves_out() -> None:
    route = {
        "destinations": ["heiveen"],
        "group_wait_seconds": 12,
        "group_by": ["kind"],
        "routes": [{"match": {"kind": ["place"]}, "group_by": ["alert"]}],
    }
    (sending,) = send_to(facts(), Route.model_validate(route), DESTINATIONS)
    assert (sending.destination, sending.group_wait_seconds, sending.group_key) == ("heiveen", 12, "0.0/alert=a1")


@pytest.mark.parametrize(
    ("matchers", "match"),
    [
        ({}, True),
        ({"municipality": ["GM0001", "GM0009"]}, True),
        ({"municipality": ["GM0009"]}, False),
        ({"kind": ["place"]}, True),
        ({"kind": ["community"]}, False),
        ({"areas": ["BU00010203"]}, True),
        ({"areas": ["WK000102"]}, True),
        ({"areas": ["WK000103"]}, False),
        ({"reason": ["released", "grown"]}, True),
        ({"reason": ["grown"]}, False),
        ({"audience": ["municipality"]}, True),
        ({"audience": ["adv"]}, False),
        ({"alert": ["a1"]}, True),
        ({"alert": ["a2"]}, False),
        ({"kind": ["place"], "reason": ["grown"]}, False),
    ],
)
def test_matchers(matchers: dict[str, Any], match: bool) -> None:
    assert matches(Matchers.model_validate(matchers), facts()) is match


MATCHERS = st.fixed_dictionaries(
    {},
    optional={
        "municipality": st.lists(st.sampled_from(["GM0001", "GM0002"]), min_size=1),
        "reason": st.lists(st.sampled_from(list(Reason)), min_size=1),
        "audience": st.lists(st.sampled_from(list(Audience)), min_size=1),
    },
)
ROUTES = st.recursive(
    st.fixed_dictionaries(
        {"match": MATCHERS},
        optional={"destinations": st.lists(st.sampled_from(sorted(DESTINATIONS))), "continue": st.booleans()},
    ),
    lambda inner: st.fixed_dictionaries({"match": MATCHERS, "routes": st.lists(inner, max_size=3), "continue": st.booleans()}),
    max_leaves=8,
)


@given(
    route=ROUTES,
    municipality=st.sampled_from(["GM0001", "GM0002", "GM0003"]),
    review=st.sampled_from(ReviewState),
    audience=st.sampled_from(Audience),
    reader=st.sampled_from(Audience),
    reason=st.sampled_from(Reason),
)
def test_no_route_leads_to_another_municipality_or_past_a_release(
    route: dict[str, Any], municipality: str, review: ReviewState, *, audience: Audience, reader: Audience, reason: Reason
) -> None:
    told = facts(municipality=municipality, review=review, audience=audience, reader=reader, reason=reason)
    sendings = send_to(told, Route.model_validate(route), DESTINATIONS)
    assert len({each.destination for each in sendings}) == len(sendings)
    for sending in sendings:
        destination = DESTINATIONS[sending.destination]
        assert destination.audience is reader
        assert destination.municipality in {None, municipality}
        if destination.audience is Audience.MUNICIPALITY:
            assert destination.municipality == municipality
            assert review in SHOWN_STATES
            assert audience is Audience.MUNICIPALITY
