"""The same answers under jit and vmap, in float32 and float64, as numpy gives in float64."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from broximal import oracles
from broximal.oracles import norms
from broximal.oracles.arrays import l2, subtract
from broximal.oracles.norms import AtomHull, CvxpyNorm, MaxAbsLinear
from tests.oracles.norm_laws import draw

ON_HOST = (AtomHull, MaxAbsLinear, CvxpyNorm)
BATCH = 3
ONE_EACH = [
    pytest.param(*entry.examples[0], id=entry.alias)
    for entry in norms.catalogue()
    if not issubclass(entry.cls, ON_HOST)
]


def answers(norm, x, g, radius):
    return norm(x), norm.dual(g), norm.lmo(g, radius), norm.project(x, radius), oracles.lmo(norm, g, radius)


def stacked(trees):
    return jax.tree.map(lambda *leaves: jnp.stack([jnp.asarray(leaf) for leaf in leaves]), *trees)


def compare(norm, shape, rng, dtype, tol):
    pairs = [(draw(shape, rng), draw(shape, rng)) for _ in range(BATCH)]
    xs, gs = (jax.tree.map(lambda leaf: leaf.astype(dtype), stacked(part)) for part in zip(*pairs, strict=True))
    radii = jnp.asarray([0.3 * float(norm(x)) for x, _ in pairs], dtype)
    fast = jax.jit(jax.vmap(lambda x, g, r: answers(norm, x, g, r)))(xs, gs, radii)
    for i, (x, g) in enumerate(pairs):
        one = jax.tree.map(lambda leaf: np.asarray(leaf[i], dtype=np.float64), fast)  # noqa: B023
        slow = answers(norm, x, g, float(radii[i]))
        assert all(leaf.dtype == dtype for leaf in jax.tree.leaves(fast))
        assert one[0] == pytest.approx(slow[0], rel=tol)
        assert one[1] == pytest.approx(slow[1], rel=tol)
        assert l2(subtract(one[3], slow[3])) <= 30 * tol * l2(x)
        assert abs(one[4].gap) <= 30 * tol * slow[1] * float(radii[i])
        assert norm(one[2]) <= float(radii[i]) * (1 + 30 * tol)
        assert norm(one[3]) <= float(radii[i]) * (1 + 30 * tol)


@pytest.mark.parametrize(("norm", "shape"), ONE_EACH)
def test_float32_batched(norm, shape, rng):
    compare(norm, shape, rng, np.float32, 3e-6)


@pytest.mark.parametrize(
    "name", ["l1", "lp(3)", "ksupport(2)", "owl([3, 2, 1])", "spectral", "ellipsoid([[2, 1], [1, 3]])"]
)
def test_float64_batched(name, rng, x64):
    norm = norms.parse(name)
    shape = {"spectral": (4, 3), "owl([3, 2, 1])": (3,), "ellipsoid([[2, 1], [1, 3]])": (2,)}.get(name, (5,))
    compare(norm, shape, rng, np.float64, 1e-12)


def test_float64_arrays_keep_their_precision_outside_of_the_context(rng):
    with jax.enable_x64(True):
        x = jnp.asarray(rng.standard_normal(6))
    p = norms.Lp(3).project(x, 0.5)
    assert p.dtype == np.float64
    assert float(norms.Lp(3)(p)) == pytest.approx(0.5, rel=1e-14)


def test_numpy_float32_stays_float32(rng):
    x = rng.standard_normal((4, 3)).astype(np.float32)
    for name in ("l1", "lp(3)", "spectral", "schatten(3)", "mixed(l1, linf)", "rms_to_rms", "kyfan(2)"):
        norm = norms.parse(name)
        assert norm.project(x, 0.5).dtype == norm.lmo(x).dtype == np.float32


def test_norms_are_pytrees(rng):
    """Arrays inside a norm may be traced: here the weights are an argument of a jitted function."""
    norm = norms.WeightedL1([1.0, 2.0, 4.0])
    x = jnp.asarray([1.0, -3.0, 2.0], jnp.float32)
    assert jax.jit(lambda n, v: n(v))(norm, x) == pytest.approx(15.0)
    assert np.allclose(jax.jit(lambda n, v: n.project(v, 1.0))(norm, x), norm.project(x, 1.0), atol=1e-6)


@pytest.mark.parametrize(
    "norm", [norms.MaxAbsLinear([[1.0, 0.0], [1.0, 1.0]]), norms.AtomHull([[1.0, 0.0], [1.0, 1.0]])]
)
def test_host_solvers_take_concrete_jax_arrays(norm):
    x = jnp.asarray([3.0, -1.0], jnp.float32)
    p = norm.project(x, 0.5)
    assert isinstance(p, jax.Array) and p.dtype == jnp.float32
    assert norm(p) == pytest.approx(0.5, rel=1e-6)
    assert norm.lmo(x).shape == (2,)
