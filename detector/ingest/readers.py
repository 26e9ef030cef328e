"""Which reader a file gets: an explicit table by the ending of its name."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from detector.ingest.errors import IntakeError
from detector.ingest.profile import SourceProfile
from detector.ingest.read_csv import read_csv
from detector.ingest.read_json import read_json, read_json_lines
from detector.ingest.table import RawBatch
from detector.problems.files import FileReason
from detector.problems.problem import Problem

Reader = Callable[[Path, SourceProfile], Iterator[RawBatch]]


def _read_excel(path: Path, profile: SourceProfile) -> Iterator[RawBatch]:
    from detector.ingest.read_excel import read_excel  # noqa: PLC0415 - its library loads slowly, and most exports are CSV

    return read_excel(path, profile)


def _read_parquet(path: Path, profile: SourceProfile) -> Iterator[RawBatch]:
    from detector.ingest.read_parquet import read_parquet  # noqa: PLC0415 - as for Excel

    return read_parquet(path, profile)


READERS: Mapping[str, Reader] = {
    ".csv": read_csv,
    ".tsv": read_csv,
    ".txt": read_csv,
    ".json": read_json,
    ".geojson": read_json,
    ".jsonl": read_json_lines,
    ".ndjson": read_json_lines,
    ".xlsx": _read_excel,
    ".xlsm": _read_excel,
    ".parquet": _read_parquet,
}


def read_table(path: Path, profile: SourceProfile) -> Iterator[RawBatch]:
    """The rows of a file in batches of text columns.

    Raises:
        IntakeError: there is no such file, or its format is none that is read here.
    """
    reader = READERS.get(path.suffix.casefold())
    if reader is None:
        raise IntakeError(Problem(FileReason.UNKNOWN_ENDING, ending=path.suffix[:10], known=tuple(sorted(READERS))))
    try:
        yield from reader(path, profile)
    except OSError as error:
        raise IntakeError(Problem(FileReason.UNREADABLE), error.strerror or type(error).__name__) from None
