"""Does an own compressor contract as it states? Its error at points like x0, sure or over many draws, in the norm it is used in."""

from collections.abc import Iterator
from typing import Any

import jax
import numpy as np

from broximal.oracles.arrays import Tree, subtract
from broximal.oracles.compressors import Compressor
from broximal.oracles.errors import BroximalError, InvalidArgument
from broximal.oracles.layers import shape_of
from broximal.problems.stochastic.noise import is_shape
from broximal.theory.columns.layered_workers import pieces
from broximal.theory.columns.workers import Piece, whole
from broximal.theory.language.experiment import Experiment
from broximal.verify import confidence
from broximal.verify.looks.trying import is_own, points_like

LEVEL = 1e-6  # with which a random compressor that contracts as stated is refused
DRAWS = 256  # at a point
SLACK = 1e-9  # relative


def check_compressors(experiment: Experiment) -> None:
    """Raise InvalidArgument, with the numbers, for an own compressor among the parameters that does not contract as it states."""
    for name, given in experiment.parameters.items():
        if is_own(given, Compressor):
            for piece in _pieces(experiment, name) if name in ("server", "worker") else _either(experiment, given):
                _check(piece, experiment.seed)


def _either(experiment: Experiment, own: Compressor) -> Iterator[Piece]:
    """A method of the user's own may compress points or gradients."""
    yield from (Piece(own, norm, shape_of(experiment.x0)) for norm in (experiment.norm, experiment.norm.dual))


def _pieces(experiment: Experiment, side: str) -> Iterator[Piece]:
    yield whole(experiment, side)
    try:
        layers = pieces(experiment, side)
    except BroximalError:  # it mixes the layers
        return
    if len(layers) > 1:
        yield from layers


def _check(piece: Piece, seed: int) -> None:
    try:
        alpha = piece.alpha
    except BroximalError:  # nothing is stated, so that nothing is believed
        return
    own, norm = piece.compressor, piece.norm
    if not 0 <= alpha <= 1:
        raise InvalidArgument(f"compressor {own.name} states alpha = {alpha:g}, which is not between 0 and 1.")
    keys = jax.random.split(jax.random.key(seed), DRAWS) if own.random else [None, None]
    points = list(points_like(np.random.default_rng(seed), jax.tree.map(np.zeros, piece.shape, is_leaf=is_shape)))
    for x in points:
        with jax.enable_x64(True):
            errors = np.array([_error(piece, key, x) for key in keys])
        bound = (1 - alpha) * (1 + SLACK) + SLACK + 10 * norm.error
        if not own.random and np.isfinite(errors).all() and np.ptp(errors) > SLACK:
            raise InvalidArgument(
                f"compressor {own.name} gives two answers at one point, and says that it draws nothing."
            )
        if not np.isfinite(errors).all():
            raise InvalidArgument(f"compressor {own.name} gives a message that is not finite.")
        wrong = confidence.refutes_at_most(errors, bound, LEVEL / len(points)) if own.random else errors[0] > bound
        if wrong:
            raise InvalidArgument(
                f"compressor {own.name} states alpha = {alpha:.6g} in {norm.name}, and |C(x) - x|^2 is "
                f"{errors.mean():.6g} |x|^2 at a point, where 1 - alpha = {1 - alpha:.6g}."
            )


def _error(piece: Piece, key: Any, x: Tree) -> float:
    """|C(x) - x|^2 / |x|^2."""
    message = piece.compressor(key, x)
    if jax.tree.map(np.shape, message) != jax.tree.map(np.shape, x):
        raise InvalidArgument(
            f"compressor {piece.compressor.name} makes a message of shape {jax.tree.map(np.shape, message)} of a point of "
            f"{jax.tree.map(np.shape, x)}."
        )
    if not all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(message)):
        return np.inf
    return float(piece.norm(subtract(message, x)) / piece.norm(x)) ** 2
