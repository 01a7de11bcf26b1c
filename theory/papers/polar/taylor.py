"""Newton-Schulz steps with Taylor polynomials: X <- p(X X') X, p the Taylor polynomial of s^{-1/2} at 1 of degree q.

Statements (T steps from singular values in [low, 1]).
  defect  |P - X X'| <= (1 - low^2)^{(q+1)^T} on the range
  error   |X - polar(M)| <= 1 - sqrt(1 - (1 - low^2)^{(q+1)^T})

Proof. A singular value with d = 1 - s^2 in [0, 1) becomes s p, where p = sum_{j<=q} c_j d^j has the first coefficients, all
positive, of (1-d)^{-1/2}. So p increases and p <= (1-d)^{-1/2}: the new defect 1 - (1-d) p^2 is not negative. It is at most
d^{q+1}: w = 1 - (1-d) p^2 has derivative w' = p^2 - 2 (1-d) p p' = p (p - 2 (1-d) p'), and p - 2 (1-d) p' = (2q+1) c_q d^q by
c_{j+1} (2j+2) = c_j (2j+1). So w = (2q+1) c_q int_0^d t^q p(t) dt is d^{q+1} times an average of (2q+1) c_q p(t) / (q+1) with
weights increasing in d, which increases in d, to w(1) = 1. Iterate; s = sqrt(1 - d) gives error. QED

Nearly attained for one step from a small singular value.
"""

import sympy as sp

from broximal.theory import EachStep, Rule, Source, Theorem
from broximal.theory.columns.points import k
from broximal.theory.language.source import KIM_OH
from broximal.theory.methods.probes.polar import PolarProbe
from broximal.theory.papers.polar._shared import case, defect, error, low, order, rounds

LEFT = (1 - low**2) ** ((order + 1) ** rounds)

taylor = Theorem(
    name="polar.taylor",
    title="Taylor polynomials: defect and error of the approximate polar factor",
    source=Source(KIM_OH, "as published", "Theorem 2"),
    assumes=(),
    method=PolarProbe("taylor"),
    parameters=(
        Rule(low, sp.Rational(1, 10), low < 1, free=True, why="any value"),
        Rule(order, sp.sympify(2), order >= 1, free=True, why="any degree"),
        Rule(rounds, sp.sympify(3), rounds >= 1, free=True, why="any number"),
    ),
    claims=(EachStep(defect[k] <= LEFT, "defect"), EachStep(error[k] <= 1 - sp.sqrt(1 - LEFT), "error")),
    cases=(
        case(low=0.01, order=1, composed=1, sharp=0.99, note="one step from a small singular value"),
        case(low=0.2, order=1, composed=3),
        case(low=0.1, order=2, composed=3),
        case(low=0.1, order=4, composed=2),
    ),
)
