"""The real application in processes of its own, as ``patroonwacht console`` serves it, without the reports' side."""

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from socket import create_connection, create_server, socket
from typing import IO, Final

import uvicorn

from alerts.console.api import alerts_api
from alerts.console.app import create_console
from alerts.console.services import ConsoleServices
from alerts.console.settings import ConsoleSettings
from alerts.lifecycle import Alerts
from alerts.settings import AlertsSettings
from alerts.store.engine import open_engine

PATIENCE_S: Final = 120.0
_TICKS_A_SECOND: Final = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Serving:
    """Where the application is, and its processes."""

    port: int
    processes: tuple[int, ...]


def serve(url: str, descriptor: int) -> None:
    """Serve on this socket, until told to stop."""
    engine = open_engine(url)
    alerts = Alerts(engine, AlertsSettings())
    settings = ConsoleSettings(api_requests_per_minute=1_000_000)
    services = ConsoleServices(engine=engine, alerts=lambda: alerts, settings=lambda: settings, clock=lambda: datetime.now(UTC))
    app = create_console(services, [alerts_api()])
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, server_header=False))
    server.run(sockets=[socket(fileno=descriptor)])


@contextlib.contextmanager
def served(url: str, workers: int) -> Iterator[Serving]:
    """The application in so many processes that share one listening socket."""
    with create_server(("127.0.0.1", 0), backlog=256) as listener, tempfile.TemporaryFile() as log:
        listener.set_inheritable(True)
        words = ["--serve", url, "--descriptor", str(listener.fileno())]
        bench = [sys.executable, str(Path(__file__).parents[1]), "console", *words]
        processes = [
            subprocess.Popen(  # noqa: S603 - ourselves
                ["setpriv", "--pdeathsig", "TERM", "--", *bench],  # noqa: S607 - of util-linux, as for the database
                pass_fds=[listener.fileno()],
                stdout=log,
                stderr=log,
            )
            for _ in range(workers)
        ]
        try:
            port = listener.getsockname()[1]
            _wait_until_served(port, processes, log)
            yield Serving(port, tuple(process.pid for process in processes))
        finally:
            for process in processes:
                process.terminate()
            for process in processes:
                process.wait()


def _wait_until_served(port: int, processes: Sequence["subprocess.Popen[bytes]"], log: IO[bytes]) -> None:
    give_up = time.monotonic() + PATIENCE_S
    while time.monotonic() < give_up and all(process.poll() is None for process in processes):
        # Whoever listens takes the line at once; that somebody answers shows when the application is there.
        with contextlib.suppress(OSError), create_connection(("127.0.0.1", port), timeout=5) as line:
            line.sendall(b"GET /v1 HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
            if line.recv(5) == b"HTTP/":
                return
        time.sleep(0.1)
    log.seek(0)
    raise RuntimeError(f"the console did not start: {log.read()[-2000:].decode(errors='replace')}")


def cpu_seconds(processes: Sequence[int]) -> float:
    """What these processes have computed so far, in seconds of one core."""
    return sum(sum(map(int, _stat(process)[11:13])) for process in processes) / _TICKS_A_SECOND


def database_processes(folder: Path) -> tuple[int, ...]:
    """The processes of the database server whose socket lies in this folder, as there are now."""
    numbers = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
    first = [number for number in numbers if _is_server(number, folder)]
    return tuple(number for number in numbers if number in first or int(_stat(number)[1]) in first)


def _is_server(process: int, folder: Path) -> bool:
    try:
        program, _, rest = Path(f"/proc/{process}/cmdline").read_bytes().partition(b"\0")
    except OSError:  # gone meanwhile
        return False
    return Path(program.decode(errors="replace")).name == "postgres" and str(folder).encode() in rest


def _stat(process: int) -> list[str]:
    """What ``proc(5)`` calls the fields of ``stat``, from the third on: state, parent, and further on the two times."""
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    except OSError:
        return ["?", "0", *["0"] * 40]
