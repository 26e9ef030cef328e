"""The ground the other tests stand on: real databases, each fresh, and the one allowed reason to leave a test out."""

from pathlib import Path

import pytest
import real_postgres
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.pool import NullPool

pytest_plugins = ["pytester"]


def _tables(url: str) -> list[str]:
    return inspect(create_engine(url, poolclass=NullPool)).get_table_names()


def _fill(url: str) -> None:
    with create_engine(url, poolclass=NullPool).begin() as connection:
        connection.execute(text("CREATE TABLE filled (id INTEGER PRIMARY KEY)"))


@pytest.mark.parametrize("turn", ["first", "second"])
def test_each_test_gets_an_empty_database(database_url: str, turn: str) -> None:
    assert _tables(database_url) == [], turn
    _fill(database_url)
    assert _tables(database_url) == ["filled"]


def test_the_server_is_a_real_one_and_listens_on_no_network(postgres_url: str) -> None:
    with create_engine(postgres_url, poolclass=NullPool).connect() as connection:
        assert str(connection.scalar(text("SELECT version()"))).startswith("PostgreSQL")
        assert connection.scalar(text("SHOW listen_addresses")) == ""


def test_a_dropped_database_takes_its_open_connections_along(postgres_server: real_postgres.PostgresServer) -> None:
    engine = create_engine(postgres_server.url("postgres"), poolclass=NullPool)
    with postgres_server.fresh_database() as url:
        name = url.split("/")[-1].split("?")[0]
        left_open = create_engine(url, poolclass=NullPool).connect()
        left_open.execute(text("SELECT 1"))
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM pg_database WHERE datname = :name"), {"name": name}) == 0
    left_open.invalidate()


def test_a_missing_wheel_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(real_postgres.PostgresMissingError, match="scripts/setup --dev"), real_postgres.running_server():
        pytest.fail("a server came up out of nothing")


@pytest.fixture
def pytester_with_our_conftest(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    monkeypatch.setenv("REFERENCE_DATA", str(pytester.path / "nowhere"))
    monkeypatch.delenv("WHEEL_UNDER_TEST", raising=False)
    pytester.makeconftest((Path(__file__).parent / "conftest.py").read_text(encoding="utf-8"))
    return pytester


def test_without_the_reference_data_a_test_is_left_out_by_name(pytester_with_our_conftest: pytest.Pytester) -> None:
    pytester_with_our_conftest.makepyfile("def test_reads_it(shared_data): assert shared_data")
    result = pytester_with_our_conftest.runpytest("-p", "no:cacheprovider")
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["*left out, as the reference data is absent*", "Looked in */nowhere; *", "  *::test_reads_it"])


@pytest.mark.parametrize(
    "reason", ["pytest.skip('no time')", "pytest.importorskip('no_such_module')", "pytest.xfail('some day')"]
)
def test_any_other_skip_fails(pytester_with_our_conftest: pytest.Pytester, reason: str) -> None:
    pytester_with_our_conftest.makepyfile(f"import pytest\ndef test_hidden(): {reason}")
    result = pytester_with_our_conftest.runpytest("-p", "no:cacheprovider")
    result.assert_outcomes(failed=1)


def test_a_file_that_leaves_itself_out_fails(pytester_with_our_conftest: pytest.Pytester) -> None:
    pytester_with_our_conftest.makepyfile("import pytest\npytest.skip('no time', allow_module_level=True)")
    result = pytester_with_our_conftest.runpytest("-p", "no:cacheprovider")
    result.assert_outcomes(errors=1)
