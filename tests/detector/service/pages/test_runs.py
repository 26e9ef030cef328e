from alerting import Clock
from consoling import open_console

from alerts.alert import Role
from alerts.store.engine import migrate, open_engine
from detector.service.pages.runs import run_pages


def test_runs_are_for_who_keeps_the_service(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    migrate(engine)
    with open_console(engine, Clock(), groups=[run_pages(list)]) as console:
        assert console.sign_in(Role.AUDITOR).get("/runs").status_code == 200
        assert console.sign_in(Role.CASE_WORKER).get("/runs").status_code == 403
    engine.dispose()
