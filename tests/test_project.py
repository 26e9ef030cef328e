"""What holds the project together without being code: the locks, the scripts, the contracts, the papers beside them."""

import os
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

import detector

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKS = {kind: (ROOT / "requirements" / f"{kind}.lock").read_text(encoding="utf-8") for kind in ("run", "dev")}
SCRIPTS = sorted(path for path in [*(ROOT / "scripts").iterdir(), *ROOT.glob(".ci/run")] if path.is_file() and not path.suffix)


def _pinned(lock: str) -> dict[str, set[Version]]:
    """Package to versions; several where they differ by Python version."""
    pinned: dict[str, set[Version]] = {}
    for name, version in re.findall(r"^([a-z0-9.-]+)(?:\[[^\]]*\])?==([^ ]+)", lock, flags=re.MULTILINE):
        pinned.setdefault(name, set()).add(Version(version))
    return pinned


def _group(name: str) -> list[str]:
    wanted: list[str] = []
    for entry in PROJECT["dependency-groups"][name]:
        wanted += [entry] if isinstance(entry, str) else _group(entry["include-group"])
    return wanted


@pytest.mark.parametrize(("kind", "group"), [("run", "install"), ("dev", "dev")])
def test_the_lock_has_what_the_project_asks_for(kind: str, group: str) -> None:
    pinned = _pinned(LOCKS[kind])
    for line in [*PROJECT["project"]["dependencies"], *_group(group)]:
        wanted = Requirement(line)
        name = re.sub(r"[-_.]+", "-", wanted.name).lower()
        assert name in pinned, f"{line} is not in requirements/{kind}.lock; run scripts/lock"
        assert all(wanted.specifier.contains(version) for version in pinned[name]), f"{line}: {pinned[name]}; run scripts/lock"


def test_the_service_runs_in_the_versions_that_were_tested() -> None:
    tested = _pinned(LOCKS["dev"])
    assert {name: tested.get(name) for name in _pinned(LOCKS["run"])} == _pinned(LOCKS["run"])


@pytest.mark.parametrize("kind", ["run", "dev"])
def test_the_lock_names_no_host_and_no_machine_and_every_file_has_a_hash(kind: str) -> None:
    assert not re.search(r"https?:|file:|--(extra-)?index|--find-links|^#.*/(tmp|home|root)/", LOCKS[kind], flags=re.MULTILINE)
    for block in re.split(r"\n(?=\S)", LOCKS[kind]):
        assert block.startswith("#") or "--hash=sha256:" in block, block


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: str(path.name))
def test_a_script_can_be_started_and_says_what_it_is_for(script: Path) -> None:
    assert os.access(script, os.X_OK)
    first, second, *_ = script.read_text(encoding="utf-8").splitlines()
    assert first in {"#!/usr/bin/env bash", "#!/usr/bin/env python3"}
    assert second.startswith(("# ", '"""'))


def test_what_the_wheel_goes_without_is_there(pytestconfig: pytest.Config) -> None:
    conftest = pytestconfig.pluginmanager.get_plugin(str(ROOT / "tests" / "conftest.py"))
    assert conftest is not None
    assert conftest.CHECKOUT_ALONE
    assert [name for name in conftest.CHECKOUT_ALONE if not (ROOT / "tests" / name).exists()] == []


def test_every_method_is_kept_from_knowing_the_others() -> None:
    methods = Path(detector.__file__).parent / "methods"
    files = {f"detector.methods.{path.stem}" for path in methods.glob("[a-z]*.py")} - {"detector.methods.base"}
    contracts = PROJECT["tool"]["importlinter"]["contracts"]
    (independence,) = [contract for contract in contracts if contract["type"] == "independence"]
    assert files == set(independence["modules"])


def test_the_licence_is_the_one_that_is_named() -> None:
    assert PROJECT["project"]["license"] == "EUPL-1.2"
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert licence.startswith("EUROPEAN UNION PUBLIC LICENCE v. 1.2")
    assert "15.Applicable Law" in licence
    assert "license: EUPL-1.2" in (ROOT / "publiccode.yml").read_text(encoding="utf-8")


def test_a_descriptive_sentence_fits_the_catalogues() -> None:
    sentences = re.findall(r"shortDescription: (.*)", (ROOT / "publiccode.yml").read_text(encoding="utf-8"))
    assert len(sentences) == 2
    assert all(len(sentence) <= 150 for sentence in sentences)
