"""How one file's columns fill our fields: worked out once per header, with answers remembered per distinct value."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Generic, TypeVar

from detector.ingest.errors import IntakeError
from detector.ingest.fields import CodeBook, Word, day_parser, word_parser
from detector.ingest.guard import Guard, Role
from detector.ingest.profile import REQUIRED, SEVERAL, ReportField, SourceProfile
from detector.ingest.words import FLAGS, KINDS, PLACE_KINDS, fold
from detector.model import PlaceKind, ReportKind
from detector.problems.files import FileReason
from detector.problems.notices import Notice, Phrase
from detector.problems.problem import Part, Problem, chained, listed, named
from detector.problems.rows import RowReason

Answer = TypeVar("Answer")

_MEMORY = 50_000
_SHOWN = 40
_SHOWN_LETTERS = 60
_ROLES: Mapping[ReportField, Role] = {
    ReportField.REPORT_ID: Role.OPAQUE,
    ReportField.PLACE_KEY: Role.OPAQUE,
    ReportField.X: Role.NUMBER,
    ReportField.Y: Role.NUMBER,
    ReportField.LONGITUDE: Role.NUMBER,
    ReportField.LATITUDE: Role.NUMBER,
    ReportField.RECEIVED_ON: Role.DATE,
    ReportField.OCCURRED_ON: Role.DATE,
}
POINT_COLUMNS: Mapping[ReportField, str] = {
    ReportField.LONGITUDE: "geometry longitude",
    ReportField.LATITUDE: "geometry latitude",
}
"""What readers of formats with points of their own call these; no profile needs to map them."""
_STRICTEST_FIRST = (Role.CODE, Role.DATE, Role.NUMBER, Role.OPAQUE)


class Memo(dict[str, Answer], Generic[Answer]):
    """A function from text that remembers its answers, up to a bound: columns hold few distinct values."""

    def __init__(self, ask: Callable[[str], Answer]) -> None:
        super().__init__()
        self._ask = ask

    def __missing__(self, key: str) -> Answer:
        answer = self._ask(key)
        if len(self) >= _MEMORY:
            self.clear()
        self[key] = answer
        return answer

    def of(self, values: Sequence[str]) -> list[Answer]:
        """The answers for a column."""
        return list(map(self.__getitem__, values))


class Words:
    """The readers of cells for one profile."""

    def __init__(self, profile: SourceProfile, today: date | None) -> None:
        self._profile = profile
        self.nulls = frozenset(self._fold(token) for token in ("", *profile.null_tokens))
        self.clean: Memo[str] = Memo(self._clean)
        self.day: Memo[date | Problem | None] = Memo(day_parser(profile.date_formats, profile.zone, today))
        self.no_kind = ReportKind.SINGLE
        self.kind = self._words(ReportField.KIND, KINDS, ReportKind.SINGLE, RowReason.BAD_KIND)
        self.place_kind: Memo[PlaceKind | Problem | None] = self._words(
            ReportField.PLACE_KIND, PLACE_KINDS, None, RowReason.BAD_PLACE_KIND
        )
        self.not_withdrawn = False
        self.withdrawn = self._words(ReportField.WITHDRAWN, FLAGS, self.not_withdrawn, RowReason.BAD_WITHDRAWN)
        self.municipality = self._renamed(ReportField.MUNICIPALITY)
        self.area = self._renamed(ReportField.AREA)
        self.codes = {name: Memo(self._book(name).codes) for name in (*SEVERAL, ReportField.NATURE)}
        self.nature: Memo[str | Problem | None] = Memo(self._nature)

    def _fold(self, text: str) -> str:
        return fold(text, case_sensitive=self._profile.case_sensitive)

    def _clean(self, cell: str) -> str:
        return "" if self._fold(cell) in self.nulls else cell.strip()

    def clean_rare(self, cells: Sequence[str]) -> list[str]:
        """The same for a column in which hardly any value comes twice: nothing to remember."""
        nulls = self.nulls
        if self._profile.case_sensitive:
            return ["" if (text := cell.strip()) in nulls else text for cell in cells]
        return ["" if (text := cell.strip()).casefold() in nulls else text for cell in cells]

    def _map(self, name: ReportField) -> dict[str, tuple[str, ...]]:
        return {self._fold(word): codes for word, codes in self._profile.values.get(name, {}).items()}

    def _book(self, name: ReportField) -> CodeBook:
        profile = self._profile
        return CodeBook(
            self._map(name), profile.separators, self.nulls, profile.case_sensitive, profile.strict, several=name in SEVERAL
        )

    def _renamed(self, name: ReportField) -> Memo[str]:
        words = self._map(name)
        return Memo(lambda text: next(iter(words.get(self._fold(text), (text,))), ""))

    def _words(
        self, name: ReportField, words: Mapping[str, Word], default: Answer, otherwise: RowReason
    ) -> Memo[Word | Problem | Answer]:
        renamed, parse = self._renamed(name), word_parser(words, otherwise)

        def read(text: str) -> Word | Problem | Answer:
            word = renamed[text] if text else ""
            return parse(word) if word else default

        return Memo(read)

    def _nature(self, text: str) -> str | Problem | None:
        found = self.codes[ReportField.NATURE][text]
        return found if isinstance(found, Problem) else next(iter(found), None)


class Plan:
    """Which column fills which field, what guards it, and how it is called in messages."""

    def __init__(self, columns: tuple[str, ...], profile: SourceProfile, *, first: bool) -> None:
        """``first`` is whether these are the file's first columns: records behind them may lack a field, one by one."""
        guard = Guard(profile.phone_region, profile.serial_ids)
        self.labels = [_label(name, place, guard) for place, name in enumerate(columns)]
        self._index = self._indexed(columns, profile)
        self.sources = {name: self._places(names) for name, names in profile.columns.items()}
        for name, column in POINT_COLUMNS.items():
            if column in self._index and not self.sources.get(name):
                self.sources[name] = [self._index[column]]
        self.present = {
            name: [(self._index[fold(column)], codes) for column, codes in by_column.items() if fold(column) in self._index]
            for name, by_column in profile.present.items()
        }
        if first:
            self._check_required(profile)
        roles = self._roles(profile, len(columns))
        self.warnings = (*self._missing(profile), *self._left_out(roles))
        # Numbers and keys hardly repeat: remembering them would cost more than looking.
        self.guards: list[Callable[[Sequence[str]], list[Problem | None]]] = [
            _looking(guard.checker(name, role), remember=role not in {Role.NUMBER, Role.OPAQUE})
            for name, role in zip(columns, roles, strict=True)
        ]

    def _indexed(self, columns: tuple[str, ...], profile: SourceProfile) -> dict[str, int]:
        index: dict[str, int] = {}
        used = {fold(name) for name in profile.mapped_columns}
        for place, name in enumerate(columns):
            key = fold(name)
            if key in index and key in used:
                raise IntakeError(Problem(FileReason.TWO_COLUMNS, column=named(self.labels[place])))
            index.setdefault(key, place)
        return index

    def _places(self, names: Sequence[str]) -> list[int]:
        return [self._index[fold(name)] for name in names if fold(name) in self._index]

    def _check_required(self, profile: SourceProfile) -> None:
        missing = [name for name in REQUIRED if not self.sources.get(name)]
        if not missing:
            return
        why = FileReason.PROFILE_FITS_HALF if any(self.sources.values()) else FileReason.PROFILE_FITS_NOTHING
        there = Problem(Phrase.THERE_ARE, columns=self._listed(self.labels)) if self.labels else Problem(Phrase.NO_FIELDS)
        wanted = chained(Phrase.BOTH, [_wanted(name, profile) for name in missing])
        raise IntakeError(Problem(why, profile=profile.name, missing=wanted, there=there))

    @staticmethod
    def _listed(labels: Sequence[str]) -> Part:
        return listed(map(named, labels), _SHOWN)

    def _missing(self, profile: SourceProfile) -> tuple[Problem, ...]:
        if profile.optional_columns:
            return ()
        missing = sorted(name for name in profile.mapped_columns if fold(name) not in self._index)
        return (Problem(Notice.MISSING_COLUMNS, columns=tuple(missing)),) if missing else ()

    def _left_out(self, roles: list[Role]) -> tuple[Problem, ...]:
        unknown = [label for label, role in zip(self.labels, roles, strict=True) if role is Role.UNKNOWN]
        return (Problem(Notice.LEFT_OUT, columns=self._listed(unknown)),) if unknown else ()

    def _roles(self, profile: SourceProfile, width: int) -> list[Role]:
        roles = [Role.UNKNOWN] * width
        for name in profile.ignore:
            if fold(name) in self._index:
                roles[self._index[fold(name)]] = Role.IGNORED
        used: dict[int, set[Role]] = {}
        for name, places in self.sources.items():
            for place in places:
                used.setdefault(place, set()).add(_ROLES.get(name, Role.CODE))
        for by_column in self.present.values():
            for place, _ in by_column:
                used.setdefault(place, set()).add(Role.CODE)
        for place, found in used.items():
            roles[place] = next(role for role in _STRICTEST_FIRST if role in found)
        return roles


def _wanted(name: ReportField, profile: SourceProfile) -> Part:
    """A field that a report needs, and where the profile says it stands."""
    columns = profile.columns.get(name)
    if not columns:
        return Problem(Phrase.FIELD_UNMAPPED, field=name.value)
    return Problem(
        Phrase.FIELD_FROM, field=name.value, columns=chained(Phrase.EITHER, [named(f"'{column}'") for column in columns])
    )


def _looking(check: Callable[[str], Problem | None], *, remember: bool) -> Callable[[Sequence[str]], list[Problem | None]]:
    if remember:
        return Memo(check).of
    return lambda values: list(map(check, values))


def _label(name: str, place: int, guard: Guard) -> str:
    """A column's name for messages, or its number where the name itself may be personal."""
    if not name or len(name) > _SHOWN_LETTERS or not name.isprintable() or guard.sensitive(name):
        return f"no. {place + 1}"
    return f"'{name}'"
