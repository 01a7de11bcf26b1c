"""Files of a user's own, as text, for tests of what reads them."""

THEOREM = '''"""A file of a user's own."""

from broximal.oracles.norms import L2, LInf
from broximal.problems import NormDistance, Quadratic
from broximal.theory import Case, EachStep, Source, Theorem
from broximal.theory.columns.points import gap, k
from broximal.theory.hypotheses.functions import Convex
from broximal.theory.methods import BroximalPoint

FACTOR = 1


class OwnQuadratic(Quadratic):
    """x'x/2 from the point 3."""

    alias = "own_quadratic"

    def __init__(self, dim):
        import numpy as np

        super().__init__(np.eye(dim), about=np.zeros(dim), x0=np.full(dim, 3.0))

    @classmethod
    def example(cls, dim, seed=0):
        return cls(dim)


class OwnNorm(L2):
    alias = "own_norm"
    name = "own_norm"


mine = Theorem(
    name="mine.decrease",
    title="values do not increase",
    source=Source("my notes", "proved here"),
    assumes=(Convex(),),
    method=BroximalPoint(),
    claims=(EachStep(gap[k + 1] <= FACTOR * gap[k], "decrease"),),
    cases=(Case(lambda seed: NormDistance.example(3, seed), LInf(), steps=5, fixed=True),),
)
'''

WRONG = THEOREM.replace("FACTOR = 1", "FACTOR = 0.5").replace("mine.decrease", "mine.wrong")
