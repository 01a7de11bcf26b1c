"""What the readings of layer-wise (L0, L1)-smoothness say about two points, and what they do not.

Statements along the run (d_l = |X_{k+1} - X_k|_(l), s = L1_l d_l, y_l = |grad_l f(X_{k+1}) - grad_l f(X_k)|_(l)*).
  secant           A1:  sum_l y_l <= sum_l (L0_l + L1_l g_l) d_l
  local secant     A1H: sum_l y_l <= sum_l (L0_l + L1_l g_l)(e^s - 1) / L1_l
  stationary       A1 and a minimiser X*: sum_l g_l <= sum_l L0_l |X_l - X*_l|_(l), whatever L1 is
  false_secant     A1H with its constants in the place of A1's
  false_diagonal   the descent of adaptive radii with L0_l = |H_ll| for coupled layers, instead of the row sums

Proof. secant is A1. local secant: Gronwall's inequality for t -> |grad_l f(X + t D)|_*. stationary: A1 at X = X*, where g_l = 0;
so with L0_l = 0 the gradient of a layer with a stationary point vanishes identically, and constants "L0 = 0, L1 = c" that
are fitted along a run cannot be A1. false_secant: for cosh a step of length 1/L1 changes the gradient by up to (e - 1)(L0 +
L1 g) / L1. false_diagonal: two layers that are strongly correlated move along the same direction, which doubles the step. QED
"""

import dataclasses

import numpy as np
import sympy as sp

from broximal.oracles.arrays import subtract
from broximal.oracles.errors import MissingConstant
from broximal.oracles.norms import L2, LInf, Product
from broximal.problems.smooth.coupled import CoupledQuadratic
from broximal.problems.worst import OneSided
from broximal.theory import Case, EachStep, Source, Theorem
from broximal.theory.cases.gluon import COSH, PSI, round_bowl
from broximal.theory.cases.terms import shown
from broximal.theory.columns.layers import L0, L1, ROUNDING, away, g, moved_l
from broximal.theory.columns.points import k, value
from broximal.theory.hypotheses.functions import HasMinimiser
from broximal.theory.hypotheses.smoothness import LayerSmooth
from broximal.theory.language.quantity import Entry, LayerSum, column, layer
from broximal.theory.language.source import GLUON
from broximal.theory.methods.lmo import Given, LmoMethod
from broximal.theory.papers.gluon.adaptive_radius import METHOD, progress


@column(
    "yl",
    r"\|\nabla_{@} f(x_{#+1}) - \nabla_{@} f(x_{#})\|_{(@)\ast}",
    "change of a layer of the gradient",
    "f/x",
    axis=layer,
)
def change(now, after):
    sizes = now.layers.dual_sizes([subtract(b, a) for a, b in zip(now.slopes, after.slopes, strict=True)])
    return Entry(sizes, ROUNDING * (now.dual_sizes + after.dual_sizes + now.start.dual_sizes))


@dataclasses.dataclass(frozen=True)
class DiagonalBlocks(LayerSmooth):
    """The diagonal of the coupling matrix in the place of its row sums: not a smoothness of the function."""

    misread = True

    name = "diagonal blocks"
    latex = r"L^0_l = \|H_{ll}\|"

    def find(self, experiment):
        s = next((s for s in experiment.problem.smoothness(experiment.norm) if s.coupling is not None), None)
        if s is None or s.coupling is None:
            raise MissingConstant(
                f"{experiment.problem.name} has no coupling matrix in the {experiment.norm.name} norm"
            )
        diagonal = tuple(s.coupling[j][j] for j in range(len(s.L0)))
        return dataclasses.replace(s, kind="A1D", L0=diagonal, coupling=None, why=f"diagonal only; {s.why}")


STEP = LmoMethod(Given(), title="LMO step of given radius")
_A1, _A1H = LayerSmooth(accepts=("A1",)), LayerSmooth(accepts=("A1H",), positive_L1=True)
_BOUND = LayerSum((L0[layer] + L1[layer] * g[k, layer]) * moved_l[k, layer])
_SPREAD = LayerSum((L0[layer] + L1[layer] * g[k, layer]) * (sp.exp(L1[layer] * moved_l[k, layer]) - 1) / L1[layer])
_WIDE = tuple(Case(c.problem, c.norm, radius=0.6, steps=20, note=c.note) for c in COSH)
BENT = tuple(dataclasses.replace(case, radius=0.02) for case in shown("bent", length="", share="", family="layers"))


def varied(problem, norm, x0):
    """Radii that rise and fall: with constant ones, that of another step makes no other claim."""
    return lambda k: 0.03 if k % 2 else 0.01


_ONE = Case(lambda seed: OneSided(2.0, 3.0), LInf(), radius=0.3, steps=1, fixed=True, sharp=0.999, note="attained")

secant = Theorem(
    name="gluon.secant",
    title="Gradient differences along the run",
    source=Source(GLUON, "second hand", "Assumption 1"),
    assumes=(_A1,),
    method=STEP,
    claims=(EachStep(LayerSum(change[k, layer]) <= _BOUND, "secant"),),
    cases=(Case(round_bowl, L2(), radius=varied, sharp=0.999, steps=8, note="attained"), *PSI, *BENT),
)

local_secant = Theorem(
    name="gluon.local_secant",
    title="Gradient differences where the second derivative is bounded",
    source=Source(GLUON, "proved here"),
    assumes=(_A1H,),
    method=STEP,
    claims=(EachStep(LayerSum(change[k, layer]) <= _SPREAD, "local secant"),),
    cases=(
        _ONE,
        *_WIDE,
        dataclasses.replace(*shown("steep", length="", share="", family="layers"), radius=varied, steps=8),
    ),
)

stationary = Theorem(
    name="gluon.stationary",
    title="The gradient is at most L0 times the distance to a stationary point",
    source=Source(GLUON, "proved here"),
    assumes=(_A1, HasMinimiser()),
    method=STEP,
    claims=(EachStep(LayerSum(g[k, layer]) <= LayerSum(L0[layer] * away[k, layer]), "stationary"),),
    cases=(Case(round_bowl, L2(), radius=0.3, sharp=0.999, steps=8, note="attained"), *PSI),
)

false_secant = Theorem(
    name="gluon.false_secant",
    title="Constants of the second derivative used for gradient differences",
    source=Source(GLUON, "false as commonly read", "Assumption 1 for exponential functions"),
    assumes=(_A1H,),
    method=STEP,
    claims=(EachStep(LayerSum(change[k, layer]) <= _BOUND, "secant"),),
    cases=(dataclasses.replace(_ONE, sharp=None),),
    truth=False,
    repair="gluon.local_secant",
)


def correlated(seed: int) -> CoupledQuadratic:
    """Two layers with correlation 0.95."""
    H = np.array([[1.0, 0.95], [0.95, 1.0]])
    return CoupledQuadratic(H, [np.zeros(1), np.zeros(1)], [np.ones(1), np.ones(1)])


false_diagonal = Theorem(
    name="gluon.false_diagonal",
    title="The diagonal blocks of coupled layers as their constants",
    source=Source(GLUON, "false as commonly read"),
    assumes=(DiagonalBlocks(),),
    method=METHOD,
    claims=(EachStep(progress(k) <= value[k] - value[k + 1], "descent"),),
    cases=(Case(correlated, Product([L2(), L2()]), steps=3, fixed=True, note="correlation 0.95"),),
    truth=False,
    repair="gluon.adaptive_radius",
)
