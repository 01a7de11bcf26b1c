"""The one law that every method and every part goes through: whoever runs a step, it is the same step."""

import jax
import numpy as np

from broximal.theory.columns.points import value
from broximal.verify.running import on_host, run

STEPS = 6


def same(a, b, rtol: float = 1e-12) -> bool:
    """Are all leaves equal to rounding?"""
    pairs = zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True)
    return all(np.allclose(x, y, rtol=rtol, atol=rtol) for x, y in pairs)


def obeys_the_law(method, experiment, seed: int = 3) -> None:
    """host = scan to 1e-12, equal key = equal path whatever runs beside it, and a state of fixed structure."""
    host = on_host(method, experiment, seed)
    if method.host:  # its state may hold what a solver answered
        again = on_host(method, experiment, seed)
        assert same([view.x for view in host.views], [view.x for view in again.views], 0.0)
        return
    assert len({jax.tree.structure(state) for state in host.states}) == 1, "the state changes its structure"
    scanned = traced(method, experiment, [seed, seed + 1])
    assert same([view.x for view in host.views], scanned[0].points[: host.length + 1])
    assert np.allclose(
        host.column("f").values, scanned[0].column("f").values[: host.length + 1], rtol=1e-12, atol=1e-13
    )
    alone = traced(method, experiment, [seed])[0]
    assert same(alone.points, scanned[0].points), "a path depends on what runs beside it"
    if method.random(experiment):
        assert not same(scanned[0].points, scanned[1].points)
    else:
        assert same(scanned[0].points, scanned[1].points, 0.0)


def traced(method, experiment, seeds):
    """Runs as a scan, also of a method that draws nothing here."""
    from broximal.verify import running

    asked = running.closure([value])
    return running._scanned(method, experiment, asked, list(seeds), True)


__all__ = ["STEPS", "obeys_the_law", "on_host", "run", "same", "traced"]
