"""The effect of an approach in words and as the geometry of a picture. Pure."""

import math
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from alerts.console.drawing import Axis, Tick
from alerts.effect import WEEKS_AT_MOST, WEEKS_AT_ONCE, FollowUp, Interval, Verdict, effect_of, follows_from, verdict
from alerts.render.catalogue import catalogue
from alerts.render.words import band_words, date_words, number_words

WIDTH: Final = 640
LEFT: Final = 24
RIGHT: Final = 24
ROW: Final = 64
TOP: Final = 8
AXIS: Final = 64
LEAST: Final = 1 / 16
MOST: Final = 16.0
_TICKS: Final = (1 / 16, 1 / 8, 1 / 4, 1 / 2, 1.0, 2.0, 4.0, 8.0, 16.0)
_FINE_BELOW: Final = 0.1
_ACROSS: Final = Axis(LEFT, WIDTH - RIGHT)


@dataclass(frozen=True, slots=True)
class Bar:
    """An interval; ``open_left`` and ``open_right``: it goes on beyond the picture."""

    label: str
    words: str
    left: float
    right: float
    y: float
    open_left: bool
    open_right: bool


@dataclass(frozen=True, slots=True)
class EffectPicture:
    """Intervals over an axis of times as many, on a scale where half and double lie equally far from *as many*."""

    title: str
    description: str
    bars: tuple[Bar, ...]
    marks: tuple[Tick, ...]
    one: float
    height: int
    axis_y: int
    fewer: str
    more: str
    width: int = WIDTH
    left: int = LEFT
    right: int = WIDTH - RIGHT


@dataclass(frozen=True, slots=True)
class EffectView:
    """What the page says after an approach. ``picture`` None: there is nothing to compare yet."""

    sentences: tuple[str, ...]
    cautions: tuple[str, ...]
    picture: EffectPicture | None = None


def effect_view(began_at: datetime, follow_up: FollowUp | None, today: date, zone: ZoneInfo, lang: str) -> EffectView:
    """What can be said of an approach that was agreed at ``began_at`` (UTC); ``follow_up`` None: nothing was counted yet."""
    translations = catalogue(lang)
    if follow_up is None:
        first = follows_from(began_at.astimezone(zone).date())
        text = translations.gettext(
            "Reports are counted from %(first)s. After %(weeks)s whole weeks, on %(day)s, there is a first comparison with the"
            " weeks before."
        ) % {
            "first": date_words(first, lang, this_year=today.year),
            "weeks": number_words(WEEKS_AT_ONCE, lang),
            "day": date_words(first + timedelta(weeks=WEEKS_AT_ONCE), lang, this_year=today.year),
        }
        return EffectView((text,), ())
    effect = effect_of(follow_up)
    sentences = [_counts(follow_up, lang), _pattern_sentence(effect.pattern, lang)]
    if effect.beside_city is not None:
        sentences.append(_city_sentence(effect.beside_city, lang))
    else:
        sentences.append(
            translations.gettext("In the rest of the municipality too few reports came in to lay the pattern beside them.")
        )
    sentences.append(
        translations.gettext(
            "Counts are known in bands only; each range covers all that the bands allow, and holds the truth in at least 95 of"
            " 100 such comparisons."
        )
    )
    if follow_up.weeks < WEEKS_AT_MOST:
        following = follow_up.approach_from + timedelta(weeks=follow_up.weeks + WEEKS_AT_ONCE)
        day = date_words(following, lang, this_year=today.year)
        sentences.append(translations.gettext("The next comparison is on %(day)s.") % {"day": day})
    return EffectView(tuple(sentences), cautions(lang), _picture(effect.pattern, effect.beside_city, lang))


def cautions(lang: str) -> tuple[str, ...]:
    """What no comparison of before and after can say."""
    translations = catalogue(lang)
    return (
        translations.gettext("Fewer reports can also mean less trust: that people no longer report what happens to them."),
        translations.gettext(
            "The weeks before were noticed because many reports came in then. Such a peak mostly passes by itself, so fewer"
            " reports afterwards are to be expected without an approach too."
        ),
        translations.gettext("More reports can mean that the approach has made people find their way to the service."),
        translations.gettext("Reports alone never show whether an approach worked. Ask the people whom it is about."),
    )


def _counts(follow_up: FollowUp, lang: str) -> str:
    translations = catalogue(lang)
    weeks = translations.ngettext("%(count)s week", "%(count)s weeks", follow_up.before_weeks) % {
        "count": number_words(follow_up.before_weeks, lang)
    }
    after = (
        translations.gettext("fewer than %(floor)s") % {"floor": number_words(follow_up.floor, lang)}
        if follow_up.after is None
        else band_words(follow_up.after, lang)
    )
    return translations.gettext(
        "Before the approach there were %(before)s reports in %(before_weeks)s. Since %(first)s there have been %(after)s in"
        " %(after_weeks)s weeks."
    ) % {
        "before": band_words(follow_up.before, lang),
        "before_weeks": weeks,
        "first": date_words(follow_up.approach_from, lang),
        "after": after,
        "after_weeks": number_words(follow_up.weeks, lang),
    }


def _pattern_sentence(interval: Interval, lang: str) -> str:
    translations = catalogue(lang)
    match verdict(interval):
        case Verdict.FEWER:
            text = translations.gettext("A week, fewer reports now come in than before: %(range)s.")
        case Verdict.MORE:
            text = translations.gettext("A week, more reports now come in than before: %(range)s.")
        case Verdict.UNSURE:
            text = translations.gettext(
                "Whether fewer or more reports a week now come in than before cannot be said with so few: it can be %(range)s."
            )
    return text % {"range": range_words(interval, lang)}


def _city_sentence(interval: Interval, lang: str) -> str:
    translations = catalogue(lang)
    match verdict(interval):
        case Verdict.FEWER:
            text = translations.gettext(
                "Beside the rest of the municipality, in the same weeks, it became fewer too: %(range)s. So it is not only that"
                " fewer reports came in everywhere."
            )
        case Verdict.MORE:
            text = translations.gettext(
                "Beside the rest of the municipality, in the same weeks, it became more too: %(range)s. So it is not only that"
                " more reports came in everywhere."
            )
        case Verdict.UNSURE:
            text = translations.gettext(
                "Beside the rest of the municipality, in the same weeks, no difference is certain: it can be %(range)s."
            )
    return text % {"range": range_words(interval, lang)}


def range_words(interval: Interval, lang: str) -> str:
    """Times as many: ``0,1 tot 0,7 keer zoveel``, ``hooguit 0,7 keer zoveel``."""
    translations = catalogue(lang)
    low, high = _times(interval.low, lang), _times(interval.high, lang)
    if math.isinf(interval.high):
        return (
            translations.gettext("anything")
            if interval.low <= 0
            else translations.gettext("at least %(low)s times as many") % {"low": low}
        )
    if interval.low < _FINE_BELOW / 10:
        return translations.gettext("at most %(high)s times as many") % {"high": high}
    return translations.gettext("%(low)s to %(high)s times as many") % {"low": low, "high": high}


def _times(value: float, lang: str) -> str:
    if math.isinf(value):
        return ""
    # Near one a decimal more, so that *fewer* never reads as *once as many*.
    decimals = 2 if value < _FINE_BELOW or abs(value - 1) < _FINE_BELOW else 1
    return number_words(round(value, decimals), lang, decimals=decimals)


def _picture(pattern: Interval, city: Interval | None, lang: str) -> EffectPicture:
    translations = catalogue(lang)
    told = [(translations.gettext("In this pattern, after against before"), pattern)]
    if city is not None:
        told.append((translations.gettext("The same, beside the rest of the municipality"), city))
    bars = tuple(
        Bar(
            label=label,
            words=range_words(interval, lang),
            left=_x(interval.low),
            right=_x(interval.high),
            y=TOP + ROW * number + 44,
            open_left=interval.low < LEAST,
            open_right=interval.high > MOST,
        )
        for number, (label, interval) in enumerate(told)
    )
    axis_y = TOP + ROW * len(told) + 8
    return EffectPicture(
        title=translations.gettext("How many times as many reports a week, after against before"),
        description=". ".join(f"{bar.label}: {bar.words}" for bar in bars),
        bars=bars,
        marks=tuple(Tick(_x(value), _mark(value, lang)) for value in _TICKS),
        one=_x(1),
        height=axis_y + AXIS,
        axis_y=axis_y,
        fewer=translations.gettext("fewer reports"),
        more=translations.gettext("more reports"),
    )


def _x(value: float) -> float:
    inside = min(max(value, LEAST), MOST)
    return _ACROSS.at(math.log(inside / LEAST) / math.log(MOST / LEAST))


def _mark(value: float, lang: str) -> str:
    fractions = {1 / 16: "1/16", 1 / 8: "⅛", 1 / 4: "¼", 1 / 2: "½"}
    return fractions.get(value) or number_words(value, lang)
