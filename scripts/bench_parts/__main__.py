"""Runs one part of `scripts/bench`: the module named first, through its `main(argv)`."""

import importlib
import sys
from collections.abc import Callable

name, *arguments = sys.argv[1:]
main: Callable[[list[str]], int | None] = importlib.import_module(name).main
sys.exit(main(arguments))
