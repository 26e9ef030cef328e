"""The page of runs."""

import re
from pathlib import Path

from alerting import Clock
from consoling import open_console

from alerts.alert import Role
from alerts.store.engine import migrate, open_engine
from detector import service
from detector.service.pages.runs import TRIGGERS, run_pages


def test_runs_are_for_who_keeps_the_service(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    migrate(engine)
    with open_console(engine, Clock(), groups=[run_pages(list)]) as console:
        assert console.sign_in(Role.AUDITOR).get("/runs").status_code == 200
        assert console.sign_in(Role.CASE_WORKER).get("/runs").status_code == 403
    engine.dispose()


def test_every_reason_to_look_that_the_code_gives_has_words() -> None:
    files = Path(str(service.__file__)).parent.rglob("*.py")
    given = re.compile(r'(?:\.run|_look)\([^"\n]*"([a-z_]+)"')
    assert {name for file in files for name in given.findall(file.read_text(encoding="utf-8"))} == TRIGGERS.keys()
