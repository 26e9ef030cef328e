"""What the page of a replay shows: how it stands, and what it came to."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import TypeAdapter

from alerts.alert import Rights
from alerts.console.maps import MapView, Shape, map_view
from alerts.names import NO_NAMES, Names
from alerts.render.catalogue import catalogue, marked
from alerts.render.labels import code_words
from alerts.render.states import kind_words
from alerts.render.words import band_words, list_words, number_words, period_words, recurrence_words
from detector.areas import AreaSet
from detector.model import Level
from detector.rules import Rule, read_aloud
from detector.service.pages.comparison import Change, Comparison, ToldAlert
from detector.service.pages.fields import BUDGET, FIELDS, RULES
from detector.service.pages.replays import Replay, ReplayState
from detector.service.pages.timeline import Timeline, timeline
from detector.service.pages.tuning_view import METHOD_WORDS, STATES, code_teller

CHANGES: Final = {
    Change.APPEARS: marked("Appears"),
    Change.DISAPPEARS: marked("Disappears"),
    Change.STAYS: marked("Stays"),
}


_RULE: Final = TypeAdapter(Rule)


@dataclass(frozen=True, slots=True)
class AlertRow:
    """One alert of the comparison."""

    number: int
    change: str
    tone: str
    kind: str
    where: str
    about: str
    period: str
    count: str
    chance: str


@dataclass(frozen=True, slots=True)
class AreaRow:
    """How many alerts touch an area, by what becomes of them."""

    name: str
    appears: int
    disappears: int
    stays: int


@dataclass(frozen=True, slots=True)
class ResultView:
    """What a replay came to."""

    nights: str
    period: str
    sides: tuple[tuple[str, str, str], ...]
    rows: tuple[AlertRow, ...]
    areas: tuple[AreaRow, ...]
    timeline: Timeline
    map: MapView | None
    counts: tuple[tuple[str, int], ...]
    nothing_changes: bool


@dataclass(frozen=True, slots=True)
class ReplayView:
    """How a replay stands; ``result`` once it is done."""

    code: str
    name: str
    id: str
    state: ReplayState
    state_words: str
    done: int
    of: int
    progress: str
    changes: tuple[tuple[str, str], ...]
    result: ResultView | None


def replay_view(
    place: tuple[str, str], replay: Replay, result: ResultView | None, language: str, names: Names = NO_NAMES
) -> ReplayView:
    """The page of one replay; ``names`` is what codes are called here."""
    words = catalogue(language)
    of = max(replay.of, 1)
    nights = {"done": number_words(replay.done, language), "of": number_words(replay.of, language)}
    progress = words.gettext("%(done)s of %(of)s nights") % nights if replay.of else ""
    changes = tuple((_label(key, language), _value(value, language, names)) for key, value in replay.changes.items())
    state = words.gettext(STATES[replay.state])
    return ReplayView(place[0], place[1], replay.id, replay.state, state, replay.done, of, progress, changes, result)


def _label(key: str, language: str) -> str:
    words = catalogue(language)
    if key == RULES:
        return words.gettext("Rules")
    known = FIELDS.get(key) or FIELDS[BUDGET]
    return words.gettext(known.label)


def _value(value: Any, language: str, names: Names) -> str:  # noqa: ANN401 - any setting
    words = catalogue(language)
    if isinstance(value, list):
        parts = [
            read_aloud(_RULE.validate_python(one), language, code_teller(language, names))
            if isinstance(one, dict)
            else _value(one, language, names)
            for one in value
        ]
        joined = "; ".join(parts) if any(isinstance(one, dict) for one in value) else list_words(parts, language)
        return joined if parts else words.gettext("none")
    if isinstance(value, int | float):
        return number_words(float(value), language, 2)
    return words.gettext(METHOD_WORDS[value]) if value in METHOD_WORDS else str(value)


@dataclass(frozen=True, slots=True)
class ResultReader:
    """Who reads what a replay came to, in which language, and what codes are called here."""

    rights: Rights
    language: str
    names: Names = NO_NAMES


def result_view(found: Comparison, areas: AreaSet, code: str, reader: ResultReader) -> ResultView:
    """What a replay came to, as far as this person may see where, and which community."""
    rights, language = reader.rights, reader.language
    words = catalogue(language)
    rows = tuple(_row(number, alert, reader) for number, alert in enumerate(found.alerts, start=1))

    def side(label: str, before: float, after: float) -> tuple[str, str, str]:
        return (words.gettext(label), number_words(before, language, 1), number_words(after, language, 1))

    return ResultView(
        nights=number_words(found.nights, language),
        period=period_words(found.first, found.last, language),
        sides=(
            side(marked("Alerts in these years"), found.before.alerts, found.after.alerts),
            side(marked("Alerts a year"), found.before.alerts_per_year, found.after.alerts_per_year),
            side(
                marked("False alerts a year to expect, at most"),
                found.before.expected_false_alerts_per_year,
                found.after.expected_false_alerts_per_year,
            ),
        ),
        rows=rows,
        areas=_areas(found.alerts) if rights.sees_place else (),
        timeline=timeline(found.alerts, found.first, found.last, language),
        map=_map(found.alerts, rows, areas, code, language) if rights.sees_place else None,
        counts=tuple((words.gettext(label), found.count(change)) for change, label in CHANGES.items()),
        nothing_changes=not found.count(Change.APPEARS) and not found.count(Change.DISAPPEARS),
    )


def _row(number: int, alert: ToldAlert, reader: ResultReader) -> AlertRow:
    rights, language = reader.rights, reader.language
    words = catalogue(language)
    about = ""
    for rubric, code in (("community", alert.community), ("ground", alert.ground), ("domain", alert.domain)):
        if code is not None and (rubric != "community" or rights.sees_community):
            about = code_words(rubric, code, language, reader.names)
    tones = {Change.APPEARS: "ok", Change.DISAPPEARS: "warning", Change.STAYS: "neutral"}
    return AlertRow(
        number=number,
        change=words.gettext(CHANGES[alert.change]),
        tone=tones[alert.change],
        kind=kind_words(alert.kind, language),
        where=list_words(alert.area_names, language) if rights.sees_place else "",
        about=about,
        period=period_words(alert.window_from, alert.window_to, language),
        count=band_words(alert.band, language),
        chance=recurrence_words(alert.recurrence_interval_days, language),
    )


def _areas(alerts: Sequence[ToldAlert]) -> tuple[AreaRow, ...]:
    names = {code: name for alert in alerts for code, name in zip(alert.area_codes, alert.area_names, strict=True)}
    counts = Counter((code, alert.change) for alert in alerts for code in alert.area_codes)
    rows = [
        AreaRow(name, counts[code, Change.APPEARS], counts[code, Change.DISAPPEARS], counts[code, Change.STAYS])
        for code, name in names.items()
    ]
    return tuple(sorted(rows, key=lambda row: row.name))


def _map(alerts: Sequence[ToldAlert], rows: Sequence[AlertRow], areas: AreaSet, code: str, language: str) -> MapView | None:
    if not areas.known:
        return None
    shapes = [
        Shape(str(row.number), areas.outline_lonlat(alert.area_codes), alert.band, f"{row.number}. {row.change}: {row.where}")
        for alert, row in zip(alerts, rows, strict=True)
        if alert.level != Level.MUNICIPALITY.value
    ]
    return map_view(shapes, [code], catalogue(language).gettext("Alerts of both replays on the map"))
