"""Broximal steps that are inexact on purpose, by a known amount."""

from typing import Any, ClassVar

import jax

from broximal.oracles.arrays import combine, inner, l2, scale, subtract
from broximal.oracles.brox import brox, certify
from broximal.oracles.objective import Move
from broximal.theory.language.algorithm import Algorithm, State, World
from broximal.theory.language.keys import generator
from broximal.theory.methods.broximal.point import at_minimum


class InexactState(State):
    """exact: the exact answer of the step; answer: the point that was taken instead, certified; eps: how much worse it is.

    eps       certified: f(x) minus the lower bound of the exact answer
    rounding  of eps
    """

    x: Any
    exact: Any = None
    answer: Any = None
    radius: Any = 0.0
    eps: Any = 0.0
    rounding: Any = 0.0


class InexactBroximal(Algorithm):
    """x_{k+1} in B(x_k, t_k) with f(x_{k+1}) <= N_t f(x_k) + eps_k.

    The exact step is blended with a random point of the ball by the weight `blend`; a point that is worse than x_k is
    replaced by x_k (still eps-valid), so that the run stays in the first sublevel set.
    """

    blend: float = 0.15
    host: ClassVar[bool] = True
    draws: ClassVar[bool] = True
    monotone: ClassVar[bool] = True
    name = "inexact Broximal Point Method"
    update = r"\|x_{k+1} - x_k\| \le t_k,\ f(x_{k+1}) \le N_{t_k} f(x_k) + \varepsilon_k"

    def init(self, world, x0, key):
        return InexactState(x0)

    def step(self, world, state, k, key):
        problem, norm, x, radius = world.problem, world.norm, state.x, float(world.radius(k))
        exact = brox(problem, norm, x, radius, tol=world.tol)
        point = combine(1 - self.blend, exact.point, self.blend, stray(world, x, radius, key))
        if float(problem.value(point)) > float(problem.value(x)):
            point = x
        subgradient = problem.gradient(point) if problem.convex else None
        answer = certify(problem, norm, x, radius, Move(point, subgradient, path=f"inexact {exact.path}"))
        eps = max(float(answer.value) - float(exact.value), 0.0) + float(exact.gap)
        return InexactState(point, exact, answer, radius, eps, float(exact.rounding + answer.rounding))

    def finished(self, now):
        return now.k > 0 and at_minimum(now.problem, now.norm, now.x)


class HalfspaceState(State):
    """answer: the trial point of the step, certified; tau: the depth of the halfspace that its subgradient certifies."""

    x: Any
    answer: Any = None
    radius: Any = 0.0
    tau: Any = 0.0


class HalfspaceProjection(Algorithm):
    """The Euclidean variant that projects onto the halfspace of the trial point's subgradient.

    z is an inexact broximal point, g in df(z), tau = <g, x - z> / |g|_2, and x_{k+1} = x_k - tau g / |g|_2. The first
    trial point is exact, later ones are blended with random points by weights that grow towards `blend`.
    """

    blend: float = 0.15
    host: ClassVar[bool] = True
    draws: ClassVar[bool] = True
    name = "halfspace-projection variant"
    update = r"x_{k+1} = x_k - \tau_k g_k / \|g_k\|_2,\ g_k \in \partial f(z_k)"

    def init(self, world, x0, key):
        return HalfspaceState(x0)

    def step(self, world, state, k, key):
        problem, norm, x, radius = world.problem, world.norm, state.x, float(world.radius(k))
        exact = brox(problem, norm, x, radius, tol=world.tol)
        weight = self.blend * k / (k + 1)
        trial = combine(1 - weight, exact.point, weight, stray(world, x, radius, key))
        g = problem.gradient(trial)
        size = float(l2(g))
        tau = max(float(inner(g, subtract(x, trial))) / size if size > 0 else 0.0, 0.0)
        answer = certify(problem, norm, x, radius, Move(trial, g, path=f"inexact {exact.path}"))
        x = combine(1.0, x, 1.0, scale(-tau / size, g)) if tau > 0 else x
        return HalfspaceState(x, answer, radius, tau)

    def finished(self, now):
        """No halfspace separated the last point from its trial point."""
        return now.k > 0 and now.state.tau <= 0


def stray(world: World, x: Any, radius: float, key: Any) -> Any:
    """A random point of the ball."""
    rng = generator(key)
    noise = jax.tree.map(lambda leaf: rng.standard_normal(leaf.shape), x)
    return combine(1.0, x, radius * rng.uniform() / float(world.norm(noise)), noise)
