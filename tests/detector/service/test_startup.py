"""What a start loads: commands answer at once, because the large libraries come only with the work that needs them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

import alerts.store.engine
import detector.store.migrate
from detector.service import cli

HEAVY = {"sklearn", "numba", "scipy", "pandas", "geopandas", "pyogrio", "openpyxl", "pyarrow", "alembic", "fastapi", "uvicorn"}
HEAVY |= {"phonenumbers", "shapely", "pyproj", "httpx", "httpcore", "jinja2", "apscheduler", "argon2"}


def loaded_by(program: str) -> set[str]:
    """Top-level modules that are loaded when a program ends."""
    told = f"import sys\ntry:\n    {program}\nexcept SystemExit:\n    pass\nprint('loaded:', *sys.modules)"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in done.stdout.rpartition("loaded:")[2].split()}


def command(words: str) -> str:
    return f"sys.argv = ['patroonwacht', *{words.split()!r}]; from detector.service.cli import main; main()"


@pytest.mark.parametrize("words", ["--version", "--help"])
def test_help_and_version_load_no_more_than_the_terminal_needs(words: str) -> None:
    assert not loaded_by(command(words)) & (HEAVY | {"numpy", "pydantic", "sqlalchemy"})


@pytest.mark.parametrize("program", ["import detector.settings", command("config check"), command("config check --json")])
def test_reading_the_settings_loads_no_large_library(program: str) -> None:
    assert not loaded_by(program) & (HEAVY | {"sqlalchemy"})


def test_a_working_process_loads_what_one_look_needs() -> None:
    assert not loaded_by("import detector.service.cycle") & (HEAVY - {"shapely", "pyproj"})


def test_the_settings_file_that_is_named_is_the_one_in_force(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text("port = 9123\n", encoding="utf-8")
    words = [sys.executable, "-m", "detector.service.cli", "--config", str(own), "config", "show", "--json"]
    shown = json.loads(subprocess.run(words, capture_output=True, text=True, check=True).stdout)
    assert shown["port"]["value"] == 9123


def test_loops_compile_also_where_nothing_can_be_kept(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(
        "from detector.scan.jit import compiled\n@compiled\ndef twice(x):\n    return 2 * x\n", encoding="utf-8"
    )
    nowhere = tmp_path / "file"
    nowhere.touch()
    # A file stands where each folder would have to be, which holds back even root.
    (tmp_path / "__pycache__").touch()
    environment = {"PATH": os.environ["PATH"], "HOME": str(nowhere), "XDG_CACHE_HOME": str(nowhere)}
    environment["PYTHONPATH"] = os.pathsep.join([str(tmp_path), str(Path(cli.__file__).parents[2])])
    told = subprocess.run(
        [sys.executable, "-c", "import own; print(own.twice(21))"], env=environment, capture_output=True, text=True, check=True
    )
    assert told.stdout == "42\n"


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_help_says_of_a_command_what_the_command_says_of_itself(name: str) -> None:
    whole = cli.load(name)
    assert whole.name == name
    assert whole.help.split("\n\n")[0].replace("\n", " ") == cli.COMMANDS[name].help


@pytest.mark.parametrize(
    ("location", "newest"),
    [
        ("detector.store:migrations", detector.store.migrate.NEWEST),
        ("alerts.store:migrations", alerts.store.engine.NEWEST),
    ],
)
def test_the_version_that_needs_no_upgrade_is_the_last_one(location: str, newest: str) -> None:
    config = Config()
    config.set_main_option("script_location", location)
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_current_head() == newest
