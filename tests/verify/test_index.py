"""What is kept of the catalogue is what the catalogue says, and is made anew when anything it rests on has changed."""

import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import broximal
from broximal.oracles.errors import InvalidArgument
from broximal.theory import catalogue
from broximal.theory.language.declaration import declared
from broximal.theory.language.quantity import known
from broximal.verify import index
from broximal.verify.listing import Kept, Listing, plain


@pytest.fixture(scope="module")
def content():
    return plain()


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder for indices of a process that has not made the catalogue."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(index, "_CATALOGUE", "a module that nobody has imported")
    return tmp_path / "broximal"


@pytest.fixture
def quick(monkeypatch, content):
    """The index is made without asking the catalogue again; how often is counted."""
    made = []
    monkeypatch.setattr(index, "plain", lambda: made.append(1) or content)
    return made


def test_what_is_kept_is_what_the_catalogue_says(content):
    kept, live = Kept(json.loads(json.dumps(content))), Listing()
    for what in ("theorems", "problems", "norms", "constants"):
        assert kept.rows(what) == live.rows(what)
    assert list(content["cards"]) == list(content["outlines"]) == list(catalogue())
    for name in catalogue():
        assert kept.card(name) == live.card(name)
        assert kept.outline(name) == live.outline(name)
        assert content["outlines"][name] is not None
    assert kept.card("bpm.star_rate*0.9") == live.card("bpm.star_rate*0.9") != live.card("bpm.star_rate")


def test_what_can_be_measured_stays_so(content):
    """Reading declarations back does not take the place of the quantities that this process has."""
    Kept(content).outlines()
    assert known("gap").measure and known("L").measure and declared("gap") is known("gap")


def test_an_outline_that_cannot_be_kept_is_asked_of_the_catalogue(content):
    kept = Kept(content | {"outlines": content["outlines"] | {"bpm.smooth": None}})
    assert kept.outline("bpm.smooth") == Listing().outline("bpm.smooth")
    assert kept.outlines() == Listing().outlines()


@pytest.mark.parametrize("name", ["bpm.star_rat", "bpm.star_rat*0.9"])
def test_an_unknown_name_is_refused_in_the_same_words(content, name):
    said = []
    for answers in (Kept(content), Listing()):
        for ask in (answers.card, answers.outline):
            with pytest.raises(InvalidArgument) as refusal:
                ask(name)
            said.append(str(refusal.value))
    assert len(set(said)) == 1 and "Did you mean 'bpm.star_rate'?" in said[0]


def test_it_is_made_once(place, quick):
    assert isinstance(index.answers(), Listing)
    assert isinstance(index.answers(), Kept) and len(quick) == 1
    assert [path.suffix for path in place.iterdir()] == [".json"]


def test_a_process_that_has_the_catalogue_asks_it(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert isinstance(index.answers(), Listing)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "spoil",
    [
        lambda whole: b"",
        lambda whole: whole[: len(whole) // 2],
        lambda whole: whole.replace(b"bpm.star_rate", b"bpm.star_rats"),
        lambda whole: b"{}" + whole,
        lambda whole: whole.partition(b"\n")[0] + b"\n{}",
        lambda whole: b"\xff\xfe" * 50,
    ],
)
def test_a_file_that_was_not_written_in_one_piece_is_ignored_and_replaced(place, quick, spoil):
    index.answers()
    (path,) = place.iterdir()
    whole = path.read_bytes()
    path.write_bytes(spoil(whole))
    assert isinstance(index.answers(), Listing)
    assert path.read_bytes() == whole and isinstance(index.answers(), Kept)


def test_a_file_of_another_user_is_ignored(place, quick, monkeypatch):
    index.answers()
    owner = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: owner + 1)
    assert isinstance(index.answers(), Listing)


def test_a_pipe_in_its_place_does_not_hang(place, quick):
    index.answers()
    (path,) = place.iterdir()
    path.unlink()
    os.mkfifo(path)
    assert isinstance(index.answers(), Listing)


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path, monkeypatch, quick, place):
    (tmp_path / "file").write_text("")
    for where in (str(tmp_path / "file"), "/dev/null"):
        monkeypatch.setenv("XDG_CACHE_HOME", where)
        assert isinstance(index.answers(), Listing)
    assert not quick  # nothing is made that could not be kept


def test_a_full_disk_is_no_error(place, quick, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(index, "replace", full)
    assert isinstance(index.answers(), Listing)
    assert not list(place.iterdir())


def test_the_folder_is_that_of_the_standard(monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", "/somewhere")
    assert index.folder() == Path("/somewhere/.cache/broximal")
    monkeypatch.setenv("XDG_CACHE_HOME", "/else")
    assert index.folder() == Path("/else/broximal")


def test_two_at_once_leave_one_whole_file(place, quick):
    threads = [threading.Thread(target=index.answers) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(list(place.iterdir())) == 1 and isinstance(index.answers(), Kept)


def test_few_files_are_kept(place, quick):
    place.mkdir()
    for number in range(20):
        (place / f"{number}.json").write_text("old")
        os.utime(place / f"{number}.json", (number, number))
    index.answers()
    left = sorted(path.stem for path in place.iterdir())
    assert len(left) == index.KEPT and {"19", "18"} < set(left) and "0" not in left


@pytest.fixture
def sources(tmp_path, monkeypatch):
    """A package of a few files in the place of this one."""
    root = tmp_path / "package"
    for room in index.ROOMS:
        (root / room / "inner").mkdir(parents=True)
        (root / room / "inner" / "one.py").write_text(f"value = 1  # {room}")
    (root / "__init__.py").write_text("")
    monkeypatch.setattr(broximal, "__file__", str(root / "__init__.py"))
    return root


@pytest.mark.parametrize("room", index.ROOMS)
def test_the_key_sees_every_edit(sources, room):
    """One that leaves size and time as they were, a new file, one that was moved, one that is gone."""
    path = sources / room / "inner" / "one.py"
    keys, times = [index.key()], path.stat()
    assert index.key() == keys[0]
    path.write_text(path.read_text().replace("1", "2"))
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    keys.append(index.key())
    (sources / room / "two.py").write_text("")
    keys.append(index.key())
    path.rename(sources / room / "one.py")
    keys.append(index.key())
    (sources / room / "one.py").unlink()
    keys.append(index.key())
    assert len(set(keys)) == len(keys) and None not in keys


def test_the_key_sees_versions_and_packages_with_theorems(sources, tmp_path, monkeypatch):
    site = tmp_path / "site"
    (site / "own-1.0.dist-info").mkdir(parents=True)
    monkeypatch.syspath_prepend(str(site))
    keys = [index.key()]
    (site / "own-1.0.dist-info").rename(site / "own-1.1.dist-info")
    keys.append(index.key())
    (site / "own-1.1.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: own\nVersion: 1.1\n")
    (site / "own-1.1.dist-info" / "entry_points.txt").write_text("[broximal.theorems]\nown = own_theorems.here\n")
    assert index.key() is None  # its sources cannot be found
    (site / "own_theorems").mkdir()
    (site / "own_theorems" / "here.py").write_text("raise SystemExit('nobody may run this for a key')")
    keys.append(index.key())
    (site / "own_theorems" / "here.py").write_text("value = 1")
    keys.append(index.key())
    assert len(set(keys)) == len(keys) and None not in keys


def test_sources_that_are_edited_while_they_are_imported_are_not_kept(place, quick, monkeypatch):
    keys = iter(["before", "after"])
    monkeypatch.setattr(index, "key", lambda: next(keys))
    assert isinstance(index.answers(), Listing)
    assert quick and not list(place.iterdir())


def command(root, cache, *arguments):
    """(output, which of the heavy packages were loaded) of a command of the package at this place."""
    code = (
        "import sys\n"
        "from broximal.verify.__main__ import main\n"
        "try:\n main()\nexcept SystemExit as stop:\n assert not stop.code, stop.code\n"
        "print(*sorted({'jax', 'cvxpy', 'scipy', 'matplotlib', 'sympy'} & set(sys.modules)), file=sys.stderr)"
    )
    environment = os.environ | {"XDG_CACHE_HOME": str(cache), "PYTHONPATH": str(root)}
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, env=environment, check=True
    )
    return done.stdout, set(done.stderr.split())


def test_commands_answer_from_the_index_until_a_module_is_edited(tmp_path):
    """The package copied, so that one of its modules can be edited."""
    root, cache = tmp_path / "root", tmp_path / "cache"
    shutil.copytree(Path(str(broximal.__file__)).parent, root / "broximal")
    cold, loaded = command(root, cache, "list")
    assert "jax" in loaded
    warm, loaded = command(root, cache, "list")
    assert warm == cold and not loaded
    card, loaded = command(root, cache, "show", "bpm.star_rate")
    assert card == Listing().card("bpm.star_rate") + "\n" and not loaded
    words = "stepsize bpm.sublevel_rate --R0 3 --d0 10 --t 0.25 --eps 1e-3".split()
    number, loaded = command(root, cache, *words)
    assert "= 106\n" in number and loaded == {"sympy"}
    ranked, loaded = command(root, cache, *"compare --L 1 --d0 5 --D0 3 --t 0.3 --eps 0.01".split())
    assert "bpm.euclid_smooth" in ranked and loaded == {"sympy"}

    paper = root / "broximal" / "theory" / "papers" / "bpm" / "schedules.py"
    paper.write_text(paper.read_text().replace('"Geometric radii, any norm"', '"An edited title, any norm"'))
    edited, loaded = command(root, cache, "list")
    assert "jax" in loaded and edited == cold.replace("Geometric radii, any norm", "An edited title, any norm") != cold
