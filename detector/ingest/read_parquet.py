"""Parquet: read in batches of rows, after a look at what they would unpack to."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from detector.ingest.errors import IntakeError
from detector.ingest.outcome import Problem
from detector.ingest.profile import SourceProfile
from detector.ingest.table import BATCH_ROWS, MAX_COLUMNS, RawBatch, text_of

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
                yield RawBatch(columns, [], [()] * len(columns), warnings=("the file has column names and no rows",))
    except (pa.ArrowException, UnicodeDecodeError) as error:
        raise IntakeError(f"the file is no Parquet file or is damaged ({type(error).__name__}); export it again") from None


def _check(metadata: pq.FileMetaData) -> None:
    if metadata.num_columns > MAX_COLUMNS:
        raise IntakeError(f"the file has {metadata.num_columns:,} columns and can have {MAX_COLUMNS:,}; export only those needed")
    if any(metadata.row_group(group).total_byte_size > MAX_GROUP_BYTES for group in range(metadata.num_row_groups)):
        raise IntakeError("a row group of the file unpacks to more than 1 GiB; write it with smaller row groups")


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
