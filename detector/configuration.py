"""From config/*.toml, a user's own file and the environment to frozen settings, remembering where each value came from."""

import difflib
import os
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from pydantic import SecretStr, ValidationError

from detector.environment import CONFIG_DIR, CONFIG_FILE, PREFIX
from detector.settings import Settings, parts_of

BASE_NAME = "patroonwacht.toml"
OWN_NAME = "local.toml"

Table: TypeAlias = dict[str, Any]
KeyPath: TypeAlias = tuple[str | int, ...]


class SettingsError(Exception):
    """The settings cannot be used; ``problems`` says of each what is wrong and what would be right."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


@dataclass(frozen=True)
class Loaded:
    """Settings in force, the files they came from, and of each key (dotted) its source."""

    settings: Settings
    files: tuple[Path, ...]
    sources: Mapping[str, str]


@dataclass
class _Layers:
    """Values so far and who set them; later layers win, tables are merged, lists are replaced."""

    values: Table = field(default_factory=dict)
    sources: dict[KeyPath, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)

    def lay(self, table: Table, source: str) -> None:
        self._merge(self.values, table, (), source)

    def _merge(self, into: Table, table: Table, path: KeyPath, source: str) -> None:
        for key, value in table.items():
            here = (*path, key)
            if isinstance(value, dict) and isinstance(into.get(key), dict):
                self._merge(into[key], value, here, source)
                continue
            into[key] = value
            self.sources = {known: by for known, by in self.sources.items() if known[: len(here)] != here}
            self.sources[here] = source

    def source_of(self, path: KeyPath) -> str:
        """Who set this key, or the table or list around it, or last something in it."""
        touching = [by for known, by in self.sources.items() if known[: len(path)] == path[: len(known)]]
        return touching[-1] if touching else BASE_NAME


def config_dir(environ: Mapping[str, str]) -> Path:
    """The folder of the shipped settings: named in the environment, in the checkout, or inside the installed package."""
    if named := environ.get(CONFIG_DIR):
        return Path(named)
    inside = Path(__file__).parent / "_config"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "config"


def load(environ: Mapping[str, str] | None = None, *, own: Path | None = None, sets: Iterable[str] = ()) -> Loaded:
    """Settings from the shipped file, the user's own file, the environment and ``key=value`` texts, each over the last.

    Args:
        environ: the environment; the process's own if None.
        own: the user's file; ``PATROONWACHT_CONFIG`` or ``local.toml`` beside the shipped file if None.
        sets: texts such as ``detection.false_alerts_per_year=1``.

    Raises:
        SettingsError: a file, key or value cannot be used; all problems at once.
    """
    environ = os.environ if environ is None else environ
    folder = config_dir(environ)
    layers = _Layers()
    files = [folder / BASE_NAME]
    named = own or (Path(environ[CONFIG_FILE]) if environ.get(CONFIG_FILE) else None)
    if named is not None:
        files.append(named)
    elif (folder / OWN_NAME).is_file():
        files.append(folder / OWN_NAME)
    for file in files:
        layers.lay(_read(file, layers), str(file))
    _lay_environment(layers, environ)
    for text in sets:
        key, equals, value = text.partition("=")
        if not equals:
            raise SettingsError([f"--set {text}: write it as key=value, for example detection.false_alerts_per_year=1"])
        _put(layers, key.strip().split("."), value.strip(), f"--set {key}")
    try:
        settings = Settings.model_validate(layers.values)
    except ValidationError as error:
        raise SettingsError(_explain(error, layers)) from error
    if problems := list(_secrets_in_files(settings, layers)):
        raise SettingsError(problems)
    sources = {".".join(map(str, path)): source for path, source in layers.sources.items()}
    return Loaded(settings, tuple(files), sources)


def shipped(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of the shipped file alone: what holds where nobody sets anything.

    Raises:
        SettingsError: the file is not there, or is not as it was shipped.
    """
    layers = _Layers()
    file = config_dir(os.environ if environ is None else environ) / BASE_NAME
    try:
        return Settings.model_validate(_read(file, layers))
    except ValidationError as error:
        raise SettingsError(_explain(error, layers)) from error


def _read(file: Path, layers: _Layers) -> Table:
    try:
        text = file.read_text(encoding="utf-8")
        layers.texts[str(file)] = text
        return tomllib.loads(text)
    except FileNotFoundError as error:
        raise SettingsError([f"{file}: there is no such file; make it, or correct {CONFIG_FILE}"]) from error
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            [f"{file}: cannot be read as UTF-8 text ({type(error).__name__}); check its rights and encoding"]
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError([f"{file}: is not valid TOML: {error}"]) from error


def _lay_environment(layers: _Layers, environ: Mapping[str, str]) -> None:
    problems = []
    for name in sorted(environ):
        if not name.startswith(PREFIX) or name in {CONFIG_FILE, CONFIG_DIR}:
            continue
        text, key = environ[name], name.removeprefix(PREFIX)
        if key.endswith("_FILE"):
            try:
                text = Path(text).read_text(encoding="utf-8").rstrip("\r\n")
            except (OSError, UnicodeDecodeError) as error:
                problems.append(f"{name}: the file it names cannot be read ({type(error).__name__}); check its path and rights")
                continue
            key = key.removesuffix("_FILE")
        try:
            _put(layers, key.lower().split("__"), text, name)
        except SettingsError as error:
            problems.extend(error.problems)
    if problems:
        raise SettingsError(problems)


def _put(layers: _Layers, keys: list[str], text: str, source: str) -> None:
    """Set one value by its path; a part of the path that meets a list names an element by its ``name``."""
    value: Any = text
    if text[:1] in {"[", "{"}:
        try:
            value = tomllib.loads(f"value = {text}")["value"]
        except tomllib.TOMLDecodeError as error:
            raise SettingsError([f"{source}: is not a valid TOML list or table: {error}"]) from error
    at: Any = layers.values
    path: list[str | int] = []
    for key in keys[:-1]:
        if isinstance(at, list):
            index = _element(at, key, source)
            path.append(index)
            at = at[index]
        else:
            match = _spelling(at, key)
            path.append(match)
            at = at.setdefault(match, {})
        if not isinstance(at, dict | list):
            raise SettingsError([f"{source}: {'.'.join(map(str, path))} is a single value and has no {keys[-1]!r}"])
    last: str | int = _element(at, keys[-1], source) if isinstance(at, list) else _spelling(at, keys[-1])
    at[last] = value
    layers.sources[(*path, last)] = source


def _spelling(table: Table, key: str) -> str:
    """The key as the files spell it: environment names have no case."""
    return next((known for known in table if known.lower() == key.lower()), key)


def _element(items: list[Any], key: str, source: str) -> int:
    def plain(text: object) -> str:
        return re.sub(r"[^a-z0-9]", "_", str(text).lower())

    names = [plain(item.get("name", "")) if isinstance(item, dict) else "" for item in items]
    if plain(key) in names:
        return names.index(plain(key))
    raise SettingsError([f"{source}: no entry is named {key!r}; there are: {', '.join(filter(None, names)) or 'none'}"])


def _explain(error: ValidationError, layers: _Layers) -> list[str]:
    """Pydantic's findings as sentences with the file, the line and the key."""
    problems = []
    for item in error.errors(include_url=False):
        path = tuple(part for part in item["loc"] if _is_key(part, layers))
        source = layers.source_of(path)
        key = ".".join(map(str, path)) or "(the whole)"
        problems.append(f"{_place(source, path, layers)}: {key}: {_sentence(item['type'], item['msg'], path, item['input'])}")
    return list(dict.fromkeys(problems))


def _is_key(part: str | int, layers: _Layers) -> bool:
    """Pydantic also puts tags of unions and validators into a location; those are no keys."""
    return isinstance(part, int) or not re.search(r"[^A-Za-z0-9_\-]", part) or part in layers.values


UNITS = {
    "_days": "a number of days",
    "_seconds": "a number of seconds",
    "_hours": "a number of hours",
    "_minutes": "a number of minutes",
    "_months": "a number of months",
    "_m": "a number of metres",
    "_mb": "a number of megabytes",
    "_per_year": "a number per year",
}


def _sentence(kind: str, message: str, path: KeyPath, given: object) -> str:
    if kind in {"extra_forbidden", "unexpected_keyword_argument"}:
        known = _keys_beside(path)
        near = difflib.get_close_matches(str(path[-1]), known, n=1)
        return "there is no such setting" + (
            f"; did you mean {near[0]!r}?" if near else f"; here are: {', '.join(known)}" if known else ""
        )
    if kind == "value_error":
        return message.removeprefix("Value error, ")
    unit = next((words for ending, words in UNITS.items() if str(path[-1] if path else "").endswith(ending)), None)
    secret = any(word in str(part) for part in path for word in ("token", "password", "secret", "_url"))
    shown = "" if secret or isinstance(given, dict | list) else f" (it is {given!r})"
    if unit and kind in {"int_parsing", "float_parsing", "int_type", "float_type", "int_from_float"}:
        return f"should be {unit}, written as a bare number{shown}"
    return message.replace("Input should be", "should be").replace("Field required", "is missing") + shown


def _keys_beside(path: KeyPath) -> list[str]:
    """The keys that the table around this path may have."""
    at: Any = Settings
    for part in path[:-1]:
        fields = getattr(at, "model_fields", None) or getattr(at, "__dataclass_fields__", {})
        found = fields.get(part)
        at = getattr(found, "annotation", None) or getattr(found, "type", None)
    fields = getattr(at, "model_fields", None) or getattr(at, "__dataclass_fields__", {})
    return [key for key in fields if not key.startswith("_")]


def _place(source: str, path: KeyPath, layers: _Layers) -> str:
    text = layers.texts.get(source)
    line = _line_of(text, path) if text is not None else None
    return source if line is None else f"{source}:{line}"


def _line_of(text: str, path: KeyPath) -> int | None:
    """The line on which a key stands, found by reading headers and keys (the TOML reader gives none)."""
    table: list[str | int] = []
    seen: dict[str, int] = {}
    best = None
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*\[\[\s*([^\]]+?)\s*\]\]", line):
            name = header[1]
            seen[name] = seen.get(name, -1) + 1
            table = [*name.split("."), seen[name]]
        elif header := re.match(r"\s*\[\s*([^\]]+?)\s*\]", line):
            table = [part.strip("\"' ") for part in header[1].split(".")]
        elif key := re.match(r"\s*[\"']?([A-Za-z0-9_\-]+)[\"']?\s*=", line):
            here = (*table, key[1])
            if path[: len(here)] == here:
                return number
            continue
        if tuple(table) and path[: len(table)] == tuple(table):
            best = number
    return best


def _secrets_in_files(settings: Settings, layers: _Layers) -> Iterable[str]:
    for path, names, value in _leaves(settings):
        source = layers.source_of(path)
        if isinstance(value, SecretStr) and value.get_secret_value() and source in layers.texts:
            variable = PREFIX + re.sub(r"[^A-Z0-9_]", "_", "__".join(names).upper())
            yield (
                f"{_place(source, path, layers)}: {'.'.join(names)}: a secret does not belong in a file of settings; "
                f"take it out and put it into {variable} or, in a file of its own, {variable}_FILE"
            )


def _leaves(value: object, path: KeyPath = (), names: tuple[str, ...] = ()) -> Iterator[tuple[KeyPath, tuple[str, ...], object]]:
    """Every single value with its path, and the path in words (list entries by their name)."""
    if (parts := parts_of(value)) is None:
        yield path, names, value
        return
    for key, item in parts:
        label = getattr(item, "name", None) if isinstance(key, int) else None
        yield from _leaves(item, (*path, key), (*names, label if isinstance(label, str) else str(key)))


class SettingsWatcher:
    """Settings in force, taken anew when a file changes; a broken file leaves the old ones in force."""

    def __init__(self, loaded: Loaded, environ: Mapping[str, str] | None = None, own: Path | None = None) -> None:
        self.loaded = loaded
        self._environ = environ
        self._own = own
        self._seen = self._stamp()

    @property
    def settings(self) -> Settings:
        """What is in force now."""
        return self.loaded.settings

    def _stamp(self) -> tuple[bytes, ...]:
        folder = config_dir(os.environ if self._environ is None else self._environ)
        return tuple(file.read_bytes() if file.is_file() else b"" for file in (*self.loaded.files, folder / OWN_NAME))

    def refresh(self) -> bool:
        """Take a changed file into force; True if anything changed.

        Raises:
            SettingsError: a file changed and cannot be used; told once for each change, the old settings stay in force.
        """
        stamp = self._stamp()
        if stamp == self._seen:
            return False
        self._seen = stamp
        self.loaded = load(self._environ, own=self._own)
        return True
