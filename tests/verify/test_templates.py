"""Templates and the recipes of CONTRIBUTING.md run as they stand."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from broximal.theory import catalogue
from broximal.theory.language import declaration
from broximal.theory.vocabulary import vocabulary
from broximal.verify.templates import kinds, write
from tests.verify.test_cli import run

CONTRIBUTING = Path(__file__).resolve().parents[2] / "CONTRIBUTING.md"


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch):
    """And with a vocabulary of its own: every file here is a copy of another one."""
    monkeypatch.chdir(tmp_path)
    catalogue(), vocabulary()  # first: what they define stays
    monkeypatch.setattr(declaration, "_DECLARED", dict(declaration._DECLARED))


@pytest.mark.parametrize("kind", kinds())
def test_a_template_runs_as_it_is(capsys, kind):
    code, out, err = run(capsys, "new", kind, "f.py")
    assert code == 0, err
    command = out.strip().splitlines()[-1].split()
    assert command[0] == "broximal" and "f.py" in command
    code, out, err = run(capsys, *command[1:], "--json", "r.json")
    assert code == 0, out + err
    words = {record["verdict"] for record in json.loads(Path("r.json").read_text())}
    assert "holds" in words <= {"holds", "loose", "vacuous"}
    if kind in (
        "theorem",
        "method",
        "compressor",
    ):  # a newcomer starts without a warning: every claim holds, every part is seen
        assert "1 statement: 1 holds with power" in out and "and 0 without one" in " ".join(out.split())


def test_there_are_templates():
    assert {"theorem", "method", "compressor", "problem", "norm"} <= set(kinds())


def test_nothing_is_overwritten(capsys, tmp_path):
    (tmp_path / "mine.py").write_text("precious")
    code, _, err = run(capsys, "new", "theorem", "mine.py")
    assert code == 2 and "file mine.py exists; nothing is overwritten" in err
    assert (tmp_path / "mine.py").read_text() == "precious"


@pytest.mark.parametrize(
    "arguments, words",
    [
        ("new theorm mine.py", "Did you mean 'theorem'"),
        ("new theorem mine.txt", "must be a Python file"),
        ("new theorem nowhere/mine.py", "cannot be written"),
        ("new ../../x mine.py", "is none of"),
    ],
)
def test_mistakes_are_one_sentence(capsys, arguments, words):
    code, _, err = run(capsys, *arguments.split())
    assert code == 2 and words in err and len(err.strip().splitlines()) == 1


def blocks():
    """(language, content) of every block of CONTRIBUTING.md, in order."""
    return re.findall(r"^```(\w+)\n(.*?)^```$", CONTRIBUTING.read_text(), re.MULTILINE | re.DOTALL)


def test_every_recipe_runs(capsys, tmp_path):
    ran = 0
    for language, content in blocks():
        if language == "python":
            name = content.splitlines()[0].removeprefix("# ")
            (tmp_path / name).write_text(content)
            continue
        for line in content.splitlines() if language == "console" else ():
            program, *arguments = line.split()
            if program == "broximal":
                code, out, err = run(capsys, *arguments)
            else:
                assert program == "python"
                done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True)
                code, out, err = done.returncode, done.stdout, done.stderr
            assert code == 0, f"{line}\n{out}{err}"
            ran += 1
    assert ran >= 10
    assert {path.name for path in tmp_path.glob("*.py")} >= {"decrease.py", "grid.py", "laws.py"}


def test_every_kind_has_a_recipe():
    for kind in kinds():
        assert f"broximal new {kind} " in CONTRIBUTING.read_text()


def test_the_command_names_the_file(tmp_path):
    assert write("theorem", tmp_path / "x.py").endswith(f"--theorems {tmp_path / 'x.py'}")
    assert (
        (tmp_path / "x.py").read_text().startswith(f"# Run it with: broximal verify --theorems {tmp_path / 'x.py'}\n")
    )
