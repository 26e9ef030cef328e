"""The audit log in words: every event that the code writes has some, and what is not known is shown as it was written."""

import ast
import re
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import alerts
import detector
from alerts.alert import Action
from alerts.console.audit_words import EVENTS, KEYS, actor_words, details_words, event_words

ROOMS = tuple(Path(str(room.__file__)).parent for room in (alerts, detector))
WRITTEN = re.compile(r'event="([a-z_]+)"|_note\(person, "([a-z_]+)"|record\([^"]*"([a-z_]+)"')
WRITERS = frozenset({"append", "record", "note", "_note"})
KINDS = ("created", "revised", "quiet", "back")


def test_every_event_that_the_code_writes_has_words() -> None:
    files = [file for room in ROOMS for file in room.rglob("*.py")]
    found = {name for file in files for groups in WRITTEN.findall(file.read_text(encoding="utf-8")) for name in groups if name}
    assert len(found) > 20
    assert found - set(EVENTS) == set()
    assert {f"alert_{one}" for one in (*Action, *KINDS)} <= set(EVENTS)


def _keys(value: ast.expr, inside: ast.AST) -> set[str]:
    """The keys of what is passed as details: a dict, one or the other, or a name that the function gives them to."""
    match value:
        case ast.Dict():
            spread = [one for key, one in zip(value.keys, value.values, strict=True) if key is None]
            own = {str(key.value) for key in value.keys if isinstance(key, ast.Constant)}
            return own.union(*(_keys(one, inside) for one in spread))
        case ast.BoolOp():
            return set().union(*(_keys(one, inside) for one in value.values))
        case ast.Name():
            return set().union(*(_given(one, value.id, inside) for one in ast.walk(inside)))
    return set()


def _given(line: ast.AST, name: str, inside: ast.AST) -> set[str]:
    """The keys that a line gives to ``name``."""
    pairs: list[tuple[ast.expr, ast.expr]]
    if isinstance(line, ast.AnnAssign) and line.value is not None:
        pairs = [(line.target, line.value)]
    elif isinstance(line, ast.Assign):
        target, value = line.targets[0], line.value
        pairs = [(target, value)]
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            pairs = list(zip(target.elts, value.elts, strict=True))
    else:
        return set()
    found: set[str] = set()
    for target, value in pairs:
        if isinstance(target, ast.Name) and target.id == name and not isinstance(value, ast.Name):
            found |= _keys(value, inside)
        if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name) and target.value.id == name:
            found |= {str(target.slice.value)} if isinstance(target.slice, ast.Constant) else set()
    return found


def _written_keys(file: Path) -> set[str]:
    found: set[str] = set()
    for function in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for call in ast.walk(function):
            if isinstance(call, ast.Call) and (name := ast.unparse(call.func).rpartition(".")[2]) in WRITERS:
                passed = [one.value for one in call.keywords if one.arg == "details"]
                passed += call.args[3:4] if name == "_note" else []
                found = found.union(*(_keys(one, function) for one in passed))
    return found


def test_every_key_of_the_details_that_the_code_writes_has_words() -> None:
    found = set().union(*(_written_keys(file) for room in ROOMS for file in room.rglob("*.py")))
    assert found - set(KEYS) == set()
    assert set(KEYS) - found == set(), "words for what nobody writes"


@pytest.mark.parametrize(
    ("details", "words"),
    [
        ("{}", ()),
        ('{"revision":4,"role":"case_worker"}', (("versie", "4"), ("rol", "Consulent"))),
        ('{"from":"new","to":"in_review"}', (("van", "Nieuw"), ("naar", "In beoordeling"))),
        ('{"destinations":["a","b"],"reason":"grown"}', (("bestemmingen", "a en b"), ("aanleiding", "Het patroon is gegroeid"))),
        ('{"sees_place":false,"municipality":""}', (("ziet waar", "nee"),)),
        ('{"reason":"something new"}', (("aanleiding", "something new"),)),
        (
            '{"reason":"no_role","provider":true}',
            (("aanleiding", "de aanbieder noemt geen rol voor deze persoon, of meer dan een"), ("bij de organisatie", "ja")),
        ),
        ('{"by_rule":1,"kind":"mass"}', (("door de regel", "ja"), ("als", "massamelding"))),
        ('{"scopes":["alerts:read","places:read"]}', (("mag", "signalen lezen en zien waar"),)),
        ('{"ends_at":"2026-03-02T10:00:00+00:00"}', (("eindigt", "2 maart 2026, 11:00"),)),
        ('{"before":"2021-03-02"}', (("onaangeroerd sinds", "2 maart 2021"),)),
        ('{"unheard_of":1}', (("unheard_of", "1"),)),
    ],
)
def test_details_in_words(details: str, words: tuple[tuple[str, str], ...]) -> None:
    assert details_words(details, "nl", ZoneInfo("Europe/Amsterdam")) == words


def test_what_is_not_known_is_shown_as_it_was_written() -> None:
    assert event_words("unheard_of", "nl") == "unheard_of"
    assert (actor_words("system", "nl"), actor_words("(nobody)", "nl")) == ("Patroonwacht zelf", "niemand aangemeld")
    assert (actor_words("els", "nl"), actor_words("settings:file", "nl")) == ("els", "gewijzigd bestand")
