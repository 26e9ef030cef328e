"""Why rows and files are refused, as the pages tell it in Dutch: also where the reason is one of another version."""

import html
import io
import re
import zipfile
from dataclasses import dataclass

import httpx
import pytest
from consoling import Browser
from housing import House

from alerts.alert import Role
from detector.store.quarantine import Quarantined

ROWS = """report_id,received_on,municipality,area,nature,kind,opmerking
a-1,2026-02-28,GM9999,BU99990000,bel jan@example.org,single,
a-2,2026-02-30,GM9999,BU99990000,,single,
a-3,2026-02-28,GM9999,BU11111111,,single,
a-4,2026-02-28,GM9999,BU99990000,,groot,
,2026-02-28,GM9999,BU99990000,,single,
a-6,2026-02-28,GM9999
a-7,2026-02-28,GM9999,BU99990000,,single,kwam zelf langs op kantoor
a-8,2026-02-28,GM9999,BU99990000,,single,
"""
SAID = (
    "Kolom ‘nature’ bevat een e-mailadres. Haal het weg bij de bron.",
    "Kolom ‘received_on’ bevat geen datum die te lezen is (wel te lezen is bijvoorbeeld 2026-12-31).",
    "Kolom ‘area’ noemt een gebied dat niet is ingelezen.",
    "Kolom ‘kind’ bevat een woord dat niet bekend is. Bekend zijn: single, enkel,",
    "De rij heeft geen report_id.",
    "De rij heeft 3 cellen en de kopregel 7: de rij is afgekapt. Maak het bestand opnieuw.",
    "Kolom ‘opmerking’ bevat vrije tekst, en het bronprofiel kent deze kolom niet.",
)


def worker(house: House) -> Browser:
    """A case worker who reads Dutch."""
    return house.console.sign_in(Role.CASE_WORKER, language="nl")


def hand_in(browser: Browser, content: bytes, name: str = "maart.csv") -> httpx.Response:
    fields = {"csrf_token": browser.csrf("/intake"), "profile": "patroonwacht"}
    return browser.http.post("/intake", data=fields, files={"file": (name, content)})


def words_of(response: httpx.Response) -> str:
    """What stands on a page, without its tags."""
    return html.unescape(re.sub(r"<[^>]+>", "", response.text.split("<main")[1]))


def test_preview_and_quarantine_tell_every_reason_in_dutch(house: House) -> None:
    browser = worker(house)
    shown = hand_in(browser, ROWS.encode())
    assert "gelezen met bronprofiel patroonwacht (eigen indeling van Patroonwacht)" in words_of(shown)
    assert [said for said in SAID if said not in words_of(shown)] == []
    assert "Kolommen die het bronprofiel niet kent, zijn overgeslagen: ‘opmerking’." in words_of(shown)
    browser.post(f"{shown.url.path}/commit", page=shown.url.path)
    kept = browser.get("/quarantine")
    assert [said for said in SAID if said not in words_of(kept)] == []
    for text in (shown.text, kept.text):
        assert 'lang="en"' not in text.split("<main")[1].split("</main")[0]
        assert "jan@" not in text
        assert "kwam zelf" not in text
    assert all("jan@" not in one.told and "kwam zelf" not in one.told for one in house.installation.reports.quarantined())


@dataclass(frozen=True)
class Refused:
    """A refused row as another version may have kept it."""

    row: int
    reason: str
    column: str | None = None
    told: str = ""


def test_a_row_whose_reason_this_version_does_not_know_is_told_in_dutch(house: House) -> None:
    said = "column 'Aard' is worded as no version says it"
    refused = [Refused(1, f"gone: {said}", "no. 4"), Refused(2, f"email: {said}", "Aard", '{"kind": "Gone"}')]
    house.installation.reports.quarantine("patroonwacht", "(posted)", refused, house.clock())
    shown = words_of(worker(house).get("/quarantine"))
    assert "om een reden die deze versie niet kent (gone)" in shown
    assert "om een reden die deze versie niet kent (email)" in shown
    assert "nr. 4" in shown
    assert "(ingestuurd door een systeem, niet als bestand)" in shown
    assert said not in shown


def workbook_with_a_bomb() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/worksheets/sheet1.xml", b" " * (20 << 20))
    return made.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("leeg.csv", b"", "Het bestand is leeg. Maak het opnieuw."),
        ("brief.csv", b"%PDF-1.7 en meer", "Het bestand is geen tekst, maar een pdf."),
        ("oud.csv", "report_id;café\n1;é\n".encode("cp1252"), "lijkt op Windows-1252."),
        ("half.csv", b"report_id,nature\n1,x\n", "past maar half op dit bestand. Niet gevonden: received_on uit ‘received_on’."),
        ("ander.csv", b"a,b\n1,x\n", "Wel gevonden: ‘a’, ‘b’. Kies het goede bronprofiel"),
        ("half.json", b'[{"report_id": "1", ', "Dit is geen volledige JSON (voor het eerst te zien bij teken "),
        ("bom.xlsx", workbook_with_a_bomb(), "Uitgepakt is het Excel-bestand veel groter dan een tabel met meldingen ooit is."),
        ("kapot.xlsx", b"PK\x03\x04 en niets meer", "Het bestand is geen Excel-werkmap (.xlsx), of is beschadigd of afgekapt."),
        ("kapot.parquet", b"PAR1 en niets meer", "Het bestand is geen Parquet-bestand of is beschadigd. Maak het opnieuw."),
    ],
)
def test_a_file_that_cannot_be_read_is_told_in_dutch(house: House, name: str, content: bytes, said: str) -> None:
    shown = hand_in(worker(house), content, name)
    assert "Van dit bestand kan niets worden gelezen" in words_of(shown)
    assert said in words_of(shown)


def test_a_row_is_a_row_of_the_quarantine() -> None:
    assert Quarantined.__dataclass_fields__.keys() >= Refused.__dataclass_fields__.keys()
