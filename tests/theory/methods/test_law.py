"""Every method and every part through the one law, and their limits: no noise and a = 1 give the exact method."""

import jax
import numpy as np
import pytest

from broximal.oracles.compressors import LayerWise, TopK
from broximal.oracles.norms import L2, LInf, Product, Spectral
from broximal.oracles.polar import NewtonSchulz
from broximal.problems import Quadratic
from broximal.problems.smooth.ridges import Ridges, random_layer
from broximal.problems.stochastic.kaczmarz import Kaczmarz
from broximal.problems.stochastic.noise import Gaussian
from broximal.problems.stochastic.noisy import Noisy
from broximal.theory.columns import clocks
from broximal.theory.hypotheses.smoothness import LayerSmooth
from broximal.theory.language.experiment import Experiment
from broximal.theory.language.quantity import known
from broximal.theory.methods import (
    AllPaths,
    AveragedBroximal,
    BroximalPoint,
    ClippedShortStep,
    Ef21,
    HalfspaceProjection,
    InexactBroximal,
    Probe,
    StochasticBroximal,
)
from broximal.theory.methods.lmo import (
    Adaptive,
    Approximate,
    AverageOfLmos,
    Clipped,
    Drawn,
    Ema,
    Exact,
    Given,
    LmoMethod,
    Logarithmic,
    OverSmoothness,
    PerLayer,
    Sample,
    Sharp,
    Whole,
)
from broximal.theory.methods.probes.polar import Matrices, PolarProbe
from broximal.theory.methods.probes.recursion import Recursion, Scalar
from broximal.theory.papers.ef21_muon._cases import coupled
from tests.theory.methods.law import STEPS, obeys_the_law, on_host, same

NORM = Product([Spectral(), LInf(), L2()])
PARAMETERS = {"tau": (0.03, 0.02, 0.01), "eta": 0.02, "gamma": 0.05, "gam": 0.1, "cap": 0.7, "a": 0.3, "theta": 0.05}


def layers(kind="psi"):
    return Ridges(random_layer(kind, (3, 2), 1), random_layer(kind, 4, 2), random_layer(kind, 3, 3))


def experiment(problem=None, norm=NORM, **more):
    made = Experiment.make(problem or layers(), norm, steps=STEPS, radius=0.05, parameters=PARAMETERS | more)
    return made.established(LayerSmooth(accepts=("A1", "A1H")).establish(made)) if norm is NORM else made


NOISY = experiment(Noisy(layers(), Gaussian(0.2)))
STEPSIZES = [Given(), Adaptive(), Logarithmic(), PerLayer("tau", horizon=0.75, power=0.5), Whole(), Sharp(), Clipped()]
ESTIMATORS = [Exact(), Sample(), Ema(), Ema(None), Ema(again=True), Ema(nesterov=True)]
DIRECTIONS = [Approximate(NewtonSchulz.jordan()), AverageOfLmos("a")]


@pytest.mark.parametrize("stepsize", STEPSIZES, ids=lambda part: type(part).__name__)
def test_stepsizes(stepsize):
    obeys_the_law(LmoMethod(stepsize, Ema()), NOISY)
    obeys_the_law(LmoMethod(stepsize), experiment())


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=repr)
def test_estimators(estimator):
    obeys_the_law(LmoMethod(PerLayer(), estimator), NOISY)
    # without noise, and with a = 1 where there is a share, the estimate is the gradient
    quiet = experiment(a=1.0)
    if getattr(estimator, "weight", "a") is not None:
        exact, own = (on_host(LmoMethod(PerLayer(), part), quiet) for part in (Exact(), estimator))
        assert same([view.x for view in exact.views], [view.x for view in own.views])


@pytest.mark.parametrize("direction", DIRECTIONS, ids=lambda part: type(part).__name__)
def test_directions(direction):
    obeys_the_law(LmoMethod(Whole(), Sample(), direction=direction), NOISY)


@pytest.mark.parametrize("given", [{}, {"weights": (0.5, 0.3, 0.2)}, {"P": (0.9, 0.5, 0.2)}], ids=repr)
def test_active_layers(given):
    obeys_the_law(LmoMethod(PerLayer(), Ema(again=True), Drawn()), experiment(Noisy(layers(), Gaussian(0.2)), **given))
    obeys_the_law(LmoMethod(Adaptive(), active=Drawn()), experiment(**given))


def test_decay_and_the_stepsize_over_L():
    obeys_the_law(LmoMethod(PerLayer(), Ema(), decay="theta"), NOISY)
    obeys_the_law(LmoMethod(OverSmoothness()), experiment(Quadratic.example(4, 0), LInf()))


def test_short_steps():
    made = Experiment.make(
        Quadratic.example(3, 0), L2(), steps=STEPS, parameters={"ball": 9.0, "gam": 0.1, "cap_v": 1.0}
    )
    obeys_the_law(ClippedShortStep(), made)


@pytest.mark.parametrize("method", [Ef21(), Ef21(False, momentum=True), Ef21(momentum=True, layerwise=True)], ids=repr)
def test_servers(method):
    given = {"server": "dropout(0.5)", "worker": "dropout(0.5)", "stepsize": 0.02, "length": 0.05, "a": 0.4}
    problem = coupled(((3, 2), (4,)), 3, noise=0.1)(1)
    norm = Product([Spectral(), LInf()])
    made = Experiment.make(problem, norm, steps=STEPS, parameters=given | {"gamma": (0.03, 0.01)})
    obeys_the_law(method, made)


@pytest.mark.parametrize("method", [BroximalPoint(), InexactBroximal(), Probe()], ids=lambda method: method.name)
def test_methods_on_the_host(method):
    obeys_the_law(method, experiment(Quadratic.example(4, 0), LInf()))


def test_euclidean_methods_on_the_host():
    obeys_the_law(HalfspaceProjection(), experiment(Quadratic.example(4, 0), L2()))
    for method in (StochasticBroximal(), AveragedBroximal(), AllPaths()):
        obeys_the_law(method, Experiment.make(Kaczmarz.example(3, 0), L2(), steps=4))


def test_what_is_no_optimisation():
    numbers = {"low": 0.1, "order": 1, "composed": 2}
    obeys_the_law(PolarProbe("taylor"), Experiment.make(Matrices(3, 4), steps=4, parameters=numbers))
    sequence = Experiment.make(Scalar(), steps=5, parameters={"shrink": 0.5, "input": 1.0, "first": 4.0})
    assert [float(view.x) for view in on_host(Recursion(), sequence).views] == pytest.approx(
        [4, 3, 2.5, 2.25, 2.125, 2.0625]
    )


def test_clocks_count_what_is_used():
    run = on_host(LmoMethod(PerLayer(), Ema(again=True)), NOISY)
    samples, calls = (run.measure(known(str(clock.label))).values for clock in (clocks.samples, clocks.lmo_calls))
    assert samples.tolist() == [0, 2, 3, 4, 5, 6, 7] and calls.tolist() == list(range(STEPS + 1))
    given = {"server": "identity", "worker": LayerWise([TopK(1)]), "stepsize": 0.02}
    made = Experiment.make(coupled(((3,),), 4)(0), Product([L2()]), steps=3, parameters=given)
    with jax.enable_x64(True):
        sent = on_host(Ef21(), made).column("bits").values
    assert sent[0] == 0 and np.allclose(np.diff(sent), sent[1]) and sent[1] > 4 * 3 * 32
