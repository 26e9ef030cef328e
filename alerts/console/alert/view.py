"""What the page of one alert shows, in the order in which people ask: what, where, how it grew, why, what it is not. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from alerts.alert import Alert, Approach, DismissReason, ReviewState
from alerts.console.alert.chart import GrowthChart, growth_chart
from alerts.console.alert.history import EventLine, RevisionLine, event_lines, revision_lines, where_words
from alerts.names import NO_NAMES, Names
from alerts.pattern import Audience, Breakdown, Pattern, PatternState
from alerts.render.catalogue import catalogue
from alerts.render.labels import code_words, method_words, rubric_words
from alerts.render.sentence import part_sentence
from alerts.render.states import approach_words, detection_words, dismiss_words, kind_words, review_words
from alerts.render.words import (
    band_words,
    date_words,
    expected_words,
    list_words,
    moment_words,
    number_words,
    period_words,
    recurrence_words,
)
from alerts.store.alerts import Event

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Link:
    """Another alert that this one came from or went on in."""

    alert_id: str
    label: str


@dataclass(frozen=True, slots=True)
class BreakdownView:
    """The pattern's reports by one rubric."""

    title: str
    rows: Pairs


@dataclass(frozen=True, slots=True)
class AlertView:
    """The page but for its map, its effect and its forms. ``sentence`` says it all to who reads no further."""

    id: str
    title: str
    sentence: str
    kind: str
    review: ReviewState
    review_words: str
    detection_words: str
    goes_on: bool
    municipality: str
    since: str
    only_service: bool
    places: str
    growth: GrowthChart | None
    facts: Pairs
    breakdowns: tuple[BreakdownView, ...]
    hidden: bool
    chance: str
    methods: Pairs
    rule: Pairs
    not_said: tuple[str, ...]
    campaigns: Pairs
    dismissed_as: str
    approach: Pairs
    revisions: tuple[RevisionLine, ...]
    events: tuple[EventLine, ...]
    last_event: int
    predecessors: tuple[Link, ...]
    successors: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Read:
    """All that was read of an alert for one reader, as far as they may see it. ``before``/``after``: alerts it is linked to."""

    alert: Alert
    pattern: Pattern
    revisions: Sequence[Pattern]
    events: Sequence[Event]
    before: Sequence[Alert] = ()
    after: Sequence[Alert] = ()


def alert_view(read: Read, now: datetime, zone: ZoneInfo, lang: str, names: Names = NO_NAMES) -> AlertView:
    """The view of what was read; ``names`` is what codes are called here."""
    alert, pattern = read.alert, read.pattern
    year = now.astimezone(zone).year
    return AlertView(
        id=alert.id,
        title=_title(pattern, lang),
        sentence=part_sentence(pattern.why[0], lang, this_year=year, names=names)
        if pattern.why
        else kind_words(pattern.kind, lang),
        kind=kind_words(pattern.kind, lang),
        review=alert.review,
        review_words=review_words(alert.review, lang),
        detection_words=detection_words(alert.detection, lang),
        goes_on=alert.detection == "active",
        municipality=alert.municipality_name,
        since=moment_words(alert.in_state_since, zone, lang),
        only_service=pattern.audience is Audience.ADV,
        places=where_words(pattern, lang),
        growth=growth_chart(pattern.weekly, lang),
        facts=tuple(_facts(pattern, now.astimezone(zone).date(), lang, names)),
        breakdowns=tuple(_breakdown(each, lang, names) for each in pattern.breakdowns),
        hidden=pattern.observed is None or any(point.observed is None for point in pattern.weekly),
        chance=catalogue(lang).gettext("By chance alone this would happen %(recurrence)s.")
        % {"recurrence": recurrence_words(pattern.recurrence_interval_days, lang)},
        methods=tuple(
            (method_words(each.method, lang), recurrence_words(each.recurrence_interval_days, lang)) for each in pattern.methods
        ),
        rule=_rule(pattern, zone, lang),
        not_said=not_said(pattern, lang),
        campaigns=tuple(_campaigns(pattern, lang)),
        dismissed_as="" if alert.dismissed_as is None else dismiss_words(DismissReason(alert.dismissed_as), lang),
        approach=() if alert.approach is None else approach_facts(alert.approach, lang),
        revisions=revision_lines(read.revisions, zone, lang),
        events=event_lines(read.events, zone, lang),
        last_event=read.events[-1].number if read.events else 0,
        predecessors=tuple(_link(each, zone, lang) for each in read.before),
        successors=tuple(_link(each, zone, lang) for each in read.after),
    )


def _title(pattern: Pattern, lang: str) -> str:
    """Where or what, in few words; a community is never in the title, which ends up in the browser's history."""
    return catalogue(lang).gettext("Alert from %(where)s") % {"where": where_words(pattern, lang)}


def _facts(pattern: Pattern, today: date, lang: str, names: Names) -> list[tuple[str, str]]:
    translations = catalogue(lang)
    facts = [(translations.gettext("Where"), where_words(pattern, lang))]
    facts += [
        (rubric_words(rubric, lang), code_words(rubric, code, lang, names))
        for rubric, code in (("community", pattern.community), ("ground", pattern.ground), ("domain", pattern.domain))
        if code is not None
    ]
    facts += [
        (
            translations.gettext("Period"),
            period_words(pattern.window_from, pattern.window_to, lang, this_year=today.year, today=today),
        ),
        (translations.gettext("Reports"), band_words(pattern.observed, lang)),
        (translations.gettext("Usually"), expected_words(pattern.expected, lang)),
    ]
    if pattern.relative_risk is not None:
        times = translations.gettext("at least %(count)s times as many as usual")
        facts.append((translations.gettext("Compared"), times % {"count": number_words(pattern.relative_risk, lang, decimals=1)}))
    facts.append((translations.gettext("First seen"), date_words(pattern.first_seen, lang, this_year=today.year)))
    if pattern.state is not PatternState.ACTIVE:  # one that goes on is seen night after night, without a revision for each
        facts.append((translations.gettext("Last seen"), date_words(pattern.last_seen, lang, this_year=today.year)))
    return facts


def _campaigns(pattern: Pattern, lang: str) -> Iterator[tuple[str, str]]:
    """Name and period; somebody who may not see which community does not see the names either."""
    for each in pattern.campaigns:
        yield each.name or catalogue(lang).gettext("A campaign"), period_words(each.starts_on, each.ends_on, lang)


def _breakdown(breakdown: Breakdown, lang: str, names: Names) -> BreakdownView:
    rows = tuple((code_words(breakdown.rubric, cell.code, lang, names), band_words(cell.band, lang)) for cell in breakdown.cells)
    return BreakdownView(rubric_words(breakdown.rubric, lang), rows)


def _rule(pattern: Pattern, zone: ZoneInfo, lang: str) -> Pairs:
    translations = catalogue(lang)
    return (
        (translations.gettext("Rules in force"), pattern.rule.settings_hash[:12]),
        (translations.gettext("Version of the program"), pattern.rule.code_version),
        (translations.gettext("Recorded"), moment_words(pattern.recorded_at, zone, lang)),
    )


def not_said(pattern: Pattern, lang: str) -> tuple[str, ...]:
    """What the figures do not say, though people may read it into them."""
    translations = catalogue(lang)
    found = [
        translations.gettext("It is no judgement on an area, a group or a person: it says that more reports came in than usual."),
        translations.gettext("It does not say who did something, nor that the reports are about the same people."),
        translations.gettext("More reports can also mean that people find their way to the service more easily."),
        translations.gettext(
            "That other places have no alert does not mean that nothing happens there: most people never report."
        ),
    ]
    if pattern.observed is None or any(cell.band is None for breakdown in pattern.breakdowns for cell in breakdown.cells):
        found.append(translations.gettext("What is ‘not shown’ is too small to tell, or would give another number away."))
    return tuple(found)


def approach_facts(approach: Approach, lang: str) -> Pairs:
    """What was agreed, as pairs of name and value; what is empty is left out."""
    translations = catalogue(lang)
    facts = [
        (translations.gettext("Approach"), approach_words(approach.kind, lang)),
        (translations.gettext("Who leads it"), approach.owner),
        (translations.gettext("With whom"), list_words(approach.partners, lang) if approach.partners else ""),
        (translations.gettext("What is done"), approach.actions),
        (
            translations.gettext("Looked at again on"),
            "" if approach.review_on is None else date_words(approach.review_on, lang),
        ),
        (translations.gettext("What came of it"), approach.outcome),
    ]
    return tuple((name, value) for name, value in facts if value)


def _link(alert: Alert, zone: ZoneInfo, lang: str) -> Link:
    label = catalogue(lang).gettext("%(kind)s, first told %(moment)s (%(state)s)") % {
        "kind": kind_words(alert.kind, lang),
        "moment": moment_words(alert.created_at, zone, lang),
        "state": review_words(alert.review, lang),
    }
    return Link(alert.id, label)
