"""Noise that is not as stated is refused, noise that is as stated is not; a method that would not draw it says so."""

from typing import Any

import jax
import numpy as np
import pytest

from broximal.oracles.errors import InvalidArgument
from broximal.oracles.norms import L2, LInf, Product
from broximal.problems import (
    CoupledQuadratic,
    DistanceNoise,
    GradientNoise,
    Noisy,
    Problem,
    Quadratic,
    RandomCurvature,
    Ridges,
    noise,
)
from broximal.problems.distributed.workers import Workers
from broximal.problems.stochastic.heavy_tails import StudentT
from broximal.problems.stochastic.sample import Sample
from broximal.verify import Verdict, check
from broximal.verify.looks import noise as looks
from broximal.verify.looks.noise import check_noise, check_sampling

QUADRATIC = Quadratic.example(4, 1)
NOISES = [noise.Signs(0.5), noise.Gaussian(0.1), noise.Sphere(2.0), noise.OneEntry(1.0), noise.Rare(1.0, 0.05)]


class Misjudged(Noisy):
    """Its deviation, or what it surely does not exceed, is a part of the truth; or its draws are biased."""

    share: float = 1.0
    sure_share: float = 1.0
    bias: float = 0.0

    def __init__(self, problem, noise, share=1.0, sure_share=1.0, bias=0.0):
        super().__init__(problem, noise)
        self.share, self.sure_share, self.bias = share, sure_share, bias

    def _sigma(self, layers):
        return tuple(self.share * size for size in super()._sigma(layers))

    def _sure(self, layers):
        return tuple(self.sure_share * size for size in super()._sure(layers))

    def _draw(self, key, batch):
        sample = super()._draw(key, batch)
        return type(sample)(sample.problem, jax.tree.map(lambda v: v + self.bias, sample.shift))


def refused(problem, match, norm=None, **options):
    with pytest.raises(InvalidArgument, match=match):
        check_noise(problem, norm or L2(), problem.x0, 0, **options)


@pytest.mark.parametrize("own", NOISES, ids=lambda own: own.name)
def test_additive_noise_as_stated_passes(own):
    for seed in range(5):
        check_noise(Noisy(QUADRATIC, own), L2(), QUADRATIC.x0, seed)


@pytest.mark.parametrize("family", [DistanceNoise, GradientNoise, RandomCurvature, Workers], ids=lambda f: f.__name__)
def test_other_families_pass(family):
    problem = family.example(4, 2)
    if problem.stochastic:
        check_noise(problem, L2() if hasattr(problem.x0, "shape") else looks.euclidean(problem.x0), problem.x0, 3)


@pytest.mark.parametrize("share", [0.5, 0.1])
@pytest.mark.parametrize("own", NOISES[:4], ids=lambda own: own.name)
def test_a_deviation_that_is_too_small_is_refused(own, share):
    refused(Misjudged(QUADRATIC, own, share=share), "states a noise of standard deviation .* refuted at level")


def test_the_layer_is_named():
    problem = Misjudged(CoupledQuadratic.example(6, 0), noise.Signs(0.3), share=0.4)
    norm = Product([LInf(), L2()])
    refused(problem, "of layer 0 at x0", norm)


@pytest.mark.parametrize("own", [noise.Signs(0.2), noise.Gaussian(0.2), noise.Sphere(0.2)], ids=lambda own: own.name)
def test_biased_draws_are_refused_even_where_their_size_is_as_stated(own):
    bias = 1.5 * own.s  # in every entry: the bias is 1.5 sigma long
    refused(Misjudged(QUADRATIC, own, bias=bias, sure_share=9.0), "states a noise of standard deviation")
    refused(Misjudged(QUADRATIC, own, share=2.0, sure_share=9.0, bias=bias), "states unbiased samples")


def test_a_noise_longer_than_it_can_be_is_refused():
    refused(
        Misjudged(QUADRATIC, noise.Signs(0.2), sure_share=0.9), "is never longer than 0.36, but a sample at x0 is 0.4"
    )


def test_moments_are_looked_at_where_they_are_used():
    class Lighter(Noisy):
        def _moment(self, p, layers, batch):
            return tuple(0.3 * size for size in super()._moment(p, layers, batch))

    own = StudentT(1.0, 1.9)
    check_noise(Noisy(QUADRATIC, own), L2(), QUADRATIC.x0, 0, [1.5])
    check_noise(Lighter(QUADRATIC, own), L2(), QUADRATIC.x0, 0)
    refused(Lighter(QUADRATIC, own), "states a moment of order 1.5", moments=[1.5])


def test_the_workers_are_looked_at_one_by_one():
    """A bias of one worker is hidden in the mean over many of them."""
    parts = [Quadratic.example(3, 1) for _ in range(12)]
    good = [Noisy(part, noise.Signs(0.3)) for part in parts]
    check_noise(Workers(good, parts[0]), L2(), parts[0].x0, 0)
    bad = [Misjudged(part, noise.Signs(0.3), share=0.4) for part in parts]
    refused(Workers(bad, parts[0]), "misjudged|states a noise of standard deviation")


def test_samples_that_cannot_be_traced_are_drawn_one_by_one():
    class Slow(Noisy):
        def _draw(self, key, batch):
            np.asarray(jax.random.key_data(key))
            return super()._draw(key, batch)

        def _sigma(self, layers):
            return (0.2 * super()._sigma(layers)[0],)

    refused(Slow(QUADRATIC, noise.Signs(0.2)), "but 32 samples at x0 have 0.4")


def test_the_level_is_kept():
    """Draws at the boundary of what is stated: refused at 1e-6, so never in 60 runs but by a mistake."""
    problem = Noisy(QUADRATIC, noise.Gaussian(1.0))
    for seed in range(60):
        check_noise(problem, L2(), QUADRATIC.x0, seed)


class Sampling(Problem):
    """A problem with sampling of its own that no contract knows."""

    name, x0 = "own sampling", np.ones(2)

    def _facts(self):
        return QUADRATIC.facts

    def value(self, x):
        return (x * x).sum()

    def gradient(self, x):
        return 2 * x

    def sample_gradient(self, key, x):
        return 2 * x + 1


def test_samples_that_nobody_would_draw_are_refused():
    with pytest.raises(InvalidArgument, match=r"has samples of its own .sample_gradient. that no method would draw"):
        check_sampling(Sampling())
    check_sampling(QUADRATIC)

    class Other(Noisy):
        def sample_gradient(self, key, x):
            return 2 * self.draw(key).gradient(x)

    check_sampling(Noisy(QUADRATIC, noise.Signs(1.0)))
    with pytest.raises(InvalidArgument, match=r"has samples of its own .sample_gradient. that no method would draw"):
        check_sampling(Other(QUADRATIC, noise.Signs(1.0)))


@pytest.mark.parametrize("theorem", ["gluon.adaptive_radius", "bpm.star_rate", "clipping.clipping"])
def test_a_method_that_draws_no_samples_is_not_applied_to_a_noisy_problem(theorem):
    problem = Noisy(Ridges.example(3, 1) if theorem != "bpm.star_rate" else QUADRATIC, noise.Gaussian(100.0))
    report = check(theorem, problem, L2(), steps=3)
    assert report.verdict is Verdict.NOT_APPLICABLE
    assert "its noise would not be drawn" in report.why or "exact gradients" in report.why
    assert not report.claims


def test_a_check_is_refused_before_it_runs():
    with pytest.raises(InvalidArgument, match="states a noise of standard deviation"):
        check("gluon.stochastic", Misjudged(QUADRATIC, noise.Signs(0.4), share=0.1), L2(), steps=5)
    with pytest.raises(InvalidArgument, match=r"unbiased|standard deviation|never longer"):
        check("momentum.average", Misjudged(QUADRATIC, noise.Signs(0.4), bias=1.0), L2(), steps=5)


def test_a_bias_of_a_twentieth_of_the_deviation_is_refused():
    problem = Misjudged(QUADRATIC, noise.Gaussian(0.2), bias=0.01)
    refused(problem, "states unbiased samples, but the mean of the noise of 65536 samples")


def test_a_small_bias_of_a_bounded_noise_is_refused():
    """The bound of its length leaves room for the bias, and bets see it."""
    refused(Misjudged(QUADRATIC, noise.Signs(0.2), sure_share=1.5, share=1.5, bias=0.01), "states unbiased samples")
    check_noise(Misjudged(QUADRATIC, noise.Signs(0.2), sure_share=1.5, share=1.5), L2(), QUADRATIC.x0, 0)


class Wandering(Noisy):
    """Unbiased but for a distance from the start at which nothing is looked at before a run."""

    def _draw(self, key, batch):
        return Tilted(super()._draw(key, batch), self.problem.x0)


class Tilted(Sample):
    inner: Any
    start: Any

    def value(self, x):
        return self.inner.value(x)

    def gradient(self, x):
        away = ((x - self.start) ** 2).sum()
        return self.inner.gradient(x) + 0.01 * ((away > 1.62**2) & (away < 2.0**2))


def test_noise_is_looked_at_where_the_run_ends():
    start = Quadratic(np.eye(2), about=np.zeros(2), x0=np.array([2.0, 1.0]))
    problem = Wandering(start, noise.Gaussian(0.1))
    report = check("momentum.average", problem, L2(), steps=9, parameters={"a": 1.0, "eta": 0.2}, paths=32)
    assert report.verdict is Verdict.NOT_APPLICABLE
    assert "states unbiased samples" in report.why and "at the end of the run" in report.why


@pytest.mark.parametrize("share", [-1.0, np.nan])
def test_a_size_that_is_none_is_refused(share):
    refused(Misjudged(QUADRATIC, noise.Signs(0.2), share=share), "standard deviation .* which is no size")
    refused(Misjudged(QUADRATIC, noise.Signs(0.2), sure_share=share), "largest length .* which is no size")


def test_rare_draws_that_carry_the_variance_are_seen():
    own = noise.Rare(100.0, 1e-4)
    check_noise(Noisy(QUADRATIC, own), L2(), QUADRATIC.x0, 0)
    refused(Misjudged(QUADRATIC, own, share=0.1), "states a noise of standard deviation")


class Elsewhere(Noisy):
    """Noise that is larger, or biased, where the distance of x to 0 is between two numbers."""

    inside: float
    outside: float
    bias: float

    def __init__(self, problem, noise, inside, outside, bias):
        super().__init__(problem, noise)
        self.inside, self.outside, self.bias = inside, outside, bias

    def _draw(self, key, batch):
        return There(self.problem, super()._draw(key, batch).shift, self.inside, self.outside, self.bias)

    def _sure(self, layers):
        return (np.inf,) * layers.count


class There(Sample):
    problem: Problem
    shift: Any
    inside: float
    outside: float
    bias: float

    def value(self, x):
        return self.problem.value(x)

    def gradient(self, x):
        length = jax.numpy.sqrt((x * x).sum())
        there = (length > self.inside) & (length < self.outside)
        more = 2 * self.shift if self.bias == 0 else self.bias
        return self.problem.gradient(x) + self.shift + there * more


@pytest.mark.parametrize("inside, outside", [(0.0, 0.2), (0.6, 0.9), (1.9, np.inf)])
@pytest.mark.parametrize("bias", [0.0, 0.1])
def test_noise_is_looked_at_between_the_start_and_the_minimiser_and_beyond(inside, outside, bias):
    bowl = Quadratic(np.eye(2), about=np.zeros(2), x0=np.array([1.0, 0.0]))
    own = noise.Gaussian(0.2)
    for seed in range(3):
        check_noise(Noisy(bowl, own), L2(), bowl.x0, seed)
        with pytest.raises(InvalidArgument, match=r"states (a noise of standard deviation|unbiased samples)"):
            check_noise(Elsewhere(bowl, own, inside, outside, bias), L2(), bowl.x0, seed)
