"""What the losses that are minimised by Newton's method have in common."""

import abc
from typing import Any

from broximal.oracles.brox.newton import newton_move
from broximal.problems.problem import Problem


class SmoothLoss(Problem):
    """A convex loss whose value and gradient share their work and whose Hessian is a dense matrix over the entries."""

    @property
    def convex(self) -> bool:
        return True

    @property
    def smooth(self) -> bool:
        return True

    @abc.abstractmethod
    def value_and_gradient(self, x: Any) -> tuple[Any, Any]:
        """Both at once."""

    def value(self, x):
        return self.value_and_gradient(x)[0]

    def gradient(self, x):
        return self.value_and_gradient(x)[1]

    def move(self, norm, x, radius):
        return newton_move(self, norm, x, radius)
