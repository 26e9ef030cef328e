import pytest

from detector.service.made_up import command_name


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
