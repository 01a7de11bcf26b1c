"""The pointwise minimum of problems: the plainest star-convex functions that are not convex."""

from typing import Any, ClassVar

import numpy as np

from broximal.oracles import arrays
from broximal.oracles.arrays import Tree, namespace
from broximal.oracles.brox import brox
from broximal.oracles.errors import InvalidArgument, MissingConstant, NotCertified
from broximal.oracles.norm import Norm
from broximal.oracles.objective import Move
from broximal.problems._data import dimension
from broximal.problems.constant import Constant, Known
from broximal.problems.facts import Facts
from broximal.problems.problem import Problem


class Smallest(Problem):
    """f(z) = min_i f_i(z) of problems on one space, solved over every ball over which each of them is.

    The broximal point is the best of theirs, and min_i of their proved lower bounds is a lower bound. If all f_i are
    star-convex about one minimiser with one minimum value, so is f: take the minimum over i of their inequalities.
    """

    alias: ClassVar[str] = "smallest"

    parts: tuple
    start: Any

    def __init__(self, parts, x0=None):
        """parts: a sequence of problems; x0 defaults to that of the first. Raises InvalidArgument."""
        parts = tuple(parts)
        if not parts or not all(isinstance(part, Problem) for part in parts):
            raise InvalidArgument("parts must be a non-empty sequence of problems.")
        if any(arrays.shapes(part.x0) != arrays.shapes(parts[0].x0) for part in parts):
            raise InvalidArgument("parts must live on one space, but their starting points differ in shape.")
        self.parts = parts
        x0 = parts[0].x0 if x0 is None else arrays.as_point(x0, "x0")
        if arrays.shapes(x0) != arrays.shapes(parts[0].x0):
            raise InvalidArgument("x0 must have the shape of the parts' starting points.")
        self.start = x0

    @classmethod
    def example(cls, dim: int, seed: int = 0, parts: int = 3) -> "Smallest":
        """Ill-conditioned quadratics in different bases with one minimiser and one minimum: star-convex, not convex."""
        from broximal.problems.smooth.quadratic import Quadratic

        rng = np.random.default_rng(seed)
        about, start = rng.standard_normal(dimension(dim)), rng.standard_normal(dim)
        start = about + 3 * start / np.linalg.norm(start)
        scales = rng.permuted(np.tile(np.geomspace(0.03, 1.0, dim), (parts, 1)), axis=1)
        spectra = [scales[i] * rng.uniform(0.5, 1.0) for i in range(parts)]
        made = [Quadratic.with_spectrum(w, seed=seed * 31 + i, about=about) for i, w in enumerate(spectra)]
        return cls(made, start)

    @property
    def name(self) -> str:
        return f"smallest of {len(self.parts)}: {', '.join(dict.fromkeys(part.name for part in self.parts))}"

    def _facts(self):
        return Facts(
            convex=lambda: len(self.parts) == 1 and self.parts[0].convex,
            star_convex=self._star_convex,
            minimiser=self._minimiser,
            unique=lambda: self._common,
            f_star=self._f_star,
            lower=lambda: min((part.lower for part in self.parts), key=lambda known: known.value - known.error),
            growth=self._growth_exponent,
        )

    def _star_convex(self) -> bool:
        if self.minimiser is None or not all(part.star_convex for part in self.parts):
            return False
        return all(part.f_star.value == self.f_star.value for part in self.parts)

    def _values(self, x):
        return [part.value(x) for part in self.parts]

    def value(self, x):
        return namespace(x).stack(self._values(x)).min()

    def gradient(self, x):
        """The gradient of the first of the smallest parts."""
        xp = namespace(x)
        values = xp.stack(self._values(x))
        chosen = xp.argmin(values)
        return _pick(chosen, [part.gradient(x) for part in self.parts], xp)

    def rounding(self, x):
        return max(part.rounding(x)[0] for part in self.parts), 0.0

    def move(self, norm: Norm, x: Tree, radius: Any) -> Move | None:
        found = [_answer(part, norm, x, radius) for part in self.parts]
        answers = [answer for answer in found if answer is not None]
        if len(answers) < len(found):
            return None
        xp = namespace(x)
        values = xp.stack([answer.value for answer in answers])
        low = xp.stack([answer.value - answer.gap for answer in answers]).min()
        chosen = xp.argmin(values)
        gradients = [answer.subgradient for answer in answers]
        gradient = None if any(g is None for g in gradients) else _pick(chosen, gradients, xp)
        steps = sum(answer.iterations for answer in answers)
        return Move(_pick(chosen, [a.point for a in answers], xp), gradient, low, f"best of {len(answers)}", steps)

    @property
    def x0(self):
        return self.start

    def _f_star(self) -> Known:
        known = [part.f_star for part in self.parts]
        return min(known, key=lambda k: k.value - k.error)

    def _minimiser(self):
        """The common one of all parts, else that of the best part."""
        try:
            best = min(self.parts, key=lambda part: part.f_star.value)
        except MissingConstant:
            return None
        return best.minimiser

    @property
    def _common(self) -> bool:
        """One unique minimiser and one minimum for all parts."""
        if not all(part.unique_minimiser for part in self.parts):
            return False
        own = self.minimiser
        same = all(arrays.l2(arrays.subtract(part.minimiser, own)) == 0 for part in self.parts)
        return same and all(part.f_star.value == self.f_star.value for part in self.parts)

    def _growth_exponent(self):
        exponents = {part.growth_exponent for part in self.parts}
        return exponents.pop() if self._common and len(exponents) == 1 else None

    def _extreme(self, name: str, norm: Norm, choose) -> Constant | None:
        found = [getattr(part, f"_constant_{name}", lambda norm: None)(norm) for part in self.parts]
        if any(constant is None for constant in found):
            return None
        return choose(found, key=lambda constant: constant.value)

    def _constant_kappa(self, norm: Norm) -> Constant | None:
        if self.growth_exponent is None:
            return None
        found = self._extreme("kappa", norm, min)
        return found and Constant("kappa", found.value, found.kind, f"the smallest of the parts: {found.why}")

    def _constant_G(self, norm: Norm) -> Constant | None:
        found = self._extreme("G", norm, max)
        return found and Constant("G", found.value, "upper bound", f"the largest of the parts: {found.why}")

    def _sublevel_radius(self, norm: Norm, x0) -> Constant | None:
        """The sublevel set is the union of those of the parts."""
        if not self._common:
            return None
        top = float(self.value(x0))
        radii = []
        for part in self.parts:
            kappa = part._constant_kappa(norm)
            if kappa is None or kappa.value <= 0:
                return None
            radii.append((max(top - part.f_star.value, 0.0) / kappa.value) ** (1 / part.growth_exponent))
        return Constant("R0", max(radii), "upper bound", "growth of every part on the union of their sublevel sets")


def _answer(part, norm, x, radius):
    try:
        return brox(part, norm, x, radius, tol=1e-12)
    except NotCertified as failed:
        return failed.answer
    except InvalidArgument:
        return None


def _pick(index, options: list, xp):
    import jax

    return jax.tree.map(lambda *leaves: xp.stack(leaves)[index], *options)
