"""One place to import from, and what a column or constant says of itself."""

import inspect
import pydoc
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

import broximal.theory
from broximal.oracles import combine, namespace, norms
from broximal.oracles.errors import BroximalError, InvalidArgument
from broximal.problems import Arms, Quadratic, Workers, rewards
from broximal.theory import EachStep, Experiment, Measured, catalogue, d0, describe, find, gap, k, known
from broximal.theory.columns import layers, points, whole, workers
from broximal.theory.hypotheses.functions import Convex
from broximal.theory.language import declaration, quantity
from broximal.theory.language.run import Run
from broximal.theory.methods import lmo
from broximal.theory.vocabulary import vocabulary, word

ROOT = Path(__file__).resolve().parents[2]
PLACES = {f"broximal.{room}" for room in ("oracles", "problems", "theory", "verify")}


def test_columns_hypotheses_methods_and_parts_are_in_one_place():
    from broximal.theory import Convex as convex, Ema, PerLayer, gap as own, muon, rounds

    assert convex is Convex and own is points.gap and Ema is lmo.Ema and PerLayer is lmo.PerLayer
    assert muon.__module__ == "broximal.theory.methods.lmo.named" and rounds is known("rounds").symbol
    assert set(lmo.__all__) <= set(dir(broximal.theory))
    methods = {type(theorem.method).__name__ for theorem in catalogue().values()}
    assert methods <= set(vocabulary()) | {name for name in methods if name.startswith("_")}
    hypotheses = {type(h) for theorem in catalogue().values() for h in theorem.assumes}
    shared = {h.__name__ for h in hypotheses if h.__module__.startswith("broximal.theory.hypotheses")}
    assert len(shared) > 15 and shared <= set(vocabulary())


def test_a_name_of_several_vocabularies_is_that_of_the_whole_space_or_none():
    assert word("grad") is points.grad and word("sigma") is whole.sigma
    assert layers.sigma is not whole.sigma and workers.grad is not points.grad
    with pytest.raises(
        ImportError, match=r"'L1' means something else in .*layers and in .*workers; import it from one"
    ):
        from broximal.theory import L1  # noqa: F401
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        _ = broximal.theory.nonsense


def test_no_word_of_the_language_is_hidden_by_a_column():
    """A name of the language is found first, so it may be no other thing of the vocabulary."""
    language = set(broximal.theory._HOME) | {"clocks"}
    assert not [name for name in vocabulary() if name in language]


def test_nothing_is_loaded_for_what_is_not_asked_for():
    code = "import sys; from broximal.theory import Range, find; print('broximal.theory.vocabulary' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize(
    "page",
    [
        "README.md",
        "CONTRIBUTING.md",
        *(f"verify/templates/{kind}.py.txt" for kind in ("method", "norm", "problem", "theorem")),
    ],
)
def test_what_users_read_imports_from_the_four_places(page):
    found = set(re.findall(r"^from (broximal\.[\w.]+) import", ROOT.joinpath(page).read_text(), re.MULTILINE))
    assert found and found <= PLACES


def test_what_is_offered_for_own_files_is_what_they_need():
    assert np.all(combine(2.0, np.ones(2), -1.0, np.ones(2)) == 1) and namespace(np.ones(2)).__name__ == "numpy"
    assert norms.L1()(np.ones(3)) == 3


def test_a_column_says_what_it_is():
    said = describe(gap)
    assert said.startswith("gap: function value above the infimum") and "units     f\n" in said
    assert "broximal.theory.columns.points.gap" in said
    assert describe(gap[k + 1]) == describe("gap") == said == gap.__doc__
    assert "function value above the infimum" in pydoc.plain(pydoc.render_doc(gap))  # what `help(gap)` prints
    assert "given     as d0" in describe(d0) and "one number" in describe(d0)
    assert "one for each arm" in describe("arm_gap") and "one for each layer" in describe(layers.sigma)
    assert describe("D0") == describe(points.D0)  # by the name that it is imported by, as well as by its key
    assert describe("g0").count("  LaTeX") == 2  # of workers, and of layers of workers
    assert describe(broximal.theory.workers) == "workers: number of workers" and "index" in describe(k)
    with pytest.raises(BroximalError, match="no quantity 'nothing'"):
        describe("nothing")
    with pytest.raises(BroximalError, match=r"no quantity 'distnce' is defined\. Did you mean 'distance'"):
        describe("distnce")


def test_every_quantity_says_what_it_is():
    for each in declaration.every():
        said = known(each.key).describe()
        assert each.meaning in said and f"units     {each.units}" in said and each.meaning


@pytest.mark.parametrize("name", ["of_layers", "of_workers", "of_arms", "of_run", "column", "constant", "of_axis"])
def test_what_makes_quantities_is_documented(name):
    made = getattr(quantity, name)
    assert inspect.isfunction(made) and "Decorator" in made.__doc__ and name in made.__qualname__
    assert "key" in inspect.signature(made).parameters


@pytest.mark.parametrize("name", ["of_layers", "of_workers", "of_arms"])
def test_the_examples_of_documentation_run(name, monkeypatch):
    vocabulary()  # first: what it defines stays
    monkeypatch.setattr(declaration, "_DECLARED", dict(declaration._DECLARED))
    lines = getattr(quantity, name).__doc__.splitlines()
    example = textwrap.dedent("\n".join(line for line in lines if line.startswith(" " * 8) or not line.strip()))
    own: dict = {name: getattr(quantity, name), "np": np, "Measured": Measured, "__name__": "example"}
    exec(example, own)
    (symbol,) = (value for value in own.values() if type(value).__name__ == "IndexedBase")
    bowl = Quadratic(np.eye(2), about=[0.0, 0.0], x0=[1.0, 1.0])
    where = {
        "of_layers": lambda: Experiment.make(bowl, norms.L2()),
        "of_workers": lambda: Experiment.make(Workers([bowl, bowl], bowl), norms.L2()),
        "of_arms": lambda: Experiment.make(Arms([0.9, 0.4], rewards.Bernoulli()), None),
    }
    found = Run.at_start(where[name]()).column(str(symbol.label)).values
    np.testing.assert_allclose(found, {"of_layers": [2.0], "of_workers": [1.0, 1.0], "of_arms": [0.0, 2.0]}[name])


def test_a_refusal_for_units_names_the_units_of_every_symbol():
    claim = find("bpm.sublevel_rate").claims[0]
    assert claim is not None
    with pytest.raises(InvalidArgument) as refused:
        EachStep(gap[k + 1] + points.distance[k] * points.L <= gap[k])
    said = str(refused.value)
    assert "gap has f" in said and "D has x" in said and "L has f/x^2" in said
    with pytest.raises(InvalidArgument, match=r"which has units f, .* which has x\.$"):
        EachStep(gap[k] <= points.distance[k])  # where each term is a symbol, its units are said already
