"""EF21-Muon against a plain loop, on several devices, and on compressors that do not contract."""

import os
import subprocess
import sys
import textwrap

import jax
import numpy as np
import pytest

from broximal.oracles.compressors import Damped, Dropout, HalfPolar, LayerWise, RandK, RankK, ScaledSign, TopK
from broximal.oracles.errors import InvalidArgument
from broximal.oracles.norms import L2, L2Product, LInf, Product, Spectral
from broximal.theory import Setting, find
from broximal.theory.ef21_muon._cases import coupled
from broximal.theory.methods.lmo import Ef21
from broximal.verify import Verdict, check

SHAPES = ((3, 2), (4,))
NORM = Product([Spectral(), LInf()], [1.0, 0.5])
WEIGHTED = L2Product([Spectral(), L2()], [1.0, 0.5])


def plain(method, setting, seed):
    """The algorithm worker by worker and layer by layer in numpy, with the same random keys."""
    problem, norm, p = setting.problem, setting.norm, setting.parameters
    n, workers, share = problem.count, problem.parts, p.get("a", 1.0) if method.momentum else 1.0
    keys = jax.random.split(jax.random.key(seed), setting.steps + 1)

    def gradients(key, w):
        found = [part.gradient(w) for part in workers]
        if not method.momentum or problem.worker_noise is None:
            return found
        drawn = [problem.worker_noise.sample(k, g) for k, g in zip(jax.random.split(key, n), found, strict=True)]
        return [[a + b for a, b in zip(*pair, strict=True)] for pair in zip(found, drawn, strict=True)]

    x = w = setting.x0
    m = g = gradients(keys[-1], x)
    G = [np.mean(parts, axis=0) for parts in zip(*g, strict=True)]
    points = [x]
    for key in keys[:-1]:
        for_server, for_workers, noise = jax.random.split(key, 3)
        size = p["stepsize"] * float(norm.dual(G)) if method.sharp else p["length"]
        x = [a + size * b for a, b in zip(x, norm.lmo(G), strict=True)]
        message = p["server"](for_server, [a - b for a, b in zip(x, w, strict=True)])
        w = [a + b for a, b in zip(w, message, strict=True)]
        fresh = gradients(noise, w)
        m = [
            [(1 - share) * a + share * b for a, b in zip(old, new, strict=True)]
            for old, new in zip(m, fresh, strict=True)
        ]
        sent = [
            p["worker"](k, [a - b for a, b in zip(own, estimate, strict=True)])
            for k, own, estimate in zip(jax.random.split(for_workers, n), m, g, strict=True)
        ]
        g = [[a + b for a, b in zip(estimate, message, strict=True)] for estimate, message in zip(g, sent, strict=True)]
        G = [a + np.mean(parts, axis=0) for a, *parts in zip(G, *sent, strict=True)]
        points.append(x)
    return points, w, g


@pytest.mark.parametrize("sharp, norm", [(True, WEIGHTED), (True, NORM), (False, NORM)])
@pytest.mark.parametrize(
    "server, worker",
    [
        (LayerWise([HalfPolar(), ScaledSign()]), LayerWise([RankK(1), TopK(2)])),
        (LayerWise([Dropout(0.5), Dropout(0.7)]), LayerWise([Dropout(0.5), RandK(2)], shared=False)),
    ],
)
def test_the_jitted_run_is_the_plain_loop(sharp, norm, server, worker):
    problem = coupled(SHAPES, 3, noise=0.1)(1)
    given = {"server": server, "worker": worker, "stepsize": 0.02, "length": 0.05, "a": 0.4}
    setting = Setting.make(problem, norm, steps=12, parameters=given)
    method = Ef21(sharp, momentum=True)
    run = method.run_seeds(setting, range(5, 6))[0]
    with jax.enable_x64(True):
        points, w, g = plain(method, setting, 5)
    values = [problem.value(x) for x in points]
    np.testing.assert_allclose(run.trace["f"], values, rtol=1e-11)
    behind = float(norm([a - b for a, b in zip(points[-1], w, strict=True)]))
    np.testing.assert_allclose(run.trace["lag"][-1], behind, rtol=1e-9, atol=1e-12)
    off = [
        float(norm.dual([a - b for a, b in zip(part.gradient(points[-1]), own, strict=True)]))
        for part, own in zip(problem.parts, g, strict=True)
    ]
    np.testing.assert_allclose(run.trace["off"][-1], np.mean(off), rtol=1e-9)


def test_without_compression_it_is_gradient_descent_in_the_euclidean_norm():
    problem = coupled(((3,),), 2)(0)
    setting = Setting.make(problem, L2Product([L2()]), steps=5, parameters={"stepsize": 0.3})
    run = Ef21().run(setting)
    x = problem.x0[0]
    for value in run.trace["f"]:
        assert value == pytest.approx(problem.value([x]), rel=1e-12)
        x = x - 0.3 * problem.gradient([x])[0]


SHARDED = """
import equinox as eqx, jax, numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec
from broximal.oracles.compressors import Dropout, LayerWise, RankK, TopK
from broximal.oracles.norms import LInf, Product, Spectral
from broximal.theory import Setting
from broximal.theory.ef21_muon._cases import coupled
from broximal.theory.methods.lmo.ef21 import Ef21, scan

assert len(jax.devices()) == 8
given = {"server": Dropout(0.6), "worker": LayerWise([RankK(1), TopK(2)]), "length": 0.05, "a": 0.4}
setting = Setting.make(coupled(((3, 2), (4,)), 8, 0.1)(0), Product([Spectral(), LInf()]), steps=10, parameters=given)
method = Ef21(False, True)
with jax.enable_x64(True):
    parts = method.assembled(setting)
    mesh = Mesh(np.array(jax.devices()), ("workers",))
    def spread(leaf):
        return jax.device_put(leaf, NamedSharding(mesh, PartitionSpec("workers")))
    across = eqx.tree_at(lambda p: p.problem.stacked, parts, jax.tree.map(spread, parts.problem.stacked))
    one, end = scan(method, parts, setting.x0, setting.steps, np.arange(2))
    many, far = scan(method, across, setting.x0, setting.steps, np.arange(2))
    for a, b in zip(jax.tree.leaves((one, end)), jax.tree.leaves((many, far)), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)
print("same")
"""


def test_workers_on_eight_devices_give_the_same_numbers():
    env = os.environ | {"XLA_FLAGS": "--xla_force_host_platform_device_count=8", "JAX_PLATFORMS": "cpu"}
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(SHARDED)], env=env, capture_output=True, text=True, timeout=240
    )
    assert done.stdout.strip() == "same", done.stderr[-2000:]


@pytest.mark.parametrize(
    "name, server, worker, said",
    [
        (
            "ef21_muon.radius_steps",
            LayerWise([RankK(1), ScaledSign()]),
            "identity",
            "not contractive in the spectral norm",
        ),
        ("ef21_muon.radius_steps", LayerWise([HalfPolar(), TopK(1)]), "identity", "not contractive in the linf norm"),
        ("ef21_muon.sharp", "identity", LayerWise([RankK(1), ScaledSign()]), "not contractive in the l1 norm"),
        ("ef21_muon.sharp_steps", "dropout(0.5)", "identity", "is random, and the theorem is about every path"),
        ("ef21_muon.sharp_steps", "damped(0.5)", "identity", "worker: identity makes no error"),
        ("ef21_muon.generalised", "damped(0.5)", "identity", "the theorem needs the identity"),
        ("ef21_muon.sharp", "identity", LayerWise([RandK(5), TopK(2)]), "may be longer than its argument"),
    ],
)
def test_a_pair_that_does_not_fit_is_not_applicable_in_words(name, server, worker, said):
    problem = coupled(SHAPES)(0)
    report = check(find(name), problem, NORM, steps=5, parameters={"server": server, "worker": worker})
    assert report.verdict is Verdict.NOT_APPLICABLE
    assert said in report.why


def test_numbers_and_compressors_are_not_mixed_up():
    problem = coupled(SHAPES)(0)
    for given, said in (
        ({"server": 0.5}, "parameter server must be a compressor or the name of one, not 0.5"),
        ({"stepsize": Damped(0.5)}, "parameter stepsize must be a number, not"),
    ):
        with pytest.raises(InvalidArgument, match=said):
            check("ef21_muon.sharp", problem, NORM, steps=5, parameters=given)


def test_a_problem_without_workers_is_not_applicable():
    problem = coupled(SHAPES)(0).whole
    report = check("ef21_muon.radius_steps", problem, NORM, steps=5)
    assert report.verdict is Verdict.NOT_APPLICABLE
    assert "is no mean over workers" in report.why


def test_too_large_a_stepsize_is_refused_and_a_stepsize_of_the_domain_is_not():
    problem = coupled(SHAPES)(0)
    given = {"server": Damped(0.5), "worker": Damped(0.5)}
    assert check("ef21_muon.sharp_steps", problem, WEIGHTED, steps=5, parameters=given).verdict is Verdict.HOLDS
    large = check("ef21_muon.sharp_steps", problem, WEIGHTED, steps=5, parameters=given | {"stepsize": 1.0})
    assert large.verdict is Verdict.NOT_APPLICABLE
    assert "outside the domain" in large.why
