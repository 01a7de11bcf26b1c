"""What brox promises whatever the solver: its errors, radius 0 and infinity, cvxpy with certificates of our own."""

import numpy as np
import pytest

from broximal.oracles.brox import brox, certify
from broximal.oracles.errors import InvalidArgument, NotCertified
from broximal.oracles.norms import L1, L2, Frobenius, LinearImage, LInf, Lp, Spectral, WeightedL1
from broximal.oracles.objective import Move, Objective
from broximal.problems import LeastSquares, Linear, MaxAffine, NormDistance, Quadratic


class Absolute(Objective):
    """sum w_i |z_i - c_i|, convex and nonsmooth; as the support function of a box it proves slopes, or refuses to."""

    w: np.ndarray
    c: np.ndarray
    proves: bool = True
    convex = True

    def value(self, x):
        return (self.w * abs(x - self.c)).sum()

    def gradient(self, x):
        return self.w * np.sign(x - self.c)

    def cvxpy(self, z):
        import cvxpy as cp

        return cp.sum(cp.multiply(self.w, cp.abs(z - self.c)))

    def minorant(self, u, g):
        h = np.clip(g, -self.w, self.w)
        return (h, self.value(u) - h @ (u - self.c)) if self.proves else None


def test_nonsmooth_by_cvxpy_is_certified_through_its_minorant():
    f = Absolute(np.array([1.0, 2.0, 0.5]), np.array([1.0, -1.0, 4.0]))
    answer = brox(f, L2(), np.zeros(3), 1.0, tol=1e-5, paths=("cvxpy",))
    assert answer.path == "cvxpy" and answer.gap <= 1e-5 * 1e1
    assert np.linalg.norm(answer.point) <= 1 + 1e-15
    grid = np.random.default_rng(0).standard_normal((3, 20000))
    assert answer.value <= min(f.value(v / np.linalg.norm(v)) for v in grid.T) + 1e-6


def test_without_a_certificate_the_answer_is_not_accepted():
    f = Absolute(np.array([1.0, 2.0, 0.5]), np.array([1.0, -1.0, 4.0]), proves=False)
    with pytest.raises(NotCertified, match="reached gap") as caught:
        brox(f, L2(), np.zeros(3), 1.5, tol=1e-5, paths=("cvxpy",))
    assert caught.value.answer.point.shape == (3,)


def test_a_wrong_lower_bound_or_point_is_visible():
    f = Quadratic.example(3, 0)
    x = f.minimiser + 1.0
    good = brox(f, L2(), x, 0.5)
    for point in (x, 2 * x - good.point, x + 0.5 * (good.point - x)):
        bad = certify(f, L2(), x, 0.5, Move(point, f.gradient(point)))
        assert bad.gap > 1e-3 * (f.value(x) - good.value)
        assert bad.tau < 0.5
    outside = certify(f, L2(), x, 0.5, Move(f.minimiser, f.gradient(f.minimiser)))
    assert outside.excess > 0.5


def test_radius_zero_and_infinity():
    f = Quadratic.example(3, 0)
    x = f.minimiser + 1.0
    still = brox(f, LInf(), x, 0)
    assert np.array_equal(still.point, x) and still.gap == 0 and still.excess == 0
    assert np.array_equal(brox(f, LInf(), x, np.inf).point, f.minimiser)
    assert brox(f, LInf(), x, np.inf).gap == 0
    with pytest.raises(InvalidArgument, match="infinite"):
        brox(Quadratic.indefinite(3), L2(), x, np.inf)


def test_rounding_in_a_badly_conditioned_norm_is_not_an_error():
    """The extreme points of the ball are in it up to the condition number times rounding; the answer is drawn in."""
    rng = np.random.default_rng(0)
    for condition in (1e3, 1e5):
        U, V = (np.linalg.qr(rng.standard_normal((3, 3)))[0] for _ in range(2))
        norm = LinearImage(L1(), U @ np.diag([1.0, 0.1, 1 / condition]) @ V)
        for _ in range(20):
            f, x, t = Linear(rng.standard_normal(3)), rng.standard_normal(3), 10.0 ** rng.uniform(-3, 2)
            answer = brox(f, norm, x, t)
            least = f.value(x) - t * norm.dual(f.c)
            noise = 1e-13 * (abs(least) + np.abs(f.c) @ np.abs(x))
            assert f.value(answer.point) <= least + answer.gap + 16 * answer.rounding + noise
            assert norm(answer.point - x) <= t * (1 + 1e-15 * condition) + 1e-15 * norm(x)


def test_a_steep_slope_does_not_push_the_start_out_of_the_cross_polytope():
    rng = np.random.default_rng(0)
    for seed in range(60):
        f = LeastSquares.example(3, seed)
        norm = WeightedL1(rng.uniform(0.3, 2, 3))
        t = 1e-4 * norm(f.minimiser)
        assert norm(brox(f, norm, np.zeros(3), t).point) <= t * (1 + 1e-14)


def test_rounding_of_a_far_centre_is_not_an_error():
    """A tiny step from a large centre is as exact as floating point allows."""
    f = Quadratic.example(4, 0)
    x = f.minimiser + 1e6
    for norm in (L2(), L1(), LInf()):
        for radius in (1e-9, 1e-3):
            assert brox(f, norm, x, radius).gap >= 0


@pytest.mark.parametrize(
    "change, words",
    [
        ({"center": [np.nan, 0.0, 0.0]}, "center contains NaN"),
        ({"center": [0.0, 0.0]}, r"center has shape \(2,\)"),
        ({"center": np.zeros((3, 1))}, r"center has shape \(3, 1\)"),
        ({"center": {"a": np.zeros(3)}}, "center is a tree"),
        ({"radius": -1.0}, "radius"),
        ({"radius": np.nan}, "radius is NaN"),
        ({"tol": 0.0}, "tol"),
        ({"paths": ("cvxpi",)}, "cvxpi"),
        ({"norm": Spectral()}, "center has shape"),
        ({"norm": Frobenius()}, "center has shape"),
        ({"norm": "l2"}, "norm must be a norm, not the text 'l2'"),
        ({"objective": abs}, "objective must be a broximal Objective, not builtin"),
    ],
)
def test_bad_input(change, words):
    arguments = {"objective": Quadratic.example(3, 0), "norm": L2(), "center": np.zeros(3), "radius": 1.0} | change
    with pytest.raises(InvalidArgument, match=words) as caught:
        brox(**arguments)
    assert "\n" not in str(caught.value)


def test_paths_can_be_chosen():
    f = Quadratic.example(3, 0)
    x = f.minimiser + 1.0
    for path, tol in (("structured", 1e-9), ("first order", 1e-9), ("cvxpy", 1e-4)):
        assert brox(f, LInf(), x, 0.3, paths=(path,), tol=tol).path == path.replace("structured", "active set")


FAR = {
    "far centre": (np.full(4, 1e200), 1.0),
    "farther than its squares": (np.full(4, 1e160), 1e160),
    "large centre": (np.full(4, 1e100), 1.0),
    "large radius": (None, 1e200),
    "small radius": (None, 1e-200),
}


@pytest.mark.parametrize("place", FAR)
@pytest.mark.parametrize("ball", [L1(), L2(), LInf(), Lp(3.0)], ids=lambda ball: ball.name)
def test_numbers_that_overflow_give_the_answer_or_one_error(place, ball, capfd):
    """Warnings are errors in these tests, and nothing may be printed by a solver."""
    for f in (Quadratic.example(4), Quadratic.indefinite(4), MaxAffine.example(4), NormDistance.example(4, 0, Lp(1.5))):
        x, radius = FAR[place]
        x = f.x0 if x is None else x
        try:
            answer = brox(f, ball, x, radius)
        except (InvalidArgument, NotCertified) as error:
            assert "\n" not in str(error)
        else:
            with np.errstate(all="ignore"):  # of f at the centre, which an answer may not need
                assert np.isfinite(answer.value) and not float(answer.value) > float(f.value(x))
    assert capfd.readouterr() == ("", "")


def test_an_overflow_is_named():
    with pytest.raises(InvalidArgument, match="center or radius is too large"):
        brox(Quadratic.example(4), L1(), np.full(4, 1e200), 1.0)
    far = brox(NormDistance.example(4, 0, L1()), L1(), np.full(4, 1e200), 1e199)
    assert far.value == pytest.approx(4e200 - 1e199, rel=1e-14)
