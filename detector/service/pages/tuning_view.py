"""What the tuning page shows: the fields of the settings as they were filled in, the rules, and the replays so far."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from alerts.names import Names
from alerts.render.catalogue import catalogue, marked
from alerts.render.labels import code_words
from alerts.render.words import date_words
from detector.model import StreamKind
from detector.rules import RuleLevel, read_aloud
from detector.service.pages.fields import FIELDS, GROUPS, RULES_HINT
from detector.service.pages.fields import Shape as FieldShape
from detector.service.pages.proposal import RULE_FIELDS, SPARE_RULES, Filled, Wrong
from detector.service.pages.replays import Replay, ReplayState
from detector.settings import Settings

STATES: Final = {
    ReplayState.RUNNING: marked("under way"),
    ReplayState.DONE: marked("done"),
    ReplayState.CANCELLED: marked("broken off"),
    ReplayState.FAILED: marked("failed"),
    ReplayState.LOST: marked("ended with the service"),
}
RULE_LABELS: Final = {
    "name": marked("Name"),
    "min_reports": marked("Reports"),
    "within_days": marked("Within days"),
    "level": marked("In one"),
    "stream": marked("About one"),
    "codes": marked("Only these codes"),
    "min_ratio": marked("Times the usual"),
}
LEVELS: Final = {
    RuleLevel.NEIGHBOURHOOD: marked("neighbourhood"),
    RuleLevel.DISTRICT: marked("district"),
    RuleLevel.MUNICIPALITY: marked("municipality"),
}
STREAMS: Final = {
    StreamKind.ALL: marked("everything"),
    StreamKind.COMMUNITY: marked("community"),
    StreamKind.GROUND: marked("ground"),
    StreamKind.DOMAIN: marked("domain"),
}
_NUMBERS: Final = frozenset({"min_reports", "within_days", "min_ratio"})
METHOD_WORDS: Final = {
    "threshold": marked("Rules"),
    "density": marked("Concentrations"),
    "scan": marked("The scan"),
}


@dataclass(frozen=True, slots=True)
class FieldView:
    """A field of the form; its id is its dotted key."""

    key: str
    label: str
    hint: str
    shape: FieldShape
    values: tuple[str, ...]
    error: str


@dataclass(frozen=True, slots=True)
class GroupView:
    """Fields that belong together; ``open`` where one of them is wrong."""

    title: str
    fields: tuple[FieldView, ...]
    rare: bool
    open: bool


@dataclass(frozen=True, slots=True)
class RuleCellView:
    """One cell of a rule: its name in the form, its label aloud, its value, and what can be chosen (empty: it is typed).

    ``numeric``: a number, which needs little room.
    """

    name: str
    label: str
    value: str
    error: str
    options: tuple[tuple[str, str], ...] = ()
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class ReplayLine:
    """A replay in the list."""

    id: str
    by: str
    day: str
    state: str


@dataclass(frozen=True, slots=True)
class TuningView:
    """The page on which settings are changed."""

    code: str
    name: str
    groups: tuple[GroupView, ...]
    rules: tuple[tuple[RuleCellView, ...], ...]
    rules_hint: str
    headings: tuple[str, ...]
    aloud: tuple[str, ...]
    methods: tuple[tuple[str, str], ...]
    years: str
    every: str
    replays: tuple[ReplayLine, ...]
    running: str
    wrong: tuple[tuple[str, str], ...]


def tuning_view(
    place: tuple[str, str],
    settings: Settings,
    filled: Filled,
    replays: Sequence[Replay],
    language: str,
    *,
    wrong: Sequence[Wrong] = (),
) -> TuningView:
    """The form as it was filled in; ``place`` is the municipality's code and name."""
    words = catalogue(language)
    errors = {
        one.key: words.gettext(one.message) % {name: as_typed(value, language) for name, value in one.values.items()}
        for one in wrong
    }
    groups = []
    for group in GROUPS:
        views = tuple(
            FieldView(
                field.key,
                words.gettext(field.label),
                words.gettext(field.hint),
                field.shape,
                tuple(as_typed(value, language) for value in filled.get(field.key, ())),
                errors.get(field.key, ""),
            )
            for field in group.fields
        )
        groups.append(GroupView(words.gettext(group.title), views, group.rare, any(view.error for view in views)))
    running = next((one.id for one in replays if one.state is ReplayState.RUNNING), "")
    known = {one.key for one in wrong if one.key in FIELDS or one.key.startswith("rules.")}
    return TuningView(
        code=place[0],
        name=place[1],
        groups=tuple(groups),
        rules=_rules(filled, errors, language),
        rules_hint=words.gettext(RULES_HINT),
        headings=tuple(words.gettext(RULE_LABELS[name]) for name in RULE_FIELDS),
        aloud=tuple(
            read_aloud(rule, language, code_teller(language, settings.names)) for rule in settings.detection.threshold.rules
        ),
        methods=tuple((name, words.gettext(label)) for name, label in METHOD_WORDS.items()),
        years=(filled.get("years") or ["1"])[0],
        every=(filled.get("every") or ["7"])[0],
        replays=tuple(_replay_line(one, language) for one in replays),
        running=running,
        wrong=tuple((key if key in known else "tuning", text) for key, text in errors.items()),
    )


def as_typed(value: str, language: str) -> str:
    """A number as people type it in their language: in Dutch with a comma; anything else as it is."""
    return re.sub(r"^(-?\d+)\.(\d+)$", r"\1,\2", value) if language == "nl" else value


def code_teller(language: str, names: Names) -> Callable[[StreamKind, str], str]:
    """What a rule read aloud calls its codes."""

    def told(kind: StreamKind, code: str) -> str:
        return code_words(kind.value, code, language, names)

    return told


def _rules(filled: Filled, errors: Mapping[str, str], language: str) -> tuple[tuple[RuleCellView, ...], ...]:
    words = catalogue(language)
    used = [int(name.split(".")[1]) for name in filled if name.startswith("rules.") and name.split(".")[1].isdigit()]
    named = [number for number in used if any((filled.get(f"rules.{number}.name") or [""])[0])]
    options = {
        "level": tuple((level.value, words.gettext(label)) for level, label in LEVELS.items()),
        "stream": tuple((stream.value, words.gettext(label)) for stream, label in STREAMS.items()),
    }
    return tuple(
        tuple(
            RuleCellView(
                name=f"rules.{number}.{name}",
                label=words.gettext("%(what)s, rule %(number)s")
                % {"what": words.gettext(RULE_LABELS[name]), "number": number + 1},
                value=as_typed(typed, language) if name in _NUMBERS else typed,
                error=errors.get(f"rules.{number}.{name}", ""),
                options=options.get(name, ()),
                numeric=name in _NUMBERS,
            )
            for name in RULE_FIELDS
            for typed in [(filled.get(f"rules.{number}.{name}") or [""])[0]]
        )
        for number in range(max(named, default=-1) + 1 + SPARE_RULES)
    )


def _replay_line(replay: Replay, language: str) -> ReplayLine:
    words = catalogue(language)
    return ReplayLine(replay.id, replay.actor, date_words(replay.begun_at.date(), language), words.gettext(STATES[replay.state]))
