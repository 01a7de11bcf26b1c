"""Derivatives of norms, projections and proximal points are those of finite differences; what is not offered is refused."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from broximal.oracles import InvalidArgument, norms
from broximal.oracles.arrays import combine, inner
from tests.oracles.norm_laws import draw, filled
from tests.oracles.test_norms_in_jax import ONE_EACH


def pieces(norm, x, u, radius, weight):
    return norm(x) + inner(u, norm.project(x, radius)) + 2 * inner(u, norm.prox(x, weight))


@pytest.mark.parametrize(("norm", "shape"), ONE_EACH)
def test_gradients_are_those_of_finite_differences(norm, shape, rng, x64):
    x, u, v = (draw(shape, rng) for _ in range(3))
    radius, weight, h = 0.5 * float(norm(x)), 0.4 * float(norm.dual(x)), 1e-6
    gradients = jax.jit(jax.grad(lambda x, u, r, w: pieces(norm, x, u, r, w), argnums=(0, 2, 3)))
    slope, by_radius, by_weight = gradients(*(jax.tree.map(jnp.asarray, part) for part in (x, u)), radius, weight)

    def difference(at):
        return (at(h) - at(-h)) / (2 * h)

    along = difference(lambda t: pieces(norm, combine(1.0, x, t, v), u, radius, weight))
    assert float(inner(slope, v)) == pytest.approx(float(along), rel=1e-5, abs=1e-6)
    assert float(by_radius) == pytest.approx(
        float(difference(lambda t: pieces(norm, x, u, radius + t, weight))), rel=1e-5, abs=1e-6
    )
    assert float(by_weight) == pytest.approx(
        float(difference(lambda t: pieces(norm, x, u, radius, weight + t))), rel=1e-5, abs=1e-6
    )


@pytest.mark.parametrize("name", ["l1", "l2", "linf", "lp(1.5)"])
def test_the_gradient_of_a_norm_is_zero_at_zero(name, x64):
    norm, zero = norms.parse(name), jnp.zeros(3)
    assert np.array_equal(jax.grad(norm)(zero), np.zeros(3))
    assert np.allclose(jax.jacrev(norm.project)(zero), np.eye(3)) and np.allclose(
        jax.jacfwd(norm.project)(zero), np.eye(3)
    )
    assert np.allclose(jax.jacrev(norm.prox)(zero), 0)


@pytest.mark.parametrize("name", ["spectral", "nuclear", "schatten(3)", "kyfan(2)"])
@pytest.mark.parametrize("shape", [(2, 3), (4, 3)], ids=str)
def test_tied_and_zero_singular_values_have_derivatives(name, shape, rng, x64):
    """Where singular vectors have none. The radius is away from where the projection has a kink."""
    norm, h = norms.parse(name), 1e-6
    slope = jax.jit(lambda x, v, radius: jax.jvp(lambda x: norm.project(x, radius), (x,), (v,))[1])
    for values in ([2.0, 2.0, 2.0], [2.0, 0.5, 0.5], [2.0, 1.0, 0.0], [0.3, 0.0, 0.0]):
        q, r = (np.linalg.qr(rng.standard_normal((n, n)))[0] for n in shape)
        x = q[:, : min(shape)] * values[: min(shape)] @ r[: min(shape)]
        v = rng.standard_normal(shape)
        for radius in (0.7 * float(norm(x)), 1.2 * float(norm(x))):
            moved = (norm.project(x + h * v, radius) - norm.project(x - h * v, radius)) / (2 * h)
            if name != "spectral" and radius < norm(x) and values[1] != values[0]:
                continue  # kinks of the gauge at its ties
            got = slope(jnp.asarray(x), jnp.asarray(v), radius)
            assert np.allclose(got, moved, atol=2e-5), (values, radius)


def test_derivatives_of_a_batch(rng, x64):
    xs, norm = jnp.asarray(rng.standard_normal((4, 5))), norms.L1()
    one = jax.jit(jax.grad(lambda x: norm.project(x, 0.5).sum()))
    expected = jnp.stack([one(x) for x in xs])
    assert np.allclose(jax.jit(jax.vmap(one))(xs), expected)
    assert np.allclose(jax.jit(jax.grad(lambda xs: jax.vmap(lambda x: norm.project(x, 0.5))(xs).sum()))(xs), expected)


NOT_OFFERED = [
    (lambda norm, x: jax.grad(lambda x: norm.lmo(x).sum())(x), "derivatives of lmo in the {} norm, which jumps, are"),
    (lambda norm, x: jax.jacfwd(norm.subgradient)(x), "derivatives of subgradient in the {} norm, which jumps, are"),
    (
        lambda norm, x: jax.grad(lambda x: norm.sharp(x).sum())(x),
        "derivatives of sharp in the {} norm, which jumps, are",
    ),
    (lambda norm, x: jax.hessian(norm)(x), "second derivatives of the {} norm are"),
    (
        lambda norm, x: jax.hessian(lambda x: norm.project(x, 0.5).sum())(x),
        "second derivatives of project in the {} norm are",
    ),
]


@pytest.mark.parametrize("name", ["l1", "l2", "spectral"])
@pytest.mark.parametrize(("ask", "message"), NOT_OFFERED)
def test_what_is_not_offered_is_refused(ask, message, name, rng):
    x = jnp.asarray(rng.standard_normal((3, 2)), jnp.float32)
    with pytest.raises(InvalidArgument) as caught:
        ask(norms.parse(name), x)
    assert str(caught.value).startswith(message.format(name) + " not offered; jax.lax.stop_gradient")


def test_a_constant_argument_is_a_constant(rng):
    norm = norms.LInf()
    x = jnp.asarray(rng.standard_normal(3), jnp.float32)
    assert np.allclose(jax.grad(lambda x: (x * norm.lmo(jax.lax.stop_gradient(x))).sum())(x), norm.lmo(x))
    assert np.array_equal(norm(filled((3,), 0.0)), 0.0)
