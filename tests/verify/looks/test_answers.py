"""What a problem's own functions return is looked at before anything rests on it: one sentence, never a verdict."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from broximal.oracles.errors import InvalidArgument
from broximal.oracles.norms import L2, LInf
from broximal.problems import Noisy, Problem, Quadratic, Workers, noise
from broximal.problems.constant import Constant, Known
from broximal.problems.facts import Facts
from broximal.verify import Verdict, check
from broximal.verify.looks.answers import check_answers
from broximal.verify.verdict import SEEN


class Own(Problem):
    """|x|^2 / 2 as a user may write it."""

    of_value: Any
    of_gradient: Any
    name, x0 = "own", np.array([1.0, 2.0, 3.0])

    def _facts(self):
        return Facts(
            convex=True, smooth=True, minimiser=np.zeros(3), unique=True, f_star=Known(0.0, 0.0, "a sum of squares")
        )

    def _l2_constant(self, name):
        return Constant(name, 1.0, "exact", "the identity", "l2")

    def value(self, x):
        return self.of_value(x)

    def gradient(self, x):
        return self.of_gradient(x)


class Scaled(Problem):
    """The same with a number in it, as workers need."""

    factor: Any
    of_value: Any
    of_gradient: Any
    name, x0 = "own", np.array([1.0, 2.0, 3.0])
    _facts = Own._facts

    def value(self, x):
        return self.factor * self.of_value(x)

    def gradient(self, x):
        return self.of_gradient(x)


def own(value=lambda x: 0.5 * (x * x).sum(), gradient=lambda x: 1.0 * x):
    return Own(value, gradient)


COUNTED = np.random.default_rng(0)
VALUES = {
    "one entry": (lambda x: np.array([x @ x / 2]), r"has the shape \(1,\) at x0; it must be one number"),
    "a vector": (lambda x: x * x / 2, r"has the shape \(3,\)"),
    "a pair": (lambda x: (x @ x / 2, 0.0), "must be one number"),
    "a list of one": (lambda x: [x @ x / 2], "must be one number"),
    "nothing": (lambda x: None, "returns Python objects"),
    "text": (lambda x: "1.0", "returns text"),
    "true": (lambda x: x @ x > 1, "returns truth values"),
    "complex": (lambda x: x @ x / 2 + 0j, "returns complex numbers"),
    "nan": (lambda x: np.nan, "is nan at x0"),
    "infinite": (lambda x: np.inf, "is inf at x0"),
    "rounded": (lambda x: int(x @ x / 2), "returns integers"),
    "single": (lambda x: np.float32(x @ x / 2), "returns float32 .* roundings of float64"),
    "noisy": (lambda x: x @ x / 2 + 1e-3 * COUNTED.standard_normal(), "gives two answers at x0"),
    "in place": (lambda x: np.add(x, 1e-3, out=x) @ x / 2, "changes the point that it is given"),
}
GRADIENTS = {
    "nothing": (lambda x: None, "has the shape None at x0"),
    "a number": (lambda x: 1.0, r"has the shape \(\) at x0, a point of shape \(3,\)"),
    "a list": (lambda x: list(x), "has the shape"),
    "a column": (lambda x: x[:, None], r"has the shape \(3, 1\)"),
    "short": (lambda x: x[:2], r"has the shape \(2,\)"),
    "a dict": (lambda x: {"w": x}, "has the shape"),
    "integers": (lambda x: x.astype(int), "returns integers"),
    "complex": (lambda x: x + 0j, "returns complex numbers"),
    "objects": (lambda x: x.astype(object), "returns Python objects"),
    "single": (lambda x: x.astype(np.float32), "returns float32"),
    "nan": (lambda x: x * np.nan, "is not finite at x0"),
    "nan elsewhere": (lambda x: x if np.array_equal(x, Own.x0) else x * np.nan, "not finite at a point near x0"),
    "noisy": (lambda x: x + 1e-2 * COUNTED.standard_normal(3), "gives two answers at x0"),
    "in place": (lambda x: np.add(x, 1.0, out=x) - 1.0, "changes the point"),
}


@pytest.mark.parametrize("theorem", ["bpm.star_rate", "gluon.adaptive_radius"])
@pytest.mark.parametrize("name", VALUES)
def test_a_value_that_is_no_real_number_is_refused(name, theorem):
    value, words = VALUES[name]
    with pytest.raises(InvalidArgument, match=rf"value\(x\) of problem own .*{words}"):
        check(theorem, own(value=value), L2(), steps=3)


@pytest.mark.parametrize("name", GRADIENTS)
def test_a_gradient_that_is_not_like_the_point_is_refused(name):
    gradient, words = GRADIENTS[name]
    with pytest.raises(InvalidArgument, match=rf"gradient\(x\) of problem own .*{words}"):
        check("gluon.adaptive_radius", own(gradient=gradient), L2(), steps=3)


def test_what_may_be_returned_passes():
    check_answers(own(), Own.x0, 0)
    check_answers(own(gradient=lambda x: x), Own.x0, 0)  # the point itself
    flat = own(value=lambda x: max(0, float(x[0] - 1.0)), gradient=lambda x: np.array([1.0 * (x[0] > 1), 0.0, 0.0]))
    for seed in range(8):  # an integer where it is flat
        check_answers(flat, Own.x0, seed)


def test_a_function_that_is_infinite_near_the_start_passes():
    barrier = own(lambda x: -np.log(x).sum(), lambda x: np.where(x > 0, -1 / x, np.nan))
    check_answers(barrier, np.array([1e-9, 1.0, 1.0]), 3)


def test_samples_and_workers_are_looked_at():
    wrong = Scaled(np.float64(1.0), lambda x: x / 2, lambda x: x[:2])
    with pytest.raises(InvalidArgument, match=r"gradient\(x\) of part own has the shape \(2,\)"):
        Workers([wrong, wrong], own())
    with pytest.raises(InvalidArgument, match="must have fields that are numbers or arrays, and own has none"):
        Workers([own(), own()], own())
    single = Scaled(np.float64(1.0), own().of_value, lambda x: np.float32(x) if isinstance(x, np.ndarray) else x)
    with pytest.raises(InvalidArgument, match=r"gradient\(x\) of problem own returns float32"):
        check_answers(Workers([single, single], own()), Own.x0, 0)

    class Short(Noisy):
        def _draw(self, key, batch):
            return wrong

    with pytest.raises(InvalidArgument, match=r"draw\(key\)\.gradient\(x\) of problem"):
        check_answers(Short(Quadratic.example(3), noise.Signs(0.1)), Own.x0, 0)


def test_a_gradient_that_jax_cannot_follow_is_refused_for_random_methods_only():
    numpy_only = own(gradient=lambda x: np.asarray(x, dtype=float) * 1.0)
    with pytest.raises(InvalidArgument, match="cannot be traced by JAX"):
        check("momentum.average", Noisy(numpy_only, noise.Signs(0.1)), L2(), steps=3)
    assert check("gluon.adaptive_radius", numpy_only, L2(), steps=3).verdict in SEEN


JAX = {
    "gradient by hand": lambda x: 1.0 * jnp.asarray(x),
    "gradient by jax": jax.grad(lambda x: 0.5 * jnp.sum(x * x)),
}


@pytest.mark.parametrize("norm", [L2(), LInf()], ids=lambda norm: norm.name)
@pytest.mark.parametrize("name", JAX)
def test_a_problem_that_computes_with_jax_is_computed_in_double_precision(name, norm):
    """In single precision its roundings contradict an L that is exact, and hide in no budget."""
    problem = own(lambda x: 0.5 * jnp.sum(x * x), JAX[name])
    for theorem in ("gluon.adaptive_radius", "bpm.smooth"):
        assert check(theorem, problem, norm, steps=3).verdict in (*SEEN, Verdict.LOOSE)
    noisy = Noisy(problem, noise.Signs(0.1))
    assert check("momentum.average", noisy, norm, steps=3, paths=32).verdict is not Verdict.NOT_APPLICABLE
