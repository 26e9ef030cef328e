from enum import StrEnum

import pytest

from alerts.alert import Action, ApproachKind, DetectionState, DismissReason, ReviewState, Role
from alerts.pattern import PatternKind
from alerts.render import states

WORDS = [
    (ReviewState, states.review_words),
    (DetectionState, states.detection_words),
    (PatternKind, states.kind_words),
    (Action, states.action_words),
    (DismissReason, states.dismiss_words),
    (ApproachKind, states.approach_words),
    (Role, states.role_words),
]


@pytest.mark.parametrize("lang", ["nl", "en"])
@pytest.mark.parametrize(("enum", "words"), WORDS, ids=lambda value: getattr(value, "__name__", None))
def test_every_state_has_words_of_its_own(enum: type[StrEnum], words: object, lang: str) -> None:
    assert callable(words)
    told = [words(member, lang) for member in enum]
    assert all(text and "_" not in text for text in told)
    assert len(set(told)) == len(told)


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_the_history_has_words_for_what_is_done_and_seen(lang: str) -> None:
    told = [states.done_words(str(what), lang) for what in [*Action, "created", "revised", "quiet", "back"]]
    assert len(set(told)) == len(told)
    assert states.done_words("of_a_later_version", lang) == "of a later version"


def test_the_words_are_those_of_the_house() -> None:
    assert states.review_words(ReviewState.RELEASED, "nl") == "Vrijgegeven"
    assert states.action_words(Action.AGREE, "nl") == "Aanpak vastleggen"
    assert states.approach_words(ApproachKind.COMMUNITY_DIALOGUE, "nl") == "Gesprek met de gemeenschap"
