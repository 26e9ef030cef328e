"""Settings: one documented file, a user's own, the environment; or a clear error."""

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel, SecretStr

from detector.configuration import BASE_NAME, Loaded, SettingsError, SettingsWatcher, config_dir, load
from detector.environment import CONFIG_DIR
from detector.settings import Settings, flat, parts_of, without_secrets

SHIPPED = config_dir({}) / BASE_NAME
REPEATED = ("campaigns", "alerts.destinations", "alerts.route.")
"""Tables that an operator repeats; another test looks for every key of theirs."""


@pytest.fixture
def own(tmp_path: Path) -> Callable[[str], Loaded]:
    def write_and_load(text: str, **environ: str) -> Loaded:
        file = tmp_path / "own.toml"
        file.write_text(text, encoding="utf-8")
        return load({"PATROONWACHT_CONFIG": str(file), **environ})

    return write_and_load


def problems_of(own: Callable[..., Loaded], text: str, **environ: str) -> str:
    with pytest.raises(SettingsError) as caught:
        own(text, **environ)
    return str(caught.value)


def test_the_shipped_file_and_the_code_have_the_same_defaults() -> None:
    shipped = load({CONFIG_DIR: str(SHIPPED.parent)}).settings
    in_code = Settings()
    shown = dict(flat(without_secrets(shipped)))
    for key, value in flat(without_secrets(in_code)):
        if not key.startswith("alerts.destinations"):  # the file ships one destination, the code none
            assert shown.get(key) == value, key


def test_every_setting_stands_in_the_shipped_file_with_a_line_on_what_it_does() -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    written = tomllib.loads(text)
    undocumented = []
    for key, _ in flat(tables_only(Settings())):
        if key.startswith(REPEATED):
            continue
        at: Any = written
        for part in key.split("."):
            at = at.get(part) if isinstance(at, dict) else None
        if at is None or not commented(text, key):
            undocumented.append(key)
    assert undocumented == []


def tables_only(value: object) -> Any:
    """Settings as nested tables; lists and tables of tables are single values here."""
    if isinstance(value, BaseModel) or hasattr(value, "__dataclass_fields__"):
        parts = [(str(key), item) for key, item in parts_of(value) or []]
        return {key: tables_only(item) for key, item in parts if not (key == "false_alerts_per_year" and hasattr(value, "share"))}
    return "value"


def commented(text: str, key: str) -> bool:
    *tables, name = key.split(".")
    wanted, here, above = ".".join(tables), "", ""
    for line in text.splitlines():
        if header := re.fullmatch(r"\[([^\[\]]+)\]", line.strip()):
            here = header[1]
            if wanted == here.rpartition(".")[0] and here == key:
                return True
        elif re.match(rf"{re.escape(name)}\s*=", line) and here == wanted:
            return above.startswith("#") or "#" in line
        above = line
    return False


def nested_models(model: type[BaseModel], seen: set[type[BaseModel]]) -> set[type[BaseModel]]:
    for item in model.model_fields.values():
        waiting = [item.annotation]
        while waiting:
            part = waiting.pop()
            waiting += get_args(part)
            if isinstance(part, type) and issubclass(part, BaseModel) and part not in seen:
                seen.add(part)
                nested_models(part, seen)
    return seen


def test_every_key_of_a_repeated_table_is_named_in_the_shipped_file() -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    missing = [
        f"{model.__name__}.{name}"
        for model in nested_models(Settings, set())
        for name, item in model.model_fields.items()
        if not re.search(rf"\b{re.escape(item.alias or name)}\b", text)
    ]
    assert missing == []


def test_a_users_file_overrides_and_the_environment_overrides_both(own: Callable[..., Loaded], tmp_path: Path) -> None:
    secret = tmp_path / "port"
    secret.write_text("9002\n")
    text = "port = 9000\n[detection]\nfalse_alerts_per_year = 1.0\n"
    assert own(text).settings.port == 9000
    assert own(text).settings.detection.false_alerts_per_year == 1.0
    assert own(text).settings.detection.history_days == Settings().detection.history_days
    assert own(text, PATROONWACHT_PORT="9001").settings.port == 9001
    assert own(text, PATROONWACHT_PORT_FILE=str(secret)).settings.port == 9002
    loaded = own(text, PATROONWACHT_DETECTION__FALSE_ALERTS_PER_YEAR="0.5")
    assert loaded.settings.detection.false_alerts_per_year == 0.5
    assert loaded.sources["detection.false_alerts_per_year"] == "PATROONWACHT_DETECTION__FALSE_ALERTS_PER_YEAR"


def test_set_on_the_command_line_wins_and_names_itself_when_wrong() -> None:
    loaded = load({}, sets=["detection.false_alerts_per_year=4", 'detection.methods=["scan"]'])
    assert loaded.settings.detection.false_alerts_per_year == 4
    assert loaded.settings.detection.methods == ("scan",)
    with pytest.raises(SettingsError, match=r"--set detection\.false_alerts_per_year"):
        load({}, sets=["detection.false_alerts_per_year=-4"])
    with pytest.raises(SettingsError, match="key=value"):
        load({}, sets=["detection"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("prot = 9000\n", ["own.toml:1", "prot", "did you mean 'port'"]),
        ("\n[intake]\nevery_seconds = '5 minutes'\n", ["own.toml:3", "intake.every_seconds", "a number of seconds"]),
        ("[detection]\nfalse_alerts_per_year = -1\n", ["own.toml:2", "detection.false_alerts_per_year", "greater than 0", "-1"]),
        ("timezone = 'Amsterdam'\n", ["own.toml:1", "timezone", "Europe/Amsterdam"]),
        ("[detection]\nmethods = ['scan', 'guess']\n", ["own.toml:1", "guess", "density, scan, threshold"]),
        ("[detection.scan]\nshare = 0.95\n[detection.density]\nshare = 0.9\n", ["shares", "at most 1"]),
        ("[detection]\nnightly_at = '25:00'\n", ["own.toml:2", "time of day", "03:15"]),
        ("[[campaigns]]\nname='a'\nstarts_on=2026-02-01\nends_on=2026-01-01\n", ["own.toml:1", "ends before it starts"]),
        ("[detection.scan]\nalhpa = 2.0\n", ["own.toml:2", "alhpa", "did you mean 'alpha'"]),
        ("port 9000\n", ["own.toml", "not valid TOML"]),
    ],
)
def test_what_cannot_be_used_is_refused_with_file_line_key_and_what_would_be_right(
    own: Callable[..., Loaded], text: str, said: list[str]
) -> None:
    told = problems_of(own, text)
    for words in said:
        assert words in told


def test_all_problems_are_told_at_once(own: Callable[..., Loaded]) -> None:
    told = problems_of(own, "port = 'many'\nlanguage = 'fr'\n")
    assert "port" in told
    assert "language" in told


def test_a_secret_in_a_file_is_refused_and_never_repeated(own: Callable[..., Loaded]) -> None:
    told = problems_of(own, "[intake]\ntokens = ['abcdefghijklmnopqrstuvwxyz']\n")
    assert "own.toml:2" in told
    assert "PATROONWACHT_INTAKE__TOKENS" in told
    assert "abcdefghij" not in told


def test_a_secret_from_the_environment_is_taken_and_shown_as_stars(own: Callable[..., Loaded]) -> None:
    loaded = own("", PATROONWACHT_INTAKE__TOKENS='["abcdefghijklmnopqrstuvwxyz"]')
    assert loaded.settings.intake.tokens == (SecretStr("abcdefghijklmnopqrstuvwxyz"),)
    assert "abcdefgh" not in str(without_secrets(loaded.settings))


def test_an_unknown_variable_and_a_missing_secret_file_are_refused(own: Callable[..., Loaded], tmp_path: Path) -> None:
    assert "PATROONWACHT_PROT" in problems_of(own, "", PATROONWACHT_PROT="1")
    missing = str(tmp_path / "nowhere")
    assert "cannot be read" in problems_of(own, "", PATROONWACHT_PORT_FILE=missing)


def test_a_missing_file_of_ones_own_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no such file"):
        load({"PATROONWACHT_CONFIG": str(tmp_path / "none.toml")})


def test_a_changed_file_is_taken_up_and_a_broken_one_leaves_the_old_in_force(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text("port = 9000\n")
    environ = {"PATROONWACHT_CONFIG": str(file)}
    watcher = SettingsWatcher(load(environ), environ)
    assert watcher.refresh() is False
    file.write_text("port = 9001\n")
    assert watcher.refresh() is True
    assert watcher.settings.port == 9001
    file.write_text("port = 'many'\n")
    with pytest.raises(SettingsError):
        watcher.refresh()
    assert watcher.settings.port == 9001
    assert watcher.refresh() is False
    file.write_text("port = 9003\n")
    assert watcher.refresh() is True
    assert watcher.settings.port == 9003


def test_the_rules_hash_changes_with_the_rules_and_with_nothing_else() -> None:
    plain = load({}).settings.rules_hash()
    assert load({}, sets=["port=9000"]).settings.rules_hash() == plain
    assert load({}, sets=["detection.false_alerts_per_year=3"]).settings.rules_hash() != plain
    assert load({}, sets=["disclosure.place_floor=4"]).settings.rules_hash() != plain
