import json
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import iban as iban_numbers
from stdnum.nl import bsn as bsn_numbers

from detector.ingest.guard import Guard, Role
from detector.ingest.intake import ingest_file, ingest_records
from detector.ingest.places import NoAreas
from detector.ingest.profile import SourceProfile

COLUMNS = (
    "report_id", "received_on", "occurred_on", "x", "y", "longitude", "latitude", "area", "postcode", "municipality", "place_key",
    "place_kind", "grounds", "communities", "domains", "nature", "kind", "withdrawn", "left_out", "never_heard_of",
)  # fmt: skip


def _bsn() -> st.SearchStrategy[str]:
    numbers = st.integers(10_000_000, 999_999_999).map(lambda n: f"{n:09d}").filter(bsn_numbers.is_valid)
    grouped = numbers.map(lambda n: f"{n[:4]}.{n[4:6]}.{n[6:]}")
    return st.one_of(numbers, grouped, numbers.map(lambda n: f"{n[:3]} {n[3:6]} {n[6:]}"))


def _email() -> st.SearchStrategy[str]:
    letters = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=2, max_size=12)
    return st.builds(lambda who, where: f"{who}@{where}.nl", letters, letters)


def _phone() -> st.SearchStrategy[str]:
    mobile = st.integers(10_000_000, 58_999_999).map(str)
    forms = ("06{}", "06-{}", "06 {}", "+316{}", "+31 6 {}", "00316{}")
    return st.builds(lambda form, number: form.format(number), st.sampled_from(forms), mobile)


def _iban() -> st.SearchStrategy[str]:
    def number(bank: str, account: int, spaced: bool) -> str:
        basic = f"{bank}{account:010d}"
        check = iban_numbers.calc_check_digits(f"NL00{basic}")
        whole = f"NL{check}{basic}"
        return " ".join(whole[i : i + 4] for i in range(0, len(whole), 4)) if spaced else whole

    accounts = st.integers(100_000_000, 9_999_999_999)
    return st.builds(number, st.sampled_from(("ABNA", "INGB", "RABO")), accounts, st.booleans())


PERSONAL = st.one_of(_bsn(), _email(), _phone(), _iban())


def test_the_made_up_numbers_are_what_they_claim_to_be() -> None:
    assert bsn_numbers.is_valid("111222333")
    assert iban_numbers.is_valid("NL91ABNA0417164300")


@given(value=PERSONAL, column=st.sampled_from(COLUMNS), wrap=st.sampled_from(("{}", " {} ", "{}\u200b")))
def test_personal_data_in_any_column_is_refused_and_shown_nowhere(
    own: SourceProfile, now: datetime, value: str, column: str, wrap: str
) -> None:
    profile = own.model_copy(update={"ignore": ("left_out",), "municipality": "GM9901"})
    record: dict[str, object] = {"report_id": "1", "received_on": "2025-01-02", column: wrap.format(value)}
    sane = {"report_id": "2", "received_on": "2025-01-02"}
    outcome = ingest_records([record, sane], profile, NoAreas(), None, now)
    assert (outcome.read, outcome.accepted, [one.row for one in outcome.refused]) == (2, 1, [1])
    assert value not in json.dumps(outcome.as_json()) + repr(outcome)


@given(
    value=PERSONAL,
    before=st.sampled_from(("", "Bel mij: ", "zie (", "mijn nummer is ")),
    after=st.sampled_from(("", ".", ")", " graag", ", dank")),
)
def test_personal_data_is_seen_among_words(value: str, before: str, after: str) -> None:
    guard = Guard()
    for role in (Role.CODE, Role.IGNORED, Role.UNKNOWN):
        assert guard.checker("Something", role)(before + value + after) is not None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("jan [at] voorbeeld.nl", "email"),
        ("Ｊan@voorbeeld.nl", "email"),
        ("１１１２２２３３３", "bsn"),
        ("BSN 10000008", "bsn"),
        ("bsn: 11122233", None),
        ("rekening NL91 ABNA 0417 1643 00 van mij", "iban"),
        ("DE89370400440532013000", "iban"),
        ("3811 AB 12", "address"),
        ("3811AB-12a", "address"),
        ("3811ab, nr 12", "address"),
        ("Langestraat 12, 3811 AB", "address"),
        ("Langestraat 12", "address"),
        ("3811AB12", "address"),
        ("geboren op 12-03-1985", "birth_date"),
        ("geb. 12 maart 1985", "birth_date"),
        ("born 1985-03-12", "birth_date"),
        ("DOB: 12/03/85", "birth_date"),
        ("033-4695222", "phone"),
        ("(033) 469 52 22", "phone"),
        ("+32 470 12 34 56", "phone"),
        ("a\x00b", "control_characters"),
    ],
)
def test_what_is_found(text: str, code: str | None) -> None:
    found = Guard().checker("Column", Role.IGNORED)(text)
    assert (found.code if found else None) == code


def test_a_citizen_number_without_its_leading_zero_is_seen_behind_its_label() -> None:
    number = next(f"{n:09d}" for n in range(12_345_670, 12_345_700) if bsn_numbers.is_valid(f"{n:09d}"))
    check = Guard().checker("Column", Role.IGNORED)
    assert check(f"BSN: {number[1:]}") is not None
    assert check(number[1:]) is None


@pytest.mark.parametrize(
    "text",
    [
        "GO-2020813480", "2024-09-16", "16-09-2024 10:30", "2024-09-16T10:30:00+02:00", "€ 1.250,00", "155402.123456782", "D33",
        "BU03070100", "Vijandige bejegening (incl. uitlating, bekladding)", "3811 AB", "3811", "2024", "In 2021 in 3 gevallen",
        "Mischief Under $5000", "1234567", "Huis (nr. 5)", "0-10", "00012345", "10.000 - 20.000", "2SLGBTQ+", "12 tot 18 jaar",
        "week 12 2024", "123e4567-e89b-12d3-a456-426614174000", "Buurt 3 in 2021 op 12 plaatsen",
        "2024AB12", "1234ABCD-0000", "Laan 3 tot 5", "Winkelstraat",
    ],
)  # fmt: skip
def test_what_is_left_in_peace(text: str) -> None:
    assert Guard().checker("Column", Role.IGNORED)(text) is None


@pytest.mark.parametrize(
    ("column", "role", "refused"),
    [
        ("geboortedatum", Role.IGNORED, True),
        ("Date of birth", Role.UNKNOWN, True),
        ("huisnummer", Role.IGNORED, True),
        ("Naam", Role.UNKNOWN, True),
        ("Naam melder", Role.UNKNOWN, True),
        ("Telefoonnummer", Role.UNKNOWN, True),
        ("Naam", Role.IGNORED, False),
        ("Buurtnaam", Role.UNKNOWN, False),
        ("Geboorteland", Role.UNKNOWN, False),
        ("status", Role.UNKNOWN, False),
    ],
)
def test_a_column_is_known_by_its_name(column: str, role: Role, *, refused: bool) -> None:
    assert (Guard().checker(column, role)("x1") is not None) is refused
    assert Guard().checker(column, role)("") is None


def test_words_in_a_column_that_nobody_vouches_for_are_free_text() -> None:
    unknown = Guard().checker("Column", Role.UNKNOWN)
    assert unknown("De buurvrouw schreeuwde") is not None
    assert unknown("Open") is None
    assert unknown("2024-01-01 10:30") is None
    assert unknown("612345678") is not None


def test_a_key_is_no_text_and_serial_numbers_can_be_vouched_for() -> None:
    strict, serial = Guard().checker("id", Role.OPAQUE), Guard(serial_ids=True).checker("id", Role.OPAQUE)
    assert strict("Jan Jansen") is not None
    assert strict("x" * 81) is not None
    assert strict("3811 AB 12") is not None
    assert strict("Langestraat 12") is not None
    assert strict("geboren 12-03-1985") is not None
    assert strict("2024 0012") is None
    assert strict("1234AB12") is None
    assert strict("111222333") is not None
    assert serial("111222333") is None
    assert serial("BSN 111222333") is not None


def test_a_column_name_that_is_personal_is_not_repeated(own: SourceProfile, ingest_text: Callable[..., object]) -> None:
    with pytest.raises(Exception, match=r"no\. 1") as caught:
        ingest_text("jan@voorbeeld.nl,2025-01-02\nx,y\n", profile=own)
    assert "jan" not in str(caught.value)


def test_no_row_of_the_toronto_export_is_taken_for_personal(shared_data: Path, toronto: SourceProfile, now: datetime) -> None:
    outcome = ingest_file(shared_data / "toronto" / "hate_crimes_2018_2024.csv", toronto, NoAreas(), None, now)
    assert (outcome.read, outcome.accepted, outcome.refused, outcome.warnings) == (1_805, 1_805, (), ())


@pytest.mark.parametrize("cell", ["a" * 50_000 + " 1", "straat " * 7_000 + "1", "1 " * 25_000, "geboren " * 6_000 + "1"])
@pytest.mark.parametrize("role", [Role.UNKNOWN, Role.OPAQUE])
def test_a_very_long_cell_does_not_hold_up_intake(cell: str, role: Role) -> None:
    start = time.process_time()
    Guard().checker("Column", role)(cell)
    assert time.process_time() - start < 5
