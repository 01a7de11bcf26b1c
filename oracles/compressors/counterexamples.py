"""Points that refute every alpha > 0."""

from collections.abc import Iterator
from typing import Any

import jax
import numpy as np

from broximal.oracles.errors import InvalidArgument
from broximal.oracles.norm import Norm


class NotContractive(InvalidArgument):
    """No alpha > 0 holds in this norm: E |C(x) - x|^2 >= |x|^2 at x = `counterexample` (an array, or a tree).

    `ratio` is E |C(x) - x|^2 / |x|^2 there.
    """

    def __init__(self, message: str, counterexample: Any, ratio: float):
        super().__init__(message)
        self.counterexample = counterexample
        self.ratio = ratio


def refuted(compressor: Any, norm: Norm, x: Any, words: str, ratio: float) -> NotContractive:
    """The error for a pair that x refutes; ratio = E |C(x) - x|^2 / |x|^2, and `words` say what x is."""
    small = sum(leaf.size for leaf in jax.tree.leaves(x)) <= 16
    shown = jax.tree.map(lambda leaf: leaf.tolist(), x) if small else words
    return NotContractive(
        f"compressor {compressor.name} is not contractive in the {norm.name} norm: "
        f"E |C(x) - x|^2 = {ratio:.6g} |x|^2 at x = {shown}.",
        x,
        ratio,
    )


def candidates(shape: tuple[int, ...]) -> Iterator[tuple[np.ndarray, str]]:
    """Points at which contractions tend to fail."""
    yield np.ones(shape), "the array of ones"
    first = np.zeros(shape)
    first.flat[0] = 1.0
    yield first, "one at the first entry, zero elsewhere"
    if len(shape) == 2:
        yield np.eye(*shape), "ones on the diagonal, zero elsewhere"
        hadamard = np.ones((1, 1))
        while 2 * len(hadamard) <= min(shape):
            hadamard = np.block([[hadamard, hadamard], [hadamard, -hadamard]])
            padded = np.zeros(shape)
            padded[: len(hadamard), : len(hadamard)] = hadamard
            yield padded, f"a Hadamard matrix of order {len(hadamard)} in the first rows and columns, zero elsewhere"
