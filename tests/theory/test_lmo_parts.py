"""The parts of LMO methods against their formulas by hand."""

import dataclasses

import jax
import numpy as np
import pytest

from broximal.oracles.errors import InvalidArgument
from broximal.oracles.layers import Layers
from broximal.oracles.norms import L2, LInf, Product, Scaled, Spectral
from broximal.oracles.polar import NewtonSchulz, PowerIteration
from broximal.problems.regression.matrix_least_squares import MatrixQuadratic
from broximal.problems.smooth.quadratic import Quadratic
from broximal.problems.stochastic.noise import Gaussian, Signs
from broximal.problems.stochastic.noisy import Noisy
from broximal.theory import Run, Setting, find
from broximal.theory.columns.whole import L2_smooth, error_squared, sure
from broximal.theory.language.quantity import known
from broximal.theory.methods.lmo import AverageOfLmos, Clipped, Ema, LmoMethod, Whole
from broximal.theory.methods.lmo.directions import directions, quality
from broximal.theory.methods.lmo.short_step import ClippedShortStep
from broximal.verify import Verdict, check

RNG = np.random.default_rng(0)
M = RNG.standard_normal((2, 3))
BOWL = Quadratic(2.0 * np.eye(2), about=np.zeros(2), x0=np.array([3.0, 4.0]))


def setting(problem=BOWL, norm=None, steps=3, **parameters):
    return Setting.make(problem, norm or L2(), steps=steps, parameters=parameters)


def test_only_layers_of_its_norm_get_the_inexact_direction():
    layers = Layers(Product([Scaled(2.0, Spectral()), LInf()]))
    inexact = NewtonSchulz.cubic(2)
    matrix, vector = directions(inexact, layers, [M, np.array([1.0, -2.0])])
    assert np.allclose(matrix, inexact.point(M) / 2)
    assert np.array_equal(vector, [-1.0, 1.0])
    exact = directions(PowerIteration(), layers, [M, np.ones(2)])[0]
    assert np.allclose(exact, Spectral().lmo(M) / 2)


def test_quality_of_the_exact_direction_is_one_and_of_a_stretched_one_is_its_stretch():
    layers = Layers(Product([Spectral(), LInf()]))
    estimate = [M, np.array([1.0, -2.0])]
    along = directions(None, layers, estimate)
    assert quality(layers, estimate, along) == pytest.approx((1, 1))
    assert quality(layers, estimate, [1.5 * part for part in along]) == pytest.approx((1.5, 1.5))
    zero = [0 * part for part in estimate]
    assert quality(layers, zero, along)[0] == 1


def test_jordan_directions_are_inside_their_proved_band():
    run = LmoMethod(Whole(), direction=NewtonSchulz.jordan()).run(
        Setting.make(
            MatrixQuadratic(np.eye(2), np.eye(3), np.zeros((2, 3)), x0=M), Spectral(), steps=4, parameters={"eta": 0.1}
        )
    )
    for record in run.records:
        assert 0.4 < record.extra["lo"] <= record.extra["hi"] < 1.21


def test_clipped_steps():
    # |grad| = 10, then below the cap
    run = LmoMethod(Clipped()).run(setting(steps=2, gam=0.5, cap=8.0))
    assert np.allclose(run.points[1], BOWL.x0 * (1 - 4 / 5))
    assert np.allclose(run.points[2], 0)


def test_short_steps_by_hand_and_their_ball():
    line = Quadratic(np.eye(1), about=np.array([0.9]), x0=np.array([1.0]))
    run = ClippedShortStep().run(setting(line, steps=1, ball=1.0, gam=1.0, cap=1.0))
    assert run.records[0].extra["fw_gap"] == pytest.approx(0.2)
    assert run.points[1] == pytest.approx(0.9)
    with pytest.raises(InvalidArgument, match="outside the ball"):
        ClippedShortStep().run(setting(line, steps=1, ball=0.5, gam=1.0, cap=1.0))


def _trace(method, problem, steps=4, **parameters) -> Run:
    return method.run_seeds(setting(problem, steps=steps, **parameters), range(1))[0]


def test_the_trace_of_a_seed_has_the_errors_of_its_momentum():
    method = LmoMethod(Whole(), Ema("a"))
    run = _trace(method, Noisy(BOWL, Signs(0.5)), a=0.25, eta=0.1)
    found = run.trace
    assert found["e2"][0] == pytest.approx(0.5)  # two entries of 0.5
    assert np.allclose(found["e"][:, 0] ** 2, found["e2"])
    assert np.allclose(run.measure(known("e2")).values, found["e2"])
    assert error_squared.label.name == "e2"
    # without noise d_{k-1} - grad f(x_k) is the drift of one step for a = 1
    quiet = _trace(method, BOWL, a=1.0, eta=0.1).trace
    assert np.allclose(quiet["stale2"][1:], (2 * 0.1) ** 2)
    assert np.allclose(quiet["gx"][0], 2 * 25)


def test_a_second_sample_at_the_start():
    trace = _trace(LmoMethod(Whole(), Ema("a", again=True)), Noisy(BOWL, Signs(0.5)), a=0.25, eta=0.1).trace
    assert trace["stale"][0, 0] == pytest.approx(np.sqrt(0.5))
    assert trace["e2"][0] <= 0.5


def test_an_average_of_lmos_starts_from_zero_and_is_the_direction():
    method = LmoMethod(Whole(), AverageOfLmos())
    run = _trace(method, BOWL, steps=2, a=0.5, eta=0.1)
    # d_0 = u / 2, d_1 = 3 u / 4 with u = -x_0 / |x_0|
    assert np.allclose(run.points[-1], BOWL.x0 * (1 - 0.1 * 1.25 / 5))
    assert np.allclose(method.run(setting(steps=2, a=0.5, eta=0.1)).points[-1], run.points[-1])
    assert np.allclose(run.trace["e"], 0)
    noisy = _trace(method, Noisy(BOWL, Signs(0.5)), a=0.5, eta=0.1)
    assert np.allclose(noisy.trace["e"], np.sqrt(0.5))  # the noise itself, which is not averaged
    assert "LMO" in method.update


@pytest.mark.parametrize("noise, bound", [(Signs(0.5), np.sqrt(0.5)), (Gaussian(0.5), np.inf)])
def test_what_the_noise_surely_does_not_exceed(noise, bound):
    run = Run(setting(Noisy(BOWL, noise)), [BOWL.x0], [])
    assert run.measure(known(sure.name)).values == pytest.approx(bound)
    assert run.measure(known(L2_smooth.name)).values == pytest.approx(2)


def test_unbounded_noise_is_never_confirmed():
    """Without a ceiling for its samples an expectation can be refuted, not confirmed."""
    report = check("trust_region.error", Noisy(BOWL, Gaussian(0.1)), L2(), steps=5, parameters={"a": 0.5, "eta": 0.1})
    assert report.verdict is Verdict.INCONCLUSIVE
    assert "without a ceiling" in report.why


@pytest.mark.parametrize("norm", [Spectral(), Scaled(2.0, Spectral())], ids=["spectral", "scaled"])
def test_a_jitted_run_measures_its_inexact_directions(norm):
    """Every lo and hi of the trace is that of the oracle at the estimate of the plain loop with the same draws."""
    inexact = NewtonSchulz.jordan(epsilon=0.0)
    f = Noisy(MatrixQuadratic(np.eye(2), np.eye(3), np.zeros((2, 3)), x0=M), Gaussian(0.2))
    given = Setting.make(f, norm, steps=6, parameters={"eta": 0.1, "a": 0.5})
    run = LmoMethod(Whole(), Ema("a"), direction=inexact).run_seeds(given, range(3, 4))[0]
    with jax.enable_x64(True):
        keys = jax.random.split(jax.random.key(3), 7)
        x, m = M, f.sample_gradient(keys[-1], M)
        for step, key in enumerate(keys[:-1]):
            if step:
                m = 0.5 * m + 0.5 * f.sample_gradient(jax.random.split(key)[0], x)
            answer = inexact.lmo(m)
            assert run.trace["lo"][step] == pytest.approx(float(answer.lo), rel=1e-9)
            assert run.trace["hi"][step] == pytest.approx(float(answer.hi), rel=1e-9)
            x = x + 0.1 * answer.point / (2.0 if norm != Spectral() else 1.0)
    assert np.allclose(run.points[-1], x, rtol=1e-9)


def test_an_exact_direction_has_no_quality_in_the_trace():
    run = LmoMethod(Whole(), Ema("a")).run_seeds(setting(Noisy(BOWL, Gaussian(0.1)), eta=0.1, a=0.5), range(1))[0]
    assert "lo" not in run.trace


def test_a_deterministic_statement_about_an_inexact_lmo_refuses_noise():
    f = Noisy(MatrixQuadratic(np.eye(2), np.eye(3), np.zeros((2, 3)), x0=M), Gaussian(0.2))
    report = check("momentum.inexact_lmo", f, Spectral(), steps=5)
    assert report.verdict is Verdict.NOT_APPLICABLE and "noisy gradients" in report.why
    assert check("momentum.inexact_lmo", f.problem, Spectral(), steps=5).verdict is Verdict.HOLDS


def test_a_direction_worse_than_proved_is_refuted():
    """The statement with the constants of the quintic, run with half its length, captures less than it says."""
    theorem = find("momentum.inexact_lmo_stochastic")
    short = tuple(
        tuple(c / 2 for c in row) if last else row
        for last, row in zip((0, 0, 0, 0, 1), theorem.method.direction.coefficients, strict=True)
    )
    twin = dataclasses.replace(theorem, method=dataclasses.replace(theorem.method, direction=NewtonSchulz(short)))
    f = Noisy(MatrixQuadratic(np.eye(2), np.eye(3), np.zeros((2, 3)), x0=M), Gaussian(0.2))
    report = check(twin, f, Spectral(), steps=5)
    assert report.verdict is Verdict.VIOLATED and "quality" in report.why
