"""(L0, L1)-smooth f: the curvature may grow with the gradient.

Assumption: |grad f(x) - grad f(y)|_* <= (L0 + L1 sup over the segment of |grad f|_*) |x - y|. Write g = |grad f(x)|_*,
a = L0 + L1 g, r = L1 g / a, psi(y) = e^y - 1 - y.

Statements for the LMO step of radius t, in any norm.
  descent   f(x_k) - f(x_{k+1}) >= t g - a psi(L1 t) / L1^2
  best      t = ln(1 + r) / L1 minimises the right side: the decrease is at least
            (a / L1^2) ((1 + r) ln(1 + r) - r) >= (3/8) g^2 / a
  fixed     t <= 1 / (2 L1): min_{k<K} g_k <= (d_0 / (K t) + (e - 2) L0 t) / (1 - (e - 2) L1 t)

Proof. Gronwall: |grad f(x + s h) - grad f(x)|_* <= a (e^{L1 s} - 1) / L1 along a unit direction h; integrate. The minimum is
calculus, and (1 + r) ln(1 + r) - r >= r^2 / (2 + 2 r / 3) with r <= 1. Fixed: psi(y) <= (e - 2) y^2 for y <= 1, sum over k. QED

The exact broximal step needs no smoothness at all. That (0, max |a_i|_*) would do for logistic regression with several
samples is false: for a_1 = -a_2 = 1 the gradient vanishes at 0 and the curvature does not.
"""

from fractions import Fraction

import numpy as np
import sympy as sp

from broximal.oracles.norms import L1 as NormL1, L2, LInf
from broximal.problems import Logistic
from broximal.problems.smooth.cosh import Cosh
from broximal.problems.worst import ExponentialBend
from broximal.theory import Case, EachHorizon, EachStep, Source, Theorem
from broximal.theory.cases.remarks import ROOM
from broximal.theory.columns.points import K, d0, distance, grad, i, k, radius, t, value
from broximal.theory.hypotheses.functions import BoundedBelow, ConstantRadius, HasMinimiser
from broximal.theory.language.hypothesis import Hypothesis
from broximal.theory.language.quantity import Best, Measured, constant
from broximal.theory.language.source import NON_EUCLIDEAN_BPM
from broximal.theory.language.theorem import Rule
from broximal.theory.methods import LmoMethod, Probe
from broximal.theory.methods.lmo import Logarithmic, Stepsize


@constant("L0", "L_0", "generalised smoothness: the constant part", "f/x^2", safe="larger")
def L0(run):
    return Measured.of(run.problem.constant("L0", run.norm).value, 0.0)


@constant("L1", "L_1", "generalised smoothness: the part proportional to the gradient", "1/x", safe="larger")
def L1(run):
    return Measured.of(run.problem.constant("L1", run.norm).value, 0.0)


@constant("a_max", r"\max_i \|a_i\|_\ast", "largest dual norm of a sample", "1/x")
def largest_sample(run):
    return Measured.of(max(float(run.norm.dual(row)) for row in np.asarray(run.problem.samples)))


class GeneralisedSmooth(Hypothesis):
    name = "(L0, L1)-smooth"
    meanings = ("gradient differences, with the largest gradient on the segment",)
    latex = r"\|\nabla f(x) - \nabla f(y)\|_\ast \le (L_0 + L_1 \sup_{[x,y]}\|\nabla f\|_\ast) \|x - y\|"

    def look(self, experiment):
        zero, one = (experiment.problem.constant(name, experiment.norm) for name in ("L0", "L1"))
        return True, f"{zero}; {one}"


class RadiusAdmissible(Hypothesis):
    name = "t <= 1 / (2 L1)"
    latex = r"t \le 1/(2 L_1)"

    def look(self, experiment):
        bound = 1 / (2 * experiment.problem.constant("L1", experiment.norm).value)
        radius_ = experiment.radius_at(0)
        return radius_ <= bound, f"t = {radius_:.4g}, 1 / (2 L1) = {bound:.4g}"


class BestRadius(Stepsize):
    """log(1 + L1 g / (L0 + L1 g)) / L1 in the norm of all layers, with the constants of the problem."""

    latex = r"\frac{1}{L_1} \log\Bigl(1 + \frac{L_1 \|\nabla f\|_\ast}{L_0 + L_1 \|\nabla f\|_\ast}\Bigr)"
    adaptive = Logarithmic.adaptive

    def prepare(self, world):
        return {name: world.problem.constant(name, world.norm).value for name in ("L0", "L1")}

    def lengths(self, world, sizes, k):
        zero, one, size = world["L0"], world["L1"], sizes.sum()
        return np.log1p(one * size / (zero + one * size)) / one + 0 * sizes


_A = L0 + L1 * grad[k]
_R = L1 * grad[k] / _A
_NORMS = (NormL1(), L2(), LInf())
_LONG = Case(
    lambda seed: ExponentialBend(1.0, 0.05, cap=1.0, x0=[0.0, 45.0 + 0.1 * seed]),
    LInf(),
    radius=0.015,
    steps=3100,
    sharp=0.97,
    note="best gradient: attained in the limit of many short steps down a long slope",
)

generalised_descent = Theorem(
    name="bpm.generalised_descent",
    title="(L0, L1)-smooth f: LMO step with the best radius",
    source=Source(NON_EUCLIDEAN_BPM, "proved here"),
    assumes=(GeneralisedSmooth(),),
    method=LmoMethod(BestRadius(), title="LMO step of the best radius"),
    claims=(
        EachStep((_A / L1**2) * ((1 + _R) * sp.log(1 + _R) - _R) <= value[k] - value[k + 1], "descent"),
        EachStep(sp.Rational(3, 8) * grad[k] ** 2 / _A <= value[k] - value[k + 1], "quadratic form"),
    ),
    cases=(
        Case(
            lambda seed: ExponentialBend(0.0, 1.0, tilt=1.0),
            LInf(),
            steps=1,
            sharp=0.999,
            fixed=True,
            note="descent attained; L0 = 0, so r = 1, where 3/8 stands for 2 log 2 - 1 = 0.386",
        ),
        Case(lambda seed: Cosh([1.0], [0.005 + 0.001 * seed]), L2(), steps=4, sharp=0.99, note="near the minimum"),
        *(Case(lambda seed: Cosh.example(4, seed), norm, steps=30) for norm in _NORMS),
    ),
    parameters=(Rule(t, sp.log(2) / L1, t > 0, why="the limit of the best radius for large gradients"),),
)

generalised_stationarity = Theorem(
    name="bpm.generalised_stationarity",
    title="(L0, L1)-smooth f: LMO steps of a constant radius",
    source=Source(NON_EUCLIDEAN_BPM, "proved here"),
    assumes=(GeneralisedSmooth(), BoundedBelow(), ConstantRadius(), RadiusAdmissible()),
    method=LmoMethod(title="LMO step"),
    claims=(
        EachStep(
            radius[k] * grad[k] - _A * (sp.exp(L1 * radius[k]) - 1 - L1 * radius[k]) / L1**2 <= value[k] - value[k + 1],
            "descent",
        ),
        EachHorizon(
            Best(grad[i], (i, 0, K - 1)) <= (d0 / (K * t) + (sp.E - 2) * L0 * t) / (1 - (sp.E - 2) * L1 * t),
            "best gradient",
            unseen={("-L1*t_const*(-2 + E)", "L1"): ROOM},
        ),
    ),
    cases=(
        _LONG,
        Case(lambda seed: Cosh([1.0], [3.0 + 0.1 * seed]), L2(), radius=0.4, steps=5, note="one dimension"),
        Case(lambda seed: Cosh([1.0], [0.02]), L2(), radius=0.02, steps=1, fixed=True, note="one step to the minimum"),
        *(Case(lambda seed: Cosh.example(4, seed), norm, radius=0.2, steps=40) for norm in _NORMS),
    ),
    parameters=(
        Rule(
            t,
            sp.Min(1 / (2 * L1), sp.sqrt(d0 / ((sp.E - 2) * L0 * K))),
            t <= 1 / (2 * L1),
            why="balances the two terms",
        ),
    ),
)


def _cancelled():
    # f(z) = (log(1 + e^z) + log(1 + e^-z)) / 2 at x = 1/2 against 0, after division by |grad f(1/2)| > 0: 1 <= |x|
    return Fraction(1), Fraction(1, 2)


false_logistic_smoothness = Theorem(
    name="bpm.false_logistic_smoothness",
    title="Logistic regression with several samples is (0, max |a_i|)-smooth",
    source=Source(NON_EUCLIDEAN_BPM, "false as commonly read"),
    assumes=(HasMinimiser(),),
    method=Probe(),
    # grad f(0) = 0 and |grad f| grows away from 0, so its supremum over the segment [0, x] is |grad f(x)|
    claims=(EachStep(grad[k] <= largest_sample * grad[k] * distance[k], "between x_k and the minimiser 0"),),
    cases=(
        Case(
            lambda seed: Logistic([[1.0], [1.0]], [1.0, -1.0], x0=[0.5]),
            L2(),
            radius=1.0,
            steps=5,
            note="gradients cancel",
        ),
    ),
    truth=False,
    repair="bpm.generalised_descent",
    exact=_cancelled,
)
