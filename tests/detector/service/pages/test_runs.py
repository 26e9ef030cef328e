from alerting import Clock
from consoling import open_console
from sqlalchemy import Engine

from alerts.alert import Role
from alerts.store.engine import migrate, open_engine
from detector.service.pages.runs import changes_of, run_pages
from detector.store.history import SettingsEntry


def test_what_changed_is_what_went_and_what_came() -> None:
    assert changes_of("a = 1\nb = 2\n", "a = 1\nb = 3\nc = 4\n") == ("-b = 2", "+b = 3", "+c = 4")


def test_settings_are_shown_with_their_changes_and_not_to_somebody_of_one_municipality(sqlite_url: str) -> None:
    engine: Engine = open_engine(sqlite_url)
    migrate(engine)
    clock = Clock()
    history = [SettingsEntry("aaa", "port = 1\n", clock(), "start"), SettingsEntry("bbb", "port = 2\n", clock(), "file")]
    with open_console(engine, clock, groups=[run_pages(list, lambda: history)]) as console:
        text = console.sign_in(Role.OPERATOR).get("/settings").text
        assert "-port = 1" in text
        assert "+port = 2" in text
        assert console.sign_in(Role.AUDITOR).get("/runs").status_code == 200
        assert console.sign_in(Role.OPERATOR, "GM0001").get("/settings").status_code == 403
        assert console.sign_in(Role.CASE_WORKER).get("/runs").status_code == 403
    engine.dispose()
