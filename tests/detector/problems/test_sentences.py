"""Every sentence on rows and files: told in Dutch, kept as text and read again."""

import re
from datetime import date

import pytest

from alerts.render.catalogue import catalogue
from detector.problems.files import FileReason
from detector.problems.notices import Phrase
from detector.problems.problem import ENGLISH, Part, Problem, Writer, chained, lines, listed, named
from detector.problems.reason import Reason
from detector.problems.rows import RowReason
from detector.problems.stored import KINDS, from_text, to_text

EVERY = [reason for kind in KINDS.values() for reason in kind]
DUTCH = Writer(catalogue("nl").gettext, lambda count: f"{count}", lambda day: f"{day:%d-%m-%Y}")
PLACE = re.compile(r"%\((\w+)\)s")


def filled(reason: Reason) -> Problem:
    """A problem with something in every place of its sentence."""
    parts: dict[str, Part] = dict.fromkeys(PLACE.findall(reason.sentence), 1234)
    some: dict[str, Part] = {
        "who": Problem(Phrase.COLUMN, name=named("'Aard'")),
        "where": lines(4, 7),
        "why": Problem(FileReason.BROKEN_JSON, at=70),
        "words": ("ja", "nee"),
        "before": date(2024, 1, 31),
        "year": "1900",
    }
    return Problem(reason, **{name: some.get(name, part) for name, part in parts.items()})


@pytest.mark.parametrize("reason", EVERY, ids=str)
def test_every_sentence_is_told_in_dutch_with_its_own_parts_alone(reason: Reason) -> None:
    dutch = DUTCH.translate(reason.sentence)
    bare = PLACE.sub("", reason.sentence)
    assert dutch != reason.sentence or not re.search(r"[a-z]", bare), "translate it: scripts/translations"
    assert set(PLACE.findall(dutch)) <= set(PLACE.findall(reason.sentence))
    assert ("%(who)s" in dutch) == ("%(who)s" in reason.sentence)
    assert filled(reason).told(DUTCH)


def test_keys_are_one_each_and_codes_are_words() -> None:
    for kind in KINDS.values():
        assert len({reason.key for reason in kind}) == len(kind.__members__)
    assert [reason for reason in RowReason if not re.fullmatch(r"[a-z_]+", reason.code)] == []


@pytest.mark.parametrize("reason", EVERY, ids=str)
def test_what_is_kept_is_read_again(reason: Reason) -> None:
    assert from_text(to_text(filled(reason))) == filled(reason)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "7",
        '{"kind": "RowReason", "key": "no_such", "parts": {}}',
        '{"kind": "RowReason", "key": "long_cell", "parts": {"most": 3}}',
        '{"kind": "RowReason", "key": "email", "parts": {"who": null}}',
        '{"kind": "RowReason", "key": "past_retention", "parts": {"before": {"day": "yesterday"}}}',
    ],
)
def test_what_makes_no_sense_is_none(text: str) -> None:
    assert from_text(text) is None


def test_a_column_whose_name_is_not_shown_goes_by_its_number_and_a_list_ends_somewhere() -> None:
    hidden = Problem(RowReason.EMAIL).of_column("no. 3")
    assert hidden.sentence == "column no. 3 holds an e-mail address; remove it at the source"
    assert hidden.told(DUTCH).startswith("kolom nr. 3 bevat")
    assert Problem(RowReason.EMAIL).of_column("'no. 3'").told(DUTCH).startswith("kolom ‘no. 3’ bevat")
    assert Problem(RowReason.EMAIL).of_column(None).told(DUTCH).startswith("de rij bevat")
    three = listed(map(named, ("'a'", "no. 2", "'c'")), 2)
    assert Problem(Phrase.THERE_ARE, columns=three).told(ENGLISH) == "There are: 'a', no. 2 and 1 more."
    assert listed(("a", "b"), 2) == ("a", "b")
    either = Problem(Phrase.FIELD_FROM, field="area", columns=chained(Phrase.EITHER, ("a", "b", "c")))
    assert either.told(DUTCH) == "area uit a of b of c"
