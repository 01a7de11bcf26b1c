"""What compressors answer: numpy and JAX alike, by chance as stated, at degenerate points, and bad input refused."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from broximal.oracles import InvalidArgument, compressors, norms
from broximal.oracles.arrays import leaves
from tests.oracles.compressors.expectation import is_shape, outcomes

CASES = [(c, shape) for entry in compressors.catalogue() for c, shape in entry.examples]
IDS = [f"{c.name} on {shape}" for c, shape in CASES]
KEY = jax.random.key(3)


def draw(shape, rng, dtype=np.float64):
    return jax.tree.map(lambda s: rng.standard_normal(s).astype(dtype), shape, is_leaf=is_shape)


def close(a, b, tol):
    return all(np.abs(u - v).max() <= tol for u, v in zip(leaves(a), leaves(b), strict=True))


@pytest.mark.parametrize(("c", "shape"), CASES, ids=IDS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_numpy_jax_and_jit_agree_and_keep_the_dtype(c, shape, dtype, rng, x64):
    x = draw(shape, rng, dtype)
    host, device = c(KEY, x), c(KEY, jax.tree.map(jnp.asarray, x))
    traced = jax.jit(c.__call__)(KEY, jax.tree.map(jnp.asarray, x))
    for answer in (host, device, traced):
        assert [(v.shape, v.dtype) for v in leaves(answer)] == [(v.shape, v.dtype) for v in leaves(x)]
        assert close(answer, host, 20 * np.finfo(dtype).eps)
    assert all(isinstance(v, np.ndarray) for v in leaves(host))


@pytest.mark.parametrize(("c", "shape"), CASES, ids=IDS)
def test_answers_come_as_often_as_the_exact_sum_says(c, shape, rng):
    x = draw(shape, rng, np.float32)
    keys = jax.random.split(KEY, 3000)
    answers = leaves(jax.jit(jax.vmap(c.__call__, (0, None)))(keys, jax.tree.map(jnp.asarray, x)))
    weighted = [[p * leaf for leaf in leaves(y)] for p, y in outcomes(c, jax.tree.map(np.float64, x))]
    for got, *parts, original in zip(answers, *weighted, leaves(x), strict=True):
        spread = np.abs(got - original).max() + 1e-3
        assert np.abs(got.mean(axis=0) - sum(parts)).max() <= 0.1 * spread


@pytest.mark.parametrize(("c", "shape"), CASES, ids=IDS)
def test_zero_is_sent_as_zero(c, shape):
    zero = jax.tree.map(np.zeros, shape, is_leaf=is_shape)
    assert close(c(KEY, zero), zero, 0.0)


@pytest.mark.parametrize(("c", "shape"), CASES, ids=IDS)
def test_batches_are_answered_one_by_one(c, shape, rng):
    batch = jax.tree.map(lambda s: jnp.asarray(rng.standard_normal((3, *s)), jnp.float32), shape, is_leaf=is_shape)
    keys = jax.random.split(KEY, 3)
    together = jax.vmap(c)(keys, batch)
    for i in range(3):
        alone = c(keys[i], jax.tree.map(lambda leaf, i=i: leaf[i], batch))
        assert close(alone, jax.tree.map(lambda leaf, i=i: leaf[i], together), 1e-5)


@pytest.mark.parametrize(("c", "shape"), CASES, ids=IDS)
def test_attributes_that_compositions_rely_on(c, shape, rng):
    x = draw(shape, rng)
    if is_shape(shape):
        x.flat[0] = 0.0
    mean = [np.zeros_like(leaf) for leaf in leaves(x)]
    for p, y in outcomes(c, x):
        pairs = list(zip(leaves(x), leaves(y), strict=True))
        if c.orthogonal:
            assert abs(sum((v * (u - v)).sum() for u, v in pairs)) < 1e-12
        if c.coordinate:
            assert all(((v == u) | (v == 0)).all() for u, v in pairs)
        if c.keeps_zeros:
            assert all((v[u == 0] == 0).all() for u, v in pairs)
        mean = [m + p * v for m, (_, v) in zip(mean, pairs, strict=True)]
    if c.unbiased:
        assert close(mean, leaves(x), 1e-12)


def test_parameters_may_be_traced_and_half_precision_is_kept(rng):
    x = jnp.asarray(rng.standard_normal((3, 4)), jnp.float32)
    kept = jax.vmap(lambda p: compressors.Dropout(p)(KEY, x))(jnp.array([1e-6, 1.0]))
    assert not kept[0].any()
    assert (kept[1] == x).all()
    for name in ("top-k(2)", "rank-k(1)", "half-polar", "natural", "top-k-columns(2)", "mean-sign"):
        answer = compressors.parse(name)(KEY, x.astype(jnp.bfloat16))
        assert answer.dtype == jnp.bfloat16
        assert bool(jnp.isfinite(answer).all())


def test_ties_keep_the_first_entries():
    x = np.array([1.0, -1.0, 1.0, -1.0])
    for value in (x, jnp.asarray(x)):
        assert np.array_equal(compressors.TopK(2)(None, value), [1, -1, 0, 0])
        assert np.array_equal(compressors.TopKColumns(1)(None, value.reshape(2, 2)), [[1, 0], [1, 0]])


def test_signs_of_zero_and_factors_of_singular_matrices_are_full():
    assert np.array_equal(compressors.ScaledSign()(None, [0.0, -2.0]), [1, -1])
    x = np.zeros((3, 4))
    x[0, 0] = 2.0
    singular = np.linalg.svd(compressors.HalfPolar()(None, x), compute_uv=False)
    assert np.allclose(singular, 1)


def test_extreme_scales():
    for size in (1e-300, 1e300):
        x = size * np.array([1.5, -1.0, 0.25])
        answer = compressors.Natural(1.0)(KEY, x)
        assert np.all((np.abs(answer) >= np.abs(x) / 2) & (np.abs(answer) <= 2 * np.abs(x)))
        assert compressors.TopKColumns(1)(None, np.diag(x))[0, 0] == x[0]


BITS = [
    ("identity", (8,), 256),
    ("dropout(0.25)", (8,), 64),
    ("top-k(2)", (8,), 2 * (32 + 3)),
    ("rand-k(2)", (8,), 64),
    ("top-k-columns(1)", (3, 4), 3 * 32 + 2),
    ("rank-k(1)", (10, 20), 30 * 32),
    ("rank-k(10)", (10, 20), 200 * 32),
    ("scaled-sign", (8,), 40),
    ("half-polar", (2, 3), 192),
    ("natural", (8,), 72),
    ("compose(top-k(2), natural)", (8,), 2 * (9 + 3)),
    ("compose(half-polar, top-k(2))", (2, 4), 70),
    ("layer-wise([top-k(1), identity])", [(2,), (2,)], 33 + 64),
]


@pytest.mark.parametrize(("name", "shape", "bits"), BITS, ids=[name for name, *_ in BITS])
def test_bits(name, shape, bits):
    assert compressors.parse(name).bits(shape) == bits


@pytest.mark.parametrize(("c", "shape"), CASES, ids=IDS)
def test_names_are_read_back(c, shape):
    again = compressors.parse(c.name)
    assert type(again) is type(c)
    assert again.name == c.name
    assert c.name in repr(c)
    assert c._repr_latex_().startswith("$")


def test_every_class_is_exported():
    for entry in compressors.catalogue():
        assert compressors.__dict__[entry.cls.__name__] is entry.cls
        assert entry.cls.__doc__ and entry.examples


two, eye = np.ones(2), np.eye(2)
WRONG = [
    (lambda: compressors.TopK(0), "k must lie in [1, inf], but is 0."),
    (lambda: compressors.TopK(1.5), "k must be an integer, but is 1.5."),
    (lambda: compressors.RankK(np.nan), "k is NaN."),
    (lambda: compressors.Dropout(0.0), "p must lie in (0, 1], but is 0."),
    (lambda: compressors.Damped(1.2), "theta must lie in (0, 1], but is 1.2."),
    (lambda: compressors.Natural(-1), "scale must lie in (0, 1], but is -1."),
    (lambda: compressors.Compose(compressors.TopK(1), "x"), "second must be a compressor, not 'x'."),
    (lambda: compressors.LayerWise([1]), "compressors must be a dict, list or tuple of compressors."),
    (lambda: compressors.TopK(3)(None, two), "k = 3 exceeds the 2 entries of x."),
    (lambda: compressors.RankK(3)(None, eye), "k = 3 exceeds the 2 singular values of x."),
    (lambda: compressors.TopKColumns(3)(None, eye), "k = 3 exceeds the 2 columns of x."),
    (
        lambda: compressors.HalfPolar()(None, two),
        "x has shape (2,); compressor half-polar is defined on matrices (2 axes).",
    ),
    (lambda: compressors.TopK(1)(None, [np.nan]), "x contains NaN or infinity."),
    (
        lambda: compressors.TopK(1)(None, {"a": two}),
        "x is a tree of layers; compressor top-k(1) is defined on one array.",
    ),
    (
        lambda: compressors.Dropout(0.5)(None, two),
        "key must be one JAX random key such as jax.random.key(0), not None.",
    ),
    (lambda: compressors.TopK(1).contraction("l2", (2,)), "norm must be a norm, not 'l2'."),
    (
        lambda: compressors.TopK(1).contraction(norms.L2(), (0,)),
        "shape must be a tuple of positive integers, or a tree of such, not (0,).",
    ),
    (
        lambda: compressors.TopK(1).contraction(norms.Spectral(), (2,)),
        "x has shape (2,); the spectral norm is defined on matrices (2 axes).",
    ),
    (lambda: compressors.TopK(1).bits((2,), 8), "float_bits must be 16, 32 or 64, not 8."),
    (lambda: compressors.parse("top-q(3)"), "there is no compressor called 'top-q'. Did you mean 'top-k'?"),
    (lambda: compressors.parse("top-k"), "'top-k' does not give the compressor 'top-k' the arguments it needs."),
    (lambda: compressors.parse("3"), "'3' is not the name of a compressor."),
    (lambda: compressors.parse("top-k(-1)"), "k must lie in [1, inf], but is -1."),
    (lambda: compressors.parse("__import__('os')"), "\"__import__('os')\" is not the name of a compressor."),
]


@pytest.mark.parametrize(("call", "message"), WRONG, ids=[message[:60] for _, message in WRONG])
def test_wrong_call(call, message):
    with pytest.raises(InvalidArgument) as caught:
        call()
    assert str(caught.value) == message
