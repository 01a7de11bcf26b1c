"""Constants on the points of a run and near them: L, mu, G, growth, PL, R0, and smoothness in the meaning it is used in.

Every inequality that a constant states is tried on pairs of points in the norm of the experiment, beyond rounding. For
constants of layers: A1 and A1loc for pairs within their reach, A1D as the descent lemma, A2 with its matrix, A1H by what it
implies at any distance (Gronwall): |grad_l f(x) - grad_l f(y)| <= (L0 + L1 g)(e^s - 1) / L1 with s = L1 |x_l - y_l|.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from broximal.oracles.arrays import inner, subtract
from broximal.oracles.errors import MissingConstant
from broximal.problems.smoothness import Smoothness
from broximal.theory.language.experiment import Experiment
from broximal.verify.looks.cloud import Cloud, Tried, above_tangent

SLACK = 1e-7  # relative, of both sides of an inequality
TRIED = ("L", "mu", "G", "kappa", "PL", "R0")


def refuted(
    experiment: Experiment, cloud: Cloud, names: set[str], smoothness: list[Smoothness]
) -> Iterator[tuple[str, str]]:
    """(name, why) of the constants among these, and of the statements about layers ("smoothness"), that points contradict."""
    look = _Look(experiment, cloud)
    for name in TRIED:
        if name not in names:
            continue
        try:
            value = experiment.constants.get(name)
            if value is None:
                value = experiment.problem.constant(name, experiment.norm, experiment.x0).value
            why = getattr(look, name)(float(value))
        except MissingConstant:
            continue
        if why:
            yield name, f"{name} = {value:.6g}{_by_user(experiment, name)}, but {why}"
    for stated in smoothness:
        if why := look.smoothness(stated):
            yield "smoothness", f"{stated}, but {why}"


def _by_user(experiment: Experiment, name: str) -> str:
    return " (given by the user)" if name in experiment.constants else ""


class _Look:
    """The pairs and their norms, computed once."""

    def __init__(self, experiment: Experiment, cloud: Cloud):
        self.experiment, self.problem = experiment, experiment.problem
        self.norm, self.layers, self.cloud = experiment.norm, experiment.layers, cloud
        self.slack = SLACK + 10 * self.norm.error
        self._sizes: dict[int, np.ndarray] = {}
        self._apart: dict[tuple[int, int], tuple[np.ndarray, np.ndarray]] = {}

    def sizes(self, point: Tried) -> np.ndarray:
        """Dual norms of the layers of the gradient, (p,)."""
        if id(point) not in self._sizes:
            self._sizes[id(point)] = self._dual(point.gradient)
        return self._sizes[id(point)]

    def apart(self, x: Tried, y: Tried) -> tuple[np.ndarray, np.ndarray]:
        """(distances, dual norms of the differences of gradients) of every layer, (p,) each."""
        key = (min(id(x), id(y)), max(id(x), id(y)))
        if key not in self._apart:
            parts = self.layers.split(subtract(y.x, x.x))
            distances = np.asarray(self.layers.sizes(parts), dtype=float)
            self._apart[key] = distances, self._dual(subtract(y.gradient, x.gradient))
        return self._apart[key]

    def _dual(self, g: Any) -> np.ndarray:
        return np.asarray(self.layers.dual_sizes(self.layers.split(g)), dtype=float)

    def turning(self, x: Tried, y: Tried) -> np.ndarray:
        """What of a layer's difference of gradients may be rounding."""
        sizes = self.sizes(x) + self.sizes(y)
        length = float(np.sqrt(max(inner(x.gradient, x.gradient), inner(y.gradient, y.gradient))))
        return sizes * (x.turning + y.turning) / max(length, 1e-300)

    # one norm on the whole space: the distance is the largest of the layers', the dual norm the sum of theirs

    def L(self, value: float) -> str:
        for x, y in self.cloud.ordered()[::2]:
            distances, turned = self.apart(x, y)
            rounding = float(self.turning(x, y).sum())
            if turned.sum() > value * distances.max() * (1 + self.slack) + rounding:
                return self._of_gradients(turned.sum(), distances.max())
        return ""

    def mu(self, value: float) -> str:
        for x, y in self.cloud.ordered():
            distance = float(self.apart(x, y)[0].max())
            above, rounding = above_tangent(x, y)
            if above < value / 2 * distance**2 * (1 - self.slack) - rounding:
                return f"at a distance of {distance:.3g} f is {above:.3g} above its tangent, so mu <= {2 * above / distance**2:.6g}"
        return ""

    def G(self, value: float) -> str:
        for x, y in self.cloud.ordered()[::2]:
            distance, change = float(self.apart(x, y)[0].max()), abs(y.value - x.value)
            if change > value * distance * (1 + self.slack) + x.rounding + y.rounding:
                return f"f changes by {change:.3g} over a distance of {distance:.3g}, so G >= {change / distance:.6g}"
        return ""

    def kappa(self, value: float) -> str:
        q, f_star = self.problem.growth_exponent, self.problem.f_star
        if q is None:
            return ""
        for point in self._below_start():
            found = self.problem.distance(point.x, self.norm)
            distance = max(found.value * (1 - self.slack) - found.error, 0.0)
            gap = point.value - f_star.value
            if gap + f_star.error + point.rounding < value * distance**q:
                return f"at a distance of {distance:.3g} the gap is {gap:.3g}, so kappa <= {gap / distance**q:.6g}"
        return ""

    def R0(self, value: float) -> str:
        for point in self._below_start():
            found = self.problem.distance(point.x, self.norm)
            if found.value - found.error > value * (1 + self.slack):
                return f"a point at a distance of {found.value:.6g} is not above f(x_0)"
        return ""

    def PL(self, value: float) -> str:
        f_star = self.problem.f_star
        for point in self.cloud.points:
            squares, gap = float((self.sizes(point) ** 2).sum()), point.value - f_star.value
            rounding = f_star.error + point.rounding
            if squares * (1 + self.slack) + float((self.turning(point, point) ** 2).sum()) < 2 * value * (
                gap - rounding
            ):
                return f"at a gap of {gap:.3g} the squares of the gradient add up to {squares:.3g}, so PL <= {squares / gap / 2:.6g}"
        return ""

    def _below_start(self) -> list[Tried]:
        start = self.cloud.points[:1]
        return [point for point in self.cloud.points if start and point.value <= start[0].value]

    # layers

    def smoothness(self, s: Smoothness) -> str:
        L0, L1, reach = (np.asarray(part, dtype=float) for part in (s.L0, s.L1, s.reach))
        for x, y in self.cloud.ordered():
            distances, turned = self.apart(x, y)
            if np.any(distances > reach * (1 - self.slack)):
                continue
            steep = L0 + L1 * self.sizes(x)
            if s.kind == "A1D":
                above, rounding = above_tangent(x, y)
                allowed = float((steep * distances**2).sum()) / 2
                if above > allowed * (1 + self.slack) + rounding:
                    return f"at layer distances {_shown(distances)} f is {above:.4g} above its tangent and may be {allowed:.4g}"
                continue
            if s.kind == "A2" and s.coupling is not None:
                allowed = np.asarray(s.coupling) @ distances
            elif s.kind == "A2":  # only the row sums are given
                allowed = L0 * distances.max()
            elif s.kind == "A1H":
                with np.errstate(over="ignore"):
                    growth = np.where(L1 > 0, np.expm1(L1 * distances) / np.where(L1 > 0, L1, 1.0), distances)
                    allowed = steep * growth
            else:
                allowed = steep * distances
            over = turned > allowed * (1 + self.slack) + self.turning(x, y)
            if np.any(over):
                layer = int(np.argmax(over))
                of = f" of layer {self.layers.labels[layer]}" if len(over) > 1 else ""
                return (
                    f"at a distance of {distances[layer]:.3g} the gradient{of} differs by {turned[layer]:.4g} and may differ "
                    f"by {allowed[layer]:.4g}"
                )
        return ""

    def _of_gradients(self, turned: float, distance: float) -> str:
        return f"gradients at a distance of {distance:.3g} differ by {turned:.3g}, so L >= {turned / distance:.6g}"


def _shown(values: np.ndarray) -> str:
    return "[" + ", ".join(f"{value:.3g}" for value in values) + "]"
