"""Gluon where the constants bound the second derivative of every layer (A1H), with the radii that this allows.

Statements (radii t_l, then with c in the place of 1/2: sum_l c g_l^2 / (L0_l + L1_l g_l) <= f(X_k) - f(X_{k+1})).
  raw          t = g / (L0 + L1 g):                             c = 3 - e         = 0.2817...
  logarithmic  t = log(1 + L1 g / (L0 + L1 g)) / L1:            c = 2 log 2 - 1   = 0.3863...
and for both, S = min_{k<K} sum_l g_l:  K c S^2 / (A + C S) <= d_0 with A = sum L0_l, C = max L1_l.
(The inflated radii g / (kappa (L0 + L1 g)), kappa = 1.3112, are a case of `gluon.adaptive_radius`.)

Proof. By Gronwall the Bregman distance of a step of length t is at most (L0 + L1 g)(e^s - s - 1) / L1^2 with s = L1 t.
raw: s <= 1 and e^s - s - 1 <= (e - 2) s^2 there, so the decrease is at least (1 - (e - 2)) g^2 / (L0 + L1 g).
logarithmic: it minimises -g t + that bound; with u = L1 g / (L0 + L1 g) <= 1 the decrease is ((L0 + L1 g) / L1^2) times
(1 + u) log(1 + u) - u, and ((1 + u) log(1 + u) - u) / u^2 decreases on (0, 1] to 2 log 2 - 1. The metric by Cauchy as in
`gluon.adaptive_radius`. QED

3 - e is attained: f(x) = g x_1 + (g / L1)(e^{L1 |x_2|} - L1 |x_2| - 1) satisfies A1H in l_inf with L0 = 0, and a step from
(0, 0+) to (-1/L1, -1/L1) decreases f by (3 - e) g / L1. With c = 1/2 the statement is false: `gluon.false_half`.
"""

import sympy as sp

from broximal.oracles.norms import LInf, Spectral
from broximal.problems.worst import OneSided
from broximal.theory import Case, EachHorizon, EachStep, Source, Theorem
from broximal.theory.cases.gluon import COSH
from broximal.theory.cases.remarks import APART_FROM_ROOT
from broximal.theory.cases.terms import shown
from broximal.theory.columns.layers import L0, L1, g
from broximal.theory.columns.points import K, d0, i, k, value
from broximal.theory.hypotheses.functions import BoundedBelow
from broximal.theory.hypotheses.smoothness import LayerSmooth
from broximal.theory.language.quantity import Best, Largest, LayerSum, layer
from broximal.theory.language.source import GLUON
from broximal.theory.methods.lmo import Adaptive, LmoMethod, Logarithmic

SECOND = LayerSmooth(accepts=("A1H", "A1"), divides=True)
_CASES = tuple(Case(case.problem, case.norm, note="second derivative bounded") for case in COSH)
TIGHT = (
    Case(
        lambda seed: OneSided(2.0, 3.0),
        LInf(),
        steps=1,
        fixed=True,
        sharp=0.999,
        note="3 - e attained in the first step",
    ),
    Case(
        lambda seed: OneSided(2.0, 3.0, matrix=True),
        Spectral(),
        steps=1,
        fixed=True,
        sharp=0.999,
        note="3 - e attained in the first step",
    ),
)

_NO_SHARP = (
    "the functions that attain the decrease are unbounded below (they must be, where L0 = 0), and with L0 > 0 no function "
    "is known that keeps attaining it until the infimum"
)


def decrease(c, step):
    return LayerSum(c * g[step, layer] ** 2 / (L0[layer] + L1[layer] * g[step, layer]))


def _metric(c, *parts):
    A, C = LayerSum(L0[layer]), Largest(L1[layer])
    bound = (C * d0 + sp.sqrt(C**2 * d0**2 + 4 * c * A * d0 * K)) / (2 * c * K)
    return EachHorizon(
        Best(LayerSum(g[i, layer]), (i, 0, K - 1)) <= bound,
        "plain",
        sharpness=_NO_SHARP,
        unseen={parts: APART_FROM_ROOT},
    )


HEAD = d0 * Largest(L1[layer])
RAW = 3 - sp.E
hessian_raw = Theorem(
    name="gluon.hessian_raw",
    title="Radii g / (L0 + L1 g) under a bound on the second derivative",
    source=Source(GLUON, "proved here"),
    assumes=(SECOND,),
    method=LmoMethod(Adaptive(), title="Gluon with adaptive radii"),
    claims=(EachStep(decrease(RAW, k) <= value[k] - value[k + 1], "descent"),),
    cases=(*TIGHT, *_CASES),
)

hessian_raw_rate = Theorem(
    name="gluon.hessian_raw_rate",
    title="Radii g / (L0 + L1 g) under a bound on the second derivative: the gradients",
    source=Source(GLUON, "proved here"),
    assumes=(BoundedBelow(), SECOND),
    method=hessian_raw.method,
    claims=(_metric(RAW, HEAD, HEAD**2),),
    cases=(*_CASES, *shown("once", "valley", length="", share="", family="layers")),
)

LOG = 2 * sp.log(2) - 1
hessian_logarithmic = Theorem(
    name="gluon.hessian_logarithmic",
    title="Logarithmic radii under a bound on the second derivative",
    source=Source(GLUON, "proved here"),
    assumes=(LayerSmooth(accepts=("A1H", "A1"), positive_L1=True),),
    method=LmoMethod(Logarithmic(), title="Gluon with logarithmic radii"),
    claims=(EachStep(decrease(LOG, k) <= value[k] - value[k + 1], "descent"),),
    cases=(*TIGHT, *_CASES),
)

hessian_logarithmic_rate = Theorem(
    name="gluon.hessian_logarithmic_rate",
    title="Logarithmic radii under a bound on the second derivative: the gradients",
    source=Source(GLUON, "proved here"),
    assumes=(BoundedBelow(), *hessian_logarithmic.assumes),
    method=hessian_logarithmic.method,
    claims=(_metric(LOG, HEAD, HEAD**2, "K*d_0*(-4 + 8*log(2))*SumOver(L0l[l], (l, 0, p - 1))", L0),),
    cases=(*_CASES, *shown("valley", length="", share="", family="layers")),
)

false_half = Theorem(
    name="gluon.false_half",
    title="Half of g^2 / (L0 + L1 g) under a bound on the second derivative",
    source=Source(GLUON, "false as commonly read", "the descent of Theorem 1 with constants of the second derivative"),
    assumes=(SECOND,),
    method=LmoMethod(Adaptive(), title="Gluon with adaptive radii"),
    claims=(EachStep(decrease(sp.Rational(1, 2), k) <= value[k] - value[k + 1], "descent"),),
    cases=tuple(Case(c.problem, c.norm, steps=1, fixed=True, note=c.note) for c in TIGHT),
    truth=False,
    repair="gluon.hessian_raw",
)
