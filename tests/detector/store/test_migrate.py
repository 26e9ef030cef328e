import multiprocessing
from pathlib import Path
from threading import Barrier

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, text

from detector.store.engine import open_engine, reading, writing
from detector.store.errors import StoreError
from detector.store.migrate import VERSION_TABLE, migrate
from detector.store.reports import ReportStore
from detector.store.tables import metadata


def test_migrations_make_the_tables_that_the_code_speaks_of(engine: Engine) -> None:
    with reading(engine) as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE, "compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_migrating_again_changes_nothing(engine: Engine) -> None:
    before = inspect(engine).get_table_names()
    migrate(engine)
    assert inspect(engine).get_table_names() == before


def test_rows_refused_before_their_parts_were_kept_stay_as_they_are(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(text("ALTER TABLE quarantine DROP COLUMN told"))
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '0002'"))  # noqa: S608 - our own name
        connection.execute(
            text(
                "INSERT INTO quarantine (id, source, file, row, field, reason, first_at, last_at, times)"
                " VALUES (1, 'export', 'march.csv', 3, '', 'no_report_id: the row has none', :at, :at, 1)"
            ),
            {"at": "2026-03-02 12:00:00"},
        )
    migrate(engine)
    [kept] = ReportStore(engine).quarantined()
    assert (kept.file, kept.row, kept.reason, kept.told) == ("march.csv", 3, "no_report_id: the row has none", "")


STARTS = 4
FORK = multiprocessing.get_context("fork")


def _start(url: str, together: Barrier) -> None:
    engine = open_engine(url)
    together.wait(60)
    migrate(engine)
    engine.dispose()


def test_processes_that_start_at_once_all_find_a_database(database_url: str) -> None:
    together = FORK.Barrier(STARTS)
    starts = [FORK.Process(target=_start, args=(database_url, together)) for _ in range(STARTS)]
    for start in starts:
        start.start()
    for start in starts:
        start.join(60)
    assert [start.exitcode for start in starts] == [0] * STARTS
    engine = open_engine(database_url)
    assert "reports" in inspect(engine).get_table_names()
    engine.dispose()


def test_a_newer_database_is_refused_with_what_to_do(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))  # noqa: S608 - our own name
    with pytest.raises(StoreError, match=r"'9999'.*newer Patroonwacht.*Install that version"):
        migrate(engine)


def test_a_failed_migration_leaves_nothing_behind(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = open_engine(database_url)

    def broken(*_: object) -> None:
        with_tables = inspect(connection_of.pop())
        assert "reports" in with_tables.get_table_names()
        raise OSError("the power went")

    connection_of = []
    from alembic import command  # noqa: PLC0415 - the test puts its own in its place

    upgrade = command.upgrade

    def upgrade_and_break(config: object, to: str) -> None:
        upgrade(config, to)  # type: ignore[arg-type] # handed on as it came
        connection_of.append(config.attributes["connection"])  # type: ignore[attr-defined] # alembic's own Config
        broken()

    monkeypatch.setattr(command, "upgrade", upgrade_and_break)
    with pytest.raises(OSError, match="power"):
        migrate(engine)
    assert inspect(engine).get_table_names() == []
    monkeypatch.undo()
    migrate(engine)
    engine.dispose()


def test_a_url_that_makes_no_sense_is_refused() -> None:
    for url in ("no url", "mysql://host/name", "sqlite://"):
        with pytest.raises(StoreError, match="sqlite:///FILE"):
            open_engine(url)


def test_opening_connects_to_nothing_and_failing_says_what_to_do_without_the_password() -> None:
    engine = open_engine("postgresql://somebody:secret@127.0.0.1:1/nowhere")
    with pytest.raises(StoreError, match="see that the server runs") as raised, reading(engine):
        pass
    assert "secret" not in str(raised.value)
    engine.dispose()


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "letter.sqlite"
    path.write_text("Dear municipality, " * 100)
    engine = open_engine(f"sqlite:///{path}")
    with pytest.raises(StoreError, match="put back a backup, or name another file"):
        migrate(engine)
    engine.dispose()


def test_an_unmigrated_database_says_so(database_url: str) -> None:
    engine = open_engine(database_url)
    with pytest.raises(StoreError, match="no tables of this version yet"), reading(engine) as connection:
        connection.execute(metadata.tables["reports"].select())
    engine.dispose()


def test_an_error_quotes_no_row(engine: Engine) -> None:
    reports = metadata.tables["reports"]
    with pytest.raises(StoreError) as raised, writing(engine) as connection:
        connection.execute(reports.insert(), {"source": "export", "report_id": "secret-7", "nature": "secret"})
    assert "secret" not in str(raised.value)
    assert raised.value.__cause__ is None
