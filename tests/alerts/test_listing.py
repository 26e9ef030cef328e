from dataclasses import replace
from itertools import product

import pytest
from alerting import ADVISER, NOW, WORKER, make_pattern
from sqlalchemy import Engine, update

from alerts import queries
from alerts.alert import SHOWN_STATES, Actor, ReviewState, Rights, Role
from alerts.lifecycle import Alerts
from alerts.listing import communities, list_alerts, municipalities
from alerts.pattern import PatternKind
from alerts.store import tables as t
from alerts.store.engine import write

STATES = (*ReviewState, *ReviewState)


@pytest.fixture
def many(engine: Engine, alerts: Alerts) -> Engine:
    """Alerts in every state of three municipalities, of five communities and of none."""
    for number, (where, community) in enumerate(product(("GM0001", "GM0002", "GM0003"), ("d", "b", None, "a", "c", "b"))):
        kind = PatternKind.PLACE if community is None else PatternKind.COMMUNITY
        made = make_pattern(f"p{number}", kind=kind, community=community, municipality=where, municipality_name=where.lower())
        alerts.receive(made, NOW)
        with write(engine) as connection:
            state = STATES[number % len(STATES)]
            connection.execute(update(t.alert).where(t.alert.c.pattern_key == made.key).values(review=state))
    return engine


@pytest.mark.parametrize(
    "actor",
    [
        WORKER,
        ADVISER,
        replace(ADVISER, municipality="GM0003"),
        replace(ADVISER, municipality="GM0009"),
        Actor("mo", Role.AREA_MANAGER, "GM0002", Rights(area_codes=("WK000101",))),
        Actor("mo", Role.AREA_MANAGER, "GM0002", Rights(area_codes=("WK009901",))),
        replace(WORKER, rights=Rights(sees_community=False)),
    ],
)
def test_the_list_can_be_narrowed_to_what_stands_in_it_and_nothing_else(many: Engine, actor: Actor) -> None:
    seen = queries.find_alerts(many, actor).alerts
    told = {line.pattern.community for line in list_alerts(many, actor).lines}
    assert communities(many, actor) == tuple(sorted(code for code in told if code is not None))
    assert municipalities(many, actor) == tuple(sorted({(alert.municipality, alert.municipality_name) for alert in seen}))


def test_there_is_enough_in_the_list_for_that_to_mean_something(many: Engine) -> None:
    assert communities(many, WORKER) == ("a", "b", "c", "d")
    assert [code for code, _ in municipalities(many, WORKER)] == ["GM0001", "GM0002", "GM0003"]
    assert communities(many, ADVISER) not in {(), communities(many, WORKER)}


def test_the_indexes_of_what_is_shown_say_what_is_shown() -> None:
    states = ", ".join(f"'{state}'" for state in sorted(SHOWN_STATES))
    assert f"audience = 'municipality' AND review IN ({states})" == t.SHOWN


def test_the_database_takes_those_indexes_for_a_municipality(engine: Engine) -> None:
    query = str(queries.matching(t.alert.select(), ADVISER, queries.EVERYTHING).compile(engine))
    assert t.SHOWN in query.replace("alerts_alert.", "")
