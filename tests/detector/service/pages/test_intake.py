"""The intake page: a file is shown row by row, kept out of reach, taken in once, or thrown away."""

import os
from datetime import timedelta

import httpx
import pytest
from consoling import Browser
from housing import House

from alerts.alert import Role
from detector.ingest.outcome import IntakeResult
from detector.store.upsert import Fate

FILE = """report_id,received_on,municipality,area,grounds,communities
here-0,2026-03-01,GM9999,BU99990000,herkomst,roma
here-1,2026-02-28,GM9999,BU99990000,leeftijd,roma
new-1,2026-02-28,GM9999,BU99990000,herkomst,
new-2,2026-02-28,GM9999,BU99990000,bel jan@example.org,
"""


def hand_in(browser: Browser, content: str = FILE, name: str = "maart.csv", profile: str = "patroonwacht") -> httpx.Response:
    fields = {"csrf_token": browser.csrf("/intake"), "profile": profile}
    return browser.http.post("/intake", data=fields, files={"file": (name, content.encode())})


def test_row_by_row_what_would_happen_and_nothing_has_yet(house: House) -> None:
    shown = hand_in(house.sign_in(Role.CASE_WORKER))
    assert shown.status_code == 200
    assert "Rows read: 4." in shown.text
    fates = [shown.text.split(f'?only={fate.value}">')[1].split('"pw-number">')[1].split("<")[0] for fate in Fate]
    assert fates == ["1", "1", "1", "1"]
    assert "e-mail address" in shown.text
    assert "jan@" not in shown.text
    assert house.installation.reports.marked("GM9999", {"patroonwacht:new-1"}) == []
    assert house.installation.reports.quarantined() == []
    [upload] = house.uploads.list()
    assert house.uploads.path(upload).stat().st_mode & 0o077 == 0
    assert house.uploads.path(upload).parent.stat().st_mode & 0o077 == 0


def test_one_kind_of_rows_can_be_shown_alone(house: House) -> None:
    browser = house.sign_in(Role.CASE_WORKER)
    at = hand_in(browser).url.path
    refused = browser.get(f"{at}?only=refused").text.split("Row by row</h2>")[1]
    assert "Refused" in refused
    assert "received on" not in refused
    assert browser.get(f"{at}?only=nonsense").status_code == 400


def test_taking_it_in_twice_is_taking_it_in_once(house: House) -> None:
    browser = house.sign_in(Role.CASE_WORKER)
    at = hand_in(browser).url.path
    first = browser.post(f"{at}/commit", page=at)
    assert "The file was taken in" in first.text
    assert len(house.installation.reports.marked("GM9999", {"patroonwacht:new-1"})) == 1
    [refused] = house.installation.reports.quarantined()
    assert (refused.row, refused.file, refused.times) == (4, "maart.csv", 1)
    [upload] = house.uploads.list()
    assert upload.counts is not None
    assert not house.uploads.path(upload).exists()
    browser.post(f"{at}/commit", page="/intake")
    assert house.uploads.list() == [upload]
    assert house.installation.reports.quarantined() == [refused]
    assert len(house.audited("intake_committed")) == 1


def test_a_process_that_dies_while_taking_in_leaves_the_file_and_the_next_one_finishes(house: House) -> None:
    browser = house.sign_in(Role.CASE_WORKER)
    at = hand_in(browser).url.path
    child = os.fork()
    if child == 0:

        def die(*_: object) -> IntakeResult:
            os.kill(os.getpid(), 9)
            raise AssertionError

        house.uploads.commit(at.rpartition("/")[2], die)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -9
    [upload] = house.uploads.list()
    assert upload.counts is None
    assert house.uploads.path(upload).read_text() == FILE
    assert "The file was taken in" in browser.post(f"{at}/commit", page=at).text


def test_thrown_away_is_gone(house: House) -> None:
    browser = house.sign_in(Role.CASE_WORKER)
    at = hand_in(browser).url.path
    assert "thrown away" in browser.post(f"{at}/discard", page=at).text
    assert browser.get(at).status_code == 404
    assert list(house.folder.joinpath("uploads").iterdir()) == []


def test_a_file_that_waits_too_long_is_thrown_away(house: House) -> None:
    browser = house.sign_in(Role.CASE_WORKER)
    hand_in(browser)
    house.uploads.clean(house.clock() + timedelta(hours=23), timedelta(hours=24))
    assert len(house.uploads.list()) == 1
    house.uploads.clean(house.clock() + timedelta(hours=25), timedelta(hours=24))
    assert house.uploads.list() == []


@pytest.mark.parametrize(
    ("name", "profile", "said"),
    [
        ("", "patroonwacht", "Choose a file."),
        ("maart.exe", "patroonwacht", "cannot be read"),
        ("maart.csv", "../../etc", "Choose a source profile."),
    ],
)
def test_what_cannot_be_handed_in(house: House, name: str, profile: str, said: str) -> None:
    shown = hand_in(house.sign_in(Role.CASE_WORKER), name=name, profile=profile)
    assert shown.status_code == 400
    assert said in shown.text
    assert house.uploads.list() == []


def test_a_file_that_is_too_large_is_refused_before_it_is_read(house: House) -> None:
    browser = house.sign_in(Role.CASE_WORKER)
    assert hand_in(browser, content="x" * 1_300_000).status_code == 413
    assert house.uploads.list() == []


def test_a_name_cannot_lead_out_of_its_folder(house: House) -> None:
    hand_in(house.sign_in(Role.CASE_WORKER), name="../../../settings.csv")
    [upload] = house.uploads.list()
    assert house.uploads.path(upload).parent.parent == house.folder / "uploads"


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.ADMINISTRATOR, Role.AUDITOR, Role.AREA_MANAGER, Role.POLICY_ADVISER])
def test_intake_and_quarantine_are_for_case_workers(house: House, role: Role) -> None:
    browser = house.sign_in(role, "GM9999" if role in {Role.AREA_MANAGER, Role.POLICY_ADVISER} else None)
    assert [browser.get(path).status_code for path in ("/intake", "/quarantine")] == [403, 403]


def test_who_serves_one_municipality_does_not_see_files_with_reports_of_any(house: House) -> None:
    browser = house.sign_in(Role.CASE_WORKER, "GM9999")
    assert [browser.get(path).status_code for path in ("/intake", "/quarantine")] == [403, 403]


def test_the_quarantine_tells_where_and_why_and_never_what(house: House) -> None:
    browser = house.sign_in(Role.CASE_WORKER)
    assert "No row was refused" in browser.get("/quarantine").text
    at = hand_in(browser).url.path
    browser.post(f"{at}/commit", page=at)
    shown = browser.get("/quarantine").text
    assert "maart.csv" in shown
    assert "e-mail address" in shown
    assert "jan@example.org" not in shown
