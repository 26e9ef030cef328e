from datetime import UTC, date, datetime

import pytest

from detector.service.made_up import command_name, moment_of_look


@pytest.mark.parametrize(
    ("started_as", "found", "typed"),
    [
        (".venv/bin/patroonwacht", None, ".venv/bin/patroonwacht"),
        (".venv/bin/patroonwacht", "/usr/bin/patroonwacht", "patroonwacht"),
        ("/somewhere/cli.py", None, "patroonwacht"),
    ],
)
def test_the_first_look_names_a_command_that_can_be_typed(started_as: str, found: str | None, typed: str) -> None:
    assert command_name(started_as, lambda _: found) == typed


def test_the_last_look_is_never_later_than_now() -> None:
    soon_after_midnight = datetime(2026, 11, 27, 0, 30, tzinfo=UTC)
    by_day = datetime(2026, 11, 27, 14, 0, tzinfo=UTC)
    at_a_quarter_past_three = datetime(2026, 11, 27, 3, 15, tzinfo=UTC)
    assert moment_of_look(date(2026, 11, 27), soon_after_midnight) == datetime(2026, 11, 26, 23, 30, tzinfo=UTC)
    assert moment_of_look(date(2026, 11, 27), by_day) == at_a_quarter_past_three
