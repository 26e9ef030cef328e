"""What every test may ask for: the reference data beside the checkout, and real, empty databases."""

import os
import sysconfig
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path

import hypothesis
import pytest
import real_postgres
from argon2 import PasswordHasher

import alerts
import alerts.accounts
import detector

CHECKOUT = Path(__file__).resolve().parents[1]
SHARED_DATA_VARIABLE = "REFERENCE_DATA"
WHEEL_VARIABLE = "WHEEL_UNDER_TEST"
LEFT_OUT = "left out: it reads the reference data, and there is none at"

CHECKOUT_ALONE = (
    "alerts/test_crash.py",
    "alerts/test_machine.py",
    "alerts/console/api/test_rules.py",
    "browser/test_effect.py",
    "browser/test_exchange.py",
    "browser/test_list.py",
    "browser/test_marking.py",
    "browser/test_tuning.py",
    "detector/disclosure",
    "detector/methods",
    "detector/patterns",
    "detector/scan",
    "detector/service/pages/test_tuning.py",
    "detector/service/test_daemon.py",
    "detector/service/test_description.py",
    "detector/service/test_kill.py",
    "detector/service/test_kill_daemon.py",
    "detector/service/test_timeline.py",
    "detector/simulate",
    "detector/store",
    "detector/test_false_alerts.py",
)
"""Slow, and the same in the wheel, whose modules are the checkout's to the letter: it goes without."""

LONG = ("detector/service", "browser")
"""Whole processes and pages: begun with, so that no process has one of these to itself while the others are done."""

# The tests' installations are their own: what somebody set for theirs plays no part.
for variable in [name for name in os.environ if name.startswith("PATROONWACHT_")]:
    del os.environ[variable]

# Some machines do not tell how many of their cores are real, and a library of clusters warns of that.
os.environ.setdefault("LOKY_MAX_CPU_COUNT", str(os.cpu_count() or 1))

hypothesis.settings.register_profile("here", deadline=None)
# A continuous build that fails must fail again for whoever looks into it.
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "here")


@pytest.fixture(autouse=True, scope="session")
def _cheap_passwords() -> Iterator[None]:
    """Argon2id as ever, but at a price that suits a thousand sign-ins rather than one."""
    cheap = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(alerts.accounts, "_HASHER", cheap)
        patch.setattr(alerts.accounts, "_NOBODY", cheap.hash("what nobody has"))
        yield


def _shared_data_path() -> Path:
    return Path(os.environ.get(SHARED_DATA_VARIABLE) or CHECKOUT.parent / "shared" / "data").absolute()


def pytest_report_header() -> str:
    """Say which Patroonwacht is under test: the checkout's, or the one in the built wheel."""
    return f"under test: {Path(detector.__file__).parent} and {Path(alerts.__file__).parent}"


def pytest_sessionstart() -> None:
    """When the built wheel is to be tested, refuse to test anything else."""
    if os.environ.get(WHEEL_VARIABLE):
        site_packages = Path(sysconfig.get_path("purelib"))
        for package in (detector, alerts):
            if not Path(package.__file__ or "").is_relative_to(site_packages):
                pytest.exit(f"{WHEEL_VARIABLE} is set, but {package.__name__} comes from {package.__file__}", returncode=2)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The long tests first; and to the checkout what only repeats itself in the wheel."""
    items.sort(key=lambda item: not _under(item, LONG))
    if os.environ.get(WHEEL_VARIABLE):
        config.hook.pytest_deselected(items=[item for item in items if _under(item, CHECKOUT_ALONE)])
        items[:] = [item for item in items if not _under(item, CHECKOUT_ALONE)]


def _under(item: pytest.Item, names: Iterable[str]) -> bool:
    return any(item.path.is_relative_to(Path(__file__).parent / name) for name in names)


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Let a test be left out for one reason only; any other skip is a failure, for a missing part must show."""
    if report.skipped and LEFT_OUT not in str(report.longrepr):
        report.outcome = "failed"
        report.longrepr = f"a test may be left out only through the fixture shared_data; this one was skipped: {report.longrepr}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Refuse a test that leaves itself out."""
    report = yield
    _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Refuse a whole file that leaves itself out."""
    report = yield
    _refuse_skip(report)
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name the tests that were left out."""
    left_out = [report for report in terminalreporter.stats.get("skipped", []) if LEFT_OUT in str(report.longrepr)]
    if left_out:
        terminalreporter.section("left out, as the reference data is absent")
        terminalreporter.line(f"Looked in {_shared_data_path()}; name another place in {SHARED_DATA_VARIABLE}.")
        for report in left_out:
            terminalreporter.line(f"  {report.nodeid}")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The reference data beside the checkout (`../shared/data`); a test that asks for it is left out where it is absent."""
    path = _shared_data_path()
    if not path.is_dir():
        pytest.skip(f"{LEFT_OUT} {path}")
    return path


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[real_postgres.PostgresServer]:
    """A real PostgreSQL server of this test process alone."""
    with real_postgres.running_server() as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: real_postgres.PostgresServer) -> Iterator[str]:
    """The SQLAlchemy URL of a fresh, empty PostgreSQL database."""
    with postgres_server.fresh_database() as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The SQLAlchemy URL of a SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'fresh.sqlite'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The SQLAlchemy URL of a fresh, empty database; a test that asks for it runs once on each of the two."""
    fixture = {"sqlite": "sqlite_url", "postgresql": "postgres_url"}[request.param]
    url: str = request.getfixturevalue(fixture)
    return url
