"""The fast answers against their slow twin, the norm's cvxpy expression: value, dual value, LMO, projection."""

import jax
import numpy as np
import pytest

from broximal.oracles import norms
from broximal.oracles.arrays import inner, l2, subtract
from broximal.oracles.cvxpy_bridge import cvxpy, solve
from broximal.oracles.norms import CvxpyDual, CvxpyNorm
from tests.oracles.norm_laws import draw

MEMBERS = [
    pytest.param(member, shape, id=member.name)
    for entry in norms.catalogue()
    for norm, shape in entry.examples
    for member in {norm.name: norm, norm.dual.name: norm.dual}.values()
    if not isinstance(member, CvxpyNorm | CvxpyDual)  # these have no faster answer
]
ONE_EACH = {param.values[0].alias: param for param in MEMBERS}.values()


@pytest.mark.parametrize(("norm", "shape"), MEMBERS)
def test_value(norm, shape, rng):
    x = draw(shape, rng)
    slow = norm.cvxpy(jax.tree.map(cvxpy().Constant, x)).value
    assert float(slow) == pytest.approx(float(norm(x)), rel=1e-6)


def variables(x):
    return jax.tree.map(lambda leaf: cvxpy().Variable(leaf.shape), x)


def dot(x, z):
    terms = jax.tree.leaves(jax.tree.map(lambda a, b: cvxpy().sum(cvxpy().multiply(a, b)), x, z))
    return sum(terms[1:], start=terms[0])


def square(x, z):
    return sum(jax.tree.leaves(jax.tree.map(lambda a, b: cvxpy().sum_squares(a - b), x, z)))


@pytest.mark.parametrize(("norm", "shape"), ONE_EACH)
def test_lmo(norm, shape, rng):
    g = draw(shape, rng)
    z = variables(g)
    least = solve(cvxpy().Problem(cvxpy().Minimize(dot(g, z)), [norm.cvxpy(z) <= 1.7]))
    assert float(inner(g, norm.lmo(g, 1.7))) == pytest.approx(least, rel=1e-6)


@pytest.mark.parametrize(("norm", "shape"), ONE_EACH)
def test_projection(norm, shape, rng):
    x = draw(shape, rng)
    radius = 0.4 * float(norm(x))
    z = variables(x)
    solve(cvxpy().Problem(cvxpy().Minimize(square(x, z)), [norm.cvxpy(z) <= radius]))
    slow = jax.tree.map(lambda variable: variable.value, z)
    assert l2(subtract(norm.project(x, radius), slow)) <= 1e-4 * l2(x)


def test_sums_of_large_entries_by_enumeration(rng):
    """Top-k, k-support and OWL against the definition over all subsets and permutations."""
    from itertools import combinations, permutations

    x = rng.standard_normal(5)
    for k in range(1, 6):
        subsets = [list(s) for s in combinations(range(5), k)]
        assert norms.TopK(k)(x) == pytest.approx(max(np.abs(x[s]).sum() for s in subsets))
        assert norms.TopKL2(k)(x) == pytest.approx(max(np.linalg.norm(x[s]) for s in subsets))
    w = np.array([3.0, 2.0, 2.0, 0.5, 0.1])
    best = max((w[list(order)] * np.abs(x)).sum() for order in permutations(range(5)))
    assert norms.OWL(w)(x) == pytest.approx(best)


def test_induced_norms_by_definition(rng):
    a = rng.standard_normal((3, 4))
    corners = np.array(np.meshgrid(*[[-1.0, 1.0]] * 4)).reshape(4, -1)
    unit = np.linalg.svd(a)[2][0]
    assert norms.OneToTwo()(a) == pytest.approx(max(np.linalg.norm(a @ e) for e in np.eye(4)))
    assert norms.OneToInf()(a) == pytest.approx(max(np.abs(a @ e).max() for e in np.eye(4)))
    assert norms.TwoToInf()(a) == pytest.approx(max(a[i] @ (a[i] / np.linalg.norm(a[i])) for i in range(3)))

    def rms(v):
        return np.linalg.norm(v) / np.sqrt(v.size)

    u = unit / rms(unit)
    assert norms.RmsToRms()(a) == pytest.approx(rms(a @ u))
    assert norms.OneToRms()(a) == pytest.approx(max(rms(a @ e) for e in np.eye(4)))
    rows = [row / rms(row) for row in a]
    assert norms.RmsToInf()(a) == pytest.approx(max(np.abs(a @ v).max() for v in rows))
    assert norms.RmsToInf()(a) >= max(np.abs(a @ c).max() for c in corners.T) - 1e-12
