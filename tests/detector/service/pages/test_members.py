"""The reports of a pattern: for case workers only, each view and mark in the audit log, the alert recomputed at once."""

import json
from dataclasses import replace

import pytest
from housing import House

from alerts.alert import Role
from alerts.pattern import Audience
from detector.model import ReportKind


def test_a_case_worker_sees_the_reports_and_the_audit_log_says_so(house: House) -> None:
    browser = house.sign_in(Role.CASE_WORKER)
    shown = browser.get(f"/alerts/{house.alert.id}/reports")
    assert shown.status_code == 200
    assert all(f"here-{number}" in shown.text for number in range(6))
    assert "Of the 6 reports that this pattern ever gathered, 6 count." in shown.text
    [said] = house.audited("reports_viewed")
    assert json.loads(said) == {"reports": 6, "revision": 1, "role": "case_worker"}


@pytest.mark.parametrize("role", [Role.AREA_MANAGER, Role.POLICY_ADVISER, Role.OPERATOR, Role.ADMINISTRATOR, Role.AUDITOR])
def test_nobody_else_sees_or_marks_them(house: House, role: Role) -> None:
    browser = house.sign_in(role, "GM9999" if role in {Role.AREA_MANAGER, Role.POLICY_ADVISER} else None)
    path = f"/alerts/{house.alert.id}/reports"
    assert browser.get(path).status_code == 403
    marked = browser.post(path, page="/", report="patroonwacht:here-0", kind="mass", reason="one broadcast")
    assert marked.status_code == 403
    assert house.audited("reports_viewed") == house.audited("reports_marked") == []


def test_for_another_municipality_the_alert_does_not_exist(house: House) -> None:
    browser = house.sign_in(Role.CASE_WORKER, "GM0002")
    path = f"/alerts/{house.alert.id}/reports"
    assert browser.get(path).status_code == 404
    assert browser.post(path, page="/", report="patroonwacht:here-0", kind="mass", reason="why").status_code == 404


def test_marking_looks_again_at_once_and_an_import_does_not_undo_it(house: House) -> None:
    browser = house.sign_in(Role.CASE_WORKER)
    path = f"/alerts/{house.alert.id}/reports"
    keys = [f"patroonwacht:here-{number}" for number in range(4)]
    shown = browser.post(path, page=path, report=keys, kind="mass", reason="one broadcast")
    assert "4 reports were marked. Of this pattern 2 reports count now; before it were 6." in shown.text
    assert "No method sees the pattern any more." in shown.text
    assert shown.text.count("Mass report, by") == 4
    assert house.alert.revision == 2
    assert house.alert.audience is Audience.ADV
    assert house.installation.reports.unread_news() == {}
    [said] = house.audited("reports_marked")
    assert json.loads(said).items() >= {"reports": 4, "kind": "mass"}.items()
    assert "here" not in said
    again = [one.report for one in house.installation.reports.marked("GM9999", keys)]
    house.installation.reports.upsert([replace(one, kind=ReportKind.SINGLE, nature="new") for one in again])
    assert {one.report.kind for one in house.installation.reports.marked("GM9999", keys)} == {ReportKind.MASS}
    back = browser.post(path, page=path, report=keys, kind="as_source", reason="was no broadcast")
    assert "Of this pattern 6 reports count now; before it were 2." in back.text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"kind": "mass", "reason": "one broadcast"}, "Choose at least one report."),
        ({"report": "patroonwacht:here-0", "reason": "one broadcast"}, "Choose what these reports are."),
        ({"report": "patroonwacht:here-0", "kind": "mass", "reason": "ask jan@example.org"}, "without names, numbers"),
        ({"report": "somebody:else", "kind": "mass", "reason": "one broadcast"}, "Choose at least one report."),
    ],
)
def test_what_is_not_right_is_told_and_nothing_is_marked(house: House, fields: dict[str, str], said: str) -> None:
    browser = house.sign_in(Role.CASE_WORKER)
    path = f"/alerts/{house.alert.id}/reports"
    shown = browser.post(path, page=path, **fields)
    assert shown.status_code == 400
    assert said in shown.text
    assert house.audited("reports_marked") == []


def test_the_page_of_the_alert_leads_there_for_case_workers_only(house: House) -> None:
    links = house.console.app.state.alert_links
    assert [(link.href, Role.CASE_WORKER in link.roles, Role.OPERATOR in link.roles) for link in links] == [
        ("/alerts/{alert}/reports", True, False)
    ]
