"""The checking function of the broximal oracle: independent of the certificate that the oracle computes itself."""

import numpy as np

from broximal.oracles.brox import BroxAnswer, brox
from broximal.oracles.norms import L2


class Wrong(AssertionError):
    """An answer that is not a broximal point."""


def expect(condition, message):
    if not condition:
        raise Wrong(message)


def check_point(f, norm, x, radius, point, tol=1e-9, twin=None):
    """Is `point` in the ball and optimal? By its Frank-Wolfe gap (convex smooth f) and by the value of a twin.

    tol is relative to the decrease; a twin's own value is trusted to 1e-6 of it.
    """
    step = np.asarray(point) - x
    size = max(float(norm(x)) if np.any(x) else 0.0, radius)
    expect(float(norm(step)) <= radius * (1 + 1e-12) + 8e-16 * size, "outside the ball")
    start, value = float(f.value(x)), float(f.value(point))
    noise = 64 * 2.3e-16 * (abs(value) + abs(start))
    expect(value <= start + noise, "worse than the centre")
    if f.convex and f.smooth:
        g = f.gradient(point)
        gap = float((g * step).sum() + radius * float(norm.dual(g)))
        noise += 64 * 2.3e-16 * (radius * float(norm.dual(g)))
        # the gradient itself is rounded, by so much per unit of the largest curvature
        noise += 64 * radius * norm.l2_bounds(x.shape).rho * float(f.rounding(point)[1])
        expect(gap <= tol * (start - value) + noise, f"Frank-Wolfe gap {gap:.2g} of decrease {start - value:.2g}")
    if twin is not None:
        expect(value <= twin + 1e-6 * abs(start - twin) + noise, f"value {value:.17g} above the twin's {twin:.17g}")
        expect(value >= twin - 1e-6 * abs(start - twin) - noise, f"value {value:.17g} below the twin's {twin:.17g}")


def check_brox(f, norm, x, radius, tol=1e-9, twin=True) -> BroxAnswer:
    """Solve and check: the answer's own claims, and the point by `check_point` (twin = True: against cvxpy)."""
    answer = brox(f, norm, x, radius, tol=tol)
    value = float(f.value(answer.point))
    expect(abs(float(answer.value) - value) <= 1e-14 * max(1.0, abs(value)), "the value is not that of the point")
    other = None
    if twin:
        other = float(brox(f, norm, x, radius, paths=("cvxpy",), tol=1e-2).value)
    check_point(f, norm, x, radius, answer.point, tol, other)
    return answer


def mutants(f, norm, x, radius, answer):
    """Points that common mistakes would return, in a problem whose ball does not contain a minimiser."""
    step = np.asarray(answer.point) - x
    g, slope = np.asarray(f.gradient(answer.point)), np.asarray(f.gradient(x))
    found = {
        "sign flipped": x - step,
        "radius dropped": x + step / float(norm(step)),
        "half the radius": x + 0.5 * step,
        "slightly too long": x + (1 + 1e-9) * step,
        "primal and dual ball swapped": x + norm.dual.lmo(g, radius / max(1.0, float(norm(norm.dual.lmo(g))))),
        "gradient step": x - radius * slope / float(norm(slope)),
        "centre forgotten": step,
        "slightly off": x + norm.project(step * (1 + 1e-3 * np.arange(step.size).reshape(step.shape)), radius),
    }
    if isinstance(norm, L2):
        del found["primal and dual ball swapped"]  # the same ball
    return found
