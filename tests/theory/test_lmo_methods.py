"""LMO methods: the jitted run against a plain loop, its parts, and many seeds at once."""

import dataclasses
import os
import subprocess
import sys

import jax
import numpy as np
import pytest

from broximal.oracles.errors import InvalidArgument, MissingConstant
from broximal.oracles.layers import Layers
from broximal.oracles.norms import L2, LInf, Product, Spectral
from broximal.problems.smooth.ridges import Ridges, random_layer
from broximal.problems.stochastic.noise import Gaussian
from broximal.problems.stochastic.noisy import Noisy
from broximal.theory.hypotheses.smoothness import LayerSmooth
from broximal.theory.language.setting import Setting
from broximal.theory.methods.lmo import (
    Adaptive,
    Clipped,
    Drawn,
    Ema,
    Given,
    LmoMethod,
    Logarithmic,
    PerLayer,
    Sharp,
    named,
)
from broximal.theory.methods.lmo.context import Context

NORM = Product([Spectral(), LInf(), L2()])


def problem(kind="psi"):
    return Ridges(random_layer(kind, (3, 2), 1), random_layer(kind, 4, 2), random_layer(kind, 3, 3))


def setting(f, steps=12, radius=0.1, **parameters):
    s = Setting.make(f, NORM, steps=steps, radius=radius, parameters=parameters)
    return LayerSmooth(accepts=("A1", "A1H")).enriched(s)


RULES = [
    (Given(), {}),
    (Adaptive(), {}),
    (Logarithmic(), {}),
    (PerLayer("tau", horizon=0.75, power=0.5), {"tau": (0.3, 0.2, 0.1)}),
    (Sharp(), {"gamma": 0.05}),
    (Clipped(), {"gam": 0.1, "cap": 0.7}),
]


@pytest.mark.parametrize("rule, parameters", RULES, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("estimator", [None, Ema("a")], ids=["exact", "momentum"])
def test_the_jitted_run_is_the_host_run(rule, parameters, estimator):
    """The same step in numpy and in a scan, without noise."""
    method = LmoMethod(rule) if estimator is None else LmoMethod(rule, estimator)
    s = setting(problem(), **parameters, **({} if estimator is None else {"a": 0.4}))
    host, run = method.run(s), method.run_seeds(s, range(3))[2]
    split = Layers(NORM)
    sizes = [split.dual_sizes(split.split(s.problem.gradient(x))) for x in host.points]
    assert np.allclose(run.trace["g"], sizes, rtol=1e-10)
    assert np.allclose(run.trace["f"], [s.problem.value(x) for x in host.points], rtol=1e-12)
    assert np.allclose(run.trace["t"], [r.extra["radii"] for r in host.records], rtol=1e-10)
    assert np.allclose(run.trace["e"], [r.extra["errors"] for r in host.records], rtol=1e-8, atol=1e-12)
    assert jax.tree.all(jax.tree.map(lambda a, b: np.allclose(a, b, rtol=1e-10), run.points[-1], host.points[-1]))


def test_a_step_moves_every_layer_by_its_radius():
    s = setting(problem(), steps=1, tau=(0.3, 0.2, 0.1))
    run = LmoMethod(PerLayer("tau")).run(s)
    split = Layers(NORM)
    moved = [b - a for a, b in zip(split.split(run.points[0]), split.split(run.points[1]), strict=True)]
    assert np.allclose(split.sizes(moved), (0.3, 0.2, 0.1))
    gradient = split.split(s.problem.gradient(run.points[0]))
    inner = [float((g * d).sum()) for g, d in zip(gradient, moved, strict=True)]
    assert np.allclose(inner, -np.array((0.3, 0.2, 0.1)) * split.dual_sizes(gradient))


def test_decay_is_the_frank_wolfe_form():
    s = setting(problem(), steps=3, tau=0.2, gam=0.1)
    run = LmoMethod(PerLayer("tau"), decay="gam").run(s)
    x, split = run.points[0], Layers(NORM)
    for point in run.points[1:]:
        v = split.join(split.lmo(split.split(s.problem.gradient(x))))
        x = jax.tree.map(lambda a, b: 0.9 * a + 0.2 * b, x, v)
        assert jax.tree.all(jax.tree.map(np.allclose, x, point))


def test_nesterov_looks_ahead():
    s = setting(problem(), steps=4, tau=0.2, a=0.3)
    host = LmoMethod(PerLayer("tau"), Ema("a", nesterov=True)).run(s)
    split, x, m = Layers(NORM), s.x0, None
    for point in host.points[1:]:
        g = split.split(s.problem.gradient(x))
        m = g if m is None else [0.7 * a + 0.3 * b for a, b in zip(m, g, strict=True)]
        v = split.lmo([0.7 * a + 0.3 * b for a, b in zip(m, g, strict=True)])
        x = split.join([a + 0.2 * b for a, b in zip(split.split(x), v, strict=True)])
        assert jax.tree.all(jax.tree.map(np.allclose, x, point))
    run = LmoMethod(PerLayer("tau"), Ema("a", nesterov=True)).run_seeds(s, range(2))[1]
    assert jax.tree.all(jax.tree.map(np.allclose, run.points[-1], host.points[-1]))


@pytest.mark.parametrize("make", [named.muon, named.scion, named.constrained_scion, named.signs, named.normalised])
def test_known_methods(make):
    f = problem()
    method, norm = make(f.x0)
    s = Setting.make(f, norm, steps=6, radius=0.1, parameters={"tau": 0.05, "a": 0.3, "gam": 0.01})
    run = method.run(s)
    assert run.length == 6 and f.value(run.points[-1]) < f.value(f.x0)
    moved = [b - a for a, b in zip(f.x0, run.points[1], strict=True)]
    if method.decay is None:
        assert np.allclose(Layers(norm).sizes(moved), 0.05)


def test_drop_muon_is_muon_on_some_layers():
    f = Noisy(problem(), Gaussian(0.1))
    method, norm = named.drop_muon(f.x0)
    s = Setting.make(f, norm, steps=10, radius=0.1, parameters={"tau": 0.05, "a": 0.3})
    masks = np.array([run.trace["mask"] for run in method.run_seeds(s, range(16))])
    assert 0.2 < masks[..., 0].mean() < 0.5 and np.all(masks[..., -1] == 1)
    assert named.muon(np.zeros((3, 2)))[1].name == "spectral"


def test_noise_is_different_for_every_seed_and_step_and_the_same_again():
    f = Noisy(problem(), Gaussian(0.2))
    s = setting(f, a=0.5, tau=0.05)
    method = LmoMethod(PerLayer("tau"), Ema("a"))
    assert method.random(s) and not method.random(setting(problem(), a=0.5, tau=0.05))
    runs, again = method.run_seeds(s, range(40)), method.run_seeds(s, range(35, 40))
    errors = np.array([run.trace["e"] for run in runs])
    assert len({tuple(np.round(row.ravel(), 12)) for row in errors}) == 40
    assert np.array_equal(again[0].trace["f"], runs[35].trace["f"])  # whatever is run beside it
    first = np.array([run.trace["e"][0, 1] for run in runs])
    assert first.std() > 0.05


def test_momentum_follows_its_recursion():
    """E|m - grad f|_2^2 after many steps of a constant gradient is a / (2 - a) sigma^2."""
    f = Noisy(Ridges(random_layer("square", 6, 0)), Gaussian(1.0))
    s = Setting.make(f, L2(), steps=60, radius=1e-9, parameters={"a": 0.3, "tau": 1e-9})
    runs = LmoMethod(PerLayer("tau"), Ema("a")).run_seeds(s, range(600))
    squares = np.mean([run.trace["e"][-1, 0] ** 2 for run in runs])
    assert squares == pytest.approx(6 * 0.3 / 1.7, rel=0.1)
    start = np.mean([run.trace["e"][0, 0] ** 2 for run in runs])
    assert start == pytest.approx(6, rel=0.1)


def test_layers_that_are_not_drawn_keep_weights_and_momentum():
    f = Noisy(problem(), Gaussian(0.2))
    s = setting(f, steps=30, a=0.5, tau=0.05, weights=(0.2, 0.5, 0.3))
    runs = LmoMethod(PerLayer("tau"), Ema("a", again=True), Drawn()).run_seeds(s, range(64))
    masks = np.array([run.trace["mask"] for run in runs])
    assert np.allclose(masks.mean(axis=(0, 1)), (0.2, 0.7, 1.0), atol=0.05)
    assert np.all(np.diff(masks, axis=2) >= 0)  # nested: later layers move whenever earlier ones do
    for run in runs[:8]:
        assert np.array_equal(run.trace["t"] > 0, run.trace["mask"] > 0)
        frozen = np.flatnonzero(run.trace["mask"][1:, 0] == 0) + 1
        assert np.array_equal(run.trace["m"][frozen, 0], run.trace["m"][frozen - 1, 0])


def test_independent_layers():
    s = setting(problem(), steps=40, P=(0.9, 0.5, 0.2))
    runs = LmoMethod(Adaptive(), sampler=Drawn()).run_seeds(s, range(32))
    masks = np.array([run.trace["mask"] for run in runs])
    assert np.allclose(masks.mean(axis=(0, 1)), (0.9, 0.5, 0.2), atol=0.06)
    assert abs(np.corrcoef(masks.reshape(-1, 3).T)[0, 1]) < 0.1
    assert np.allclose(runs[0].trace["P"], (0.9, 0.5, 0.2))


@pytest.mark.parametrize(
    "parameters, words",
    [
        ({"weights": (0.5, 0.6, 0.2)}, "weights must add up to 1"),
        ({"weights": (0.0, 0.5, 0.5)}, "a layer never moves"),
        ({"weights": (0.5, 0.5)}, "weights must be 3 probabilities"),
        ({"P": (0.5, 0.0, 1.0)}, "P must be positive"),
        ({"P": (0.5, 2.0, 1.0)}, "P must be 3 probabilities"),
    ],
)
def test_bad_samplers_are_refused(parameters, words):
    with pytest.raises(InvalidArgument, match=words):
        Drawn().outcomes(Context.of(setting(problem(), **parameters)))


def test_a_missing_parameter_is_named():
    with pytest.raises(MissingConstant, match="parameter tau"):
        LmoMethod(PerLayer("tau")).run(setting(problem()))


def test_methods_that_differ_in_their_title_only_are_compiled_once():
    method = LmoMethod(Adaptive(), title="one")
    assert method == dataclasses.replace(method, title="another") and hash(method) == hash(
        dataclasses.replace(method, title="another")
    )


SHARDED = """
import jax, numpy as np
from broximal.oracles.norms import L2, LInf, Product, Spectral
from broximal.problems.stochastic.noise import Gaussian
from broximal.problems.stochastic.noisy import Noisy
from broximal.problems.smooth.ridges import Ridges, random_layer
from broximal.theory.methods.lmo import Ema, LmoMethod, PerLayer
from broximal.theory.language.setting import Setting

f = Noisy(Ridges(random_layer("psi", (3, 2), 1), random_layer("psi", 4, 2), random_layer("psi", 3, 3)), Gaussian(0.2))
s = Setting.make(f, Product([Spectral(), LInf(), L2()]), steps=12, radius=0.1, parameters={"a": 0.5, "tau": 0.05})
runs = LmoMethod(PerLayer("tau"), Ema("a")).run_seeds(s, range(20))
np.save("traces.npy", np.array([np.concatenate([run.trace["f"][:, None], run.trace["g"]], axis=1) for run in runs]))
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
