"""What the settings page shows: each setting, what it means and where it came from, and the history of changes. Pure."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel.support import Translations

from alerts.console.times import moment_words
from alerts.names import Names
from alerts.render.catalogue import catalogue, marked
from detector.configuration import Loaded
from detector.environment import PREFIX
from detector.service.pages.settings.sections import HIDDEN_KEYS, LINES, SECTIONS, known_key
from detector.service.pages.settings.values import as_stored, value_words
from detector.settings import Settings, flat, without_secrets
from detector.store.history import SettingsEntry

_BY: Final = {"start": marked("start of the service"), "file": marked("changed file")}


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One setting in words. ``value``: a line, or one for each key of a table; ``origin``: a file, a variable, or empty."""

    key: str
    meaning: str
    value: tuple[str, ...]
    default: tuple[str, ...]
    origin: str
    changed: bool


@dataclass(frozen=True, slots=True)
class SectionView:
    """Settings under one heading, and how many of them are not at their default."""

    id: str
    title: str
    rows: tuple[SettingRow, ...]
    changed: int


@dataclass(frozen=True, slots=True)
class Change:
    """One setting that changed: from what, to what."""

    key: str
    meaning: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """Settings that came into force; ``first``: the first that are known, so nothing to compare them with."""

    rules: str
    since: str
    by: str
    first: bool
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class SettingsView:
    """The page. ``waiting``: keys that a file changed and that hold after a restart only."""

    files: tuple[str, ...]
    changed: tuple[SettingRow, ...]
    sections: tuple[SectionView, ...]
    waiting: tuple[str, ...]
    history: tuple[HistoryLine, ...]


@dataclass(frozen=True, slots=True)
class InForce:
    """Settings in force with their origins, what they are where nobody sets them, and what waits for a restart."""

    loaded: Loaded
    default: Settings
    waiting: tuple[str, ...] = ()


def settings_view(now: InForce, history: Sequence[SettingsEntry], zone: ZoneInfo, language: str) -> SettingsView:
    """The page; ``history`` is the oldest first, the page shows the newest first."""
    values, defaults = _values(now.loaded.settings), _values(now.default)
    teller = _Teller(language, now.loaded.settings.names)
    sections = []
    for section in SECTIONS:
        rows = tuple(teller.row(key, values[key], defaults[key], _origin(key, now.loaded)) for key in section.lines)
        title = catalogue(language).gettext(section.title)
        sections.append(SectionView(section.id, title, rows, sum(row.changed for row in rows)))
    return SettingsView(
        files=tuple(file.name for file in now.loaded.files),
        changed=tuple(row for section in sections for row in section.rows if row.changed),
        sections=tuple(sections),
        waiting=now.waiting,
        history=history_lines(history, zone, teller),
    )


def _values(settings: Settings) -> dict[str, dict[str, Any]]:
    """By key on the page: each value under it, by the rest of its key (empty: the key itself). Without secrets."""
    found: dict[str, dict[str, Any]] = {key: {} for key in LINES}
    for key, value in flat(without_secrets(settings)):
        if key in HIDDEN_KEYS or (known := known_key(key)) is None:
            continue
        found[known][key.removeprefix(known).removeprefix(".")] = as_stored(value)
    return found


@dataclass(frozen=True, slots=True)
class _Teller:
    language: str
    names: Names

    def row(self, key: str, value: Mapping[str, Any], default: Mapping[str, Any], origin: str) -> SettingRow:
        """One setting."""
        meaning = catalogue(self.language).gettext(LINES[key])
        return SettingRow(key, meaning, self.lines(key, value), self.lines(key, default), origin, _kept(value) != _kept(default))

    def lines(self, key: str, values: Mapping[str, Any]) -> tuple[str, ...]:
        """The value of a setting, or a line for each that is set in a table."""
        if values.keys() == {""} and values[""] != {}:
            return (self.words(key, values[""]),)
        told = tuple(f"{rest}: {self.words(f'{key}.{rest}', value)}" for rest, value in _kept(values).items())
        return told or (catalogue(self.language).gettext("none"),)

    def words(self, key: str, value: Any) -> str:  # noqa: ANN401 - any value of a setting
        """A value in words."""
        return value_words(key, value, self.language, self.names)


def _kept(values: Mapping[str, Any]) -> dict[str, Any]:
    """Without what a table leaves out; a setting that stands alone stays, whatever it is."""
    return {rest: value for rest, value in values.items() if (rest == "" and value != {}) or value not in (None, {}, [], "")}


def _origin(key: str, loaded: Loaded) -> str:
    """Who set it: a file's name or a variable; empty where nobody but the shipped file did."""
    shipped = str(loaded.files[0])
    sources = [
        source
        for known, source in loaded.sources.items()
        if source != shipped and (known == key or known.startswith(f"{key}.") or key.startswith(f"{known}."))
    ]
    named = [source if source.startswith((PREFIX, "--set")) else Path(source).name for source in sources]
    return ", ".join(dict.fromkeys(named))


def history_lines(entries: Sequence[SettingsEntry], zone: ZoneInfo, teller: _Teller) -> tuple[HistoryLine, ...]:
    """What changed from what to what, the newest first."""
    tables = [_table(entry.toml) for entry in entries]
    lines = []
    for number, entry in enumerate(entries):
        changes = _changes(tables[number - 1], tables[number], teller) if number else ()
        lines.append(
            HistoryLine(entry.settings_hash, _when(entry.at, zone, teller), _by(entry.actor, teller), not number, changes)
        )
    return tuple(reversed(lines))


def _when(moment: datetime, zone: ZoneInfo, teller: _Teller) -> str:
    return moment_words(moment, teller.language, zone)


def _by(actor: str, teller: _Teller) -> str:
    """``changed file: local.toml``; older entries name no file."""
    kind, _, file = actor.partition(":")
    told = catalogue(teller.language).gettext(_BY[kind]) if kind in _BY else kind
    return f"{told}: {file}" if file else told


def _table(toml: str) -> dict[str, Any]:
    return dict(flat(tomllib.loads(toml)))


def _changes(before: Mapping[str, Any], after: Mapping[str, Any], teller: _Teller) -> tuple[Change, ...]:
    words = catalogue(teller.language)
    changed = [key for key in {**before, **after} if before.get(key) != after.get(key) and key not in HIDDEN_KEYS]

    def told(values: Mapping[str, Any], key: str) -> str:
        return teller.words(key, values[key]) if key in values else words.gettext("not set")

    return tuple(Change(key, _meaning(key, words), told(before, key), told(after, key)) for key in sorted(changed))


def _meaning(key: str, words: Translations) -> str:
    known = known_key(key)
    return words.gettext(LINES[known]) if known is not None else ""
