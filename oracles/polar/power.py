"""Power iteration for the LMO of the nuclear norm: -u v' with (u, v) near the leading singular pair.

Guarantee (proved here) with c = |<v_0, v_1>|, v_0 the unit start and v_1 a leading right singular vector: after t steps
lo >= c^(1 / (2 t + 1)), whatever the gap, and hi = 1. Proof. Let m_j = sum_i <v_0, v_i>^2 s_i^(2 j), so m_0 = 1,
m_j >= c^2 s_1^(2 j), and m_{j+1} / m_j is nondecreasing (Cauchy-Schwarz). The unit v after t steps has |g v|^2 =
m_{2t+1} / m_{2t}, the last of 2 t + 1 nondecreasing ratios with product m_{2t+1}, hence at least m_{2t+1}^(1/(2t+1)) >=
s_1^2 c^(2/(2t+1)). With u = g v / |g v|, <g, u v'> = |g v| >= s_1 c^(1/(2t+1)).
"""

from typing import Any, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp

from broximal.oracles import arrays
from broximal.oracles.arrays import as_number, namespace
from broximal.oracles.errors import InvalidArgument
from broximal.oracles.norm import Norm
from broximal.oracles.norms import Nuclear
from broximal.oracles.norms._arguments import count
from broximal.oracles.polar.answer import Guarantee
from broximal.oracles.polar.method import InexactMethod


class PowerIteration(InexactMethod):
    """PowerIteration(steps=10, seed=0): t steps v <- g'g v from a random start that depends on the seed only.

    Raises InvalidArgument unless steps is a positive and seed a non-negative integer.
    """

    steps: int = eqx.field(static=True)
    seed: int = eqx.field(static=True)
    norm: ClassVar[Norm] = Nuclear()

    def __init__(self, steps: int = 10, seed: int = 0):
        self.steps = count(steps, "steps")
        if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
            raise InvalidArgument(f"seed must be a non-negative integer, not {seed!r}.")
        self.seed = seed

    def matmuls(self):
        return 2 * self.steps + 1

    def start(self, g: Any) -> Any:
        """The unit vector that the iteration starts from, of the length of a row of g."""
        xp = namespace(g)
        return _unit(
            xp.asarray(jax.random.normal(jax.random.key(self.seed), (g.shape[1],), jnp.float32), dtype=g.dtype)
        )

    def guarantee(self, overlap: float) -> Guarantee:
        """lo and hi if |<start, v_1>| >= overlap; error is 1 - lo. Raises InvalidArgument unless 0 < overlap <= 1."""
        c = float(as_number(overlap, "overlap", low=0, high=1, open_low=True))
        lo = c ** (1 / (2 * self.steps + 1))
        return Guarantee(lo, 1.0, 1 - lo)

    def _point(self, g):
        xp = namespace(g)
        top = xp.abs(g).max()
        x = g / xp.where(top > 0, top, 1)
        v = self.start(g)
        for _ in range(self.steps):
            v = _unit(x.T @ (x @ v))
        return -xp.outer(_unit(x @ v), v)


def _unit(v):
    size = arrays.l2(v)
    return v / namespace(v).where(size > 0, size, 1)
