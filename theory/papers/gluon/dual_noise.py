"""Noise of momentum measured in the dual norm, without the factor of norm equivalence: false.

Read without rho: if E|g_l(X; xi) - grad_l f(X)|_(l)*^2 <= s_l^2, then the error of m_k = (1 - a) m_{k-1} + a g(X_k; xi_k), m_0 =
g(X_0; xi_0), obeys E e_l <= s_l ((1 - a)^k + sqrt a) + drift, as it does in the Euclidean norm. A dual norm has no orthogonality:
in l_inf (dual l1) with noise +-s at one random entry of d the averaged noise spreads over the entries, and |.|_1 of it does not
fall with a at all while d a is large. What holds has rho_l times the Euclidean standard deviation (`trust_region.error`).

The drift is at most (L0_l + L1_l g_l) t_l (1 - a) / a a layer, which the tiny radius of the case makes negligible.
"""

from broximal.oracles.errors import MissingConstant
from broximal.oracles.layers import shape_of
from broximal.oracles.norms import LInf
from broximal.problems.smooth.ridges import Ridges, random_layer
from broximal.problems.stochastic.noise import OneEntry
from broximal.problems.stochastic.noisy import Noisy
from broximal.theory import Case, Rule, Source, Theorem
from broximal.theory.columns.layers import L0, a, error, tau
from broximal.theory.hypotheses.smoothness import BoundedVariance, LayerSmooth
from broximal.theory.language.claims import EachExpected
from broximal.theory.language.quantity import LayerSum, Measured, k, layer, of_layers
from broximal.theory.language.source import GLUON
from broximal.theory.methods.lmo import Ema, LmoMethod, PerLayer


@of_layers("dual_sigma", r"s_{#}", "standard deviation of a layer of the noise in the dual norm", "f/x")
def dual_sigma(run):
    parts = zip(run.layers.norms, run.layers.split(run.experiment.x0), strict=True)
    found = [run.problem.noise.dual_sigma(norm, shape_of(part)) for norm, part in parts]
    if None in found:
        raise MissingConstant(f"{run.problem.name} has noise whose size in the dual norm is not known exactly.")
    return Measured.of(found)


def spread_noise(seed: int) -> Noisy:
    """128 entries, noise at one of them."""
    return Noisy(Ridges(random_layer("square", 128, seed)), OneEntry(1.0))


DRIFT = L0[layer] * tau[layer] * (1 - a) / a

false_dual_noise = Theorem(
    name="gluon.false_dual_noise",
    title="Momentum averages noise in the dual norm as in the Euclidean one",
    source=Source(GLUON, "false as commonly read", "a bound on the dual norm's deviation and no norm equivalence"),
    assumes=(LayerSmooth(accepts=("A1",), zero_L1=True), BoundedVariance()),
    method=LmoMethod(PerLayer("tau"), Ema("a"), title="Gluon"),
    parameters=(Rule(a, 0.05, a <= 1, free=True), Rule(tau[layer], 1e-6, free=True)),
    claims=(
        EachExpected(
            LayerSum(error[k, layer]) <= LayerSum(dual_sigma[layer] * ((1 - a) ** k + a**0.5) + DRIFT), "noise"
        ),
    ),
    cases=(Case(spread_noise, LInf(), steps=60, note="the noise is at one random entry of 128"),),
    truth=False,
    repair="trust_region.error",
)
