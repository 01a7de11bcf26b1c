"""The broximal operator: the minimiser of f over a norm ball, with a certificate.

    brox(f, norm, x, t)  in  argmin { f(z) : |z - x| <= t },     N_t f(x) = the minimum

Four paths are tried in turn and the answer says which one it took: the objective's own structured solver for the norm,
a certified first-order method (convex and smooth f), cutting planes (convex and nonsmooth f), cvxpy, from whose point
cutting planes start once more. Each answer carries

    gap  >=  f(u) - N_t f(x),

which for convex f and g in df(u) is the Frank-Wolfe gap <g, u - x> + t |g|_*: by convexity every z in the ball has
f(z) >= f(u) + <g, z - x> + <g, x - u> >= f(u) + <g, x - u> - t |g|_*. Cutting planes and structured solvers of
non-convex f return a proved lower bound instead. Nothing that an answer defined proves it: value and gradient at u are
computed anew, and a solver's slope for nonsmooth f counts as far as the objective proves it (`Objective.minorant`). An
answer is accepted only if its gap is below the tolerance, relative to the decrease f(x) - f(u), plus the rounding error of
the certificate itself.
"""

from broximal.oracles.brox.answer import BroxAnswer, certify
from broximal.oracles.brox.dispatch import brox

__all__ = ["BroxAnswer", "brox", "certify"]
