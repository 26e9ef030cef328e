"""The page that tells which settings are in force, what they mean, and what changed."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from alerting import Clock
from consoling import Console, open_console

from alerts.alert import Role
from alerts.store.engine import migrate, open_engine
from detector.configuration import load, shipped
from detector.service.pages.settings.page import settings_page
from detector.service.pages.settings.sections import HIDDEN_KEYS, LINES, SECTIONS, known_key
from detector.service.pages.settings.view import InForce, SettingRow, SettingsView, settings_view
from detector.service.work import as_toml
from detector.settings import Settings, flat, without_secrets
from detector.store.history import SettingsEntry

ZONE = ZoneInfo("Europe/Amsterdam")
AT = datetime(2026, 3, 2, 10, tzinfo=UTC)
SECRET = "a secret of at least twenty-four letters"  # noqa: S105 - made up


def in_force(tmp_path: Path, text: str = "", **environ: str) -> InForce:
    own = tmp_path / "own.toml"
    own.write_text(text, encoding="utf-8")
    return InForce(load({"PATROONWACHT_CONFIG": str(own), **environ}), shipped({}))


def seen(now: InForce, *history: SettingsEntry, language: str = "en") -> SettingsView:
    return settings_view(now, history, ZONE, language)


def row(view: SettingsView, key: str) -> SettingRow:
    return next(row for section in view.sections for row in section.rows if row.key == key)


def test_every_setting_has_one_line_in_one_section_and_no_line_is_of_nothing() -> None:
    keys = {key for key, _ in flat(without_secrets(Settings()))} - HIDDEN_KEYS
    assert {key for key in keys if known_key(key) is None} == set()
    assert {known_key(key) for key in keys} == LINES.keys()
    assert sum(len(section.lines) for section in SECTIONS) == len(LINES), "a setting stands in two sections"
    assert len({section.id for section in SECTIONS}) == len(SECTIONS)


def test_what_nobody_sets_is_at_its_default(tmp_path: Path) -> None:
    view = seen(in_force(tmp_path))
    assert view.changed == ()
    port = row(view, "port")
    assert (port.value, port.default, port.origin, port.changed) == (("8080",), ("8080",), "", False)
    assert row(view, "alerts.destinations").value[0] == "outbox.audience: the anti-discrimination service"
    assert row(view, "alerts.route").value == ("none",)
    assert "at least 4 reports in one neighbourhood within 90 days" in row(view, "detection.threshold.rules").value[0]


def test_a_change_is_told_with_where_it_was_made(tmp_path: Path) -> None:
    text = '[detection]\nfalse_alerts_per_year = 1.5\nmethods = ["scan"]\n[retention]\nreports_months = 36\n'
    text += '[municipalities.GM9999]\ntimezone = "Europe/Brussels"\n'
    view = seen(in_force(tmp_path, text, PATROONWACHT_PORT="9000"), language="nl")
    assert [one.key for one in view.changed] == [
        "municipalities",
        "detection.false_alerts_per_year",
        "detection.methods",
        "port",
    ]
    budget = row(view, "detection.false_alerts_per_year")
    assert (budget.value, budget.default, budget.origin) == (("1,5",), ("2",), "own.toml")
    assert row(view, "port").origin == "PATROONWACHT_PORT"
    assert row(view, "municipalities").value == ("GM9999.timezone: Europe/Brussels",)
    kept = row(view, "retention.reports_months")
    assert (kept.origin, kept.changed) == ("own.toml", False), "set, but to what it was"
    sections = {section.id: section.changed for section in view.sections}
    assert (sections["looking"], sections["keeping"]) == (2, 0)


def test_a_secret_is_never_shown(tmp_path: Path) -> None:
    secrets = {"PATROONWACHT_INTAKE__TOKENS": f'["{SECRET}"]', "PATROONWACHT_STORE__ALERTS_URL": f"postgresql://u:{SECRET}@h/d"}
    now = in_force(tmp_path, **secrets)
    view = seen(
        now, SettingsEntry("a", as_toml(Settings()), AT, "start"), SettingsEntry("b", as_toml(now.loaded.settings), AT, "file")
    )
    assert SECRET not in repr(view)
    tokens = row(view, "intake.tokens")
    assert (tokens.value, tokens.default, tokens.changed) == (("set, and not shown",), ("none",), True)
    assert row(view, "store.alerts_url").origin == "PATROONWACHT_STORE__ALERTS_URL"


def test_the_history_says_what_became_of_what_when_and_by_which_file() -> None:
    before = SettingsEntry("aaa", 'port = 1\nconsole.contact = "x"\nold.key = true\n', AT, "start")
    after = SettingsEntry(
        "bbb", "port = 2\nold.key = true\ndisclosure.place_floor = 4\n", AT + timedelta(days=1), "file:local.toml"
    )
    newest, first = seen(InForce(load({}), shipped({})), before, after).history
    assert first.first
    assert first.changes == ()
    assert (newest.by, newest.rules, newest.since) == ("changed file: local.toml", "bbb", "3 Mar 2026, 11:00")
    assert [(change.key, change.before, change.after) for change in newest.changes] == [
        ("console.contact", "x", "not set"),
        ("disclosure.place_floor", "not set", "4"),
        ("port", "1", "2"),
    ]
    assert newest.changes[2].meaning == "Port on which the service listens."


@contextmanager
def opened(sqlite_url: str, now: InForce, *history: SettingsEntry) -> Iterator[Console]:
    engine = open_engine(sqlite_url)
    migrate(engine)
    with open_console(engine, Clock(), groups=[settings_page(lambda: now, lambda: history)]) as console:
        yield console
    engine.dispose()


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_page_is_for_who_keeps_all_of_the_service(sqlite_url: str, tmp_path: Path, language: str) -> None:
    now = InForce(in_force(tmp_path, "port = 9000\n").loaded, shipped({}), ("port",))
    entry = SettingsEntry("aaa", as_toml(Settings()), AT, "start")
    with opened(sqlite_url, now, entry) as console:
        text = console.sign_in(Role.OPERATOR, language=language).get("/settings").text
        assert ("Poort waarop de dienst luistert." if language == "nl" else "Port on which the service listens.") in text
        assert '<details class="pw-fold" id="scan">' in text
        assert "own.toml" in text
        assert "9000" in text
        assert ("na een herstart: port" if language == "nl" else "after a restart only: port") in text
        assert console.sign_in(Role.AUDITOR).get("/settings").status_code == 200
        assert console.sign_in(Role.OPERATOR, "GM0001").get("/settings").status_code == 403
        assert console.sign_in(Role.CASE_WORKER).get("/settings").status_code == 403
