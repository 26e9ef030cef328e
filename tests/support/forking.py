"""A process of the tests that does what each line of JSON orders, in children that it forks, and answers with a line."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Forker:
    """The process; it has loaded everything once."""

    process: "subprocess.Popen[str]"

    def ask(self, **order: Any) -> Any:
        """Its answer to an order."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


@contextmanager
def forker(script: Path) -> Iterator[Forker]:
    """Start the script, and end it on leaving.

    It measures no coverage: a child that is killed leaves nothing of it behind, and taking it nearly doubles the work.
    """
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_PROCESS")}
    # A fork must not inherit threads of libraries.
    single = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
    environment = {**inherited, **single, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    with subprocess.Popen(
        [sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        yield Forker(process)
        assert process.stdin is not None
        process.stdin.close()
