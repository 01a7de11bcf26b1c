"""Inexact LMOs against the exact polar factor and the leading singular pair."""

import hypothesis
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from broximal.oracles import InvalidArgument, norms, polar
from broximal.oracles.polar import NewtonSchulz, PowerIteration
from tests.oracles.polar.test_remez import composed

METHODS = [(name, polar.method(name)) for name in polar.names()]
ITERATIONS = [(name, method) for name, method in METHODS if isinstance(method, NewtonSchulz)]
FULL = [(name, method) for name, method in ITERATIONS if method.precision is None]


def with_spectrum(s, shape, rng):
    u, v = (np.linalg.qr(rng.standard_normal((n, len(s))))[0] for n in shape)
    return (u * s) @ v.T, u @ v.T


def operator(x):
    return np.linalg.norm(x, 2)


@pytest.mark.parametrize(("name", "method"), FULL, ids=[name for name, _ in FULL])
@pytest.mark.parametrize("shape", [(4, 4), (3, 7), (7, 3), (1, 5), (5, 1), (1, 1)])
def test_singular_values_go_through_the_polynomials(name, method, shape, rng):
    s = np.sort(rng.uniform(0.05, 1, min(shape)))[::-1]
    g, factor = with_spectrum(s, shape, rng)
    start = np.linalg.svd(method.normalised(g), compute_uv=False)
    point = method.point(g)
    expected = np.sort(np.abs(composed(method.coefficients, start)))[::-1]
    assert np.allclose(np.linalg.svd(point, compute_uv=False), expected, atol=1e-12)
    answer, promised = method.lmo(g), method.guarantee(min(1.0, *start))
    assert answer.lo == pytest.approx(-(g * point).sum() / s.sum(), rel=1e-12)
    assert answer.hi == pytest.approx(operator(point), rel=1e-12)
    assert answer.lo >= promised.lo - 1e-9
    assert answer.hi <= promised.hi + 1e-9
    assert operator(point + factor) <= promised.error + 1e-9


@pytest.mark.parametrize(("name", "method"), FULL, ids=[name for name, _ in FULL])
def test_guarantees_over_random_spectra(name, method, rng):
    for _ in range(40):
        s = rng.uniform(0, 1, 5) ** rng.integers(1, 6) + 1e-3
        g, factor = with_spectrum(s, (5, 8), rng)
        lowest = np.linalg.svd(method.normalised(g), compute_uv=False).min()
        answer, promised = method.lmo(g), method.guarantee(lowest)
        assert answer.lo >= promised.lo - 1e-11
        assert answer.hi <= promised.hi + 1e-11
        assert operator(answer.point + factor) <= promised.error + 1e-11


def test_the_polar_error_of_the_greedy_method_is_attained(rng):
    l = 0.02
    method = NewtonSchulz.greedy(l, steps=3)
    g, factor = with_spectrum(np.array([(1 - l * l) ** 0.5, l]), (4, 3), rng)
    error = operator(method.point(g) + factor)
    assert 0.99999 < error / method.guarantee(l).error <= 1 + 1e-9


def test_taylor_statements_on_matrices(rng):
    method = NewtonSchulz.taylor(2, 4, shrink_only=True)
    for scale, within in ((0.5, True), (7.0, False)):  # |g|_F on both sides of 1
        s = scale * np.array([1.0, 0.5, 0.2]) / np.linalg.norm([1.0, 0.5, 0.2])
        g, factor = with_spectrum(s, (3, 5), rng)
        l = min(s) if within else min(s) / scale
        delta, promised = polar.taylor_bound(l, 2, 4)
        point, answer = method.point(g), method.lmo(g)
        assert operator(np.eye(3) - point @ point.T) <= delta + 1e-12
        assert operator(point + factor) <= promised.error + 1e-9
        assert answer.lo >= promised.lo - 1e-9
        assert answer.hi <= 1 + 1e-12


@pytest.mark.parametrize(("name", "method"), FULL, ids=[name for name, _ in FULL])
def test_rank_loss_stays_in_the_range(name, method, rng):
    g, factor = with_spectrum(np.array([1.0, 0.4]), (5, 6), rng)
    point = method.point(g)
    assert operator(point - factor @ factor.T @ point) <= 1e-11
    assert method.lmo(g).lo > 0.6
    assert NewtonSchulz(method.coefficients, precision="bfloat16").lmo(g).lo > 0.6  # its rounding leaves the range


@pytest.mark.parametrize(("name", "method"), METHODS, ids=[name for name, _ in METHODS])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, jnp.bfloat16])
def test_numpy_jax_jit_and_vmap_agree(name, method, dtype, rng, x64):
    if dtype is not jnp.bfloat16:
        g = rng.standard_normal((3, 4)).astype(dtype)
        assert method.point(g).dtype == dtype
    g = jnp.asarray(rng.standard_normal((2, 3, 4)), dtype)
    alone, traced = method.lmo(g[0]), jax.jit(method.lmo)(g[0])
    together = jax.vmap(method.lmo)(g)
    tol = {jnp.dtype("float64"): 1e-12, jnp.dtype("float32"): 1e-4}.get(g.dtype, 0.05)
    tol = max(tol, 0.05) if getattr(method, "precision", None) else tol
    for answer in (traced, jax.tree.map(lambda leaf: leaf[0], together)):
        assert answer.point.dtype == dtype
        for u, v in zip(jax.tree.leaves(answer), jax.tree.leaves(alone), strict=True):
            assert np.allclose(np.float64(u), np.float64(v), atol=4 * tol)


@pytest.mark.parametrize(("name", "method"), METHODS, ids=[name for name, _ in METHODS])
def test_zero_gradient(name, method):
    answer = method.lmo(np.zeros((3, 2)))
    assert np.isfinite(answer.point).all()
    assert answer.lo == 1
    assert answer.hi <= 1 + 1e-12


@pytest.mark.parametrize(("name", "method"), FULL, ids=[name for name, _ in FULL])
def test_scales(name, method, rng):
    """Only the epsilon in the denominator sees the scale."""
    g = rng.standard_normal((3, 5))
    for scale in (1e200, 1e3) if method.epsilon else (1e200, 1e-200):
        assert np.allclose(method.point(scale * g), method.point(1e3 * g), atol=1e-8)


@pytest.mark.parametrize("precision", ["bfloat16", "float16", "float32"])
def test_low_precision_is_measured(precision, rng):
    g = rng.standard_normal((30, 50))
    full, low = NewtonSchulz.jordan().lmo(g), NewtonSchulz.jordan(precision=precision).lmo(g)
    tol = {"bfloat16": 0.05, "float16": 0.01, "float32": 1e-4}[precision]
    assert 0 < abs(full.lo - low.lo) < tol
    assert low.lo == pytest.approx(-(g * low.point).sum() / np.linalg.norm(g, "nuc"), rel=1e-9)


matrices = hnp.arrays(float, (3, 4), elements=st.floats(-5, 5, allow_subnormal=False))


@hypothesis.given(matrices, st.sampled_from([*polar.names(), "power"]))
def test_the_fraction_captured_is_below_the_size(g, name):
    hypothesis.assume(np.abs(g).max() > 1e-3)
    answer = (PowerIteration(5) if name == "power" else polar.method(name)).lmo(g)
    assert answer.lo <= answer.hi + 1e-9
    assert answer.slowdown >= 1 - 1e-9


def test_power_iteration_finds_the_leading_pair_and_keeps_its_promise(rng):
    for _ in range(20):
        g = rng.standard_normal((6, 9))
        first = np.linalg.svd(g)[2][0]
        previous = 0.0
        for steps in (1, 3, 10, 40):
            method = PowerIteration(steps, seed=int(rng.integers(1000)) if steps == 1 else 0)
            answer = method.lmo(g)
            promised = method.guarantee(min(abs(float(method.start(g) @ first)), 1.0))
            assert promised.lo - 1e-9 <= answer.lo <= 1 + 1e-9
            assert answer.hi == pytest.approx(1, abs=1e-6)
            assert answer.lo >= previous - 1e-9 or steps == 3  # the start of one step is another one
            previous = answer.lo
        assert answer.lo == pytest.approx(1, abs=1e-2)


def test_power_iteration_promise_is_nearly_attained():
    """A two-point spectrum, with the second value where the first step cannot tell them apart."""
    method = PowerIteration(1)
    start = method.start(np.ones((2, 2)))
    across = np.array([-start[1], start[0]])
    ratios = []
    for c in (0.9, 0.99, 0.999):
        v1 = c * start + (1 - c * c) ** 0.5 * across
        v2 = np.array([-v1[1], v1[0]])
        for r in np.linspace(0.5, 1, 26):
            answer = method.lmo(np.outer([1, 0], v1) + r * np.outer([0, 1], v2))
            promised = method.guarantee(c).lo
            assert answer.lo >= promised - 1e-9
            ratios.append(promised / answer.lo)
    assert max(ratios) > 0.99


def test_power_iteration_promise_has_the_right_exponent():
    """A small overlap c and a second singular value at which c^(1/4) in the place of c^(1/3) would be refuted."""
    method, c = PowerIteration(1), 1e-3
    start = method.start(np.ones((2, 2)))
    v1 = c * start + (1 - c * c) ** 0.5 * np.array([-start[1], start[0]])
    v2 = np.array([-v1[1], v1[0]])
    g = np.outer([1, 0], v1) + (2 * c * c) ** (1 / 6) * np.outer([0, 1], v2)
    assert method.guarantee(c).lo <= method.lmo(g).lo < c ** (1 / 4)


def test_measured_in_other_norms(rng):
    g = rng.standard_normal((3, 4))
    answer = polar.measured(norms.LInf(), g, -np.sign(g))
    assert answer.lo == pytest.approx(1)
    assert answer.hi == 1
    assert polar.measured(norms.LInf(), g, np.sign(g)).slowdown == np.inf


@pytest.mark.parametrize("name", ["exact", "jordan", "cubic", "polar-express"])
def test_the_inexact_bound_holds_on_a_quadratic(name, rng):
    """f = |X - B|_F^2 / 2 is min(m, n)-smooth in the spectral norm."""
    b, x, smoothness, steps = rng.standard_normal((4, 6)), np.zeros((4, 6)), 4, 60
    start = (b * b).sum() / 2
    eta = (2 * start / (smoothness * steps)) ** 0.5
    sizes, lows, highs = [], [], []
    for _ in range(steps):
        answer = polar.method(name).lmo(x - b)
        sizes.append(np.linalg.norm(x - b, "nuc"))
        lows.append(answer.lo)
        highs.append(answer.hi)
        x = x + eta * answer.point
    lo, hi = min(lows), max(highs)
    assert np.mean(sizes) <= (start / (eta * steps) + smoothness * hi**2 * eta / 2) / lo


WRONG = [
    (lambda: NewtonSchulz([]), "coefficients must be a non-empty sequence of non-empty rows of finite numbers."),
    (
        lambda: NewtonSchulz([(1.5, np.nan)]),
        "coefficients must be a non-empty sequence of non-empty rows of finite numbers.",
    ),
    (lambda: NewtonSchulz([1.5]), "coefficients must be a sequence of rows of numbers, one row per step."),
    (lambda: NewtonSchulz.jordan(0), "steps must lie in [1, inf], but is 0."),
    (lambda: NewtonSchulz.cubic(-1), "steps must lie in [1, inf], but is -1."),
    (lambda: NewtonSchulz.taylor(0), "kappa must lie in [1, inf], but is 0."),
    (
        lambda: NewtonSchulz.jordan(precision="fp8"),
        "precision must be None or one of bfloat16, float16, float32, not 'fp8'.",
    ),
    (lambda: NewtonSchulz.polar_express(safety=0.9), "safety must lie in [1, inf], but is 0.9."),
    (lambda: NewtonSchulz.cubic(epsilon=-1), "epsilon must be non-negative, but is -1."),
    (
        lambda: NewtonSchulz.cubic().point([1.0, 2.0]),
        "g has shape (2,); the spectral norm is defined on matrices (2 axes).",
    ),
    (lambda: NewtonSchulz.cubic().lmo([[np.nan]]), "g contains NaN or infinity."),
    (lambda: PowerIteration(0), "steps must lie in [1, inf], but is 0."),
    (lambda: PowerIteration(3, -1), "seed must be a non-negative integer, not -1."),
    (lambda: PowerIteration().guarantee(0), "overlap must lie in (0, 1], but is 0."),
    (lambda: polar.method("jordon"), "method 'jordon' is unknown. Did you mean 'jordan'?"),
]


@pytest.mark.parametrize(
    ("call", "message"), WRONG, ids=[message[:50] + str(i) for i, (_, message) in enumerate(WRONG)]
)
def test_wrong_call(call, message):
    with pytest.raises(InvalidArgument) as caught:
        call()
    assert str(caught.value) == message
