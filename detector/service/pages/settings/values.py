"""Values of settings as people read them. Pure."""

import json
from collections.abc import Mapping
from enum import Enum
from typing import Any, Final

from pydantic import TypeAdapter

from alerts.names import Names
from alerts.pattern import Audience
from alerts.render.catalogue import catalogue, marked
from alerts.render.states import KIND
from detector.methods.scan import Score
from detector.rules import Rule, read_aloud
from detector.scan.zones import ZoneKind
from detector.service.pages.fields import METHODS, RULES
from detector.service.pages.tuning_view import METHOD_WORDS, STREAMS, code_teller
from detector.settings import HIDDEN
from detector.window import TimeAxis

_CODES: Final[Mapping[str, Mapping[Any, str]]] = {
    "language": {"nl": marked("Dutch"), "en": marked("English")},
    METHODS: METHOD_WORDS,
    "detection.time_axis": {
        TimeAxis.RECEIVED_ON: marked("the day a report came in"),
        TimeAxis.OCCURRED_ON: marked("the day it happened"),
    },
    "detection.scan.score": {Score.PREDICTIVE: marked("what is to be expected"), Score.LLR: marked("likelihood ratio")},
    "detection.scan.streams": STREAMS,
    "detection.scan.zones": {
        ZoneKind.NEIGHBOURHOOD: marked("neighbourhood"),
        ZoneKind.DISTRICT: marked("district"),
        ZoneKind.NEAREST_1: marked("a neighbourhood with the nearest one"),
        ZoneKind.NEAREST_2: marked("with the two nearest"),
        ZoneKind.NEAREST_3: marked("with the three nearest"),
        ZoneKind.AROUND: marked("with all that border on it"),
        ZoneKind.VENUE: marked("venue"),
        ZoneKind.CIRCLE: marked("circle"),
    },
    "alerts.release_required": KIND,
    "alerts.destinations.*.audience": {
        Audience.ADV: marked("the anti-discrimination service"),
        Audience.MUNICIPALITY: marked("the municipality"),
    },
    "alerts.destinations.*.language": {"nl": marked("Dutch"), "en": marked("English")},
}
_RULE: Final = TypeAdapter(Rule)
_PARTS_OF_A_DESTINATION: Final = 4


def value_words(key: str, value: Any, language: str, names: Names) -> str:  # noqa: ANN401 - any value of a setting
    """One value, on one line. Lists are told with semicolons, as a Dutch number has a comma."""
    words = catalogue(language)
    if value == HIDDEN or (isinstance(value, list | tuple) and HIDDEN in value):
        return words.gettext("set, and not shown")
    if value is None or value == "":
        return words.gettext("not set")
    if isinstance(value, list | tuple):
        if not value:
            return words.gettext("none")
        return "; ".join(_item(key, one, language, names) for one in value)
    return _item(key, value, language, names)


def _item(key: str, value: Any, language: str, names: Names) -> str:  # noqa: ANN401 - any value of a setting
    words = catalogue(language)
    if isinstance(value, Mapping):
        if key == RULES:
            return read_aloud(_RULE.validate_python(value), language, code_teller(language, names))
        told = [f"{name}: {value_words('', one, language, names)}" for name, one in value.items() if _said(one)]
        return ", ".join(told) or words.gettext("none")
    if isinstance(value, bool):
        return words.gettext("yes") if value else words.gettext("no")
    if isinstance(value, int | float):
        text = f"{value:.10g}"  # not grouped: a port is no amount
        return text.replace(".", ",") if language == "nl" else text
    text = str(value.value) if isinstance(value, Enum) else str(value)
    known = {str(code): label for code, label in _CODES.get(_general(key), {}).items()}
    return words.gettext(known[text]) if text in known else text


def _said(value: object) -> bool:
    """Whether an entry of a list says this of itself; what is empty or off it leaves unsaid."""
    return bool(value) or (isinstance(value, int | float) and value is not False)


def _general(key: str) -> str:
    """The key without the name that an operator gave a destination."""
    parts = key.split(".")
    if len(parts) == _PARTS_OF_A_DESTINATION and parts[:2] == ["alerts", "destinations"]:
        return ".".join([*parts[:2], "*", parts[3]])
    return key


def as_stored(value: Any) -> Any:  # noqa: ANN401 - any value of a setting
    """The value as a file or the history holds it: lists and plain values, so that two can be compared."""
    return json.loads(json.dumps(value, default=_plain))


def _plain(value: object) -> str:
    return str(value.value) if isinstance(value, Enum) else str(value)
