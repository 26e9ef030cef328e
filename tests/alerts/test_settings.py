from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from alerts import rules, settings
from alerts.settings import AlertsSettings


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"colour": "red"}, "Extra inputs"),
        ({"destinations": {"x": {"audience": "municipality"}}}, 'municipality = "GM0307"'),
        ({"route": {"destinations": ["nobody"]}}, "do not exist: nobody"),
        ({"route": {"routes": [{"routes": [{"destinations": ["nobody"]}]}]}}, "do not exist: nobody"),
        ({"route": {"match": {"kind": []}}}, "empty list"),
        ({"route": {"group_by": ["colour"]}}, "'municipality', 'kind', 'reason' or 'alert'"),
        ({"policy": {"recurrence_steps_days": [10, 5]}}, "must grow"),
        ({"delivery": {"retry_after_seconds": []}}, "at least one attempt"),
        ({"console_url": "console"}, "console_url"),
    ],
)
def test_impossible_settings_are_refused_with_what_would_be_right(given: dict[str, Any], text: str) -> None:
    with pytest.raises(ValidationError, match=text):
        AlertsSettings.model_validate(given)


def test_continue_is_written_as_operators_know_it() -> None:
    route = AlertsSettings.model_validate({"route": {"routes": [{"continue": True}]}}).route
    assert route.routes[0].go_on


def test_every_model_is_frozen_and_refuses_other_keys() -> None:
    models = [
        each
        for each in [*vars(settings).values(), *vars(rules).values()]
        if isinstance(each, type) and issubclass(each, BaseModel)
    ]
    for model in set(models) - {BaseModel}:
        assert model.model_config.get("frozen") is True
        assert model.model_config.get("extra") == "forbid"


def test_the_defaults_are_the_suggested_schedule() -> None:
    delivery = AlertsSettings().delivery
    assert sum(delivery.retry_after_seconds) / 3600 == pytest.approx(75.6, abs=0.05)
