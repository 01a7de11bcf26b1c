"""Assumptions on the function, the norm and the radii."""

import dataclasses

import numpy as np

from broximal.oracles.norms import L2
from broximal.problems.smooth.one_dimensional import OneDimensional
from broximal.theory.language.declaration import Range
from broximal.theory.language.hypothesis import Hypothesis


@dataclasses.dataclass(frozen=True)
class Convex(Hypothesis):
    name = "convex"
    latex = r"f \text{ proper, closed, convex}"

    def look(self, experiment):
        convex = experiment.problem.convex
        return (
            convex,
            f"{experiment.problem.name} is {'convex' if convex else 'not known to be convex'} by construction",
        )


@dataclasses.dataclass(frozen=True)
class StarConvex(Hypothesis):
    """Convex, or star-convex with respect to the minimiser that distances are measured to."""

    name = "convex or star-convex"
    latex = r"f((1-\lambda)x + \lambda x^\star) \le (1-\lambda) f(x) + \lambda f^\star"

    def look(self, experiment):
        holds = experiment.problem.convex or experiment.problem.star_convex
        kind = "convex" if experiment.problem.convex else "star-convex" if holds else "not known to be star-convex"
        return holds, f"{experiment.problem.name} is {kind} by construction"


@dataclasses.dataclass(frozen=True)
class QuasiConvex(Hypothesis):
    """Convex, or of one variable, falling before its minimisers and rising after them."""

    name = "quasi-convex"
    latex = r"f((1-\lambda)x + \lambda y) \le \max\{f(x), f(y)\}"

    def look(self, experiment):
        problem = experiment.problem
        line = isinstance(problem, OneDimensional) and not problem.profile.two_wells
        why = (
            "convex"
            if problem.convex
            else "of one variable with one valley"
            if line
            else "not known to be quasi-convex"
        )
        return problem.convex or line, f"{problem.name} is {why} by construction"


@dataclasses.dataclass(frozen=True)
class LocalMinimaGlobal(Hypothesis):
    name = "every local minimiser is global"
    latex = r"\text{every local minimiser of } f \text{ is global}"

    def look(self, experiment):
        problem = experiment.problem
        holds = problem.convex or problem.star_convex
        return holds, f"{problem.name} is {'convex or star-convex' if holds else 'neither convex nor star-convex'}"


@dataclasses.dataclass(frozen=True)
class HasMinimiser(Hypothesis):
    name = "minimiser known"
    latex = r"X^\star \ne \emptyset"

    def look(self, experiment):
        problem = experiment.problem
        if problem.minimiser is None:
            return False, f"{problem.name} has no known minimiser"
        f_star = problem.f_star
        return True, f"f* = {f_star.value:.6g} up to {f_star.error:.1g} ({f_star.why})"


@dataclasses.dataclass(frozen=True)
class BoundedBelow(Hypothesis):
    """A lower bound of inf f is enough where d_0 = f(x_0) - inf f is only bounded from above; it makes bounds weaker."""

    name = "bounded below"
    latex = r"\inf f > -\infty"

    def look(self, experiment):
        lower = experiment.problem.lower
        return True, f"inf f >= {lower.value:.6g} up to {lower.error:.1g} ({lower.why})"


@dataclasses.dataclass(frozen=True)
class UniqueMinimiser(Hypothesis):
    name = "unique minimiser"
    latex = r"X^\star = \{x^\star\}"

    def look(self, experiment):
        unique = experiment.problem.unique_minimiser
        return unique, f"{experiment.problem.name} {'has one minimiser' if unique else 'may have several minimisers'}"


@dataclasses.dataclass(frozen=True)
class Positive(Hypothesis):
    """A constant of the problem in the norm is known and positive (mu, L, kappa, G) or just known (R0)."""

    constant: str = "mu"
    latex = r"\text{constant known}"

    @property
    def takes(self):  # type: ignore[override]
        return (self.constant,)

    @property
    def needs(self):  # type: ignore[override]
        return {} if self.constant == "R0" else {self.constant: Range(strict=True)}

    @property
    def name(self):
        return {
            "mu": "strongly convex",
            "L": "smooth",
            "kappa": "growth",
            "G": "Lipschitz",
            "R0": "bounded sublevel set",
            "PL": "Polyak-Lojasiewicz",
        }[self.constant]

    def look(self, experiment):
        if self.constant in experiment.constants:
            value = experiment.constants[self.constant]
            return value > 0, f"{self.constant} = {value:.6g} (given by the user)"
        found = experiment.problem.constant(self.constant, experiment.norm, experiment.x0)
        if found.kind == "estimate":
            return False, f"{found}: an estimate proves nothing"
        return found.value > 0 or self.constant == "R0", str(found)


@dataclasses.dataclass(frozen=True)
class ExactGradients(Hypothesis):
    name = "exact gradients"
    latex = r"g(x; \xi) = \nabla f(x)"

    def look(self, experiment):
        noisy = experiment.noisy
        return not noisy, f"{experiment.problem.name} has {'noisy' if noisy else 'exact'} gradients"


@dataclasses.dataclass(frozen=True)
class Euclidean(Hypothesis):
    name = "Euclidean norm"
    latex = r"\|\cdot\| = \|\cdot\|_2"

    def look(self, experiment):
        return isinstance(experiment.norm, L2), f"the norm is {experiment.norm.name}"


@dataclasses.dataclass(frozen=True)
class ConstantRadius(Hypothesis):
    name = "constant radius"
    latex = r"t_k = t"

    def look(self, experiment):
        return (
            experiment.constant_radius,
            "one radius was given" if experiment.constant_radius else "a schedule was given",
        )


@dataclasses.dataclass(frozen=True)
class NondecreasingRadii(Hypothesis):
    name = "nondecreasing radii"
    latex = r"t_k \le t_{k+1}"

    def look(self, experiment):
        radii = [experiment.radius_at(step) for step in range(experiment.steps)]
        holds = bool(np.all(np.diff(radii) >= 0))
        return holds, "the radii do not decrease" if holds else "a radius decreases"


@dataclasses.dataclass(frozen=True)
class RadiusBelow(Hypothesis):
    """The constant radius is smaller than the initial distance (else one step ends it)."""

    name = "t < D_0"
    latex = r"t < D_0"

    def look(self, experiment):
        start = experiment.problem.distance(experiment.x0, experiment.norm)
        holds = experiment.constant_radius and experiment.radius_at(0) < start.value
        return holds, f"t_0 = {experiment.radius_at(0):.4g}, D_0 = {start.value:.4g}"
