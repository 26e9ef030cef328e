"""The commands as scripts use them: exit codes, and the JSON shapes that are a promise."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from alerts import accounts, audit
from detector.service import cli
from detector.service.commands.alerts import opened

HEADER = "report_id,received_on,occurred_on,area,place_kind,grounds,communities,domains,nature,kind,withdrawn"


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Ran]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs one command in an installation of its own, through the same ``main`` as a shell does."""
    monkeypatch.setenv("PATROONWACHT_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("PATROONWACHT_ENGINE__PROCESSES", "1")

    def command(*words: str | Path) -> Ran:
        monkeypatch.setattr("sys.argv", ["patroonwacht", *map(str, words)])
        capsys.readouterr()
        try:
            cli.main()
            code = 0
        except SystemExit as stopped:
            code = int(stopped.code or 0)
        said = capsys.readouterr()
        return Ran(code, said.out, said.err)

    return command


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three years of a made-up municipality with patterns in the last weeks."""
    folder = tmp_path_factory.mktemp("made")
    words = ["simulate", str(folder), "--end", "2026-03-01", "--planted", "6", "--seed", "5", "--json"]
    result = CliRunner().invoke(cli.app, words)
    assert result.exit_code == 0, result.output
    assert sorted(json.loads(result.stdout)) == ["areas", "campaigns", "reports", "truth"]
    return folder


def test_an_export_goes_in_and_every_row_is_accounted_for(run: Run, made: Path) -> None:
    assert run("areas", "load", made / "areas.geojson", "--json").json["municipalities"]["GM9999"]["neighbourhood"] == 40
    first = run("ingest", made / "reports.csv", "--json").json
    assert sorted(first) == ["accepted", "read", "refused", "unchanged", "updated"]
    assert first["read"] == first["accepted"] > 300
    again = run("ingest", made / "reports.csv", "--json").json
    assert again == {"read": first["read"], "accepted": 0, "updated": 0, "unchanged": first["read"], "refused": []}


def test_a_dry_run_writes_nothing_and_knows_what_is_there(run: Run, made: Path, tmp_path: Path) -> None:
    dry = run("ingest", made / "reports.csv", "--dry-run", "--json").json
    assert dry["accepted"] > 0
    assert not (tmp_path / "var").exists()
    run("areas", "load", made / "areas.geojson")
    run("ingest", made / "reports.csv")
    assert run("ingest", made / "reports.csv", "--dry-run", "--json").json["unchanged"] == dry["read"]


def test_a_refused_row_says_which_and_why_and_never_what_stood_there(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text(f"{HEADER}\n1,2026-01-05,,,,,,,,,\n2,2026-01-06,,,,j.jansen@example.nl,,,,,\n", encoding="utf-8")
    ran = run("ingest", file, "--json")
    assert [entry["row"] for entry in ran.json["refused"]][-1] == 2
    assert "jansen" not in ran.out + ran.err


def test_a_file_that_cannot_be_read_holds_up_no_other_and_is_named(run: Run, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text("report_id,received_on,municipality\n1,2026-01-05,GM0307\n", encoding="utf-8")
    bad.write_bytes(b"")
    ran = run("ingest", bad, good, "--json")
    assert (ran.code, ran.json["accepted"]) == (1, 1)
    assert "bad.csv: the file is empty" in ran.err
    alone = run("ingest", bad, "--json")
    assert (alone.code, alone.out) == (1, "")


def test_a_coming_day_is_not_looked_at_and_an_empty_installation_says_what_to_do(run: Run) -> None:
    ahead = run("detect", "--as-of", "2999-01-01")
    assert ahead.code == 2
    assert "has not come yet" in ahead.err
    assert "patroonwacht ingest" in run("detect").out


def test_a_folder_that_cannot_be_made_is_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("", encoding="utf-8")
    ran = run("simulate", tmp_path / "taken" / "made")
    assert ran.code == 1
    assert "name another" in ran.err


def test_a_municipal_role_is_asked_which_municipality(run: Run) -> None:
    for words in (["agree", "x", "--approach", "both", "--owner", "els"], ["close", "x"]):
        ran = run("alerts", *words)
        assert ran.code == 1
        assert "--municipality" in ran.err


def test_a_cycle_finds_patterns_and_its_alerts_go_through_review(run: Run, made: Path) -> None:
    run("areas", "load", made / "areas.geojson")
    run("ingest", made / "reports.csv")
    past = run("backtest", "--from", "2025-09-01", "--to", "2026-03-01", "--every", "7", "--json").json["alerts"]
    strongest = max(past, key=lambda alert: alert["recurrence_interval_days"])
    found = run("detect", "--as-of", strongest["window_to"], "--json").json
    assert sorted(found) == ["as_of", "patterns", "run"]
    assert found["as_of"] == strongest["window_to"]
    assert found["patterns"]
    assert {"pattern", "kind", "stream", "areas", "observed", "expected", "report_ids"} <= set(found["patterns"][0])
    alerts = run("alerts", "list", "--json").json["alerts"]
    assert alerts
    alert = next((one for one in alerts if one["audience"] == "municipality"), None)
    assert alert is not None
    shown = run("alerts", "show", alert["id"], "--json").json
    assert shown["review"] == alert["review"]
    if alert["review"] == "new":
        assert run("alerts", "release", alert["id"], "--by", "els", "--json").json["review"] == "released"
    stale = run("alerts", "acknowledge", alert["id"], "--role", "policy_adviser", "--municipality", "GM9999", "--version", "0")
    assert (stale.code, stale.out) == (1, "")
    assert "changed since" in stale.err
    done = run("alerts", "acknowledge", alert["id"], "--role", "policy_adviser", "--municipality", "GM9999", "--json")
    assert done.json["review"] == "acknowledged"
    assert run("audit", "verify", "--json").json["intact"] is True
    refused = run("detect", "--as-of", "2025-01-01")
    assert refused.code == 1
    assert "do not go back" in refused.err


def test_a_backtest_needs_no_database_and_keeps_its_shape(run: Run, made: Path, tmp_path: Path) -> None:
    words = ["--reports", made / "reports.csv", "--areas", made / "areas.geojson", "--profile", "patroonwacht"]
    result = run("backtest", *words, "--from", "2025-09-01", "--to", "2026-03-01", "--every", "14", "--json").json
    assert sorted(result) == ["alerts", "alerts_per_year", "expected_false_alerts_per_year", "nights"]
    assert result["nights"] == 13
    keys = (
        "areas expected first_seen kind methods observed pattern recurrence_interval_days report_ids stream window_from window_to"
    )
    assert all(" ".join(sorted(alert)) == keys for alert in result["alerts"])
    assert result["alerts"]
    assert not (tmp_path / "var").exists()


def test_a_setting_tried_in_a_backtest_changes_what_it_says(run: Run, made: Path) -> None:
    words = ["backtest", "--reports", made / "reports.csv", "--areas", made / "areas.geojson", "--profile", "patroonwacht"]
    nights = ["--from", "2026-02-01", "--to", "2026-03-01", "--every", "14", "--json"]
    strict = run(*words, *nights, "--set", "detection.false_alerts_per_year=0.1", "--set", 'detection.methods=["scan"]').json
    assert strict["expected_false_alerts_per_year"] == pytest.approx(0.09)


def test_deliveries_and_silences_are_kept_by_hand(run: Run) -> None:
    assert run("deliveries", "list", "--json").json == {"deliveries": [], "gone_destinations": {}}
    assert run("deliveries", "retry").code == 1
    assert run("silence", "add", "--comment", "test", "--end", "2030-01-01").code == 1
    made = run("silence", "add", "--of-municipality", "GM9999", "--comment", "verhuizing", "--end", "2030-01-01", "--json").json
    assert made["matchers"] == {"municipality": ["GM9999"]}
    assert [one["id"] for one in run("silence", "list", "--json").json["silences"]] == [made["id"]]
    assert run("silence", "end", made["id"]).code == 0
    assert run("silence", "list", "--json").json["silences"] == []


def test_an_account_is_made_once_and_its_password_shown_once(run: Run) -> None:
    made = run("user", "add", "els", "--role", "case_worker", "--json").json
    assert len(made["password"]) >= 12
    assert run("user", "add", "els", "--role", "case_worker").code == 1
    assert made["password"] not in run("user", "list", "--json").out


def test_an_account_can_be_narrowed_to_districts_and_rights(run: Run, made: Path) -> None:
    run("areas", "load", made / "areas.geojson")
    words = ("user", "add", "gea", "--role", "area_manager", "--municipality", "GM9999")
    refused = run(*words, "--area", "WK000000")
    assert refused.code == 1
    assert "has no district WK000000" in refused.err
    assert run("user", "add", "ger", "--role", "auditor", "--area", "WK999900").code == 1
    assert run("user", "list", "--json").json == {"users": []}
    gea = run(*words, "--area", "WK999900", "--no-community", "--json").json
    assert (gea["areas"], gea["sees_place"], gea["sees_community"]) == (["WK999900"], True, False)
    del gea["password"]
    assert run("user", "list", "--json").json == {"users": [gea]}


def test_a_forgotten_password_is_reset_and_the_new_one_lets_in_once(run: Run) -> None:
    old = run("user", "add", "els", "--role", "case_worker", "--json").json["password"]
    reset = run("user", "reset", "els", "--json").json
    assert reset["hours"] > 0
    with opened() as installation:
        engine = installation.alerts_engine
        assert accounts.verify(engine, "els", old) is None
        account = accounts.verify(engine, "els", reset["password"])
        assert account is not None
        assert account.one_time_until is not None
        assert [entry.event for entry in audit.entries(engine)][-1] == "password_reset"
    assert run("user", "reset", "nobody").code == 1


def test_a_token_is_shown_once_and_can_be_ended(run: Run) -> None:
    made = run("token", "add", "qgis", "--scope", "alerts:read", "--municipality", "GM0307", "--end", "2099-01-01", "--json").json
    assert (made["role"], made["expires_at"], made["ended_at"]) == ("policy_adviser", "2099-01-01T00:00:00+00:00", None)
    assert run("token", "add", "qgis", "--scope", "alerts:read").code == 1
    assert run("token", "add", "other", "--scope", "everything").code == 2
    listed = run("token", "list", "--json")
    assert [each["name"] for each in listed.json["tokens"]] == ["qgis"]
    assert made["token"] not in listed.out + run("token", "list").out
    assert run("token", "end", "qgis", "--json").json["ended_at"]
    assert run("token", "list", "--json").json == {"tokens": []}
    assert len(run("token", "list", "--all", "--json").json["tokens"]) == 1


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["ingest", "nowhere.csv"], 1, "there is no file"),
        (["ingest", "pyproject.toml", "--profile", "nobodys"], 1, "there is no source profile"),
        (["areas", "load", "nowhere.geojson"], 1, "nowhere.geojson"),
        (["backtest", "--from", "2026-01-01", "--to", "2025-01-01"], 2, "before the first"),
        (["backtest", "--from", "soon", "--to", "2025-01-01"], 2, "2026-03-01"),
        (["backtest", "--from", "2025-01-01", "--to", "2025-02-01"], 1, "no reports"),
        (["backtest", "--from", "2025-01-01", "--to", "2025-02-01", "--set", "nothing=1"], 1, "no such setting"),
        (["alerts", "show", "nobody"], 1, "no alert"),
        (["detect", "--municipality", "GM0000"], 1, "no reports of GM0000"),
        (["audit", "verify", "--noted", "here"], 2, "NUMBER:HASH"),
        (["nonsense"], 2, "No such command"),
    ],
)
def test_what_cannot_be_done_says_so_on_standard_error(run: Run, words: list[str], code: int, said: str) -> None:
    if words[1:2] == ["pyproject.toml"]:
        words = ["ingest", __file__, *words[2:]]
    ran = run(*words)
    assert ran.code == code
    assert said in " ".join(ran.err.split())
    assert ran.out == ""
    assert "Traceback" not in ran.err


def test_config_check_and_show_name_files_and_sources(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("config", "check", "--json").json["ok"] is True
    monkeypatch.setenv("PATROONWACHT_PORT", "9001")
    assert run("config", "show", "--json").json["port"] == {"value": 9001, "from": "PATROONWACHT_PORT"}
    lines = " ".join(run("config", "show").out.split())
    assert "port = 9001 # PATROONWACHT_PORT" in lines
    assert "PosixPath" not in lines
    monkeypatch.setenv("PATROONWACHT_PORT", "many")
    broken = run("config", "check")
    assert broken.code == 1
    assert "PATROONWACHT_PORT" in broken.err


def test_a_municipality_loaded_by_mistake_can_be_taken_away(run: Run, made: Path) -> None:
    run("areas", "load", made / "areas.geojson")
    wrong = run("areas", "remove", "GM0001")
    assert wrong.code == 1
    assert "GM9999" in wrong.err
    assert run("areas", "remove", "GM9999", "--json").json["municipalities"] == {}
    assert run("areas", "list", "--json").json["municipalities"] == {}


def test_beside_each_rule_stands_what_it_costs(run: Run, made: Path) -> None:
    assert run("config", "costs", "--json").json == {"rules": []}
    run("areas", "load", made / "areas.geojson")
    run("ingest", made / "reports.csv")
    rules = {rule["rule"]: rule for rule in run("config", "costs", "--json").json["rules"]}
    assert set(rules) == {"neighbourhood", "community", "wave"}
    assert rules["community"]["words"].startswith("ten minste 5 meldingen over één gemeenschap")
    assert all(rule["silent"] == (rule["false_alerts_per_year"] > 1) for rule in rules.values())
