"""Theorems, problems, norms from files and packages: known by name, never instead of the catalogue's."""

import sys

import pytest

from broximal.oracles import norms
from broximal.oracles.errors import BroximalError, InvalidArgument
from broximal.problems import catalogue as families
from broximal.theory import find
from broximal.theory.language import catalogue as module
from broximal.verify.checking import check_case
from broximal.verify.loading import ensure, load, module_name
from tests.verify.own_files import THEOREM
from tests.verify.test_cli import run


def own(word):
    return THEOREM.replace("mine.decrease", f"mine.{word}").replace("own_", f"{word}_")


def test_what_a_file_defines_is_known_by_name(tmp_path):
    path = tmp_path / "a file.py"
    path.write_text(own("named"))
    loaded = load(path)
    assert find("mine.named") is loaded.theorems[0]
    assert find("mine.named*0.5").name == "mine.named*0.5"
    assert type(families.make("named_quadratic", 3)).__name__ == "OwnQuadratic"
    assert norms.parse("scaled(2, named_norm)").base.name == "named_norm"
    assert sys.modules[module_name(path)] is loaded.module
    assert load(path) is loaded  # the same file is not run twice
    ensure(str(path), loaded.sha256)
    path.write_text(own("named").replace("FACTOR = 1", "FACTOR = 2"))
    ensure(str(path), loaded.sha256)  # what was loaded then is what is asked for
    with pytest.raises(InvalidArgument, match="has changed since the sweep began"):
        ensure(str(path), "0" * 64)
    assert load(path).module.FACTOR == 2 and find("mine.named") is load(path).theorems[0]


def test_theorems_in_lists_are_found(tmp_path):
    path = tmp_path / "several.py"
    path.write_text(
        own("several") + "\nimport dataclasses\n"
        "more = [dataclasses.replace(mine, name=f'mine.several_{n}') for n in range(3)]\n"
    )
    assert len(load(path).theorems) == 4


def test_a_module_beside_the_file_can_be_imported(tmp_path):
    (tmp_path / "beside_helper.py").write_text("FACTOR = 1\n")
    path = tmp_path / "beside.py"
    path.write_text(own("beside").replace("FACTOR = 1", "from beside_helper import FACTOR"))
    assert load(path).theorems


BROKEN = {
    "x = 1": "defines no theorem, and no problem or norm with an alias",
    "x = (": "line 1: '\\(' was never closed",
    "\n\nx = undefined": "line 3: NameError: name 'undefined' is not defined",
    "raise SystemExit(3)": "line 1: SystemExit: 3",
    "import nowhere_at_all": "line 1: ModuleNotFoundError",
    "x = '\0'": "null bytes",
    own("broken").replace('"mine.broken"', '"bpm.star_rate"'): "theorem 'bpm.star_rate' is there already, in broximal.theory",
    own("broken").replace('"mine.broken"', '"a*2"'): "printable name without a star",
    own("broken").replace('"mine.broken"', "'a\\nb'"): "printable name without a star",
    own("broken").replace("broken_quadratic", "quadratic"): "problem 'quadratic' is there already",
    own("broken").replace("broken_norm", "l2"): "norm 'l2' is there already",
    own("broken").replace('alias = "broken_norm"', 'alias = "Broken"'): "must be a lower-case word",
    own("broken").replace("claims=(", "claims=() and ("): "claims nothing",
    own("broken") + "\nother = __import__('dataclasses').replace(mine, title='x')": "two theorems are called",
    "from broximal.problems.problem import Problem\nclass A(Problem):\n    alias = 'abstract_one'": "does not define .*value",
}  # fmt: skip


@pytest.mark.parametrize("source", BROKEN, ids=range(len(BROKEN)))
def test_a_broken_file_is_one_sentence_and_leaves_nothing(tmp_path, source):
    path = tmp_path / "broken.py"
    path.write_text(source)
    with pytest.raises(InvalidArgument, match=BROKEN[source]) as error:
        load(path)
    assert str(error.value).startswith(f"file {path}") and "\n" not in str(error.value)
    assert module_name(path) not in sys.modules
    with pytest.raises(InvalidArgument):
        find("mine.broken")


def test_a_broken_change_keeps_what_was_loaded(tmp_path):
    path = tmp_path / "kept.py"
    path.write_text(own("kept"))
    before = load(path)
    path.write_text("x = undefined")
    with pytest.raises(InvalidArgument):
        load(path)
    assert sys.modules[module_name(path)] is before.module and find("mine.kept") is before.theorems[0]


def test_what_is_no_file_is_said(tmp_path):
    for name, words in (
        ("nowhere.py", "cannot be read"),
        ("x.txt", "must be a Python file"),
        ("folder.py", "is a folder"),
    ):
        (tmp_path / "folder.py").mkdir(exist_ok=True)
        with pytest.raises(InvalidArgument, match=words):
            load(tmp_path / name)


# ---- the command line ------------------------------------------------------------------------------------------------


def test_every_command_knows_the_file(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = "cli.py"
    (tmp_path / file).write_text(own("cli"))
    for arguments, words in (
        ("list", "mine.cli"),
        ("list --problems", "cli_quadratic"),
        ("list --norms", "cli_norm"),
        ("show mine.cli", "A file of a user's own."),
        ("stepsize mine.cli", "mine.cli prescribes nothing"),
        ("verify", "\n1 check, 1 as expected"),
        ("verify mine.cli*0.1 --jobs 1 --problem cli_quadratic --radius 0.1 --norm cli_norm", "violated"),
        ("verify bpm.star_rate --problem cli_quadratic --norm cli_norm --dim 2", "holds"),
    ):
        code, out, err = run(capsys, *arguments.split(), "--theorems", file)
        assert code == ("*0.1" in arguments), (arguments, err)
        assert words in out, arguments


@pytest.mark.parametrize(
    "made, words",
    [
        ("Quadratic.example(3).nothing", "AttributeError: 'Quadratic' object has no attribute 'nothing'"),
        ("Quadratic(None)", "cannot be made: A "),
    ],
)
def test_a_case_that_cannot_be_made_is_one_sentence_with_its_line(tmp_path, made, words):
    word = f"unmade{len(made)}"
    path = tmp_path / "unmade.py"
    path.write_text(
        own(word)
        + f"""
unmade = Theorem(
    name="mine.{word}_case",
    title="t",
    source=Source("my notes", "proved here"),
    assumes=(Convex(),),
    method=BroximalPoint(),
    claims=mine.claims,
    cases=(Case(lambda seed: {made}, L2()),),
)
"""
    )
    load(path)
    line = path.read_text().splitlines().index(f"    cases=(Case(lambda seed: {made}, L2()),),") + 1
    with pytest.raises(InvalidArgument, match=f"the case in unmade.py, line {line}, cannot be made: ") as caught:
        check_case(find(f"mine.{word}_case"), 0)
    assert words in str(caught.value)


def test_a_file_without_theorems_leaves_the_catalogue_to_its_problem(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bare.py").write_text(own("bare").split("mine = Theorem")[0])
    code, _, err = run(capsys, "verify", "--theorems", "bare.py")
    assert code == 2 and "gives no theorem to check" in err
    code, out, err = run(capsys, *"verify bpm.star_rate --problem bare_quadratic --dim 2 --theorems bare.py".split())
    assert code == 0, err
    assert "holds" in out


def test_own_theorems_are_swept_in_processes(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "swept.py").write_text(own("swept"))
    options = "--jobs 2 --problem swept_quadratic --norm swept_norm --dim 2 --theorems swept.py".split()
    code, out, err = run(capsys, "verify", "mine.swept", "bpm.star_rate", *options)
    assert code == 0, err
    assert "4 checks, 4 as expected" in out


# ---- packages --------------------------------------------------------------------------------------------------------


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A distribution on sys.path with one entry point, as an installed package has it."""

    def install(name, source, value=None):
        (tmp_path / f"{name}.py").write_text(source)
        info = tmp_path / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[broximal.theorems]\nown = {value or name}\n")
        monkeypatch.syspath_prepend(str(tmp_path))
        module._from_packages.cache_clear()

    yield install
    monkeypatch.undo()
    module._from_packages.cache_clear()


def test_an_installed_package_adds_its_theorems(capsys, package, tmp_path, monkeypatch):
    package("fake_package", own("packaged"))
    monkeypatch.chdir(tmp_path)
    assert module.origin("mine.packaged") == "fake_package"
    code, out, err = run(capsys, "verify", "mine.packaged")
    assert code == 0, err
    assert "holds" in out


@pytest.mark.parametrize(
    "source, words",
    [
        ("x = undefined", "cannot be loaded .NameError"),
        ("x = 1", "holds no theorem"),
        (own("taken").replace("mine.taken", "bpm.star_rate"), "'bpm.star_rate' is there already"),
    ],
)
def test_a_broken_package_is_one_sentence(package, source, words):
    package(f"broken_package_{abs(hash(words))}", source)
    with pytest.raises(BroximalError, match=words) as error:
        module.catalogue()
    assert "entry point 'own'" in str(error.value)
