"""f + c: the same problem with every value raised, whatever its class is."""

import numpy as np

from broximal.problems import Problem
from broximal.problems.constant import Known


def shifted(problem: Problem, c: float) -> Problem:
    """An instance of a subclass of the problem's own class, so that everything else about it stays."""
    own, inner = type(problem), problem.facts

    def known(found: Known) -> Known:
        return Known(found.value + c, found.error + 4e-16 * abs(c), found.why)

    def value_and_gradient(self, x):
        value, gradient = problem.value_and_gradient(x)
        return value + c, gradient

    def move(self, norm, x, radius):
        found = problem.move(norm, x, radius)
        if found is None:
            return None
        raised = {name: getattr(found, name) + c for name in ("lower", "start") if getattr(found, name) is not None}
        return found._replace(**raised)

    def minorant(self, u, g):
        return problem.minorant(u, g)

    def cvxpy(self, z):
        found = problem.cvxpy(z)
        return None if found is None else found + c

    def rounding(self, x):
        value, slope = problem.rounding(x)
        return value + np.finfo(float).eps * abs(c), slope

    methods = {
        "_facts": lambda self: inner.but(f_star=lambda: known(inner.f_star), lower=lambda: known(inner.lower)),
        "value": lambda self, x: problem.value(x) + c,
        "gap": lambda self, x: problem.gap(x),
        "constant": lambda self, name, norm, x0=None: problem.constant(name, norm, x0),
        "distance": lambda self, x, norm: problem.distance(x, norm),
        "smoothness": lambda self, norm: problem.smoothness(norm),
        "value_and_gradient": value_and_gradient,
        "move": move,
        "minorant": minorant,
        "cvxpy": cvxpy,
        "rounding": rounding,
    }
    raised = type(own)(f"Shifted{own.__name__}", (own,), {"__module__": __name__, "__init__": own.__init__} | methods)
    made = object.__new__(raised)
    made.__dict__.update(problem.__dict__)
    return made
