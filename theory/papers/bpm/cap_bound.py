"""Euclidean termination, linear in D_0 / t in a fixed dimension.

Statement. Convex f, Euclidean norm, constant radius: N <= 1 + C_d D_0 / t, where with alpha = arccos(1/sqrt d) and phi
the angle of a uniform unit vector to a fixed one,

    1 / C_d = E[ cos(alpha + phi) ; phi < pi/2 - alpha ],      C_2 = pi / (1 - 1/sqrt 2) = 10.73.

Proof. With z = x_j in the distance decrease the distances of later points to x_j shrink by t^2 in the square (the run is
self-contracted). So for k < i < j, <x_i - x_k, x_j - x_k> >= |x_i - x_k|^2 / 2 > 0. The point of least norm in the convex hull
of the unit vectors c_i along x_i - x_k uses at most d of them, pairwise at acute angles, hence has norm >= 1/sqrt d: some
unit w has <w, c_i> >= 1/sqrt d for all i, that is, an angle of at most alpha. For a unit th at angle phi to -w,
<th, c_i> <= -cos(alpha + phi) if alpha + phi < pi/2, so the support functions h_k of conv { x_j : j >= k, not optimal }
satisfy h_k(th) - h_{k+1}(th) >= t cos(alpha + phi), because |x_i - x_k| >= t. Average over th: the mean of h_0 relative to
x* is at most D_0, the mean of the last one is at least 0. QED
"""

import numpy as np
from scipy.integrate import quad

from broximal.oracles.norms import L2
from broximal.problems import NormDistance
from broximal.problems.worst import Staircase
from broximal.theory import Case, Source, Terminates, Theorem
from broximal.theory.columns.points import D0, t
from broximal.theory.hypotheses.functions import ConstantRadius, Convex, Euclidean, HasMinimiser
from broximal.theory.language.quantity import Measured, constant
from broximal.theory.language.source import EUCLIDEAN_BPM
from broximal.theory.methods import BroximalPoint
from broximal.theory.papers.bpm._cases import POLYHEDRAL, STRONGLY_CONVEX, only


def mean_decrease(dim: int) -> float:
    """1 / C_d, by quadrature over the angle, whose density is proportional to sin(phi)^(d - 2)."""
    if dim == 1:
        return 0.5  # the sphere is two points
    alpha = np.arccos(1 / np.sqrt(dim))
    total = quad(lambda phi: np.sin(phi) ** (dim - 2), 0, np.pi)[0]
    part = quad(lambda phi: np.cos(alpha + phi) * np.sin(phi) ** (dim - 2), 0, np.pi / 2 - alpha)[0]
    return part / total


@constant("C_d", "C_d", "the dimensional constant of the cap bound", "1")
def dimensional(run):
    return Measured.of(1 / mean_decrease(int(np.size(run.experiment.x0))))


cap_bound = Theorem(
    name="bpm.cap_bound",
    title="Euclidean termination, linear in D_0 / t",
    source=Source(EUCLIDEAN_BPM, "proved here"),
    assumes=(Convex(), HasMinimiser(), Euclidean(), ConstantRadius()),
    method=BroximalPoint(),
    claims=(
        Terminates(
            1 + dimensional * D0 / t,
            "finite",
            sharpness="the caps are crude estimates: for d = 1 the bound is 1 + 2 D_0 / t and N = ceil(D_0 / t), and the "
            "least constant for d > 1 is not known",
        ),
    ),
    cases=(
        Case(lambda seed: Staircase(2), L2(), radius=1.0, steps=20),
        Case(
            lambda seed: NormDistance([0.0], L2(), x0=[100.0]),
            L2(),
            radius=1.0,
            steps=101,
            fixed=True,
            note="one dimension, where half of the bound is needed",
        ),
        *(Case(c.problem, c.norm, c.radius, 400) for c in only((*STRONGLY_CONVEX, *POLYHEDRAL), L2)),
    ),
)
