"""What certifies a minimiser of max_i (<a_i, y> + c_i) over a ball: weights on the simplex."""

from typing import NamedTuple

import numpy as np

EPS = float(np.finfo(np.float64).eps)


class Vertex(NamedTuple):
    """step y, simplex weights w on its active pieces (A'w is a subgradient there), a lower bound, iterations.

    `proof` are the simplex weights with lower = <c, proof> - t |A' proof|_*: those of the active pieces or better ones.
    """

    step: np.ndarray
    weights: np.ndarray
    lower: float
    iterations: int
    proof: np.ndarray


def certified(A, c, step, weights, support, iterations) -> Vertex:
    """The lower bound of these weights, or of their restriction to the active pieces if that is better."""
    values = A @ step + c
    noise = 64 * EPS * (np.abs(A) @ np.abs(step) + np.abs(c) + np.abs(values).max())
    noise = noise + noise[np.argmax(values)]
    weights = np.maximum(weights, 0)
    active = np.where(values >= values.max() - noise, weights, 0.0)
    if not active.any():
        active = (np.arange(values.size) == np.argmax(values)).astype(float)
    active = active / active.sum()
    proofs = [active, weights / weights.sum()] if weights.any() else [active]
    lower = [float(w @ c) - support(A.T @ w) for w in proofs]
    best = int(np.argmax(lower))
    return Vertex(step, active, lower[best], int(iterations), proofs[best])


def gap(A, c, vertex: Vertex) -> float:
    return float((A @ vertex.step + c).max()) - vertex.lower
