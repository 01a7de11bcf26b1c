"""EF21-Muon against a plain loop, on several devices, and on compressors that do not contract."""

import os
import subprocess
import sys
import textwrap

import jax
import numpy as np
import pytest

from broximal.oracles.compressors import Damped, Dropout, HalfPolar, Identity, LayerWise, RandK, RankK, ScaledSign, TopK
from broximal.oracles.errors import InvalidArgument, MissingConstant
from broximal.oracles.layers import Layers
from broximal.oracles.norms import L2, L2Product, LInf, Product, Spectral
from broximal.problems.distributed.workers import Workers
from broximal.problems.smooth.coupled import CoupledQuadratic
from broximal.problems.smooth.ridges import Ridges, random_layer
from broximal.theory import Experiment, find
from broximal.theory.columns.layered_workers import (
    L,
    alpha_D,
    contractions,
    lag as lag_l,
    off2 as off2_l,
    separable_constants,
)
from broximal.theory.columns.points import value
from broximal.theory.columns.workers import lag, off2
from broximal.theory.language.run import Run
from broximal.theory.methods.servers.ef21 import Ef21
from broximal.theory.papers.ef21_muon._cases import LINES, coupled, separate
from broximal.theory.prescriptions.resolve import established, resolved
from broximal.verify import Verdict, check
from broximal.verify.running import run
from broximal.verify.verdict import SEEN

SHAPES = ((3, 2), (4,))
NORM = Product([Spectral(), LInf()], [1.0, 0.5])
WEIGHTED = L2Product([Spectral(), L2()], [1.0, 0.5])


def plain(method, experiment, seed):
    """The algorithm worker by worker and layer by layer in numpy, with the same random keys."""
    problem, norm, p = experiment.problem, experiment.norm, experiment.parameters
    n, workers, share = problem.count, problem.parts, p.get("a", 1.0) if method.momentum else 1.0
    keys = jax.random.split(jax.random.key(seed), experiment.steps + 1)

    def gradients(key, w):
        found = [part.gradient(w) for part in workers]
        if not method.momentum or problem.worker_noise is None:
            return found
        drawn = [problem.worker_noise.sample(k, g) for k, g in zip(jax.random.split(key, n), found, strict=True)]
        return [[a + b for a, b in zip(*pair, strict=True)] for pair in zip(found, drawn, strict=True)]

    x = w = experiment.x0
    m = g = gradients(keys[-1], x)
    G = [np.mean(parts, axis=0) for parts in zip(*g, strict=True)]
    points = [x]
    for key in keys[:-1]:
        for_server, for_workers, noise = jax.random.split(key, 3)
        if method.layerwise:
            parts = zip(p["gamma"], Layers(norm).norms, x, G, strict=True)
            x = [a + size * float(layer.dual(b)) * layer.lmo(b) for size, layer, a, b in parts]
        else:
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


@pytest.mark.parametrize(
    "sharp, norm, layerwise", [(True, WEIGHTED, False), (True, NORM, False), (False, NORM, False), (True, NORM, True)]
)
@pytest.mark.parametrize(
    "server, worker",
    [
        (LayerWise([HalfPolar(), ScaledSign()]), LayerWise([RankK(1), TopK(2)])),
        (LayerWise([Dropout(0.5), Dropout(0.7)]), LayerWise([Dropout(0.5), RandK(2)], shared=False)),
    ],
)
def test_the_jitted_run_is_the_plain_loop(sharp, norm, layerwise, server, worker):
    problem = coupled(SHAPES, 3, noise=0.1)(1)
    given = {"server": server, "worker": worker, "stepsize": 0.02, "length": 0.05, "a": 0.4, "gamma": (0.03, 0.01)}
    experiment = Experiment.make(problem, norm, steps=12, parameters=given)
    method = Ef21(sharp, momentum=True, layerwise=layerwise)
    columns = (value, lag_l, off2_l) if layerwise else (value, lag, off2)
    found = run(method, experiment, columns, [5])[0]
    f, behind_, off_ = (found.column(str(column.label)).values for column in columns)
    with jax.enable_x64(True):
        points, w, g = plain(method, experiment, 5)
    values = [problem.value(x) for x in points]
    np.testing.assert_allclose(f, values, rtol=1e-11)
    measured = Layers(norm).sizes if layerwise else norm
    duals = Layers(norm).dual_sizes if layerwise else norm.dual
    behind = measured([a - b for a, b in zip(points[-1], w, strict=True)])
    np.testing.assert_allclose(behind_[-1], behind, rtol=1e-9, atol=1e-12)
    off = [
        duals([a - b for a, b in zip(part.gradient(points[-1]), own, strict=True)])
        for part, own in zip(problem.parts, g, strict=True)
    ]
    np.testing.assert_allclose(off_[-1], np.sqrt(np.mean(np.square(off), axis=0)), rtol=1e-9)


def test_without_compression_it_is_gradient_descent_in_the_euclidean_norm():
    problem = coupled(((3,),), 2)(0)
    experiment = Experiment.make(problem, L2Product([L2()]), steps=5, parameters={"stepsize": 0.3})
    x = problem.x0[0]
    for found in run(Ef21(), experiment, (value,))[0].column("f").values:
        assert found == pytest.approx(problem.value([x]), rel=1e-12)
        x = x - 0.3 * problem.gradient([x])[0]


SHARDED = """
import equinox as eqx, jax, numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec
from broximal.oracles.compressors import Dropout, LayerWise, RankK, TopK
from broximal.oracles.norms import LInf, Product, Spectral
from broximal.theory import Experiment
from broximal.theory.columns.points import value
from broximal.theory.columns.workers import lag, off2
from broximal.theory.methods.servers.ef21 import Ef21
from broximal.theory.papers.ef21_muon._cases import coupled
from broximal.verify.running import run

assert len(jax.devices()) == 8
given = {"server": Dropout(0.6), "worker": LayerWise([RankK(1), TopK(2)]), "length": 0.05, "a": 0.4}
problem, norm = coupled(((3, 2), (4,)), 8, 0.1)(0), Product([Spectral(), LInf()])
mesh = Mesh(np.array(jax.devices()), ("workers",))
with jax.enable_x64(True):
    def spread(leaf):
        return jax.device_put(leaf, NamedSharding(mesh, PartitionSpec("workers")))
    across = eqx.tree_at(lambda p: p.stacked, problem, jax.tree.map(spread, problem.stacked))
found = []
for own in (problem, across):
    experiment = Experiment.make(own, norm, steps=10, parameters=given)
    found.append([one.column(key).values for one in run(Ef21(False, True), experiment, (value, lag, off2), range(2)) for key in ("f", "lag", "off2")])
for one, many in zip(*found, strict=True):
    np.testing.assert_allclose(one, many, rtol=1e-12, atol=1e-12)
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
    assert check("ef21_muon.sharp_steps", problem, WEIGHTED, steps=5, parameters=given).verdict in SEEN
    large = check("ef21_muon.sharp_steps", problem, WEIGHTED, steps=5, parameters=given | {"stepsize": 1.0})
    assert large.verdict is Verdict.NOT_APPLICABLE
    assert "outside the domain" in large.why


BOTH = LayerWise([TopK(2), Damped(0.4)])


def layerwise(problem, norm=LINES, name="ef21_muon.layerwise_steps", **given):
    return check(name, problem, norm, steps=5, parameters={"server": Damped(0.5), "worker": BOTH} | given)


def prescribed(name, experiment):
    """The parameters that a theorem prescribes where its hypotheses hold."""
    theorem = find(name)
    assert all(hypothesis.check(experiment).holds for hypothesis in theorem.assumes)
    return resolved(theorem, established(theorem, experiment)).parameters


def test_every_layer_has_its_own_constants_and_stepsize():
    shapes, scales = ((4,), (4,)), (10.0, 0.1)
    problem = separate(shapes, scales)(0)
    given = {"server": LayerWise([Damped(0.5), Damped(0.3)]), "worker": LayerWise([TopK(2), Damped(0.4)])}
    norm = L2Product([L2(), L2()])
    pair = Product([L2(), L2()])
    experiment = Experiment.make(problem, pair, steps=5, parameters=given)
    blocks = [np.linalg.eigvalsh(problem.whole.H[at : at + 4, at : at + 4])[-1] for at in (0, 4)]
    np.testing.assert_allclose(Run.at_start(experiment).column(str(L.label)).values, blocks, rtol=1e-12)
    np.testing.assert_allclose(contractions(experiment, "server"), [0.75, 1 - 0.7**2])
    np.testing.assert_allclose(Run.at_start(experiment).column(str(alpha_D.label)).values, [0.5, 1 - 0.6**2])
    own = prescribed("ef21_muon.layerwise_steps", experiment)["gamma"]
    joint = prescribed("ef21_muon.sharp_steps", Experiment.make(problem, norm, steps=5, parameters=given))
    assert own[0] >= joint["stepsize"] * (1 - 1e-12) and own[1] > 20 * joint["stepsize"]


def test_coupled_layers_are_refused_for_separate_stepsizes():
    report = layerwise(coupled(((4,), (3,)))(0))
    assert report.verdict is Verdict.NOT_APPLICABLE and "has coupled layers" in report.why
    problem = separate(((4,), (3,)), (1.0, 1.0))(0)
    assert layerwise(problem).verdict in SEEN
    nudged = [CoupledQuadratic(part.H + 1e-9, part.b, part.start) for part in problem.parts]
    report = layerwise(Workers.of_quadratics(nudged))
    assert report.verdict is Verdict.NOT_APPLICABLE and "has coupled layers" in report.why


@pytest.mark.parametrize(
    "kinds, said", [(("cosh", "square"), "not known to be a sum of smooth"), (("psi", "square"), "L1 > 0")]
)
def test_layers_without_a_smoothness_constant_are_refused(kinds, said):
    problem = Ridges(*(random_layer(kind, 3, seed) for seed, kind in enumerate(kinds)))
    with pytest.raises(MissingConstant, match=said):
        separable_constants(problem, LINES)


def test_a_compressor_over_all_layers_is_refused_for_separate_stepsizes():
    problem = separate(((4,), (3,)), (1.0, 1.0))(0)
    report = layerwise(problem, worker=TopK(2))
    assert report.verdict is Verdict.NOT_APPLICABLE and "no compressor of every layer by itself" in report.why
    report = layerwise(problem, worker="identity")
    assert report.verdict is Verdict.NOT_APPLICABLE and "makes no error" in report.why
    assert layerwise(problem, worker=LayerWise([TopK(2), Identity()])).verdict in SEEN


def test_a_stepsize_too_large_for_one_layer_is_refused():
    problem = separate(((4,), (3,)), (10.0, 0.1))(0)
    experiment = Experiment.make(problem, LINES, steps=5, parameters={"server": Damped(0.5), "worker": BOTH})
    first, second = resolved(find("ef21_muon.layerwise_steps"), experiment).parameters["gamma"]
    assert layerwise(problem, gamma=(first / 2, second)).verdict in SEEN
    report = layerwise(problem, gamma=(second, second))
    assert report.verdict is Verdict.NOT_APPLICABLE and "outside the domain" in report.why


def test_independent_coins_of_the_servers_layers_contract_layer_by_layer():
    """In the maximum norm they contract by the product of their probabilities, layer by layer by each."""
    problem = separate(((4,), (3,)), (1.0, 1.0))(0)
    coins = LayerWise([Dropout(0.5), Dropout(0.4)], shared=False)
    experiment = Experiment.make(problem, LINES, steps=5, parameters={"server": coins})
    np.testing.assert_allclose(contractions(experiment, "server"), [0.5, 0.4])
    assert coins.contraction(LINES, [(4,), (3,)]).alpha == pytest.approx(0.2)
