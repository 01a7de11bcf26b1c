"""Tests of the tests: wrong oracles of the kinds that libraries have shipped must fail the laws."""

import numpy as np
import pytest

from broximal.oracles import arrays, norms
from broximal.oracles.norm import L2Bounds
from tests.oracles.norm_laws import check_laws

VICTIMS = [(norms.L1, (5,)), (norms.LInf, (5,)), (norms.L2, (5,)), (norms.Spectral, (3, 4)), (norms.Nuclear, (3, 4))]


def broken(victim, **methods):
    """A subclass of the norm with some methods replaced."""
    return type(f"Broken{victim.__name__}", (victim,), methods)()


def lmo_that_maximises(victim):
    return {"_lmo": lambda self, g: arrays.scale(-1.0, victim._lmo(self, g)), **uncertified}


def lmo_inside_the_ball(victim):
    return {"_lmo": lambda self, g: arrays.scale(0.9, victim._lmo(self, g)), **uncertified}


def lmo_outside_the_ball(victim):
    return {"_lmo": lambda self, g: arrays.scale(1.2, victim._lmo(self, g)), **uncertified}


def lmo_of_another_norm(victim):
    other = norms.Frobenius if victim.matrix else (norms.L2 if victim is not norms.L2 else norms.LInf)
    return {"_lmo": lambda self, g: other()._lmo(g), **uncertified}


def primal_and_dual_swapped(victim):
    return {"_value": lambda self, x: victim().dual._value(x)}


def dual_is_the_norm_itself(victim):
    return {"dual": property(lambda self: self)}


def projection_that_is_only_feasible(victim):
    def shrink(self, x, radius):
        size = victim._value(self, x)
        return x * (min(1.0, radius / size) if size > 0 else 1.0)

    return {"_project": shrink}


def projection_without_the_radius(victim):
    return {"_project": lambda self, x, radius: victim._project(self, x, 1.0)}


def projection_on_the_sphere(victim):
    def normalise(self, x, radius):
        p = victim._project(self, x, radius)
        size = victim._value(self, p)
        return p * (radius / size) if size > 0 else p

    return {"_project": normalise}


def value_that_is_squared(victim):
    return {"_value": lambda self, x: victim._value(self, x) ** 2}


def bounds_too_small(victim):
    def shrunk(self, shape):
        rho, theta, exact = victim.l2_bounds(self, shape)
        return L2Bounds(0.9 * rho, theta, exact)

    return {"l2_bounds": shrunk}


def bounds_too_large(victim):
    def grown(self, shape):
        rho, theta, exact = victim.l2_bounds(self, shape)
        return L2Bounds(rho, 1.1 * theta, exact)

    return {"l2_bounds": grown}


def value_that_sees_signs(victim):
    return {"_value": lambda self, x: victim._value(self, np.maximum(x, 0) + 1.5 * np.maximum(-x, 0))}


# The shortcut of a certified LMO must not hide a broken `_lmo`.
uncertified = {
    "_certified_lmo": lambda self, g: (self._lmo(g), self.dual._value(g), self._value(self._lmo(g))),
}
MUTATIONS = [
    value for value in list(globals().values()) if getattr(value, "__module__", "") == __name__ and callable(value)
]
MUTATIONS.remove(broken)
# Some mutations are right for some norms.
HARMLESS = {
    (dual_is_the_norm_itself, norms.L2),
    (primal_and_dual_swapped, norms.L2),
    (projection_that_is_only_feasible, norms.L2),
}


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda m: m.__name__)
@pytest.mark.parametrize(("victim", "shape"), VICTIMS, ids=lambda v: getattr(v, "__name__", None))
def test_laws_catch(mutation, victim, shape, rng):
    norm = broken(victim, **mutation(victim))
    if (mutation, victim) in HARMLESS:
        check_laws(norm, shape, rng)
        return
    with pytest.raises(AssertionError):
        check_laws(norm, shape, rng)


@pytest.mark.parametrize(("victim", "shape"), VICTIMS, ids=lambda v: getattr(v, "__name__", None))
def test_laws_accept_the_unbroken(victim, shape, rng):
    check_laws(broken(victim), shape, rng)


def test_a_hidden_error_of_the_certificate_is_caught(rng):
    """A certificate that always says zero does not save a wrong LMO."""

    def liar(self, g):
        return -norms.L1._lmo(self, g), abs(arrays.inner(g, norms.L1._lmo(self, g))), 1.0

    with pytest.raises(AssertionError, match="LMO certificate"):
        check_laws(broken(norms.L1, _certified_lmo=liar), (4,), rng)
