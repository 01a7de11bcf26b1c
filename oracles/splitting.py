"""Convex quadratics over any ball that can be projected on: Douglas-Rachford splitting with Anderson acceleration.

    min  sum w y^2 / 2 + <c, y>    over  |y| <= t,    in the eigenbasis of the quadratic, w >= 0

The quadratic's proximal map is a division there, so an iteration is one projection; unlike a gradient method's, its
speed does not hang on the conditioning of w alone. The fixed point map v -> v + P(2 x - v) - x, x = prox(v), is firmly
nonexpansive (Lions and Mercier 1979); Anderson's mixing of the last few iterates turns its linear into nearly
superlinear convergence once the active face is settled (Fu, Zhang and Boyd 2020), and is dropped whenever the residual
grows. Whatever it does, the point returned was projected onto the ball and is judged by its Frank-Wolfe gap.

Host code (numpy, float64).
"""

from collections.abc import Callable

import numpy as np

MEMORY = 8


def splitting(
    w: np.ndarray,
    c: np.ndarray,
    project: Callable,
    gap: Callable,
    tol: float,
    start: np.ndarray | None = None,
    limit: int = 1000,
) -> tuple[np.ndarray, int]:
    """The best point found and the iterations made. `gap(y, gradient)` is the Frank-Wolfe gap of a point of the ball."""
    size, positive = c.size, w[w > 0]
    top = float(positive.max()) if positive.size else 1.0
    rho = float(np.exp(np.log(np.maximum(positive, 1e-6 * top)).mean())) if positive.size else 1.0
    y = np.zeros_like(c) if start is None else project(start)
    if np.any(y):  # the ball bends the problem by |gradient| / |y|: the less it does, the longer the steps that pay
        bend = np.linalg.norm(w * y + c) / np.linalg.norm(y)
        rho *= float(np.clip(0.25 * np.sqrt(bend / rho), 0.05, 1.0))
    v = y + (w * y + c) / rho
    best, best_gap = y, np.inf
    differences, images, gram = np.empty((MEMORY, size)), np.empty((MEMORY, size)), np.zeros((MEMORY, MEMORY))
    stored, last, smallest, stall = 0, None, np.inf, 0
    for k in range(1, limit + 1):
        x = (rho * v - c) / (w + rho)
        y = project(2 * x - v)
        residual, image = (y - x).ravel(), (v + y - x).ravel()
        length = float(np.linalg.norm(residual))
        if k % 5 == 0 or length == 0 or k == 1:
            gradient = w * y + c
            new_gap, decrease = gap(y, gradient), -float((y * (c + gradient)).sum()) / 2
            stall = 0 if new_gap < 0.9 * best_gap else stall + 1
            if new_gap < best_gap:
                best, best_gap = y, new_gap
            if new_gap <= tol * max(decrease, 0.0) or stall > 30 or length == 0:
                break
        if last is not None and length > 4 * smallest:
            stored, last = 0, None
        smallest = min(smallest, length)
        if last is None:
            v = image.reshape(c.shape)
        else:
            slot = stored % MEMORY
            differences[slot], images[slot] = residual - last[0], image - last[1]
            stored += 1
            m = min(stored, MEMORY)
            gram[slot, :m] = gram[:m, slot] = differences[:m] @ differences[slot]
            system = gram[:m, :m] + 1e-14 * np.trace(gram[:m, :m]) * np.eye(m)
            mix = np.linalg.lstsq(system, differences[:m] @ residual, rcond=None)[0]
            v = (image - mix @ images[:m]).reshape(c.shape)
        last = residual, image
    return best, k
