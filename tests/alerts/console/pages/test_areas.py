from alerting import NOW, SQUARE
from consoling import Console

from alerts.alert import Role
from alerts.areas import Area, receive


def test_a_browser_gets_the_outlines_once_and_asks_whether_they_changed(console: Console) -> None:
    receive(console.engine, "GM0001", [Area("GM0001", "Heiveen", "municipality", None, "GM0001", SQUARE)], "one", NOW)
    browser = console.sign_in(Role.POLICY_ADVISER, "GM0001")
    first = browser.get("/areas/GM0001")
    assert first.json()["features"][0]["geometry"] == SQUARE
    assert first.headers["cache-control"] == "private, max-age=3600"
    again = browser.http.get("/areas/GM0001", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    receive(console.engine, "GM0001", [Area("GM0001", "Heiveen aan Zee", "municipality", None, "GM0001", SQUARE)], "two", NOW)
    changed = browser.http.get("/areas/GM0001", headers={"if-none-match": first.headers["etag"]})
    assert changed.json()["features"][0]["properties"]["name"] == "Heiveen aan Zee"


def test_knowing_the_mark_opens_no_other_municipality(console: Console) -> None:
    receive(console.engine, "GM0001", [Area("GM0001", "Heiveen", "municipality", None, "GM0001", SQUARE)], "one", NOW)
    mark = console.sign_in(Role.POLICY_ADVISER, "GM0001").get("/areas/GM0001").headers["etag"]
    elsewhere = console.sign_in(Role.POLICY_ADVISER, "GM0002")
    assert elsewhere.http.get("/areas/GM0001", headers={"if-none-match": mark}).status_code == 404
