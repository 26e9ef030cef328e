import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from alerts.render.catalogue import LANGUAGES, LOCALE_FOLDER, catalogue

TOOL = Path(__file__).resolve().parents[3] / "scripts" / "translations"
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    module = ModuleType("translations")
    module.__file__ = str(TOOL)
    exec(compile(TOOL.read_text(encoding="utf-8"), str(TOOL), "exec"), module.__dict__)  # noqa: S102  # a script without .py
    # The package under test may be the wheel's, and not the one beside the tool.
    module.__dict__.update(ROOT=LOCALE_FOLDER.parents[2], LOCALE=LOCALE_FOLDER)
    return module


def test_every_word_in_the_code_is_there_translated_and_compiled(tool: ModuleType) -> None:
    assert tool.problems() == []


def test_the_languages_of_tool_and_service_are_the_same(tool: ModuleType) -> None:
    assert tool.LANGUAGES == LANGUAGES
    assert {path.name for path in LOCALE_FOLDER.iterdir()} == set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_installed_catalogue_is_its_source_compiled(tool: ModuleType, language: str) -> None:
    folder = LOCALE_FOLDER / language / "LC_MESSAGES"
    with (folder / "messages.po").open("rb") as file:
        source = tool.words(tool.read_po(file, locale=language, domain="messages"))
    with (folder / "messages.mo").open("rb") as file:
        assert tool.words(tool.read_mo(file)) == source
    assert catalogue(language).gettext("New alert") == source["New alert", None]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_fills_in_what_the_original_does(tool: ModuleType, language: str) -> None:
    for message in tool.read(language):
        if not message.id:
            continue
        originals = message.id if isinstance(message.id, tuple) else (message.id,)
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        wanted = set(PLACEHOLDER.findall(originals[-1]))
        assert set(PLACEHOLDER.findall(strings[-1])) == wanted, message.id
        assert all(set(PLACEHOLDER.findall(string)) <= wanted for string in strings), message.id


def test_no_text_speaks_of_a_problem_district(tool: ModuleType) -> None:
    words = " ".join(str(message.string) + str(message.id) for language in LANGUAGES for message in tool.read(language)).lower()
    for word in ("probleemwijk", "hotspot", "problem area", "achterstandswijk"):
        assert word not in words


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A checkout with the tool and a little code in it."""
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "translations").write_text(TOOL.read_text(encoding="utf-8"), encoding="utf-8")
    code = tmp_path / "alerts" / "render"
    code.mkdir(parents=True)
    (code / "words.py").write_text('text = marked("Hello")\n', encoding="utf-8")
    return tmp_path


def run(checkout: Path, command: str) -> subprocess.CompletedProcess[str]:
    arguments = [sys.executable, str(checkout / "scripts" / "translations"), *command.split()]
    return subprocess.run(arguments, capture_output=True, text=True, check=False)  # our own tool


def test_the_tool_names_what_is_not_translated_and_then_not_compiled(copied: Path) -> None:
    first = run(copied, "update")
    assert first.returncode == 1
    assert "nl: not translated: 'Hello'" in first.stdout
    assert "en:" not in first.stdout

    po = copied / "alerts" / "render" / "locale" / "nl" / "LC_MESSAGES" / "messages.po"
    po.write_text(
        po.read_text(encoding="utf-8").replace('msgid "Hello"\nmsgstr ""', 'msgid "Hello"\nmsgstr "Dag"'), encoding="utf-8"
    )
    assert "compile" in run(copied, "check").stdout
    assert run(copied, "compile").returncode == 0
    assert run(copied, "check").stdout == "Every text is there in Dutch and English.\n"

    (copied / "alerts" / "render" / "words.py").write_text('text = marked("Bye")\n', encoding="utf-8")
    told = run(copied, "check").stdout
    assert "not in the catalogue: 'Bye'" in told
    assert "no longer used: 'Hello'" in told


def test_the_tool_says_how_it_is_used(copied: Path) -> None:
    told = run(copied, "")
    assert told.returncode == 2
    assert "scripts/translations update" in told.stdout
