"""alpha is never exceeded, is attained where it is said to be exact, and is refuted where there is none."""

import hypothesis
import jax
import numpy as np
import pytest
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from broximal.oracles import MissingConstant, Norm, compressors, norms
from broximal.oracles.arrays import combine
from broximal.oracles.compressors import NotContractive
from tests.oracles.compressors.expectation import NAMES, PAIRS, is_shape, ratio

TOL = 1e-9


def starts(shape, rng):
    """Constant, one entry, diagonal (also at the worst value of random rounding), random; per layer and jointly."""
    if not is_shape(shape):
        leaves, structure = jax.tree.flatten(shape, is_leaf=is_shape)
        options = [list(starts(leaf, rng)) for leaf in leaves]
        for i, choices in enumerate(options):
            for x in choices:
                yield structure.unflatten([x if i == j else np.zeros(leaf) for j, leaf in enumerate(leaves)])
        for picks in zip(*options, strict=False):
            yield structure.unflatten(list(picks))
        return
    for scale in (1.0, 4 / 3):
        yield scale * np.ones(shape)
        first = np.zeros(shape)
        first.flat[0] = scale
        yield first
        if len(shape) == 2:
            yield scale * np.eye(*shape)
    yield rng.standard_normal(shape)
    yield rng.standard_normal(shape) ** 3


def climb(c, norm, x, rng, steps=25):
    """Pattern search for a larger ratio."""
    best, width = ratio(c, norm, x), 0.5
    for _ in range(steps):
        move = jax.tree.map(lambda leaf: rng.standard_normal(leaf.shape), x)
        new = combine(1.0, x, width, move)
        found = ratio(c, norm, new)
        x, best, width = (new, found, 1.5 * width) if found > best else (x, best, 0.7 * width)
    return best


def level(norm, x):
    return jax.tree.map(lambda layer, part: part / layer(part), norm.layers, x, is_leaf=lambda n: isinstance(n, Norm))


@pytest.mark.parametrize(("c", "norm", "shape"), PAIRS, ids=NAMES)
def test_alpha(c, norm, shape, rng):
    try:
        alpha, exact, why = c.contraction(norm, shape)
    except NotContractive as error:
        assert ratio(c, norm, error.counterexample) >= 1 - TOL
        assert ratio(c, norm, error.counterexample) == pytest.approx(error.ratio)
        assert "is not contractive" in str(error)
        return
    except MissingConstant:
        return
    assert 0 < alpha <= 1
    assert why
    points = list(starts(shape, rng))
    if isinstance(norm, norms.Product):  # every layer as large as the maximum allows
        points += [level(norm, x) for x in points if all(leaf.any() for leaf in jax.tree.leaves(x))]
    reached = max(ratio(c, norm, x) for x in points)
    climbed = max(climb(c, norm, x, rng) for x in points[-4:])
    assert max(reached, climbed) <= 1 - alpha + TOL
    if exact:
        assert reached >= 1 - alpha - TOL


KNOWN = [  # compressor, norm, shape, alpha
    ("top-k(3)", "l2", (10,), 0.3),
    ("top-k(3)", "l1", (10,), 1 - 0.7**2),
    ("rank-k(2)", "frobenius", (5, 8), 2 / 5),
    ("rank-k(2)", "nuclear", (5, 8), 1 - 0.6**2),
    ("top-k-columns(2)", "mixed(l1, l2, columns)", (5, 8), 1 - 0.75**2),
    ("scaled-sign", "linf", (10,), 0.75),
    ("half-polar", "spectral", (5, 8), 0.75),
    ("half-polar", "rms_to_rms", (5, 8), 0.75),
    ("mean-sign", "l2", (10,), 0.1),
    ("dropout(0.3)", "spectral", (5, 8), 0.3),
    ("damped(0.3)", "owl([2, 1, 1])", (3,), 1 - 0.7**2),
    ("natural(1)", "l2", (10,), 7 / 8),
    ("natural", "l2", (10,), 8 / 9),
    ("rand-k(3)", "l2", (10,), 0.3),
]


@pytest.mark.parametrize(("name", "norm", "shape", "alpha"), KNOWN, ids=[f"{c} {n}" for c, n, _, _ in KNOWN])
def test_the_table(name, norm, shape, alpha):
    found = compressors.parse(name).contraction(norms.parse(norm), shape)
    assert found.exact
    assert found.alpha == pytest.approx(alpha, rel=1e-13)


REFUTED = [
    ("top-k(3)", "linf", (10,)),
    ("top-k(1)", "spectral", (2, 2)),
    ("top-k(4)", "spectral", (6, 9)),
    ("top-k(4)", "spectral", (700, 900)),
    ("rank-k(2)", "spectral", (5, 8)),
    ("rank-k(2)", "rms_to_rms", (5, 8)),
    ("scaled-sign", "l1", (10,)),
    ("half-polar", "nuclear", (5, 8)),
    ("half-polar", "frobenius", (4, 4)),
    ("rand-k(2)", "linf", (3,)),
    ("compose(dropout(0.5), rand-k(2))", "linf", (3,)),
    ("compose(half-polar, rank-k(1))", "spectral", (2, 3)),
]


@pytest.mark.parametrize(("name", "norm", "shape"), REFUTED, ids=[f"{c} {n} {s}" for c, n, s in REFUTED])
def test_pairs_that_do_not_contract(name, norm, shape):
    c, norm = compressors.parse(name), norms.parse(norm)
    with pytest.raises(NotContractive, match="is not contractive in the") as caught:
        c.contraction(norm, shape)
    x = caught.value.counterexample
    assert x.shape == shape
    if x.size <= 100:
        assert ratio(c, norm, x) >= 1 - TOL


def test_top_k_may_even_enlarge_the_error_in_the_spectral_norm():
    x = np.array([[1.0, 1.0], [1.0, -1.0]])
    assert ratio(compressors.TopK(1), norms.Spectral(), x) == pytest.approx((1.6180339887 / 2**0.5) ** 2)


def test_equivalence_is_marked_as_a_bound_and_degrades_by_the_constants():
    found = compressors.TopK(3).contraction(norms.Spectral(), (2, 2))
    assert found.alpha == pytest.approx(1 - 2 * (1 - 3 / 4))
    assert not found.exact
    assert "norm equivalence" in found.why


def test_contraction_does_not_depend_on_a_factor():
    c = compressors.RankK(2)
    for factor in (1e-3, 7.0):
        scaled = norms.Scaled(factor, norms.Nuclear())
        assert c.contraction(scaled, (3, 4)) == c.contraction(norms.Nuclear(), (3, 4))


def test_products_of_alphas_need_orthogonal_errors():
    """mean-sign and top-k both have orthogonal errors in l2; their composition enlarges the error."""
    c, x = compressors.parse("compose(mean-sign, top-k(1))"), np.array([0.0, 1.0, 1.0, 1.0])
    assert ratio(c, norms.L2(), x) > 1
    with pytest.raises((NotContractive, MissingConstant)):
        c.contraction(norms.L2(), (4,))


numbers = st.floats(-8, 8, allow_subnormal=False)
MEMBERS = ["top-k(2)", "rand-k(2)", "scaled-sign", "mean-sign", "natural", "natural(0.4)", "dropout(0.3)"]
MEMBERS += ["compose(top-k(3), natural)", "compose(natural, damped(0.5))", "compose(scaled-sign, dropout(0.5))"]
MATRIX = ["rank-k(1)", "half-polar", "mean-polar", "top-k-columns(1)", "compose(half-polar, top-k(5))"]


def never_exceeded(c, norm, x):
    hypothesis.assume(np.abs(x).max() > 1e-6)
    try:
        alpha = c.contraction(norm, x.shape).alpha
    except (NotContractive, MissingConstant):
        return
    assert ratio(c, norm, x) <= 1 - alpha + TOL


@hypothesis.given(
    st.sampled_from(MEMBERS), st.sampled_from([1.0, 1.3, 2.0, 5.0, np.inf]), hnp.arrays(float, 4, elements=numbers)
)
def test_alpha_is_never_exceeded_by_vectors(name, p, x):
    never_exceeded(compressors.parse(name), norms.Lp(p), x)


@hypothesis.given(
    st.sampled_from(MATRIX), st.sampled_from([1.0, 1.5, 2.0, 3.0, np.inf]), hnp.arrays(float, (2, 3), elements=numbers)
)
def test_alpha_is_never_exceeded_by_matrices(name, p, x):
    never_exceeded(compressors.parse(name), norms.Schatten(p), x)
