"""What ``scripts/run`` opens into where there is nothing yet: a filled console, and an account for each role."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import numpy as np
import pytest
from alerting import Clock
from consoling import Browser
from fastapi import FastAPI
from fastapi.routing import APIRoute
from serving import running
from starlette.routing import BaseRoute

from alerts import accounts, queries
from alerts.alert import SYSTEM, ReviewState, Role
from detector.configuration import SettingsWatcher, load
from detector.service.demo import NAMES
from detector.service.engine import SerialEngine
from detector.service.installation import Installation
from detector.service.made_up import made_up_municipality
from detector.service.pages.replays import Replays
from detector.service.web import web_side
from detector.service.work import Work

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LED_TO = {
    "/areas/{municipality}",
    "/filters/{filter_id}",
    "/intake/{upload}",
    "/sign-in",
    "/sign-in/provider/back",
    "/theme.css",
    "/tuning/{code}/{replay}",
    "/tuning/{code}/{replay}/local.toml",
}
"""What no link leads to, but something that is there or that somebody does: a map, a form, a filter, a file, a replay."""
ALERT_PAGE = re.compile("/alerts/[0-9a-f]{32}")


@dataclass
class Demo:
    """The made-up installation behind a server, and what its start printed."""

    installation: Installation
    app: FastAPI
    url: str
    printed: str
    seen: dict[Role, dict[str, httpx.Response]] = field(default_factory=lambda: defaultdict(dict))

    @property
    def passwords(self) -> dict[str, str]:
        """What the start printed, by name."""
        return dict(re.findall(r"^  (\S+) +(\S{16})$", self.printed, re.MULTILINE))

    @contextmanager
    def signed_in(self, role: Role) -> Iterator[Browser]:
        """Somebody who signs in with what was printed."""
        browser = Browser(self.url, language="nl")
        name = NAMES[role]
        answer = browser.post("/sign-in", name=name, password=self.passwords[name])
        assert answer.url.path == "/"
        assert name in answer.text
        yield browser
        browser.close()

    def walked(self, role: Role) -> dict[str, httpx.Response]:
        """Every page to which links lead from the first one, by path; one alert after the other too."""
        if role not in self.seen:
            with self.signed_in(role) as browser:
                todo = ["/"]
                while todo:
                    path = todo.pop()
                    if path in self.seen[role]:
                        continue
                    answer = browser.get(path)
                    # Where it led on as well: a page for one municipality opens at once where there is no other.
                    self.seen[role] |= {path: answer, answer.url.path: answer}
                    links = re.findall(r'<a [^>]*href="(/[^"#?]*)', answer.text)
                    todo += [urlsplit(link).path for link in links]
        return self.seen[role]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Made once, and only looked at."""
    loaded = load({"PATROONWACHT_DATA_DIR": str(tmp_path_factory.mktemp("demo"))})
    installation, clock = Installation(loaded.settings), Clock(NOW)
    with pytest.MonkeyPatch.context() as patched:
        lines: list[str] = []
        patched.setattr("detector.service.made_up.OUT.print", lambda text, **_: lines.append(text))
        made_up_municipality(installation, NOW)
    replays = Replays(loaded.settings.data_dir / "tuning")
    work = Work(SettingsWatcher(loaded), installation, SerialEngine(), clock, np.random.default_rng(1))
    app = web_side(work, installation, replays, clock)
    with running(app) as url:
        yield Demo(installation, app, url, "\n".join(lines))
    replays.close()
    installation.close()


def test_there_are_a_dozen_alerts_in_every_state(demo: Demo) -> None:
    found = queries.find_alerts(demo.installation.alerts_engine, SYSTEM).alerts
    assert 10 <= len(found) <= 20
    assert {alert.review for alert in found} == set(ReviewState)
    assert {alert.detection.value for alert in found} == {"active", "quiet"}
    assert max(alert.updated_at for alert in found) <= NOW


def test_there_is_an_account_for_each_role_with_a_password_that_is_told_once(demo: Demo) -> None:
    made = accounts.accounts(demo.installation.alerts_engine)
    assert {account.role for account in made} == set(Role) - {Role.SYSTEM}
    assert set(demo.passwords) == {account.name for account in made}
    assert len(set(demo.passwords.values())) == len(made)
    assert f"http://{demo.installation.settings.host}:{demo.installation.settings.port}/" in demo.printed
    kept = [path for path in demo.installation.settings.data_dir.rglob("*") if path.is_file()]
    written = b"".join(Path(path).read_bytes() for path in kept)
    assert [password for password in demo.passwords.values() if password.encode() in written] == []


@pytest.mark.parametrize("role", list(NAMES), ids=lambda role: role.value)
def test_every_link_leads_somewhere_for_each_role(demo: Demo, role: Role) -> None:
    walked = demo.walked(role)
    assert {path: answer.status_code for path, answer in walked.items() if answer.status_code != 200} == {}
    nav = {entry.href for entry in demo.app.state.nav if role in entry.roles}
    assert nav <= set(walked)
    assert {entry.href for entry in demo.app.state.nav} & set(walked) == nav


def _routes(routes: Sequence[BaseRoute]) -> Iterator[APIRoute]:
    """All routes, those of routers that were included too."""
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        elif router := getattr(route, "original_router", None):
            yield from _routes(router.routes)


def test_every_page_can_be_reached_by_somebody(demo: Demo) -> None:
    walked = {path for role in NAMES for path in demo.walked(role)}
    pages = [
        route
        for route in _routes(demo.app.routes)
        if "GET" in (route.methods or ()) and not route.path.startswith(("/v1", "/health", "/metrics"))
    ]
    assert len(pages) > len(LED_TO)
    missed = {route.path for route in pages if not any(route.path_regex.fullmatch(path) for path in walked)}
    assert missed == LED_TO


def test_an_approach_of_a_while_ago_has_its_effect_to_see(demo: Demo) -> None:
    alerts = [answer.text for path, answer in demo.walked(Role.POLICY_ADVISER).items() if ALERT_PAGE.fullmatch(path)]
    assert sum("Vóór de aanpak waren er" in text for text in alerts) == 1


def test_the_area_manager_sees_less_than_the_adviser_and_that_less_than_the_service(demo: Demo) -> None:
    seen = [
        {path for path in demo.walked(role) if ALERT_PAGE.fullmatch(path)}
        for role in (Role.AREA_MANAGER, Role.POLICY_ADVISER, Role.CASE_WORKER)
    ]
    assert len(seen[0]) > 0
    assert seen[0] < seen[1] < seen[2]
