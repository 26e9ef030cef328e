"""The pages in docs/ keep up with the code: what can be used is described, and what is described can be used."""

import re
import shlex
from pathlib import Path

import pytest

from alerts.channels import CHANNELS
from detector.ingest.readers import READERS
from detector.methods import METHODS
from detector.service import cli

DOCS = Path(__file__).parent.parent / "docs"


def leaves() -> dict[str, set[str]]:
    """Every command, as it is written, with the options that it takes."""
    found = {}
    for name in cli.COMMANDS:
        whole = cli.load(name)
        group = getattr(whole, "commands", {})
        for words, command in {f"{name} {sub}": one for sub, one in group.items()}.items() if group else [(name, whole)]:
            found[words] = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    return found


LEAVES = leaves()
COMMANDS_PAGE = (DOCS / "commands.md").read_text(encoding="utf-8")
SECTIONS = {part.partition("`")[0]: part for part in COMMANDS_PAGE.split("\n### `")[1:]}
EXAMPLES = re.findall(r"^    patroonwacht (.+)$", COMMANDS_PAGE, re.MULTILINE)


@pytest.mark.parametrize("name", METHODS)
def test_every_method_is_explained(name: str) -> None:
    page = (DOCS / "methods.md").read_text(encoding="utf-8")
    assert f"\n## `{name}`" in page
    assert f"| `{name}` |" in page


@pytest.mark.parametrize("kind", CHANNELS)
def test_every_channel_is_explained_with_each_of_its_settings(kind: str) -> None:
    page = (DOCS / "channels.md").read_text(encoding="utf-8")
    assert f'kind = "{kind}"' in page
    missing = [name for name in CHANNELS[kind].model_fields if not re.search(rf"\b{name}\b", page)]
    assert not missing


@pytest.mark.parametrize("ending", READERS)
def test_every_format_is_explained(ending: str) -> None:
    assert f"`{ending}`" in (DOCS / "intake.md").read_text(encoding="utf-8")


def test_the_page_has_every_command_and_no_other() -> None:
    assert sorted(SECTIONS) == sorted(LEAVES)


@pytest.mark.parametrize("words", LEAVES)
def test_every_command_has_an_example(words: str) -> None:
    assert any(f"{example} ".startswith(f"{words} ") for example in EXAMPLES if f"    patroonwacht {example}" in SECTIONS[words])


@pytest.mark.parametrize("words", [words for words, options in LEAVES.items() if "--json" in options])
def test_every_command_with_json_tells_its_shape(words: str) -> None:
    text = SECTIONS[words]
    assert re.search(r'`\{["A-Z]|shape of `|in `alerts list`', text) or words.startswith("alerts ")


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_is_a_command_with_options_that_it_takes(example: str) -> None:
    known = next(options for words, options in LEAVES.items() if f"{example} ".startswith(f"{words} "))
    assert {word for word in shlex.split(example) if word.startswith("--")} <= known
