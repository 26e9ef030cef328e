"""The audit log in words: every event that the code writes has some, and what is not known is shown as it was written."""

import re
from pathlib import Path

import pytest

import alerts
import detector
from alerts.alert import Action
from alerts.console.audit_words import EVENTS, actor_words, details_words, event_words

ROOMS = tuple(Path(str(room.__file__)).parent for room in (alerts, detector))
WRITTEN = re.compile(r'event="([a-z_]+)"|_note\(person, "([a-z_]+)"|record\([^"]*"([a-z_]+)"')
KINDS = ("created", "revised", "quiet", "back")


def test_every_event_that_the_code_writes_has_words() -> None:
    files = [file for room in ROOMS for file in room.rglob("*.py")]
    found = {name for file in files for groups in WRITTEN.findall(file.read_text(encoding="utf-8")) for name in groups if name}
    assert len(found) > 20
    assert found - set(EVENTS) == set()
    assert {f"alert_{one}" for one in (*Action, *KINDS)} <= set(EVENTS)


@pytest.mark.parametrize(
    ("details", "words"),
    [
        ("{}", ()),
        ('{"revision":4,"role":"case_worker"}', (("versie", "4"), ("rol", "Consulent"))),
        ('{"from":"new","to":"in_review"}', (("van", "Nieuw"), ("naar", "In beoordeling"))),
        ('{"destinations":["a","b"],"reason":"grown"}', (("bestemmingen", "a en b"), ("aanleiding", "Het patroon is gegroeid"))),
        ('{"sees_place":false,"municipality":""}', (("ziet waar", "nee"),)),
        ('{"reason":"something new"}', (("aanleiding", "something new"),)),
        ('{"unheard_of":1}', (("unheard_of", "1"),)),
    ],
)
def test_details_in_words(details: str, words: tuple[tuple[str, str], ...]) -> None:
    assert details_words(details, "nl") == words


def test_what_is_not_known_is_shown_as_it_was_written() -> None:
    assert event_words("unheard_of", "nl") == "unheard_of"
    assert (actor_words("system", "nl"), actor_words("(nobody)", "nl")) == ("Patroonwacht zelf", "niemand aangemeld")
    assert (actor_words("els", "nl"), actor_words("settings:file", "nl")) == ("els", "gewijzigd bestand")
