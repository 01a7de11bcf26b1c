"""Wrong calls: each raises InvalidArgument with one clear sentence that names the argument."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from broximal import oracles
from broximal.oracles import InvalidArgument, norms
from broximal.oracles.cvxpy_bridge import cvxpy

eye, two = np.eye(2), np.ones(2)
PAIR = norms.Product([norms.L1(), norms.L2()])

WRONG = [
    # constructors
    (lambda: norms.Lp(0.5), "p must lie in [1, inf], but is 0.5."),
    (lambda: norms.Lp(np.nan), "p is NaN."),
    (lambda: norms.Lp("three"), "p must be a real number, not 'three'."),
    (lambda: norms.Schatten(0.9), "p must lie in [1, inf], but is 0.9."),
    (
        lambda: norms.Schatten(norms.WeightedL1([1.0, 2.0])),
        "gauge must be invariant under signs and permutations, but weighted_l1([1, 2]) is not.",
    ),
    (lambda: norms.KyFan(0), "k must lie in [1, inf], but is 0."),
    (lambda: norms.KSupport(1.5), "k must be an integer, but is 1.5."),
    (lambda: norms.TopK(np.inf), "k is infinite."),
    (lambda: norms.WeightedL1([1.0, -2.0]), "weights must all be positive, but the smallest is -2."),
    (lambda: norms.WeightedLInf([1.0, 0.0]), "weights must all be positive, but the smallest is 0."),
    (lambda: norms.WeightedL1([1.0, np.nan]), "weights contains NaN or infinity."),
    (lambda: norms.WeightedL1(eye), "weights must be a vector, but has shape (2, 2)."),
    (lambda: norms.OWL([1.0, 2.0]), "weights must be nonincreasing."),
    (lambda: norms.OWL([0.0, 0.0]), "weights must be non-negative with a positive first one."),
    (lambda: norms.Ellipsoid([[1.0, 2.0], [0.0, 1.0]]), "P is not symmetric."),
    (
        lambda: norms.Ellipsoid([[1.0, 2.0], [2.0, 1.0]]),
        "P is not positive definite (smallest eigenvalue -1).",
    ),
    (lambda: norms.Ellipsoid(np.ones((2, 3))), "P must be square, but has shape (2, 3)."),
    (lambda: norms.Group([[0, 1], [1, 2]]), "groups must be non-empty and hold every index from 0 to 3 exactly once."),
    (
        lambda: norms.Group([[0], ["a"]]),
        "groups must be a list of lengths or of lists of indices, not [[0], ['a']].",
    ),
    (lambda: oracles.lmo("l1", two), "norm must be a norm, not the text 'l1'; `norms.parse('l1')` reads it."),
    (lambda: oracles.lmo(norms.L1, two), "norm must be a norm, not its class; make one with L1(...)."),
    (lambda: norms.Group([]), "groups must be a non-empty list of lengths or of lists of indices."),
    (lambda: norms.Group([2, 0]), "every length in groups must lie in [1, inf], but is 0."),
    (
        lambda: norms.Group([1, 1], norms.Ellipsoid(eye)),
        "outer must depend only on the absolute values of entries, but ellipsoid([[1, 0], [0, 1]]) does not.",
    ),
    (
        lambda: norms.Mixed(norms.L1(), norms.L2(), "diagonals"),
        'by must be "rows", "columns" or "slices", not \'diagonals\'.',
    ),
    (lambda: norms.Mixed(norms.L1(), "l2"), "inner must be a norm, not the text 'l2'; `norms.parse('l2')` reads it."),
    (lambda: norms.Scaled(-1.0, norms.L1()), "c must be positive, but is -1."),
    (lambda: norms.Scaled(np.inf, norms.L1()), "c is infinite."),
    (
        lambda: norms.LinearImage(norms.L1(), np.ones((2, 2))),
        "left is singular (condition number above 1 / rounding error).",
    ),
    (lambda: norms.LinearImage(norms.L1(), np.ones((2, 3))), "left must be square, but has shape (2, 3)."),
    (lambda: norms.MaxAbsLinear([[1.0, 1.0]]), "A must have full column rank, but its rank is below 2."),
    (lambda: norms.Product(norms.L1()), "layers must be a dict, list or tuple of norms."),
    (lambda: norms.Product([norms.L1(), 3]), "every layer must be a norm, not 3."),
    (lambda: norms.Product([norms.L1(), None]), "every layer must be a norm, not None."),
    (lambda: norms.SumProduct({"a": norms.L1(), "b": None}), "every layer must be a norm, not None."),
    (
        lambda: norms.Product({"w": norms.Spectral(), "b": norms.L1()}, [10.0, 1.0]),
        "radii must have the same structure as layers, one number per layer.",
    ),
    (lambda: norms.Flattened(norms.Spectral(), 1.5), "axis must be an integer, but is 1.5."),
    (
        lambda: norms.Flattened(norms.Spectral(), 2)(eye),
        "x has shape (2, 2); the flattened(spectral, 2) norm needs more than 2 axes.",
    ),
    (
        lambda: norms.Mixed(norms.L1(), norms.Spectral(), "slices")(eye),
        "each of the slices of x has shape (2,); the spectral norm is defined on matrices (2 axes).",
    ),
    (lambda: norms.Product([norms.L1()], [-1.0]), "every entry of radii must be positive, but is -1."),
    (
        lambda: norms.SumProduct([norms.L1()], [1.0, 2.0]),
        "weights must have the same structure as layers, one number per layer.",
    ),
    (
        lambda: norms.CvxpyNorm(lambda x: cvxpy().sum_squares(x), 2),
        "fn is not a norm: fn(2 x) is not 2 fn(x), or fn(-x) is not fn(x).",
    ),
    (
        lambda: norms.CvxpyNorm(lambda x: cvxpy().sum(cvxpy().pos(x)), 2),
        "fn is not a norm: fn(2 x) is not 2 fn(x), or fn(-x) is not fn(x).",
    ),
    (lambda: norms.CvxpyNorm(lambda x: cvxpy().abs(x[0]), 2), "fn is not a norm: its value at a nonzero point is 0."),
    (lambda: norms.CvxpyNorm(lambda x: cvxpy().norm1(x) + 1, 2), "fn is not a norm: its value at 0 is 1."),
    (
        lambda: norms.CvxpyNorm(lambda x: cvxpy().sqrt(cvxpy().norm1(x)), 2),
        "fn is not convex by the rules of cvxpy (disciplined convex programming).",
    ),
    (
        lambda: norms.CvxpyNorm(lambda x: cvxpy().norm2(x - cvxpy().sum(x) / 3), 3),
        "fn is not a norm but a seminorm: it is 0 at a point that is not.",
    ),
    (lambda: norms.CvxpyNorm(lambda x: 3.0, 2), "fn must return a scalar cvxpy expression, not float."),
    # points
    (lambda: norms.L1()([1.0, np.nan]), "x contains NaN or infinity."),
    (lambda: norms.L1().lmo([np.inf]), "g contains NaN or infinity."),
    (lambda: norms.L1()([1j]), "x is complex; broximal works over the real numbers."),
    (lambda: norms.L1()([]), "x is empty (shape (0,))."),
    (lambda: norms.L1()("text"), "x has dtype <U4; a real floating dtype is needed."),
    (lambda: norms.L1()(None), "x is not an array of numbers."),
    (lambda: norms.L1()(np.array(["1.5", 2.0], dtype=object)), "x is not an array of numbers."),
    (lambda: norms.L1()([True, False]), "x is a mask of truth values, not an array of numbers."),
    (
        lambda: norms.L1()(np.ma.masked_greater([1.0, 5.0], 2.0)),
        "x is a masked array; fill what is masked, or leave it out.",
    ),
    (lambda: norms.Product([norms.L1(), norms.L1()])([two, None]), "x is not an array of numbers."),
    (lambda: norms.Spectral()(two), "x has shape (2,); the spectral norm is defined on matrices (2 axes)."),
    (
        lambda: norms.L1()({"a": two}),
        "x is a tree of layers; the l1 norm is defined on one array (`Product` joins norms of layers).",
    ),
    (lambda: PAIR([two] * 3), "x has 3 layers ([0], [1], [2]), but the norm has 2 layers ([0], [1])."),
    (
        lambda: PAIR({"W": two, "b": two}),
        "x has 2 layers (['W'], ['b']), but the norm has 2 layers ([0], [1]); give it as Product({'W': .., 'b': ..}).",
    ),
    (lambda: PAIR(two), "x is one array, but the norm has 2 layers ([0], [1])."),
    (
        lambda: PAIR((two, two)),
        "x has the layers of the norm in other containers (a tuple where the norm has a list, say).",
    ),
    (lambda: norms.TopK(3)(two), "k = 3 exceeds the 2 entries of x."),
    (lambda: norms.KyFan(3)(eye), "k = 3 exceeds the 2 entries of the vector of singular values of x."),
    (lambda: norms.TopK(1)(eye), "x has shape (2, 2); the topk(1) norm is defined on vectors."),
    (
        lambda: norms.WeightedL1([1.0])(two),
        "x has shape (2,), but the weighted_l1([1]) norm is defined on shape (1,).",
    ),
    (lambda: norms.Group([1])(two), "x has shape (2,), but the group([[0]], l1) norm is defined on shape (1,)."),
    (
        lambda: norms.LinearImage(norms.L1(), eye)(np.ones(3)),
        "x has shape (3,), which left and right of the linear_image(l1, [[1, 0], [0, 1]]) norm do not fit.",
    ),
    (
        lambda: norms.CvxpyNorm(lambda x: cvxpy().norm1(x), (2,))(np.ones(3)),
        "x has shape (3,), but the cvxpy_norm(<lambda>, [2]) norm is defined on (2,).",
    ),
    (
        lambda: norms.Product({"a": norms.Spectral()})({"a": two}),
        "layer 'a' of x has shape (2,); the spectral norm is defined on matrices (2 axes).",
    ),
    (
        lambda: norms.SumProduct([norms.L1(), norms.L1()])({"b": two, "a": two}),
        "x has 2 layers (['a'], ['b']), but the norm has 2 layers ([0], [1]); give it as SumProduct({'a': .., 'b': ..}).",
    ),
    # radii and weights
    (lambda: norms.L1().project(two, -1.0), "radius must be non-negative, but is -1."),
    (lambda: norms.L1().project(two, np.nan), "radius is NaN."),
    (lambda: norms.L1().lmo(two, np.inf), "radius is infinite; the ball would be the whole space."),
    (lambda: norms.L1().prox(two, -1.0), "weight must be non-negative, but is -1."),
    (lambda: oracles.lmo(norms.L1(), two, -1.0), "radius must be non-negative, but is -1."),
    (lambda: oracles.prox(norms.L1(), two, np.inf), "weight is infinite; the ball would be the whole space."),
    # balls
    (lambda: oracles.Ball("l1", two), "norm must be a norm, not the text 'l1'; `norms.parse('l1')` reads it."),
    (lambda: oracles.Ball(norms.L1(), two, -1.0), "radius must be non-negative, but is -1."),
    (lambda: oracles.Ball(norms.L1(), [np.nan]), "center contains NaN or infinity."),
    (lambda: oracles.Ball(norms.L1(), two).project(np.ones(3)), "x has shape (3,), but the ball lives in shape (2,)."),
    # names
    (lambda: norms.parse("schaten(3)"), "there is no norm called 'schaten'. Did you mean 'schatten'?"),
    (lambda: norms.parse("rms-to-rms"), "'rms-to-rms' is not the name of a norm."),
    (lambda: norms.parse("lp"), "'lp' does not give the norm 'lp' the arguments it needs."),
    (lambda: norms.parse("lp(1/2)"), "'lp(1/2)' is not the name of a norm."),
    (lambda: norms.parse("__import__('os')"), "\"__import__('os')\" is not the name of a norm."),
    (lambda: norms.parse("3"), "'3' is not the name of a norm."),
    (lambda: norms.parse(""), "'' is not the name of a norm."),
    # solvers on the host
    (
        lambda: jax.jit(norms.MaxAbsLinear(eye).lmo)(jnp.ones(2)),
        "the LMO of the max_abs_linear norm runs a solver on the host and cannot run under jit or vmap; call it outside.",
    ),
    (
        lambda: jax.vmap(norms.AtomHull(eye))(jnp.ones((3, 2))),
        "the value of the atom_hull norm runs a solver on the host and cannot run under jit or vmap; call it outside.",
    ),
]


@pytest.mark.parametrize(("call", "message"), WRONG, ids=[message[:60] for _, message in WRONG])
def test_wrong_call(call, message):
    with pytest.raises(InvalidArgument) as caught:
        call()
    assert str(caught.value) == message


@pytest.mark.parametrize("points", [[1, -2, 3], np.array([1, -2, 3]), (np.array([1, -2, 3]))])
def test_integers_are_promoted(points):
    assert norms.L1().project(points, 1.0).dtype == np.float64
    assert norms.Lp(3).lmo(points).dtype == np.float64
