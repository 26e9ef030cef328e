"""Parquet: read in batches of rows, after a look at what they would unpack to."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from detector.ingest.errors import IntakeError
from detector.ingest.profile import SourceProfile
from detector.ingest.table import BATCH_ROWS, MAX_COLUMNS, RawBatch, text_of
from detector.problems.files import FileReason
from detector.problems.notices import Notice
from detector.problems.problem import Problem

MAX_GROUP_BYTES = 1 << 30


def read_parquet(path: Path, profile: SourceProfile) -> Iterator[RawBatch]:
    """The rows of a Parquet file."""
    del profile
    try:
        with pq.ParquetFile(path) as file:
            _check(file.metadata)
            columns = tuple(str(name) for name in file.schema_arrow.names)
            first = 1
            for batch in file.iter_batches(batch_size=BATCH_ROWS):
                yield _raw(columns, batch, first)
                first += batch.num_rows
            if first == 1:
                yield RawBatch(columns, [], [()] * len(columns), warnings=(Problem(Notice.NO_ROWS),))
    except (pa.ArrowException, UnicodeDecodeError) as error:
        raise IntakeError(Problem(FileReason.NO_PARQUET), type(error).__name__) from None


def _check(metadata: pq.FileMetaData) -> None:
    if metadata.num_columns > MAX_COLUMNS:
        raise IntakeError(Problem(FileReason.TOO_MANY_COLUMNS, columns=metadata.num_columns, most=MAX_COLUMNS))
    if any(metadata.row_group(group).total_byte_size > MAX_GROUP_BYTES for group in range(metadata.num_row_groups)):
        raise IntakeError(Problem(FileReason.LARGE_ROW_GROUP))


def _raw(columns: tuple[str, ...], batch: pa.RecordBatch, first: int) -> RawBatch:
    refused: dict[int, Problem] = {}
    cells: list[list[str]] = []
    for column in batch.columns:
        texts = [text_of(value) for value in column.to_pylist()]
        cells.append([text if isinstance(text, str) else "" for text in texts])
        refused.update((row, text) for row, text in enumerate(texts) if isinstance(text, Problem))
    kept = [row for row in range(batch.num_rows) if row not in refused]
    if refused:
        cells = [[texts[row] for row in kept] for texts in cells]
    return RawBatch(columns, [first + row for row in kept], cells, [(first + row, refused[row]) for row in sorted(refused)])
