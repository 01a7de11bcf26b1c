"""Stochastic clipping with momentum: x_{k+1} = x_k + gamma min{varrho, |d_k|_*} LMO(d_k), d_k = (1-a) d_{k-1} + a g(x_k; xi_k).

Assumed: (L0, L1)-smoothness within 1 / L1, gamma <= 1 / L0, gamma varrho <= 1 / (2 L1); unbiased stochastic gradients with
E|g - grad f|_2^2 <= sigma^2; a = 1 or L1 = 0. e_k = d_k - grad f(x_k), m_k = min{varrho, |d_k|_*}.

Statements (delta = (1-a) L0 gamma varrho / a + rho sigma (1 / (a K) + sqrt(a / (2-a))) bounds the mean of E|e_k|_*).
  one step  f(x_{k+1}) <= f(x_k) - gamma m_k (|d_k|_* - |e_k|_*) + gamma^2 m_k^2 (L0 + L1 G_k) / 2       on every path
  average   (1/K) sum E G_k <= sqrt(H) + H / varrho with H = 4 d_0 / (gamma K) + 7 varrho delta
  printed   (Theorem 4.9) with eps = (7/4) varrho delta: (1/K) sum E G_k <= 4 sqrt(d_0 / (gamma K)) + 8 d_0 / (gamma varrho K) +
            4 sqrt(eps) + 8 eps / varrho; the paper's eps has a further term, which is not needed

Proof. One step: <grad f, u> <= -|d|_* + |e|_* for u = LMO(d). With gamma L0 <= 1, gamma m L1 <= 1/2, m <= |d| and G <= |d| + |e|
the decrease over gamma is at least m |d| - m |e| - m^2 / 2 - m (|d| + |e|) / 4 >= m |d| / 4 - (5/4) varrho |e|. h(s) =
min{s^2, varrho s} has slopes at most 2 varrho, so m |d| = h(|d|) >= h(G) - 2 varrho |e|, and the sum is (1/K) sum E h(G_k) <= H.
As s <= sqrt(h) + h / varrho, Jensen's inequality gives average, and sqrt(H) + H / varrho is at most half of printed. The mean
of E|e_k|_* as in `momentum.average`, with steps no longer than gamma varrho. QED

Ceiling. The same on every path: if the noise is surely at most s, |e_k|_* <= (1-a) L0 gamma varrho / a + rho s.
One step is attained by c |x|_2^2 / 2 without noise.
"""

import sympy as sp

from broximal.oracles.norms import L2, LInf, Spectral
from broximal.theory import Case, EachStep, Rule, Source, Theorem
from broximal.theory.claims import Expected
from broximal.theory.ggnc.conditional_gradient import M0, M1, MEAN
from broximal.theory.hypotheses import BoundedBelow
from broximal.theory.layered import ROUNDING, a
from broximal.theory.methods.lmo import Clipped, Ema, LmoMethod
from broximal.theory.momentum._cases import SMOOTH, bowl, noisy, ridges
from broximal.theory.momentum.average import LOOSE
from broximal.theory.one_norm import E, G, LocalSmooth, OneLayer, cap, gam, rho, sigma, sure
from broximal.theory.quantity import Measured, column
from broximal.theory.smoothness import BoundedVariance
from broximal.theory.source import GGNC
from broximal.theory.vocabulary import K, d0, k, value


@column("estimate", r"\|d_{#}\|_\ast", "dual norm of the estimate that the step moves along")
def estimate(run):
    sizes = run.trace["m"].sum(axis=1)
    return Measured.of(sizes, ROUNDING * (sizes + sizes[:1]))


DRIFT = (1 - a) * M0 * gam * cap / a
DELTA = DRIFT + rho * sigma * (1 / (a * K) + sp.sqrt(a / (2 - a)))
EPS = sp.Rational(7, 4) * cap * DELTA
M = sp.Min(cap, estimate[k])


def bound(delta):
    H = 4 * d0 / (gam * K) + 7 * cap * delta
    return sp.sqrt(H) + H / cap


stochastic = Theorem(
    name="ggnc.stochastic",
    title="Stochastic clipping with momentum: the average gradient",
    source=Source(
        GGNC, "as published", "Theorem 4.9 in its claim 'printed'; its proof was done anew, with half the constants"
    ),
    assumes=(BoundedBelow(), OneLayer(), LocalSmooth(accepts=("A1",), within=0.5), BoundedVariance()),
    method=LmoMethod(Clipped(), Ema("a"), title="stochastic clipping with momentum"),
    parameters=(
        Rule(a, sp.sympify(1), (1 - a) * M1 <= 0, free=True, why="below 1 only where L1 = 0"),
        Rule(cap, sp.sqrt(M0 * d0 / 8), cap > 0, free=True, why="any cap"),
        Rule(gam, 1 / sp.Max(M0, 2 * M1 * cap), gam * sp.Max(M0, 2 * M1 * cap) <= 1, free=True, why="as assumed"),
    ),
    claims=(
        EachStep(
            gam * M * (estimate[k] - E(k)) - gam**2 * M**2 * (M0 + M1 * G(k)) / 2 <= value[k] - value[k + 1],
            "one step",
        ),
        Expected(MEAN <= bound(DELTA), "average", ceiling=bound(DRIFT + rho * sure), sharpness=LOOSE),
        Expected(
            MEAN <= 4 * sp.sqrt(d0 / (gam * K)) + 8 * d0 / (gam * cap * K) + 4 * sp.sqrt(EPS) + 8 * EPS / cap,
            "printed",
            ceiling=bound(DRIFT + rho * sure),
            sharpness=LOOSE,
        ),
    ),
    cases=(
        Case(bowl, L2(), parameters={"cap": 1.0}, steps=5, sharp=0.999, note="one step attained without noise"),
        *(
            Case(noisy(problem, 0.1), norm, parameters={"a": 0.1, "gam": 0.1, "cap": 0.1}, steps=400)
            for problem, norm in SMOOTH[:3]
        ),
        *(
            Case(noisy(ridges("psi", shape), 0.02), norm, steps=200, note="non-convex, not L-smooth")
            for shape, norm in ((4, L2()), (3, LInf()), ((2, 3), Spectral()))
        ),
    ),
)
