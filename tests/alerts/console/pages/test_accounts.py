import re
from datetime import timedelta

import pytest
from alerting import NOW
from consoling import PASSWORD, Browser, Console, sessions_in

from alerts import accounts, areas, audit
from alerts.account_changes import account_id
from alerts.alert import Rights, Role
from alerts.areas import Area

NEW = "eleven low willows"


def _sign_in(console: Console, name: str, password: str) -> tuple[Browser, int]:
    browser = console.browser()
    return browser, browser.post("/sign-in", name=name, password=password).status_code


def _shown(text: str) -> str:
    found = re.search(r"<code>([^<]+)</code>", text)
    assert found is not None
    return found[1]


def test_an_administrator_makes_an_account_that_chooses_its_own_password_before_anything_else(console: Console) -> None:
    admin = console.sign_in(Role.ADMINISTRATOR)
    made = admin.post(
        "/accounts/new", page="/accounts/new", name="Jo", role="case_worker", sees_place="yes", sees_community="yes"
    )
    given = _shown(made.text)
    browser, _ = _sign_in(console, "Jo", given)
    for path in ("/", "/account", "/nothing/../account"):
        assert browser.get(path).url.path == "/account/password"
    wrong = browser.post("/account/password", page="/account/password", old=given, new="short", again="short")
    assert wrong.status_code == 400
    chosen = browser.post("/account/password", page="/account/password", old=given, new=NEW, again=NEW)
    assert "Sign in with it" in chosen.text
    assert _sign_in(console, "Jo", given)[1] == 401
    browser, status = _sign_in(console, "Jo", NEW)
    assert (status, browser.get("/").url.path) == (200, "/")
    said = [(entry.actor, entry.event) for entry in audit.entries(console.engine, subject="Jo")]
    assert said[0][1] == "account_added"
    assert ("Jo", "password_changed") in said
    assert not [entry for entry in audit.entries(console.engine) if given in str(entry) or NEW in str(entry)]


def test_a_new_account_is_narrowed_to_districts_at_once_where_there_is_one_municipality(console: Console) -> None:
    known = [
        Area("GM0001", "Heiveen", "municipality", None, "GM0001", None),
        Area("WK000101", "Zonnehoek", "district", "GM0001", "GM0001", None),
        Area("WK000102", "Oudeveen", "district", "GM0001", "GM0001", None),
    ]
    areas.receive(console.engine, "GM0001", known, "one", NOW)
    admin = console.sign_in(Role.ADMINISTRATOR)
    fields = {"name": "Gea", "role": "area_manager", "districts_of": "GM0001", "area": "WK000102", "sees_place": "yes"}
    assert 'name="districts_of" value="GM0001"' in admin.get("/accounts/new").text
    refused = admin.post("/accounts/new", page="/accounts/new", municipality="", **fields)
    assert refused.status_code == 400
    assert re.findall(r'value="(\w+)" checked', refused.text) == ["WK000102", "yes"]
    assert admin.post("/accounts/new", page="/accounts/new", municipality="GM0001", **fields).status_code == 200
    [made] = [one for one in accounts.accounts(console.engine) if one.name == "Gea"]
    assert made.rights == Rights(("WK000102",), sees_place=True, sees_community=False)


def _two_municipalities(console: Console) -> None:
    for number, name in (("0001", "Heiveen"), ("0002", "Duinrade")):
        code = f"GM{number}"
        districts = [Area(f"WK{number}0{one}", f"{name} {one}", "district", code, code, None) for one in (1, 2)]
        areas.receive(console.engine, code, [Area(code, name, "municipality", None, code, None), *districts], "one", NOW)


def test_of_several_municipalities_the_districts_are_chosen_on_the_way_and_nothing_is_stored_before(console: Console) -> None:
    _two_municipalities(console)
    admin = console.sign_in(Role.ADMINISTRATOR)
    fields = {"name": "Gea", "role": "area_manager", "municipality": "GM0002", "sees_place": "yes"}
    between = admin.post("/accounts/new", page="/accounts/new", districts_of="", **fields)
    assert between.status_code == 200
    assert re.findall(r'name="area" value="(\w+)"', between.text) == ["WK000201", "WK000202"]
    for kept in ('value="Gea"', 'value="area_manager" selected', 'value="GM0002" selected', 'name="districts_of" value="GM0002"'):
        assert kept in between.text
    assert "Gea" not in [one.name for one in accounts.accounts(console.engine)]
    # Somebody who thinks better of the municipality is asked again, and districts of another one never come along.
    again = admin.post(
        "/accounts/new", page="/accounts/new", **{**fields, "municipality": "GM0001"}, districts_of="GM0002", area="WK000201"
    )
    assert re.findall(r'name="area" value="(\w+)"( checked)?', again.text) == [("WK000101", ""), ("WK000102", "")]
    made = admin.post("/accounts/new", page="/accounts/new", **fields, districts_of="GM0002", area=["WK000201", "WK000202"])
    assert _shown(made.text)
    [gea] = [one for one in accounts.accounts(console.engine) if one.name == "Gea"]
    assert (gea.municipality, gea.rights.area_codes) == ("GM0002", ("WK000201", "WK000202"))


def test_who_moves_to_another_municipality_leaves_the_old_districts_behind(console: Console) -> None:
    _two_municipalities(console)
    console.account(Role.AREA_MANAGER, "GM0001", Rights(("WK000101", "BU00010203")), name="Mo")
    admin = console.sign_in(Role.ADMINISTRATOR)
    href = f"/accounts/{account_id('Mo')}"
    assert re.findall(r'value="(\w+)" checked', admin.get(href).text)[:2] == ["WK000101", "BU00010203"]
    fields = {"municipality": "GM0002", "districts_of": "GM0001", "area": "WK000101", "sees_place": "yes"}
    between = admin.post(href, page=href, role="area_manager", **fields)
    assert re.findall(r'name="area" value="(\w+)"( checked)?', between.text) == [("WK000201", ""), ("WK000202", "")]
    assert admin.post(href, page=href, role="policy_adviser", **fields).url.path == "/accounts"
    [mo] = [one for one in accounts.accounts(console.engine) if one.name == "Mo"]
    assert (mo.municipality, mo.rights.area_codes) == ("GM0002", ())


def test_a_given_password_is_good_for_a_while_only(console: Console) -> None:
    admin = console.sign_in(Role.ADMINISTRATOR)
    account = console.account(Role.OPERATOR)
    href = f"/accounts/{account_id(account.name)}"
    given = _shown(admin.post(f"{href}/password", page=href).text)
    assert _sign_in(console, account.name, PASSWORD)[1] == 401
    console.clock.forward(hours=25)
    assert _sign_in(console, account.name, given)[1] == 401


def test_a_name_is_locked_after_failures_for_a_while_whether_somebody_has_it_or_not(console: Console) -> None:
    account = console.account(Role.OPERATOR)
    answers = []
    for name in (account.name, "nobody at all"):
        for _ in range(5):
            assert _sign_in(console, name, "wrong")[1] == 401
        browser = console.browser()
        csrf = browser.csrf()
        answer = browser.http.post("/sign-in", data={"csrf_token": csrf, "name": name, "password": PASSWORD})
        answers.append((answer.status_code, answer.text.replace(csrf, "").replace(name, "")))
        console.clock.forward(minutes=2)
    assert answers[0] == answers[1]
    assert answers[0][0] == 401
    console.clock.forward(minutes=12)
    assert _sign_in(console, account.name, PASSWORD)[1] == 200
    refused = [entry for entry in audit.entries(console.engine) if entry.event == "sign_in_refused"]
    assert len(refused) == 12
    assert "nobody at all" not in str(refused)


def test_a_lock_outlives_a_restart_and_an_administrator_lifts_it(console: Console) -> None:
    admin = console.sign_in(Role.ADMINISTRATOR)
    account = console.account(Role.OPERATOR)
    for _ in range(5):
        _sign_in(console, account.name, "wrong")
    href = f"/accounts/{account_id(account.name)}"
    given = _shown(admin.post(f"{href}/password", page=href).text)
    assert _sign_in(console, account.name, given)[1] == 200


def test_one_address_gets_a_number_of_attempts_a_minute(console: Console) -> None:
    answers = [_sign_in(console, f"name {number}", "wrong")[1] for number in range(22)]
    assert answers == [401] * 20 + [429] * 2
    console.clock.forward(seconds=61)
    assert _sign_in(console, "another", "wrong")[1] == 401


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.SYSTEM, Role.ADMINISTRATOR}])
def test_accounts_are_for_administrators_only(console: Console, role: Role) -> None:
    browser = console.sign_in(role)
    assert browser.get("/accounts").status_code == 403
    assert browser.get("/accounts/new").status_code == 403
    assert browser.post("/accounts/new", page="/", name="x", role="administrator").status_code == 403
    assert "/accounts" not in browser.get("/").text


def test_a_municipalitys_administrator_sees_and_makes_its_own_accounts_only(console: Console) -> None:
    other = console.account(Role.POLICY_ADVISER, "GM0002", name="Other")
    service = console.account(Role.CASE_WORKER, name="Service")
    console.account(Role.POLICY_ADVISER, "GM0001", name="Own")
    admin = console.sign_in(Role.ADMINISTRATOR, "GM0001")
    text = admin.get("/accounts").text
    assert "Own" in text
    assert "Other" not in text
    assert "Service" not in text
    for account in (other, service):
        href = f"/accounts/{account_id(account.name)}"
        assert admin.get(href).status_code == 404
        assert admin.post(f"{href}/password", page="/accounts/new").status_code == 404
        assert admin.post(href, page="/accounts/new", role="auditor").status_code == 404
    for where in ("", "GM0002"):
        tried = admin.post("/accounts/new", page="/accounts/new", name="Spy", role="auditor", municipality=where)
        assert tried.status_code == 400
    assert "Spy" not in [one.name for one in accounts.accounts(console.engine)]


def test_changed_rights_hold_at_once_and_are_in_the_audit_log(console: Console) -> None:
    district = Area("WK000101", "Zonnehoek", "district", "GM0001", "GM0001")
    areas.receive(console.engine, "GM0001", [Area("GM0001", "Heiveen", "municipality", None, "GM0001"), district], "d", NOW)
    admin = console.sign_in(Role.ADMINISTRATOR)
    manager = console.sign_in(Role.AREA_MANAGER, name="Mo")
    href = f"/accounts/{account_id('Mo')}"
    assert "Zonnehoek" in admin.get(href).text
    fields = {"role": "area_manager", "municipality": "GM0001", "districts_of": "GM0001", "area": "WK000101", "sees_place": "yes"}
    assert admin.post(href, page=href, **fields).url.path == "/accounts"
    assert manager.get("/").url.path == "/sign-in"
    (mo,) = [one for one in accounts.accounts(console.engine) if one.name == "Mo"]
    assert mo.rights == Rights(("WK000101",), sees_place=True, sees_community=False)
    assert "WK000101" in audit.entries(console.engine, subject="Mo")[-1].details


def test_a_shut_account_is_out_at_once_and_nobody_shuts_their_own(console: Console) -> None:
    admin, worker = console.sign_in(Role.ADMINISTRATOR, name="Ada"), console.sign_in(Role.CASE_WORKER, name="Wim")
    for name, status in (("Wim", 200), ("Ada", 400)):
        href = f"/accounts/{account_id(name)}"
        role = "administrator" if name == "Ada" else "case_worker"
        assert admin.post(href, page=href, role=role, disabled="yes").status_code == status
    assert worker.get("/").url.path == "/sign-in"
    assert _sign_in(console, "Wim", PASSWORD)[1] == 401


def test_somebody_ends_their_own_sessions_and_no_others(console: Console) -> None:
    account = console.account(Role.CASE_WORKER)
    one, _ = _sign_in(console, account.name, PASSWORD)
    two, _ = _sign_in(console, account.name, PASSWORD)
    stranger = console.sign_in(Role.CASE_WORKER)
    theirs = re.search(r'name="session" value="([0-9a-f]+)"', stranger.get("/account").text)
    assert theirs is not None
    one.post("/account/sessions/end", page="/account", session=theirs[1])
    assert sessions_in(console.engine) == 3
    one.post("/account/sessions/end", page="/account")
    assert sessions_in(console.engine) == 2
    assert two.get("/").url.path == "/sign-in"
    assert one.get("/").url.path == "/"
    console.clock.at += timedelta(days=2)
    assert one.get("/").url.path == "/sign-in"
