"""What is filled in on the tuning page becomes settings, or errors beside the fields they are about, all at once."""

import re
import tomllib
from pathlib import Path

import pytest

from detector.configuration import config_dir, load
from detector.service.pages.fields import BUDGET, FIELDS, RULES, RULES_HINT
from detector.service.pages.proposal import own_file, propose, raw, shown
from detector.service.pages.tuning_view import tuning_view
from detector.service.work import as_toml_tables
from detector.settings import Settings

SETTINGS = load({}).settings


def hints(file: Path) -> dict[str, str]:
    """The comment above each key in the shipped settings file, by dotted key; a key without one shares the last of its table."""
    found: dict[str, str] = {}
    table = ""
    above: list[str] = []
    last = ""
    for line in file.read_text(encoding="utf-8").splitlines():
        if comment := re.match(r"#\s?(.*)", line):
            above.append(comment[1].strip())
        elif header := re.match(r"\[([\w.]+)\]", line):
            table, above, last = f"{header[1]}.", [], ""
        elif key := re.match(r"(\w+)\s*=", line):
            last = " ".join(above) or last
            found[table + key[1]] = last
            above = []
        elif not line.strip():
            above = []
    return found


def filled(**changes: str) -> dict[str, list[str]]:
    values = shown(SETTINGS, "GM9999")
    return values | {key.replace("__", "."): [value] for key, value in changes.items()}


def test_the_page_as_it_stands_changes_nothing() -> None:
    proposal = propose(SETTINGS, "GM9999", filled())
    assert proposal.settings == SETTINGS
    assert proposal.changes == {}


def test_numbers_stand_with_a_comma_on_the_dutch_page_and_are_read_so() -> None:
    view = tuning_view(("GM9999", "Heiveen"), SETTINGS, filled(), [], "nl")
    typed = {one.key: list(one.values) for group in view.groups for one in group.fields}
    typed |= {cell.name: [cell.value] for rule in view.rules for cell in rule}
    assert "2,5" in [value for values in typed.values() for value in values]
    assert not [value for values in typed.values() for value in values if re.fullmatch(r"[0-9]+\.[0-9]+", value)]
    proposal = propose(SETTINGS, "GM9999", typed)
    assert (proposal.wrong, proposal.changes) == ((), {})


def test_every_field_has_a_hint_from_the_settings_file() -> None:
    known = hints(config_dir({}) / "patroonwacht.toml")
    assert {field.key: field.hint for field in FIELDS.values()} == {key: known[key] for key in FIELDS}
    assert known[RULES] == RULES_HINT


def test_a_changed_field_is_a_change_of_that_key_only() -> None:
    proposal = propose(SETTINGS, "GM9999", filled(detection__false_alerts_per_year="0,5", rules__0__min_reports="6"))
    assert proposal.settings is not None
    assert proposal.settings.detection.false_alerts_per_year == 0.5
    assert [rule.min_reports for rule in proposal.settings.detection.threshold.rules] == [6, 5, 15]
    assert sorted(proposal.changes) == [BUDGET, RULES]


def test_a_municipality_with_a_budget_of_its_own_changes_that() -> None:
    own = Settings.model_validate(raw(SETTINGS) | {"municipalities": {"GM9999": {"false_alerts_per_year": 1.0}}})
    values = shown(own, "GM9999")
    assert values[BUDGET] == ["1"]
    proposal = propose(own, "GM9999", values | {BUDGET: ["3"]})
    assert proposal.changes == {"municipalities.GM9999.false_alerts_per_year": 3.0}


def test_all_errors_come_at_once_each_at_its_field() -> None:
    wrong = propose(
        SETTINGS,
        "GM9999",
        filled(
            detection__false_alerts_per_year="many",
            rules__1__min_reports="1",
            detection__scan__windows_days="14, x",
            patterns__quiet_after_days="0",
            detection__density__share="2",
        ),
    ).wrong
    assert {one.key for one in wrong} == {
        BUDGET,
        "rules.1.min_reports",
        "detection.scan.windows_days",
        "patterns.quiet_after_days",
        "detection.density.share",
    }
    [least] = [one for one in wrong if one.key == "rules.1.min_reports"]
    assert least.message % least.values == "This has to be at least 2."


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"detection__density__share": "0.9"}, "detection.scan.share"),
        ({"detection__scan__family_shares__place": "0.9"}, "detection.scan.family_shares.place"),
        ({"rules__1__stream": "all"}, "rules.1.name"),
        ({"rules__1__name": "neighbourhood"}, "rules.0.name"),
        ({"detection__scan__windows_days": ""}, "detection.scan.family_shares.place"),
    ],
)
def test_what_does_not_go_together_is_told_in_words_of_the_page(changes: dict[str, str], key: str) -> None:
    [wrong] = propose(SETTINGS, "GM9999", filled(**changes)).wrong
    assert wrong.key == key
    assert "_" not in wrong.message


def test_a_rule_without_a_name_or_figures_is_taken_out_and_a_new_line_is_a_new_rule() -> None:
    new = {
        "name": "school",
        "min_reports": "3",
        "within_days": "30",
        "level": "district",
        "stream": "domain",
        "codes": "onderwijs",
    }
    lines = filled(**{f"rules__3__{name}": value for name, value in new.items()})
    lines |= {f"rules.0.{name}": [""] for name in ("name", "min_reports", "within_days")}
    proposal = propose(SETTINGS, "GM9999", lines)
    assert proposal.settings is not None
    assert [rule.name for rule in proposal.settings.detection.threshold.rules] == ["community", "wave", "school"]


def test_the_file_to_put_in_place_gives_the_settings_that_were_tried(tmp_path: Path) -> None:
    before = '[detection.scan]\nshare = 0.8\n[municipalities."GM9999"]\ntimezone = "Europe/Brussels"\n'
    own = tmp_path / "local.toml"
    own.write_text(before)
    settings = load({}, own=own).settings
    proposal = propose(settings, "GM9999", shown(settings, "GM9999") | {BUDGET: ["1.5"], "rules.0.min_reports": ["7"]})
    own.write_text(as_toml_tables(own_file(proposal.changes, tomllib.loads(before))))
    assert load({}, own=own).settings == proposal.settings
