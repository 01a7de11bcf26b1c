"""Two lemmas on scalar sequences, false as printed, and what is true. k counts from 0: u[k] is the paper's u_{k+1}.

Statements for u_k <= (1 - b) u_{k-1} + e (paper's index).
  printed   (Lemma D.9) u_k <= e / b + (1 - b)^k u_1: FALSE, for e -> 0 as u_k = (1 - b)^{k-1} u_1 is possible
  repaired  u_k <= e / b + (1 - b)^{k-1} u_1
Statements for u_k <= (1 - 1 / (2 sqrt k)) u_{k-1} + c / k.
  printed   (Lemma D.10) u_k <= max{u_1, 4 c} / sqrt k: FALSE, u_1 = 4 c gives u_2 = (9/2 - sqrt 2) c > 2 sqrt 2 c
  repaired  u_k <= max{u_1, (sqrt 2 - 1/2) u_1 + c / sqrt 2, 4 c} / sqrt k; in particular 4 c / sqrt k for u_1 <= 3.6 c

Proof. First: unroll, e sum (1-b)^j <= e / b. Second, with C the maximum: k = 1 and k = 2 are its first two entries. sqrt 3 u_3 <=
0.7965 u_1 + 1.1935 c: at most 3.82 c where (sqrt 2 - 1/2) u_1 + c / sqrt 2 <= 4 c, and less than that expression beyond. For
k >= 4, as C >= 4 c, u_k <= C ((1 - 1 / (2 sqrt k)) / sqrt(k-1) + 1 / (4 k)) <= C / sqrt k, because sqrt(k / (k-1)) <= 1 + 1 / (2 (k-1))
and (1 - 1 / (2 sqrt k)) / (2 (k-1)) <= 1 / (4 sqrt k) if and only if 2 sqrt k <= k. QED

The printed induction for D.10 needs that last step for k = 2 and 3 too. Theorems 5.5 and 5.7 use u_1 <= sigma^2 <= c, so they
stand. Attained: by e -> 0, and at k = 2 for 3.6 c <= u_1 <= 8.2 c.
"""

from fractions import Fraction

import sympy as sp

from broximal.theory import Case, EachStep, Rule, Source, Theorem
from broximal.theory.columns.layers import parameter
from broximal.theory.columns.points import k
from broximal.theory.language.quantity import column
from broximal.theory.language.source import SCION
from broximal.theory.methods.probes.recursion import Recursion, Scalar

shrink = parameter("shrink", "b", "share of the sequence that is lost in a step", "1")
added = parameter("input", "e", "what a step adds", "1")
first = parameter("first", "u_1", "where the sequence starts", "1")


@column("u", r"u_{#+1}", "scalar sequence that attains its recursion", "1")
def u(now):
    return now.x


def _case(steps: int = 20, sharp: float | None = None, note: str = "", **parameters: float) -> Case:
    return Case(lambda seed: Scalar(), None, parameters=parameters, steps=steps, fixed=True, sharp=sharp, note=note)


CONSTANT = (
    Rule(shrink, sp.Rational(1, 2), shrink <= 1, free=True, why="any share"),
    Rule(added, sp.Rational(1, 10), added >= 0, free=True, why="any input"),
    Rule(first, sp.sympify(1), first >= 0, free=True, why="any start"),
)
ROOT = sp.sqrt(k + 1)

contracting = Theorem(
    name="scion.contracting_sequence",
    title="A contracting recursion with constant input",
    source=Source(SCION, "proved here", "in the place of Lemma D.9"),
    assumes=(),
    method=Recursion(),
    parameters=CONSTANT,
    claims=(EachStep(u[k] <= added / shrink + (1 - shrink) ** k * first, "sequence"),),
    cases=(_case(input=1e-9, sharp=0.999, note="hardly any input: attained"), _case(), _case(shrink=0.05, first=3.0)),
)

false_contracting = Theorem(
    name="scion.false_contracting_sequence",
    title="A contracting recursion with constant input, with the printed exponent",
    source=Source(SCION, "false as printed", "Lemma D.9"),
    assumes=(),
    method=Recursion(),
    parameters=CONSTANT,
    claims=(EachStep(u[k] <= added / shrink + (1 - shrink) ** (k + 1) * first, "sequence"),),
    cases=(_case(input=1e-3, first=1.0, note="little input"),),
    truth=False,
    repair="scion.contracting_sequence",
    # b = 1/2, e = 1/10, u_1 = 1: u_2 against e / b + (1 - b)^2
    exact=lambda: (Fraction(1, 2) + Fraction(1, 10), Fraction(2, 10) + Fraction(1, 4)),
)

BOUND = sp.Max(first, (sp.sqrt(2) - sp.Rational(1, 2)) * first + added / sp.sqrt(2), 4 * added)

decreasing = Theorem(
    name="scion.decreasing_sequence",
    title="A recursion with vanishing contraction and input",
    source=Source(SCION, "proved here", "in the place of Lemma D.10"),
    assumes=(),
    method=Recursion(vanishing=True),
    parameters=CONSTANT[1:],
    claims=(EachStep(u[k] <= BOUND / ROOT, "sequence"),),
    cases=(
        _case(input=1.0, first=5.0, sharp=0.999, note="attained at the second term"),
        _case(input=1.0, first=1.0, steps=200, note="the use in Theorems 5.5 and 5.7"),
        _case(input=1.0, first=20.0),
    ),
)

false_decreasing = Theorem(
    name="scion.false_decreasing_sequence",
    title="A recursion with vanishing contraction and input, as printed",
    source=Source(SCION, "false as printed", "Lemma D.10"),
    assumes=(),
    method=Recursion(vanishing=True),
    parameters=CONSTANT[1:],
    claims=(EachStep(u[k] <= sp.Max(first, 4 * added) / ROOT, "sequence"),),
    cases=(_case(input=1.0, first=4.0, note="the second term"),),
    truth=False,
    repair="scion.decreasing_sequence",
    # 9/2 - sqrt 2 > 2 sqrt 2 is (9/2)^2 > 9 * 2
    exact=lambda: (Fraction(9, 2) ** 2, Fraction(18)),
)
