"""Every family takes points as the oracles do: lists, frames and integers as numbers, and nothing that is no point of its space."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from broximal import problems
from broximal.oracles import InvalidArgument, norms
from broximal.oracles.errors import MissingConstant
from broximal.problems.problem import on_space
from broximal.problems.stochastic.contract import euclidean

FAMILIES = problems.families()
VERBS = ("value", "gradient", "value_and_gradient", "gap", "distance")


class Frame:
    """What a data frame is to numpy."""

    def __init__(self, values):
        self.values = values

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.values, dtype)


def asked(problem):
    """The verbs that the problem has an answer to, as functions of the point."""
    calls = {verb: getattr(problem, verb) for verb in VERBS[:-1]}
    calls["distance"] = lambda x: problem.distance(x, euclidean(problem.x0)).value
    for verb, call in calls.items():
        try:
            call(problem.x0)
        except MissingConstant:
            continue
        yield verb, call


def whole(problem):
    """A point of whole numbers."""
    return jax.tree.map(lambda leaf: np.round(np.asarray(leaf)) + 1.0, problem.x0)


def same(a, b, tol):
    pairs = zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True)
    return all(np.shape(u) == np.shape(v) and np.allclose(u, v, rtol=tol, atol=tol) for u, v in pairs)


PROMOTED = {
    "int64": (lambda leaf: leaf.astype(int), 1e-12),
    "int8": (lambda leaf: leaf.astype(np.int8), 1e-12),
    "frame": (Frame, 1e-12),
    "list": (lambda leaf: leaf.tolist(), 1e-12),
    "float32": (lambda leaf: leaf.astype(np.float32), 1e-4),
    "float16": (lambda leaf: leaf.astype(np.float16), 1e-2),
    "jax": (lambda leaf: jnp.asarray(leaf.astype(np.int32)), 1e-4),
}
REFUSED = {
    "None": lambda leaf: None,
    "text": lambda leaf: "text",
    "numbers as text": lambda leaf: leaf.astype(str).astype(object),
    "truth values": lambda leaf: leaf > 0,
    "masked": lambda leaf: np.ma.masked_greater(leaf, -1e9),
    "complex": lambda leaf: leaf + 1j,
    "a column": lambda leaf: leaf[..., None],
    "a batch": lambda leaf: np.stack([leaf, leaf]),
    "longer": lambda leaf: np.ones((leaf.shape[0] + 1, *leaf.shape[1:])),
    "one entry": lambda leaf: np.ones(1) if leaf.size > 1 else np.ones(2),
}


@pytest.mark.parametrize("alias", FAMILIES)
def test_numbers_are_promoted(alias):
    problem = problems.make(alias, 4)
    x = whole(problem)
    for verb, call in asked(problem):
        for kind, (make, tol) in PROMOTED.items():
            assert same(call(jax.tree.map(make, x)), call(x), tol), (verb, kind)


@pytest.mark.parametrize("alias", FAMILIES)
def test_what_is_no_point_is_refused(alias):
    problem = problems.make(alias, 4)
    x = whole(problem)
    for _, call in asked(problem):
        for make in REFUSED.values():
            with pytest.raises(InvalidArgument, match=r"^x [^\n]*\.$"):
                call(jax.tree.map(make, x))
        with pytest.raises(InvalidArgument):
            call(None)


@pytest.mark.parametrize("alias", ["quadratic", "rotated", "composite", "coupled", "linf_distance", "one_dimensional"])
def test_wrong_shapes_are_refused_while_a_program_is_traced(alias):
    problem = problems.make(alias, 4) if alias in FAMILIES else problems.NormDistance.example(4)
    wrong = jax.tree.map(lambda leaf: jnp.ones((*leaf.shape, 2)), problem.x0)
    for verb in VERBS[:-1]:
        with pytest.raises(InvalidArgument, match="lives on"):
            jax.jit(getattr(problem, verb))(wrong)


def test_half_precision_is_answered_in_its_own_type():
    problem = problems.Quadratic.example(3)
    for dtype in (np.float16, jnp.bfloat16):
        x = jnp.asarray(problem.x0, dtype)
        value, gradient = problem.value_and_gradient(x)
        assert {value.dtype, gradient.dtype, problem.gap(x).dtype, jax.jit(problem.value)(x).dtype} == {np.dtype(dtype)}
        exact = problem.value(np.asarray(x, dtype=np.float64))
        assert float(value) == pytest.approx(float(exact), rel=float(jnp.finfo(dtype).eps))


def test_a_run_that_diverges_is_evaluated():
    problem = problems.Quadratic.example(3)
    assert np.isnan(problem.value(np.full(3, np.nan)))
    with pytest.raises(InvalidArgument, match="NaN or infinity"):
        problem.distance(np.full(3, np.nan), norms.L2())


def test_layers_are_called_by_the_structure_of_the_space():
    problem = problems.CoupledQuadratic.example(4)
    with pytest.raises(InvalidArgument, match="x has not the layers of coupled quadratic"):
        problem.value(np.ones(4))
    assert on_space(problem, [[1, 2], [3, 4]], euclidean(problem.x0), "x")[0].dtype == np.float64


def test_a_problem_of_a_user_is_checked_as_well():
    class Bowl(problems.Problem):
        name, x0 = "bowl", np.ones(2)

        def value(self, x):
            return (x * x).sum()

        def gradient(self, x):
            return 2 * x

        def _facts(self):
            return problems.Facts(convex=True, f_star=problems.Known(0.0, 0.0, "a sum of squares"))

    assert Bowl().value([3, 4]) == 25 and Bowl().gap([3, 4]) == 25
    for verb in ("value", "gradient", "value_and_gradient", "gap"):
        with pytest.raises(InvalidArgument, match=r"x has shape \(1,\), but bowl lives on \(2,\)"):
            getattr(Bowl(), verb)(np.ones(1))


def test_norms_are_norms():
    quadratic = problems.Quadratic.example(3)
    noisy = problems.Noisy(quadratic, problems.noise.Signs(1.0))
    for ask in (
        quadratic.smoothness,
        noisy.smoothness,
        lambda norm: noisy.constant("L", norm),
        lambda norm: noisy.distance(noisy.x0, norm),
    ):
        with pytest.raises(InvalidArgument, match="norm must be a norm, not the text 'l2'"):
            ask("l2")
