"""An own compressor that does not contract as it states is refused: no theorem is blamed for it."""

from typing import Any

import equinox as eqx
import jax
import numpy as np
import pytest

from broximal.oracles import norms
from broximal.oracles.compressors import Compressor, LayerWise, TopK
from broximal.oracles.compressors.contraction import Contraction
from broximal.oracles.errors import InvalidArgument
from broximal.problems import CoupledQuadratic, Quadratic, Workers
from broximal.theory import Experiment
from broximal.verify import check
from broximal.verify.looks.compression import check_compressors

BOWL = Quadratic(np.diag([1.0, 2.0, 3.0]), about=[1.0, 0.0, 2.0], x0=[3.0, 1.0, -1.0])


class Share(Compressor):
    """c x, or x with probability c and else 0: |C(x) - x|^2 is (1 - c)^2 |x|^2, or (1 - c) |x|^2 in the mean."""

    name, latex = "share", "C(x)"
    c: float
    alpha: float
    coin: bool = eqx.field(static=True, default=False)
    hidden: bool = eqx.field(static=True, default=False)

    @property
    def random(self):
        return self.coin

    @classmethod
    def examples(cls):
        return ()

    def _apply(self, key, x):
        if self.hidden:
            return np.random.default_rng().uniform(0.9, 1.0) * self.c * x
        return jax.random.bernoulli(key, self.c) * x if self.coin else self.c * x

    def _proved(self, norm, shape):
        return Contraction(self.alpha, False, "as stated")

    def _bits(self, shape, value):
        return 1.0


class Short(Share):
    def _apply(self, key, x):
        return x[:2]


def looked_at(**parameters: Any) -> None:
    for seed in range(3):
        check_compressors(Experiment.make(BOWL, norms.LInf(), steps=2, seed=seed, parameters=parameters))


@pytest.mark.parametrize("side", ["server", "worker"])
def test_a_compressor_as_stated_passes(side):
    looked_at(**{side: Share(0.2, 0.36)})
    looked_at(**{side: Share(0.2, 0.2, coin=True)})
    looked_at(**{side: TopK(2)})


@pytest.mark.parametrize("side", ["server", "worker"])
@pytest.mark.parametrize(
    "own, words",
    [
        (Share(0.2, 0.37), r"states alpha = 0.37 in l.*, and \|C\(x\) - x\|\^2 is 0.64 \|x\|\^2"),
        (Share(0.2, 0.4, coin=True), "states alpha = 0.4 in l"),
        (Share(0.2, 1.1), "states alpha = 1.1, which is not between"),
        (Share(0.2, float("nan")), "states alpha = nan, which is not between"),
        (Share(0.2, 0.01, hidden=True), "gives two answers at one point"),
        (Share(float("inf"), 0.2), "gives a message that is not finite"),
        (Short(0.2, 0.2), r"makes a message of shape \(2,\) of a point of \(3,\)"),
    ],
)
def test_one_that_is_not_is_refused(side, own, words):
    with pytest.raises(InvalidArgument, match=f"compressor share {words}"):
        looked_at(**{side: own})


def test_a_check_is_refused_not_the_theorem_refuted():
    given = {"worker": Share(0.13, 0.9), "server": "top-k(2)"}
    with pytest.raises(InvalidArgument, match="compressor share states alpha ="):
        check("ef21_muon.sharp_steps", Workers([BOWL, BOWL], BOWL), norms.L2(), steps=10, parameters=given)


def test_layers_are_looked_at_one_by_one():
    layered, norm = CoupledQuadratic.example(6, 0), norms.Product([norms.LInf(), norms.L2()])
    wrong = LayerWise([TopK(2), Share(0.2, 0.5)])
    with pytest.raises(InvalidArgument, match="compressor share states alpha ="):
        check_compressors(Experiment.make(layered, norm, steps=2, parameters={"server": wrong}))


@pytest.mark.parametrize("norm", [norms.LInf(), norms.L1()], ids=lambda norm: norm.name)
def test_the_compressor_of_an_own_method_is_looked_at_under_any_name(norm):
    class Only(Share):
        """States alpha in l_inf, and nothing in another norm."""

        def _proved(self, asked, shape):
            return Contraction(self.alpha, False, "as stated") if isinstance(asked, norms.LInf) else None

    def look(alpha):
        check_compressors(Experiment.make(BOWL, norm, steps=2, parameters={"feedback": Only(0.5, alpha)}))

    look(0.75)
    with pytest.raises(InvalidArgument, match=r"compressor share states alpha = 0.9 in linf, and .* is 0.25"):
        look(0.9)
