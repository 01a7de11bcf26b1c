"""The parts of LMO methods against their formulas by hand."""

import dataclasses

import jax
import numpy as np
import pytest

from broximal.oracles.errors import BroximalError, InvalidArgument
from broximal.oracles.layers import Layers
from broximal.oracles.norms import L2, LInf, Product, Scaled, Spectral
from broximal.oracles.polar import NewtonSchulz, PowerIteration
from broximal.problems.regression.matrix_least_squares import MatrixQuadratic
from broximal.problems.smooth.quadratic import Quadratic
from broximal.problems.smooth.ridges import Ridges, random_layer
from broximal.problems.stochastic.noise import Gaussian, Signs
from broximal.problems.stochastic.noisy import Noisy
from broximal.theory import Experiment, Run, find
from broximal.theory.columns.layers import error
from broximal.theory.columns.whole import L2_smooth, error_squared, sure
from broximal.theory.columns.workers import lag
from broximal.theory.language.experiment import world_of
from broximal.theory.methods.lmo import (
    Approximate,
    AverageOfLmos,
    Clipped,
    ClippedShortStep,
    Ema,
    Lmo,
    LmoMethod,
    Sample,
    Whole,
)
from broximal.theory.methods.lmo.directions import quality
from broximal.theory.papers.clipping.short_step import fw_gap
from broximal.theory.papers.momentum.inexact_lmo import captured, length
from broximal.theory.papers.scion.constrained import along
from broximal.theory.papers.scion.error import stale_squared
from broximal.theory.papers.trust_region.trust_region import stale
from broximal.verify import Verdict, check
from broximal.verify.running import on_host, run
from broximal.verify.verdict import SEEN

RNG = np.random.default_rng(0)
M = RNG.standard_normal((2, 3))
BOWL = Quadratic(2.0 * np.eye(2), about=np.zeros(2), x0=np.array([3.0, 4.0]))


def experiment(problem=BOWL, norm=None, steps=3, **parameters):
    return Experiment.make(problem, norm or L2(), steps=steps, parameters=parameters)


def directions(part, norm, estimate):
    """What a direction makes of an estimate; the function is not asked."""
    f = Ridges(random_layer("square", (2, 3), 0), random_layer("square", 2, 1))
    return part.step(world_of(Experiment.make(f, norm, steps=1)), (), estimate, 0)[0]


def test_only_layers_of_its_norm_get_the_inexact_direction():
    norm, inexact = Product([Scaled(2.0, Spectral()), LInf()]), NewtonSchulz.cubic(2)
    matrix, vector = directions(Approximate(inexact), norm, [M, np.array([1.0, -2.0])])
    assert np.allclose(matrix, inexact.point(M) / 2)
    assert np.array_equal(vector, [-1.0, 1.0])
    exact = directions(Approximate(PowerIteration()), norm, [M, np.ones(2)])[0]
    assert np.allclose(exact, Spectral().lmo(M) / 2)


def test_quality_of_the_exact_direction_is_one_and_of_a_stretched_one_is_its_stretch():
    layers = Layers(Product([Spectral(), LInf()]))
    estimate = [M, np.array([1.0, -2.0])]
    along = directions(Lmo(), layers.norm, estimate)
    assert quality(layers, estimate, along) == pytest.approx((1, 1))
    assert quality(layers, estimate, [1.5 * part for part in along]) == pytest.approx((1.5, 1.5))
    zero = [0 * part for part in estimate]
    assert quality(layers, zero, along)[0] == 1


def test_jordan_directions_are_inside_their_proved_band():
    f = MatrixQuadratic(np.eye(2), np.eye(3), np.zeros((2, 3)), x0=M)
    method = LmoMethod(Whole(), direction=Approximate(NewtonSchulz.jordan()))
    found = on_host(method, Experiment.make(f, Spectral(), steps=4, parameters={"eta": 0.1}))
    lo, hi = values(found, captured), values(found, length)
    assert np.all(lo > 0.4) and np.all(lo <= hi) and np.all(hi < 1.21)


def values(found, column):
    return found.column(str(column.label)).values


def test_clipped_steps():
    # |grad| = 10, then below the cap
    found = on_host(LmoMethod(Clipped()), experiment(steps=2, gam=0.5, cap=8.0))
    assert np.allclose(found.points[1], BOWL.x0 * (1 - 4 / 5))
    assert np.allclose(found.points[2], 0)


def test_short_steps_by_hand_and_their_ball():
    line = Quadratic(np.eye(1), about=np.array([0.9]), x0=np.array([1.0]))
    found = on_host(ClippedShortStep(), experiment(line, steps=1, ball=1.0, gam=1.0, cap_v=1.0))
    assert values(found, fw_gap)[0] == pytest.approx(0.2)
    assert found.points[1] == pytest.approx(0.9)
    with pytest.raises(InvalidArgument, match="outside the ball"):
        on_host(ClippedShortStep(), experiment(line, steps=1, ball=0.5, gam=1.0, cap_v=1.0))


COLUMNS = (error, error_squared, stale, stale_squared, along)


def path(method, problem, steps=4, columns=COLUMNS, **parameters) -> Run:
    return run(method, experiment(problem, steps=steps, **parameters), columns, [0])[0]


def test_a_path_has_the_errors_of_its_momentum():
    method = LmoMethod(Whole(), Ema("a"))
    found = path(method, Noisy(BOWL, Signs(0.5)), a=0.25, eta=0.1)
    assert values(found, error_squared)[0] == pytest.approx(0.5)  # two entries of 0.5
    assert np.allclose(values(found, error)[:, 0] ** 2, values(found, error_squared))
    # without noise d_{k-1} - grad f(x_k) is the drift of one step for a = 1
    quiet = path(method, BOWL, a=1.0, eta=0.1)
    assert np.allclose(values(quiet, stale_squared)[1:], (2 * 0.1) ** 2)
    assert np.allclose(values(quiet, along)[0], 2 * 25)


def test_a_second_sample_at_the_start():
    found = path(LmoMethod(Whole(), Ema("a", again=True)), Noisy(BOWL, Signs(0.5)), a=0.25, eta=0.1)
    assert values(found, stale)[0] == pytest.approx(np.sqrt(0.5))
    assert values(found, error_squared)[0] <= 0.5


def test_an_average_of_lmos_starts_from_zero_and_is_the_direction():
    method = LmoMethod(Whole(), Sample(), direction=AverageOfLmos())
    found = path(method, BOWL, steps=2, columns=(error,), a=0.5, eta=0.1)
    # d_0 = u / 2, d_1 = 3 u / 4 with u = -x_0 / |x_0|
    assert np.allclose(found.end, BOWL.x0 * (1 - 0.1 * 1.25 / 5))
    assert np.allclose(values(found, error), 0)
    noisy = path(method, Noisy(BOWL, Signs(0.5)), columns=(error,), a=0.5, eta=0.1)
    assert np.allclose(values(noisy, error), np.sqrt(0.5))  # the noise itself, which is not averaged
    assert "LMO" in method.update


def test_a_column_that_a_method_does_not_keep_is_said():
    sampled = LmoMethod(Whole(), Sample())
    with pytest.raises(InvalidArgument, match="'lag' is measured from 'w', which LMO method does not keep"):
        values(on_host(sampled, experiment(eta=0.1)), lag)
    with pytest.raises(BroximalError, match="was not measured along the run"):
        values(path(sampled, Noisy(BOWL, Signs(0.5)), columns=(error,), eta=0.1), along)


@pytest.mark.parametrize("noise, bound", [(Signs(0.5), np.sqrt(0.5)), (Gaussian(0.5), np.inf)])
def test_what_the_noise_surely_does_not_exceed(noise, bound):
    found = Run.at_start(experiment(Noisy(BOWL, noise)))
    assert found.column(sure.name).values == pytest.approx(bound)
    assert found.column(L2_smooth.name).values == pytest.approx(2)


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
    given = Experiment.make(f, norm, steps=6, parameters={"eta": 0.1, "a": 0.5})
    method = LmoMethod(Whole(), Ema("a"), direction=Approximate(inexact))
    found = run(method, given, (captured, length), [3])[0]
    with jax.enable_x64(True):
        keys = jax.random.split(jax.random.key(3), 7)
        x, m = M, f.draw(keys[-1]).gradient(M)
        for step, key in enumerate(keys[:-1]):
            if step:
                m = 0.5 * m + 0.5 * f.draw(jax.random.split(key)[0]).gradient(x)
            answer = inexact.lmo(m)
            assert values(found, captured)[step] == pytest.approx(float(answer.lo), rel=1e-9)
            assert values(found, length)[step] == pytest.approx(float(answer.hi), rel=1e-9)
            x = x + 0.1 * answer.point / (2.0 if norm != Spectral() else 1.0)
    assert np.allclose(found.end, x, rtol=1e-9)


def test_a_deterministic_statement_about_an_inexact_lmo_refuses_noise():
    f = Noisy(MatrixQuadratic(np.eye(2), np.eye(3), np.zeros((2, 3)), x0=M), Gaussian(0.2))
    report = check("momentum.inexact_lmo", f, Spectral(), steps=5)
    assert report.verdict is Verdict.NOT_APPLICABLE and "noisy gradients" in report.why
    assert check("momentum.inexact_lmo", f.problem, Spectral(), steps=5).verdict in SEEN


def test_a_direction_worse_than_proved_is_refuted():
    """The statement with the constants of the quintic, run with half its length, captures less than it says."""
    theorem = find("momentum.inexact_lmo_stochastic")
    short = tuple(
        tuple(c / 2 for c in row) if last else row
        for last, row in zip((0, 0, 0, 0, 1), theorem.method.direction.inexact.coefficients, strict=True)
    )
    twin = dataclasses.replace(
        theorem, method=dataclasses.replace(theorem.method, direction=Approximate(NewtonSchulz(short)))
    )
    f = Noisy(MatrixQuadratic(np.eye(2), np.eye(3), np.zeros((2, 3)), x0=M), Gaussian(0.2))
    report = check(twin, f, Spectral(), steps=5)
    assert report.verdict is Verdict.VIOLATED and "quality" in report.why
