"""Broximal steps that are inexact on purpose, by a known amount."""

import dataclasses
from typing import ClassVar

import jax
import numpy as np

from broximal.oracles.arrays import combine, inner, l2, scale, subtract
from broximal.oracles.brox import brox, certify
from broximal.oracles.objective import Move
from broximal.theory.language.method import Method, Progress, Record
from broximal.theory.language.setting import Run, Setting
from broximal.theory.methods.broximal.point import at_minimum


@dataclasses.dataclass(frozen=True)
class InexactBroximal(Method):
    """x_{k+1} in B(x_k, t_k) with f(x_{k+1}) <= N_t f(x_k) + eps_k.

    The exact step is blended with a random point of the ball by the weight `blend`; a point that is worse than x_k is
    replaced by x_k (still eps-valid), so that the run stays in the first sublevel set. A record's `extra` holds
    eps (certified: f(x_{k+1}) minus the lower bound of the exact answer), the exact point and its aligned subgradient.
    """

    blend: float = 0.15
    name: ClassVar[str] = "inexact Broximal Point Method"
    update: ClassVar[str] = r"\|x_{k+1} - x_k\| \le t_k,\ f(x_{k+1}) \le N_{t_k} f(x_k) + \varepsilon_k"

    def run(self, setting: Setting, progress: Progress | None = None) -> Run:
        problem, norm = setting.problem, setting.norm
        rng = np.random.default_rng(setting.seed)
        x = setting.x0
        points, records = [x], []
        for step in range(setting.steps):
            radius = setting.radius_at(step)
            exact = brox(problem, norm, x, radius, tol=setting.tol)
            noise = jax.tree.map(lambda leaf: rng.standard_normal(leaf.shape), x)
            stray = combine(1.0, x, radius * rng.uniform() / float(norm(noise)), noise)
            point = combine(1 - self.blend, exact.point, self.blend, stray)
            if float(problem.value(point)) > float(problem.value(x)):
                point = x
            subgradient = problem.gradient(point) if problem.convex else None
            answer = certify(problem, norm, x, radius, Move(point, subgradient, path=f"inexact {exact.path}"))
            eps = max(float(answer.value) - float(exact.value), 0.0) + float(exact.gap)
            rounding = float(exact.rounding + answer.rounding)
            points.append(point)
            records.append(Record(answer, radius, extra={"exact": exact, "eps": eps, "rounding": rounding}))
            x = point
            if progress is not None:
                progress(step + 1, setting.steps)
            if at_minimum(problem, norm, x):
                break
        return Run(setting, points, records)


@dataclasses.dataclass(frozen=True)
class HalfspaceProjection(Method):
    """The Euclidean variant that projects onto the halfspace of the trial point's subgradient.

    z is an inexact broximal point, g in df(z), tau = <g, x - z> / |g|_2, and x_{k+1} = x_k - tau g / |g|_2. The first
    trial point is exact, later ones are blended with random points by weights that grow towards `blend`.
    """

    blend: float = 0.15
    name: ClassVar[str] = "halfspace-projection variant"
    update: ClassVar[str] = r"x_{k+1} = x_k - \tau_k g_k / \|g_k\|_2,\ g_k \in \partial f(z_k)"

    def run(self, setting: Setting, progress: Progress | None = None) -> Run:
        problem, norm = setting.problem, setting.norm
        rng = np.random.default_rng(setting.seed)
        x = setting.x0
        points, records = [x], []
        for step in range(setting.steps):
            radius = setting.radius_at(step)
            exact = brox(problem, norm, x, radius, tol=setting.tol)
            noise = jax.tree.map(lambda leaf: rng.standard_normal(leaf.shape), x)
            stray = combine(1.0, x, radius * rng.uniform() / float(norm(noise)), noise)
            weight = self.blend * step / (step + 1)
            trial = combine(1 - weight, exact.point, weight, stray)
            g = problem.gradient(trial)
            size = float(l2(g))
            tau = float(inner(g, subtract(x, trial))) / size if size > 0 else 0.0
            if tau <= 0:
                break
            answer = certify(problem, norm, x, radius, Move(trial, g, path=f"inexact {exact.path}"))
            x = combine(1.0, x, 1.0, scale(-tau / size, g))
            points.append(x)
            records.append(Record(answer, radius, extra={"tau": tau}))
            if progress is not None:
                progress(step + 1, setting.steps)
        return Run(setting, points, records)
