"""The mean of quadratics <x - b_j, H_j (x - b_j)> / 2: a quadratic with H = mean H_j about the solution of H b = mean H_j b_j."""

from collections.abc import Sequence

import jax
import numpy as np

from broximal.problems.smooth.coupled import CoupledQuadratic


def mean_of_quadratics(parts: Sequence[CoupledQuadratic]) -> tuple[CoupledQuadratic, float]:
    """(the mean without its constant, the constant); the start is that of the first part."""
    H = np.mean([part.H for part in parts], axis=0)
    centres = [np.concatenate([leaf.ravel() for leaf in jax.tree.leaves(part.b)]) for part in parts]
    pairs = list(zip(parts, centres, strict=True))
    b = np.linalg.lstsq(H, np.mean([part.H @ own for part, own in pairs], axis=0))[0]
    level = float(np.mean([(b - own) @ part.H @ (b - own) / 2 for part, own in pairs]))
    leaves, structure = jax.tree.flatten(parts[0].b)
    cuts = np.cumsum([leaf.size for leaf in leaves])[:-1]
    tree = structure.unflatten([p.reshape(v.shape) for p, v in zip(np.split(b, cuts), leaves, strict=True)])
    return CoupledQuadratic(H, tree, parts[0].start), level
