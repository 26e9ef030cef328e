from importlib import import_module
from pathlib import Path

from alerts.console import pages


def test_every_file_of_pages_is_in_the_application() -> None:
    files = sorted(path.stem for path in Path(pages.__file__).parent.glob("[a-z]*.py"))
    assert [import_module(f"alerts.console.pages.{name}").GROUP for name in files] == list(pages.PAGES)
