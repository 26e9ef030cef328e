"""How the service logs: one line per event, JSON or plain, and only what is known to be harmless."""

import logging
import sys
import traceback
from collections.abc import Iterable, MutableMapping
from types import TracebackType
from typing import Any, Final, TextIO

import structlog
from structlog.typing import EventDict, Processor

LEFT_OUT: Final = "(left out)"
"""Stands for a value whose key is not on the list."""

HARMLESS: Final = frozenset({
    "accepted", "actor", "address", "alert", "alerts", "as_of", "attempt", "before", "code_version", "count", "counts",
    "daemon", "data_dir", "dead", "deleted", "delivered", "deliveries", "delivery", "destination", "duration_s", "engine",
    "error", "event", "every_seconds", "exception", "file", "files", "findings", "folded", "holder", "host", "interval",
    "job", "key", "keys", "kind", "lease", "level", "logger", "method", "municipalities", "municipality", "name", "next_run",
    "outcome", "path", "pattern", "patterns", "pid", "port", "problem", "process", "processes", "profile", "read", "reason",
    "refused", "reports", "reports_in", "retried", "retry_in_s", "revision", "revisions", "row", "rows", "run", "runs",
    "seconds", "seed", "settings_hash", "source", "state", "status", "step", "steps", "timestamp", "tries", "trigger",
    "unchanged", "unit", "until", "updated", "version", "waiting", "warnings", "windows", "withdrawn",
})  # fmt: skip
"""Keys whose values are harmless by what they mean: names of things of the service, counts, times. Any other is left out."""

_TALKATIVE: Final = (
    "uvicorn.access",
    "uvicorn.error",
    "httpx",
    "httpcore",
    "alembic",
    "sqlalchemy",
    "apscheduler",
    "asyncio",
    "matplotlib",
    "numba",
)
"""Libraries that tell URLs, statements or jobs at level info."""


def configure_logs(
    level: str, *, json_lines: bool, clean_errors: tuple[type[Exception], ...] = (), stream: TextIO | None = None
) -> None:
    """Send everything, the libraries' own logging and uvicorn's included, as one line per event.

    Args:
        level: ``debug``, ``info``, ``warning`` or ``error``.
        json_lines: JSON, for machines; else plain text.
        clean_errors: errors whose text is known to hold no values of reports; of any other only the kind and the place are
            told, as its text can quote what it choked on.
        stream: where to; standard error if None.
    """
    where = stream if stream is not None else sys.stderr
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _ErrorsWithoutValues(clean_errors),
    ]
    last: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if json_lines
        else structlog.dev.ConsoleRenderer(colors=where.isatty())
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, only_harmless, last],
    )
    handler = logging.StreamHandler(where)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    # Every tick of a job that is still at work would be a warning; a job that fails is logged by the daemon.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], True
    logging.captureWarnings(capture=True)
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        # Loggers are made when modules are imported, before this runs; a kept one would go on as it was.
        cache_logger_on_first_use=False,
    )


def only_harmless(_: object, __: str, event: EventDict) -> EventDict:
    """Leave out the values of keys that are not on the list; the key stays, so that one sees what to add to the list."""
    return {key: value if key in HARMLESS else LEFT_OUT for key, value in event.items()}


class _ErrorsWithoutValues:
    """Tells an error by its kind and the places in the code, with its text only where that is known to be harmless."""

    def __init__(self, clean_errors: tuple[type[Exception], ...]) -> None:
        self._clean = clean_errors

    def __call__(self, _: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        told = event.pop("exc_info", None)
        if told is True:
            told = sys.exc_info()
        error = told[1] if isinstance(told, tuple) else told
        if isinstance(error, BaseException):
            event["exception"] = " <- ".join(self._parts(error))
        return event

    def _parts(self, error: BaseException) -> Iterable[str]:
        seen: BaseException | None = error
        while seen is not None:
            text = f": {seen}" if isinstance(seen, self._clean) else ""
            yield f"{type(seen).__name__}{text} at {_places(seen.__traceback__)}"
            seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)


def _places(trace: TracebackType | None) -> str:
    frames = traceback.extract_tb(trace)
    return " > ".join(f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in frames[-8:]) or "no place"
