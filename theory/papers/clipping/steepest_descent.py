"""Euclidean steepest descent with step 1/L on any L-smooth function: what the repaired bound can be at best.

Statements.
  one step  f(x_k) - f(x_{k+1}) >= (2 G_k^2 + G_{k+1}^2) / (4 L)
  best      min_{k<K} G_k <= sqrt(4 L d_0 / (3 K - 1))

Proof. For every z, L-smoothness at x = x_k and y = x_{k+1} = x - g / L gives f(x) + <g, z - x> + L |z - x|^2 / 2 >= f(z) >= f(y) +
<h, z - y> - L |z - y|^2 / 2 with the gradients g and h. At z = y + h / (2 L) that is f(x) - f(y) >= |g|^2 / (2 L) +
|h|^2 / (4 L): one step. Its sum over K - 1 steps, and G_{K-1}^2 / (2 L) <= f(x_{K-1}) - inf f. QED

Attained for every K by `problems.worst.SawTooth`. So with no clipping the factor 2 in the root of `clipping.clipping` can be
improved to 4 K / (3 K - 1), which is 2 for K = 1, and no further; the printed factor 1 is below 4/3 for every K.
"""

import sympy as sp

from broximal.oracles.norms import L2
from broximal.problems.worst import SawTooth
from broximal.theory import Case, EachHorizon, EachStep, Source, Theorem
from broximal.theory.cases.momentum import quadratic
from broximal.theory.columns.points import K, L, d0, grad, i, k, value
from broximal.theory.hypotheses.functions import BoundedBelow, Euclidean, Positive
from broximal.theory.language.quantity import Best
from broximal.theory.language.source import GGNC
from broximal.theory.methods.lmo import LmoMethod, OverSmoothness

steepest_descent = Theorem(
    name="clipping.steepest_descent",
    title="Steepest descent with step 1/L: the best gradient, exactly",
    source=Source(GGNC, "proved here", "on the constant of Theorem 4.3"),
    assumes=(BoundedBelow(), Euclidean(), Positive("L")),
    method=LmoMethod(OverSmoothness(), title="steepest descent"),
    claims=(
        EachStep((2 * grad[k] ** 2 + grad[k + 1] ** 2) / (4 * L) <= value[k] - value[k + 1], "one step"),
        EachHorizon(Best(grad[i], (i, 0, K - 1)) <= sp.sqrt(4 * L * d0 / (3 * K - 1)), "best"),
    ),
    cases=(
        *(
            Case(lambda seed, n=n: SawTooth(n, 1.0 + seed, 2.0), L2(), steps=n, sharp=0.999, note="attained")
            for n in (1, 2, 5, 50)
        ),
        Case(quadratic, L2(), steps=20),
    ),
)
