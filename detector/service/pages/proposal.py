"""What was filled in on the tuning page, as settings: checked by the settings' own code, every error beside its field."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from alerts.render.catalogue import marked
from detector.service.pages.fields import BUDGET, FIELDS, METHODS, RULES, Shape, value_at
from detector.settings import Settings, flat

RULE_FIELDS: Final = ("name", "min_reports", "within_days", "level", "stream", "codes", "min_ratio")
SPARE_RULES: Final = 2
"""Empty lines below the rules, for new ones."""

Filled = Mapping[str, Sequence[str]]
"""What was filled in, by the name of the field: a dotted key, or ``rules.0.min_reports``."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with a field: a message of the catalogue with its values, and where (a dotted key, empty for the whole)."""

    key: str
    message: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Proposal:
    """Settings to try, or what is wrong with them (then ``settings`` is None); ``changes`` by dotted key."""

    settings: Settings | None
    changes: Mapping[str, Any]
    wrong: tuple[Wrong, ...] = ()


def budget_key(settings: Settings, municipality: str) -> str:
    """Which setting decides this municipality's budget: its own, where it has one."""
    own = settings.municipality(municipality).false_alerts_per_year
    return BUDGET if own is None else f"municipalities.{municipality}.false_alerts_per_year"


def raw(settings: Settings) -> dict[str, Any]:
    """The settings as nested tables, as a file would hold them."""
    tables: dict[str, Any] = settings.model_dump()
    for name in ("density", "scan"):
        # The method's own copy of the one budget; no file may set it.
        del tables["detection"][name]["false_alerts_per_year"]
    return tables


def shown(settings: Settings, municipality: str) -> dict[str, list[str]]:
    """The settings in force as the page fills them in."""
    tables = raw(settings)
    values = {key: _texts(value_at(tables, key)) for key in FIELDS}
    values[BUDGET] = _texts(value_at(tables, budget_key(settings, municipality)))
    for number, rule in enumerate(value_at(tables, RULES)):
        for name in RULE_FIELDS:
            joined = ", ".join(rule[name]) if name == "codes" else None
            values[f"rules.{number}.{name}"] = [joined] if joined is not None else _texts(rule[name])
    return values


def propose(settings: Settings, municipality: str, filled: Filled) -> Proposal:
    """The settings in force with what was filled in; a field that is not there stays as it is."""
    before, tables = raw(settings), raw(settings)
    for key, field in FIELDS.items():
        if key in filled:
            at = budget_key(settings, municipality) if key == BUDGET else key
            _put(tables, at, _given(field.shape, filled[key]))
    rules, places = _rules(filled)
    if rules:
        _put(tables, RULES, rules)
    elif any(name.startswith("rules.") for name in filled):
        _put(tables, RULES, [])
    try:
        candidate = Settings.model_validate(tables)
    except ValidationError as error:
        found = [_wrong(item["loc"], item["type"], item["msg"], item.get("ctx", {}), places) for item in error.errors()]
        return Proposal(None, {}, tuple(found))
    return Proposal(candidate, _changes(before, raw(candidate), municipality, settings))


def _changes(before: dict[str, Any], after: dict[str, Any], municipality: str, settings: Settings) -> dict[str, Any]:
    keys = [*(key for key in FIELDS if key != BUDGET), budget_key(settings, municipality), RULES]
    changed = {key: value_at(after, key) for key in keys if value_at(before, key) != value_at(after, key)}
    return {key: list(value) if isinstance(value, tuple) else value for key, value in changed.items()}


def _texts(value: Any) -> list[str]:  # noqa: ANN401 - any setting
    if isinstance(value, tuple | list):
        return [str(one) for one in value]
    return [f"{value:g}" if isinstance(value, float) else str(value)]


def _number(text: str) -> str:
    """A number as people here write it, with a comma for the point, as the settings read it."""
    return re.sub(r"^(-?\d+),(\d+)$", r"\1.\2", text.strip())


def _given(shape: Shape, texts: Sequence[str]) -> Any:  # noqa: ANN401 - any setting
    if shape is Shape.METHODS:
        return [text for text in texts if text]
    if shape is Shape.NUMBERS:
        return [part for text in texts for part in re.split(r"[\s,;]+", text.strip()) if part]
    return _number(texts[0]) if texts else ""


def _rules(filled: Filled) -> tuple[list[dict[str, Any]], list[int]]:
    """The rules that have a name, and the line of the page on which each stands."""
    numbers = sorted({int(name.split(".")[1]) for name in filled if re.fullmatch(r"rules\.\d{1,3}\.\w+", name)})
    rules, places = [], []
    for number in numbers:
        given = {name: (filled.get(f"rules.{number}.{name}") or [""])[0].strip() for name in RULE_FIELDS}
        if any(given[name] for name in ("name", "min_reports", "within_days")):
            codes = [code for code in re.split(r"[\s,;]+", given["codes"]) if code]
            ratio = _number(given["min_ratio"] or "0")
            rules.append({**given, "codes": codes, "min_ratio": ratio})
            places.append(number)
    return rules, places


def _put(tables: dict[str, Any], key: str, value: Any) -> None:  # noqa: ANN401 - any setting
    *path, last = key.split(".")
    at = tables
    for part in path:
        at = at.setdefault(part, {})
    at[last] = value


_MESSAGES: Final = {
    "greater_than": marked("This has to be more than %(gt)s."),
    "greater_than_equal": marked("This has to be at least %(ge)s."),
    "less_than": marked("This has to be less than %(lt)s."),
    "less_than_equal": marked("This can be at most %(le)s."),
    "float_parsing": marked("Fill in a number."),
    "int_parsing": marked("Fill in a whole number."),
    "int_from_float": marked("Fill in a whole number."),
    "string_too_short": marked("Fill this in."),
    "enum": marked("Choose one of the list."),
}
_SENTENCES: Final = (
    (r"the shares of density and scan", marked("The parts for the scan and for concentrations are together more than 1.")),
    (r"family_shares add up", marked("The parts for place, community and both are together more than 1.")),
    (r"windows_days is empty", marked("Name at least one length in days.")),
    (r"two rules have the same name", marked("Two rules have the same name: give each its own.")),
    (r"rule .* counts everything everywhere", marked("This rule counts everything everywhere: choose an area or a subject.")),
    (r"rule .* names codes but", marked("This rule names codes but counts all reports: choose what the codes are.")),
)
_WHERE: Final = {
    "detection": "detection.scan.share",
    "detection.scan": "detection.scan.family_shares.place",
    "detection.threshold": "rules.0.name",
}


def _wrong(loc: Sequence[str | int], kind: str, said: str, context: Mapping[str, Any], places: Sequence[int]) -> Wrong:
    """One of pydantic's findings as a message beside a field of the page."""
    path = [str(part) for part in loc]
    key = ".".join(path)
    if path[:3] == RULES.split(".") and len(path) > 3:  # noqa: PLR2004 - the rule's number follows
        line = places[int(path[3])] if int(path[3]) < len(places) else 0
        key = ".".join(["rules", str(line), path[4] if len(path) > 4 else "name"])  # noqa: PLR2004 - and its field
    elif key.startswith("municipalities."):
        key = BUDGET
    elif key not in FIELDS:
        parent = ".".join(path[:-1])
        key = parent if parent in FIELDS else _WHERE.get(key, METHODS if "method" in said else key)
    values = {
        name: f"{value:g}" if isinstance(value, float) else str(value) for name, value in context.items() if name != "error"
    }
    sentence = next((message for pattern, message in _SENTENCES if re.search(pattern, said)), None)
    return Wrong(key, sentence or _MESSAGES.get(kind, said.removeprefix("Value error, ").replace("%", "%%")), values)


def own_file(changes: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of the operator's own file with these changes, as nested tables."""
    tables: dict[str, Any] = {}
    for key, value in flat(before):
        if key:
            _put(tables, key, value)
    for key, value in changes.items():
        _put(tables, key, value)
    return tables
