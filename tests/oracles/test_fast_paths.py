"""The fast LMOs of large matrices: as good as the SVD, certified, and quick to admit when they are not."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from broximal import oracles
from broximal.oracles import norms
from broximal.oracles.norms import _polar, _top_pair

N = 256


def with_spectrum(s, rng, shape=(N, N)):
    u, v = (np.linalg.qr(rng.standard_normal((n, len(s))))[0] for n in shape)
    return (u * s) @ v.T


SPECTRA = {
    "random": lambda rng: rng.standard_normal((N, N)),
    "tall": lambda rng: rng.standard_normal((2 * N, N)),
    "condition 1e2": lambda rng: with_spectrum(np.geomspace(1, 1e-2, N), rng),
    "condition 1e6": lambda rng: with_spectrum(np.geomspace(1, 1e-6, N), rng),
    "two close on top": lambda rng: with_spectrum(np.r_[1, 1 - 1e-5, 0.3 * np.ones(N - 2)], rng),
    "all equal": lambda rng: with_spectrum(np.ones(N), rng),
    "rank 3": lambda rng: with_spectrum(np.ones(3), rng),
    "zero": lambda rng: np.zeros((N, N)),
    "tiny": lambda rng: 1e-30 * rng.standard_normal((N, N)),
}


@pytest.fixture(scope="module")
def fast():
    """Compiled once for all tests of this file."""
    return {norm: jax.jit(lambda g, n=norm: oracles.lmo(n, g)) for norm in (norms.Spectral(), norms.Nuclear())}


@pytest.mark.parametrize("kind", SPECTRA)
@pytest.mark.parametrize("norm", [norms.Spectral(), norms.Nuclear()], ids=str)
def test_lmo_is_exact_and_its_certificate_honest(fast, norm, kind, rng):
    g = jnp.asarray(SPECTRA[kind](rng), jnp.float32)
    assert _polar.worthwhile(g) and _top_pair.worthwhile(g)
    answer = fast[norm](g)
    exact, point = np.asarray(g, np.float64), np.asarray(answer.point, np.float64)
    dual = float(norm.dual(exact))
    true_gap = dual + (exact * point).sum()
    assert abs(true_gap) <= 3e-6 * dual
    assert true_gap - 2e-6 * dual <= answer.gap <= 6e-5 * dual  # an upper bound up to rounding, and of some use
    assert norm(point) <= 1 + 1e-5
    assert float(answer.excess) >= norm(point) - 1 - 2e-6


def test_rank_loss_falls_back_on_the_full_isometry(fast, rng):
    g = jnp.asarray(SPECTRA["rank 3"](rng), jnp.float32)
    v = np.asarray(fast[norms.Spectral()](g).point)
    assert np.allclose(v.T @ v, np.eye(N), atol=1e-4)


def test_batches_and_small_or_double_matrices_take_the_svd(rng):
    batch = jnp.asarray(rng.standard_normal((2, N, N)), jnp.float32)
    for norm in (norms.Spectral(), norms.Nuclear()):
        points = jax.jit(jax.vmap(norm.lmo))(batch)
        assert points[1] == pytest.approx(norm.lmo(np.asarray(batch[1], np.float64)), abs=2e-3)
    assert not _polar.worthwhile(batch[0][:50])
    assert not _polar.worthwhile(np.zeros((N, N), np.float32))


def test_double_precision_nuclear(rng, x64):
    g = rng.standard_normal((N, N))
    answer = oracles.lmo(norms.Nuclear(), jnp.asarray(g))
    top = np.linalg.norm(g, 2)
    assert answer.point.dtype == np.float64
    assert -(g * np.asarray(answer.point)).sum() == pytest.approx(top, rel=1e-13)
    assert 0 <= answer.gap <= 1e-11 * top


@pytest.mark.parametrize("radius", [1.0, 1e4])
def test_l1_projection_of_a_million_is_exact(radius, rng):
    x = rng.standard_normal(1_000_000)
    p = np.asarray(jax.jit(norms.L1().project)(jnp.asarray(x, jnp.float32), radius), np.float64)
    assert np.abs(p).sum() == pytest.approx(radius, rel=1e-6)
    exact = norms.L1().project(x.astype(np.float32).astype(np.float64), radius)
    assert np.abs(p - exact).max() <= 1e-6 * np.abs(x).max()
