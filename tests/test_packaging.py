"""The package holds what the repository holds, and every docstring example runs."""

import doctest
import importlib
import importlib.metadata
import pkgutil
import subprocess
from pathlib import Path

import pytest

import broximal

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("oracles", "problems", "theory", "verify")


def modules():
    return [module.name for module in pkgutil.walk_packages(broximal.__path__, "broximal.")]


def tracked():
    done = subprocess.run(["git", "ls-files", *ROOMS], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        pytest.skip("not a git checkout")
    return [Path(line) for line in done.stdout.splitlines()]


def test_every_module_of_the_repository_is_importable_as_part_of_the_package():
    missing = []
    for path in tracked():
        if path.suffix == ".py" and path.name not in ("__init__.py", "_broximal.py") and (ROOT / path).exists():
            name = "broximal." + ".".join(path.with_suffix("").parts)
            if name not in modules():
                missing.append(name)
    assert not missing


def test_an_installed_wheel_has_every_file():
    files = importlib.metadata.files("broximal") or []
    installed = {str(file) for file in files}
    if not any(name.startswith("broximal/") for name in installed):
        pytest.skip("editable install: the folders themselves are the package")
    wanted = {f"broximal/{path}" for path in tracked() if path.name != "_broximal.py" and path.name != "py.typed"}
    assert wanted <= installed


@pytest.mark.parametrize("name", [name for name in modules() if not name.endswith("__main__")])
def test_docstring_examples(name):
    failed, _ = doctest.testmod(importlib.import_module(name))
    assert failed == 0


def test_the_version_comes_from_one_place():
    assert broximal.__version__ == importlib.metadata.version("broximal")


def test_rooms_are_reached_from_the_package():
    for room in ROOMS:
        assert getattr(broximal, room).__name__ == f"broximal.{room}"
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        broximal.nonsense  # noqa: B018
