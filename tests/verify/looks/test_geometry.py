"""An own norm that breaks a law is refused before anything is run; norms that are right are not."""

from typing import Any

import equinox as eqx
import jax
import numpy as np
import pytest

from broximal.oracles import L2Bounds, Norm, namespace, norms
from broximal.oracles.errors import InvalidArgument
from broximal.problems import CoupledQuadratic, Quadratic
from broximal.verify import check
from broximal.verify.looks.geometry import _broken, check_norm
from broximal.verify.looks.trying import points_like

X0 = np.array([3.0, -1.0, 0.5, 0.0])


class Largest(Norm):
    """max |x_i|, or what is not quite it."""

    flaw: str = eqx.field(static=True, default="")
    latex = "m"

    @property
    def name(self):
        return "largest"

    @property
    def dual(self):
        return Total(self.flaw)

    def _value(self, x):
        xp = namespace(x)
        sizes = {
            "not even": lambda: xp.max(xp.maximum(x, -2 * x)),
            "squared": lambda: xp.max(abs(x)) ** 2,
            "seminorm": lambda: xp.max(abs(x[1:])),
            "quasinorm": lambda: xp.sum(abs(x) ** 0.5) ** 2,
        }
        return sizes.get(self.flaw, lambda: xp.max(abs(x)))()

    def _lmo(self, g):
        factor = {"long": 1.3, "short": 0.8, "maximiser": -1.0}.get(self.flaw, 1.0)
        return namespace(g).where(g > 0, -factor, factor)

    def _project(self, x, radius):
        reach = {"inside": 0.5, "outside": 1.1}.get(self.flaw, 1.0) * radius
        return namespace(x).clip(x, -reach, reach)

    def cvxpy(self, expr):
        return None

    def l2_bounds(self, shape):
        rho = float(np.prod(shape)) ** 0.5
        return L2Bounds(rho / 2 if self.flaw == "rho" else rho, 0.3 if self.flaw == "theta" else 1.0)


class Total(norms.L1):
    """The dual of the largest entry, or a part of it."""

    flaw: str = eqx.field(static=True, default="")

    @property
    def dual(self):
        return Largest(self.flaw)

    def _value(self, x):
        return {"small dual": 0.8, "large dual": 1.2}.get(self.flaw, 1.0) * super()._value(x)


FLAWS: dict[str, Any] = {
    "not even": r"no norm: \|-1 x\| =",
    "squared": r"no norm: \|2.5 x\| =",
    "seminorm": "0 at a point that is not 0|states rho|has an LMO with|a dual that is too small",
    "quasinorm": "an LMO that leaves the unit ball",
    "long": "an LMO that leaves the unit ball",
    "short": "has an LMO with <g, v> =",
    "maximiser": "has an LMO with <g, v> =",
    "inside": "a projection that is not the nearest point",
    "outside": r"projects onto \|p\| =",
    "rho": "states rho = 1",
    "theta": "states theta = 0.3",
    "small dual": "a dual that is too small|has an LMO with",
    "large dual": "has an LMO with",
}


@pytest.mark.parametrize("flaw", FLAWS)
def test_a_norm_that_breaks_a_law_is_refused(flaw):
    for seed in range(3):
        with pytest.raises(InvalidArgument, match=f"^norm largest .*({FLAWS[flaw]})"):
            check_norm(Largest(flaw), X0, seed)


def test_a_check_is_refused_also_where_one_layer_is_measured_so():
    with pytest.raises(InvalidArgument, match="an LMO that leaves the unit ball"):
        check("bpm.lmo_rate", Quadratic.example(4), Largest("long"), steps=2)
    layered = CoupledQuadratic.example(6, 0)
    check_norm(norms.Product([Largest(), norms.L2()]), layered.x0, 0)
    with pytest.raises(InvalidArgument, match=r"has an LMO that leaves the unit ball: \|v\| = 1\.3"):
        check("gluon.adaptive_radius", layered, norms.Product([Largest("long"), norms.L2()]), steps=2)


def test_a_norm_as_it_should_be_is_not_refused():
    for size in (1, 2, 7):
        for seed in range(5):
            check_norm(Largest(), np.zeros(size), seed)
    assert check("bpm.lmo_rate", Quadratic.example(4), Largest(), steps=5).verdict in ("holds", "loose")


EXAMPLES = [pair for entry in norms.catalogue() for pair in entry.examples if pair[0].error == 0]


@pytest.mark.parametrize("norm, shape", EXAMPLES, ids=repr)
def test_norms_of_the_package_break_no_law(norm, shape):
    zero = jax.tree.map(np.zeros, shape, is_leaf=lambda s: isinstance(s, tuple) and all(isinstance(n, int) for n in s))
    points = list(points_like(np.random.default_rng(0), zero))
    assert [*_broken(norm, points), *_broken(norm.dual, points)] == []
