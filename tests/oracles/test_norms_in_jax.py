"""The same answers under jit and vmap, in float32 and float64, as numpy gives in float64."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from broximal import oracles
from broximal.oracles import InvalidArgument, norms
from broximal.oracles.arrays import inner, l2, subtract
from broximal.oracles.norms import AtomHull, CvxpyNorm, MaxAbsLinear
from tests.oracles.norm_laws import draw

ON_HOST = (AtomHull, MaxAbsLinear, CvxpyNorm)
BATCH = 3
ONE_EACH = [
    pytest.param(*entry.examples[0], id=entry.alias)
    for entry in norms.catalogue()
    if not issubclass(entry.cls, ON_HOST)
]


VERBS = {
    "value": lambda norm, x, g, r: norm(x),
    "dual": lambda norm, x, g, r: norm.dual(g),
    "norm.lmo": lambda norm, x, g, r: norm.lmo(g, r),
    "norm.project": lambda norm, x, g, r: norm.project(x, r),
    "norm.prox": lambda norm, x, g, r: norm.prox(x, r),
    "norm.sharp": lambda norm, x, g, r: norm.sharp(g),
    "norm.subgradient": lambda norm, x, g, r: norm.subgradient(x),
    "lmo": lambda norm, x, g, r: oracles.lmo(norm, g, r),
    "project": lambda norm, x, g, r: oracles.project(norm, x, r),
    "prox": lambda norm, x, g, r: oracles.prox(norm, x, r),
    "sharp": lambda norm, x, g, r: oracles.sharp(norm, g),
}


def answers(norm, x, g, radius):
    return {verb: call(norm, x, g, radius) for verb, call in VERBS.items()}


def eagerly(norm, x, g, radius):
    """The same one by one, None where the call is refused."""
    found = {}
    for verb, call in VERBS.items():
        try:
            found[verb] = call(norm, x, g, radius)
        except InvalidArgument:
            found[verb] = None
    return found


def stacked(trees):
    return jax.tree.map(lambda *leaves: jnp.stack([jnp.asarray(leaf) for leaf in leaves]), *trees)


def spoilt(x, value):
    """x with its last entry replaced."""
    leaves, structure = jax.tree.flatten(jax.tree.map(np.array, x))
    leaves[-1].flat[-1] = value
    return jax.tree.unflatten(structure, leaves)


def rows(norm, shape, rng):
    """(x, g, radius): ordinary ones, radii and weights 0, infinite and negative, and points that are none."""
    pairs = [(draw(shape, rng), draw(shape, rng)) for _ in range(BATCH)]
    ordinary = [(x, g, 0.3 * float(norm(x))) for x, g in pairs]
    x, g, radius = ordinary[0]
    return [
        *ordinary,
        *[(x, g, other) for other in (0.0, np.inf, -radius, np.nan)],
        *[(spoilt(x, value), spoilt(g, value), radius) for value in (np.nan, -np.inf)],
    ]


def compare(norm, shape, rng, dtype, tol):
    """jit = jit of vmap = eager, and NaN in every number where the eager call is refused."""
    cases = rows(norm, shape, rng)
    xs, gs, rs = (jax.tree.map(lambda leaf: leaf.astype(dtype), stacked(part)) for part in zip(*cases, strict=True))
    program = jax.jit(jax.vmap(lambda x, g, r: answers(norm, x, g, r)))
    fast = program(xs, gs, rs)
    for i, (x, g, radius) in enumerate(cases):
        x, g = (jax.tree.map(lambda leaf: leaf.astype(dtype).astype(np.float64), part) for part in (x, g))
        slow = eagerly(norm, x, g, float(dtype(radius)))
        for verb, expected in slow.items():
            found = jax.tree.map(lambda leaf: np.asarray(leaf[i], dtype=np.float64), fast[verb])  # noqa: B023
            label = f"{verb} at radius {radius:g}, row {i}"
            assert all(leaf.dtype == dtype for leaf in jax.tree.leaves(fast[verb])), label
            if expected is None:
                assert all(np.isnan(leaf).all() for leaf in jax.tree.leaves(found)), label
            else:
                check_same(norm, verb, found, expected, x, g, radius, tol, label)


def check_same(norm, verb, found, expected, x, g, radius, tol, label):
    """Values and unique points are the same; an LMO, which is not unique, is as good."""
    if verb in ("value", "dual"):
        assert found == pytest.approx(expected, rel=tol), label
        return
    certified = hasattr(found, "point")
    point, other = (found.point, expected.point) if certified else (found, expected)
    if verb.endswith(("project", "prox")):
        assert l2(subtract(point, other)) <= 30 * tol * l2(x), label
        if certified:
            assert abs(found.gap - expected.gap) <= 100 * tol * l2(x) ** 2, label
        if verb.endswith("project"):
            assert norm(point) <= radius * (1 + 30 * tol), label
        return
    if verb == "norm.subgradient":
        assert float(inner(point, x)) == pytest.approx(float(inner(other, x)), rel=30 * tol), label
        assert norm.dual(point) <= 1 + 30 * tol, label
        return
    assert float(inner(point, g)) == pytest.approx(float(inner(other, g)), rel=30 * tol), label
    assert norm(point) <= float(norm(other)) * (1 + 30 * tol), label
    if certified:
        dual = float(norm.dual(g))
        assert abs(found.gap) <= 100 * tol * dual * (radius if verb == "lmo" else dual), label


@pytest.mark.parametrize(("norm", "shape"), ONE_EACH)
def test_float32_batched(norm, shape, rng):
    compare(norm, shape, rng, np.float32, 3e-6)


@pytest.mark.parametrize(("norm", "shape"), ONE_EACH)
def test_half_precision(norm, shape, rng):
    """Computed in single: within a rounding of what double precision gives at the same point."""
    pair = draw(shape, rng), draw(shape, rng)
    for dtype in (np.float16, jnp.bfloat16):
        x, g = (jax.tree.map(lambda leaf, dtype=dtype: leaf.astype(dtype), part) for part in pair)
        found = answers(norm, x, g, 0.5)
        exact = answers(norm, *(jax.tree.map(lambda leaf: leaf.astype(np.float64), part) for part in (x, g)), 0.5)
        assert {np.dtype(leaf.dtype) for leaf in jax.tree.leaves(found)} == {np.dtype(dtype)}
        for verb in ("value", "dual", "norm.project", "norm.prox"):
            for a, b in zip(jax.tree.leaves(found[verb]), jax.tree.leaves(exact[verb]), strict=True):
                assert np.allclose(np.asarray(a, np.float64), b, rtol=float(jnp.finfo(dtype).eps), atol=1e-5), verb


@pytest.mark.parametrize("dtype", [np.float16, jnp.bfloat16])
def test_half_precision_under_jit(dtype, rng):
    x = jnp.asarray(rng.standard_normal((4, 3)), dtype)
    for norm in (norms.Spectral(), norms.L1(), norms.OneToRms()):
        found = jax.jit(lambda x: (norm(x), norm.lmo(x), norm.project(x, 0.5), oracles.lmo(norm, x)))(x)  # noqa: B023
        assert {leaf.dtype for leaf in jax.tree.leaves(found)} == {np.dtype(dtype)}
        assert np.allclose(
            np.asarray(found[1], float), norm.lmo(np.asarray(x, float)), atol=float(jnp.finfo(dtype).eps)
        )


def test_arguments_may_be_named():
    x = np.array([3.0, -4.0])
    assert np.array_equal(norms.L2().project(radius=1.0, x=x), norms.L2().project(x, 1.0))
    assert oracles.lmo(norm=norms.L1(), g=x).value == -4
    for call in (
        lambda: norms.L1().lmo(),
        lambda: norms.L1().lmo(x, size=1.0),
        lambda: oracles.lmo(norms.L1(), radius=1.0),
    ):
        with pytest.raises(TypeError):
            call()


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
