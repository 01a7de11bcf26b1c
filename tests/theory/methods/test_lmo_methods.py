"""LMO methods against plain loops, and many seeds at once (the host against the scan is in test_law)."""

import itertools
import os
import subprocess
import sys

import jax
import numpy as np
import pytest

from broximal.oracles import norms
from broximal.oracles.errors import InvalidArgument, MissingConstant
from broximal.oracles.layers import Layers
from broximal.oracles.norms import L2, LInf, Product, Spectral
from broximal.problems.smooth.ridges import Ridges, random_layer
from broximal.problems.stochastic.noise import Gaussian
from broximal.problems.stochastic.noisy import Noisy
from broximal.theory.columns.layers import P, error, g, moved_by
from broximal.theory.columns.noise import drawn
from broximal.theory.columns.points import value
from broximal.theory.hypotheses.smoothness import LayerSmooth
from broximal.theory.language.experiment import Experiment
from broximal.theory.methods.lmo import (
    Adaptive,
    Drawn,
    Ema,
    LmoMethod,
    PerLayer,
    named,
)
from broximal.verify.running import on_host, run

NORM = Product([Spectral(), LInf(), L2()])


def problem(kind="psi"):
    return Ridges(random_layer(kind, (3, 2), 1), random_layer(kind, 4, 2), random_layer(kind, 3, 3))


def experiment(f, steps=12, radius=0.1, **parameters):
    s = Experiment.make(f, NORM, steps=steps, radius=radius, parameters=parameters)
    return s.established(LayerSmooth(accepts=("A1", "A1H")).establish(s))


def paths(method, experiment, seeds, *columns):
    return run(method, experiment, (value, *columns), seeds, points=True)


def stacked(runs, column):
    return np.array([one.column(str(column.label)).values for one in runs])


def test_a_step_moves_every_layer_by_its_radius():
    s = experiment(problem(), steps=1, tau=(0.3, 0.2, 0.1))
    run = on_host(LmoMethod(PerLayer("tau")), s)
    split = Layers(NORM)
    moved = [b - a for a, b in zip(split.split(run.points[0]), split.split(run.points[1]), strict=True)]
    assert np.allclose(split.sizes(moved), (0.3, 0.2, 0.1))
    gradient = split.split(s.problem.gradient(run.points[0]))
    inner = [float((g * d).sum()) for g, d in zip(gradient, moved, strict=True)]
    assert np.allclose(inner, -np.array((0.3, 0.2, 0.1)) * split.dual_sizes(gradient))


def test_decay_is_the_frank_wolfe_form():
    s = experiment(problem(), steps=3, tau=0.2, theta=0.1)
    run = on_host(LmoMethod(PerLayer("tau"), decay="theta"), s)
    x, split = run.points[0], Layers(NORM)
    for point in run.points[1:]:
        v = split.join(split.lmo(split.split(s.problem.gradient(x))))
        x = jax.tree.map(lambda a, b: 0.9 * a + 0.2 * b, x, v)
        assert jax.tree.all(jax.tree.map(np.allclose, x, point))


def test_nesterov_looks_ahead():
    s = experiment(problem(), steps=4, tau=0.2, a=0.3)
    host = on_host(LmoMethod(PerLayer("tau"), Ema("a", nesterov=True)), s)
    split, x, m = Layers(NORM), s.x0, None
    for point in host.points[1:]:
        g = split.split(s.problem.gradient(x))
        m = g if m is None else [0.7 * a + 0.3 * b for a, b in zip(m, g, strict=True)]
        v = split.lmo([0.7 * a + 0.3 * b for a, b in zip(m, g, strict=True)])
        x = split.join([a + 0.2 * b for a, b in zip(split.split(x), v, strict=True)])
        assert jax.tree.all(jax.tree.map(np.allclose, x, point))


@pytest.mark.parametrize("make", [named.muon, named.scion, named.constrained_scion, named.signs, named.normalised])
def test_known_methods(make):
    f = problem()
    method, norm = make(f.x0)
    s = Experiment.make(f, norm, steps=6, radius=0.1, parameters={"tau": 0.05, "a": 0.3, "theta": 0.01})
    run = on_host(method, s)
    assert run.length == 6 and f.value(run.points[-1]) < f.value(f.x0)
    moved = [b - a for a, b in zip(f.x0, run.points[1], strict=True)]
    if method.decay is None:
        assert np.allclose(Layers(norm).sizes(moved), 0.05)


def test_muon_takes_kernels_of_convolutions_as_matrices(rng):
    kernel = rng.standard_normal((4, 3, 2, 2))
    for make in (named.muon, named.drop_muon):
        norm = make(kernel)[1]
        assert norm.name == "flattened(spectral, 1)"
        assert np.allclose(norm.lmo(kernel).reshape(4, 12), norms.Spectral().lmo(kernel.reshape(4, 12)))
    layers = named.muon({"kernel": kernel, "bias": np.zeros(4), "head": np.zeros((2, 4))})[1]
    assert layers.name == "product([linf, spectral, flattened(spectral, 1)], [1, 1, 1])"  # by names: bias, head, kernel


def test_drop_muon_is_muon_on_some_layers():
    f = Noisy(problem(), Gaussian(0.1))
    method, norm = named.drop_muon(f.x0)
    s = Experiment.make(f, norm, steps=10, radius=0.1, parameters={"tau": 0.05, "a": 0.3})
    masks = stacked(paths(method, s, range(16), drawn), drawn)
    assert 0.2 < masks[..., 0].mean() < 0.5 and np.all(masks[..., -1] == 1)
    assert named.muon(np.zeros((3, 2)))[1].name == "spectral"


def test_noise_is_different_for_every_seed_and_step_and_the_same_again():
    f = Noisy(problem(), Gaussian(0.2))
    s = experiment(f, a=0.5, tau=0.05)
    method = LmoMethod(PerLayer("tau"), Ema("a"))
    assert method.random(s) and not method.random(experiment(problem(), a=0.5, tau=0.05))
    runs, again = (paths(method, s, seeds, error) for seeds in (range(40), range(35, 40)))
    errors = stacked(runs, error)
    assert len({tuple(np.round(row.ravel(), 12)) for row in errors}) == 40
    assert np.array_equal(stacked(again, value)[0], stacked(runs, value)[35])  # whatever is run beside it
    assert errors[:, 0, 1].std() > 0.05


def test_momentum_follows_its_recursion():
    """E|m - grad f|_2^2 after many steps of a constant gradient is a / (2 - a) sigma^2."""
    f = Noisy(Ridges(random_layer("square", 6, 0)), Gaussian(1.0))
    s = Experiment.make(f, L2(), steps=60, radius=1e-9, parameters={"a": 0.3, "tau": 1e-9})
    squares = (stacked(paths(LmoMethod(PerLayer("tau"), Ema("a")), s, range(600), error), error) ** 2).mean(axis=0)
    assert squares[-1, 0] == pytest.approx(6 * 0.3 / 1.7, rel=0.1)
    assert squares[0, 0] == pytest.approx(6, rel=0.1)


def test_layers_that_are_not_drawn_keep_weights_and_momentum():
    f = Noisy(problem(), Gaussian(0.2))
    s = experiment(f, steps=30, a=0.5, tau=0.05, weights=(0.2, 0.5, 0.3))
    method = LmoMethod(PerLayer("tau"), Ema("a", again=True), Drawn())
    runs = paths(method, s, range(64), drawn, moved_by, error, g)
    masks = stacked(runs, drawn)
    assert np.allclose(masks.mean(axis=(0, 1)), (0.2, 0.7, 1.0), atol=0.05)
    assert np.all(np.diff(masks, axis=2) >= 0)  # nested: later layers move whenever earlier ones do
    assert np.array_equal(stacked(runs, moved_by) > 0, masks > 0)
    for seed in range(3):
        states = on_host(method, s, seed).states
        for before, after in itertools.pairwise(states):
            split, mask = Layers(NORM).split, np.asarray(after.mask)
            pairs = zip(split(before.memory), split(after.memory), mask, strict=True)
            assert all(np.array_equal(old, new) == (on == 0) for old, new, on in pairs)


def test_independent_layers():
    s = experiment(problem(), steps=40, P=(0.9, 0.5, 0.2))
    runs = paths(LmoMethod(Adaptive(), active=Drawn()), s, range(32), drawn)
    masks = stacked(runs, drawn)
    assert np.allclose(masks.mean(axis=(0, 1)), (0.9, 0.5, 0.2), atol=0.06)
    assert abs(np.corrcoef(masks.reshape(-1, 3).T)[0, 1]) < 0.1
    assert np.allclose(runs[0].column(str(P.label)).values, (0.9, 0.5, 0.2))


@pytest.mark.parametrize(
    "parameters, words",
    [
        ({"weights": (0.5, 0.6, 0.2)}, "weights must add up to 1"),
        ({"weights": (0.0, 0.5, 0.5)}, "a layer never moves"),
        ({"weights": (0.5, 0.5)}, "weights must be 3 probabilities"),
        ({"P": (0.5, 0.0, 1.0)}, r"P must lie in \(0, 1\], but is 0"),
        ({"P": (0.5, 2.0, 1.0)}, r"P must lie in \(0, 1\], but is 2"),
        ({"P": (0.5, 0.5)}, "P must be 3 probabilities"),
    ],
)
def test_bad_samplers_are_refused(parameters, words):
    with pytest.raises(InvalidArgument, match=words):
        Drawn().outcomes(3, experiment(problem(), **parameters).parameters)


def test_a_missing_parameter_is_named():
    with pytest.raises(MissingConstant, match="parameter tau"):
        on_host(LmoMethod(PerLayer("tau")), experiment(problem()))


def test_methods_that_differ_in_their_title_only_are_compiled_once():
    one, another = (LmoMethod(Adaptive(), title=title).compiled() for title in ("one", "another"))
    assert jax.tree.structure(one) == jax.tree.structure(another)


SHARDED = """
import jax, numpy as np
from broximal.oracles.norms import L2, LInf, Product, Spectral
from broximal.problems.stochastic.noise import Gaussian
from broximal.problems.stochastic.noisy import Noisy
from broximal.problems.smooth.ridges import Ridges, random_layer
from broximal.theory.methods.lmo import Ema, LmoMethod, PerLayer
from broximal.theory.columns.layers import g
from broximal.theory.columns.points import value
from broximal.theory.language.experiment import Experiment
from broximal.verify.running import run

f = Noisy(Ridges(random_layer("psi", (3, 2), 1), random_layer("psi", 4, 2), random_layer("psi", 3, 3)), Gaussian(0.2))
s = Experiment.make(f, Product([Spectral(), LInf(), L2()]), steps=12, radius=0.1, parameters={"a": 0.5, "tau": 0.05})
runs = run(LmoMethod(PerLayer("tau"), Ema("a")), s, (value, g), range(20))
columns = ([one.column(key).values for key in ("f", "gl")] for one in runs)
np.save("traces.npy", np.array([np.concatenate([f[:, None], g], axis=1) for f, g in columns]))
print(len(jax.devices()))
"""


def test_eight_devices_give_the_numbers_of_one(tmp_path):
    found = {}
    for count in (1, 8):
        environment = os.environ | {"XLA_FLAGS": f"--xla_force_host_platform_device_count={count}"}
        done = subprocess.run(
            [sys.executable, "-c", SHARDED], cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.strip() == str(count)
        found[count] = np.load(tmp_path / "traces.npy")
    assert np.allclose(found[1], found[8], rtol=1e-12, atol=1e-14)
