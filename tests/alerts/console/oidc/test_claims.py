from typing import Any

import pytest
from pydantic import ValidationError

from alerts.alert import Rights, Role
from alerts.console.oidc.claims import Refusal, RefusedError, values_of, wanted_of
from alerts.console.oidc.settings import OidcSettings

BASE = {
    "issuer": "https://login.example",
    "client_id": "pw",
    "roles": {"area": "area_manager", "policy": "policy_adviser", "audit": "auditor"},
}


def _settings(**more: Any) -> OidcSettings:
    return OidcSettings.model_validate({**BASE, **more})


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("one", ("a",)),
        ("several", ("a", "b")),
        ("deep.er", ("c",)),
        ("with.dot", ("d",)),
        ("number", ()),
        ("missing", ()),
        ("one.more", ()),
    ],
)
def test_a_claim_is_a_text_or_several_also_beneath_another(name: str, values: tuple[str, ...]) -> None:
    claims = {"one": "a", "several": ["a", 3, "", "b"], "deep": {"er": ["c"]}, "with.dot": "d", "number": 4}
    assert values_of(claims, name) == values


def test_own_districts_and_rights_come_from_claims() -> None:
    settings = _settings(
        municipality="GM0001",
        areas_claim="districts",
        areas={"north": "WK000102", "south": "WK000101"},
        rights_claim="roles",
        sees_place=["area"],
        sees_community=["community"],
    )
    claims = {"roles": ["area"], "districts": ["north", "south", "moon"]}
    wanted = wanted_of(claims, settings)
    assert (wanted.role, wanted.municipality, wanted.disabled) == (Role.AREA_MANAGER, "GM0001", False)
    assert wanted.rights == Rights(("WK000101", "WK000102"), sees_place=True, sees_community=False)
    assert wanted_of({"roles": ["policy", "community"]}, settings).rights == Rights((), sees_place=False, sees_community=True)
    with pytest.raises(RefusedError) as refused:
        wanted_of({"roles": ["area"], "districts": ["moon"]}, settings)
    assert refused.value.reason is Refusal.NO_MUNICIPALITY


def test_values_are_codes_where_the_settings_translate_nothing() -> None:
    settings = _settings(municipality_claim="city", areas_claim="districts")
    wanted = wanted_of({"roles": "area", "city": "GM0002", "districts": "WK000201"}, settings)
    assert (wanted.municipality, wanted.rights.area_codes) == ("GM0002", ("WK000201",))


def test_somebody_of_a_municipality_needs_one() -> None:
    with pytest.raises(RefusedError) as refused:
        wanted_of({"roles": "policy"}, _settings())
    assert refused.value.reason is Refusal.NO_MUNICIPALITY
    assert wanted_of({"roles": "audit"}, _settings()).municipality is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"issuer": "http://login.example"},
        {"issuer": "https://login.example; script-src *"},
        {"issuer": "https://login.example?x"},
        {"client_id": ""},
        {"roles": {}},
        {"roles": {"x": "system"}},
        {"roles": {"x": "mayor"}},
        {"scopes": ["profile"]},
        {"origins": ["https://x.example/path"]},
    ],
)
def test_settings_that_cannot_work_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        _settings(**wrong)


def test_the_form_may_lead_over_further_hosts() -> None:
    assert OidcSettings().form_origins == ""
    settings = _settings(issuer="https://login.example/realms/x", origins=["https://second.example"])
    assert settings.form_origins == "https://login.example https://second.example"
