"""What a user may give is declared with the quantity, and checked wherever it is given."""

import dataclasses
import math

import pytest

from broximal.oracles.errors import InvalidArgument
from broximal.oracles.norms import L2
from broximal.problems import Quadratic
from broximal.theory import EachStep, Experiment, Rule, find, gap, k, parameter
from broximal.theory.language.declaration import Range, range_of
from broximal.theory.language.quantity import known
from broximal.theory.prescriptions.resolve import validate
from broximal.theory.prescriptions.stepsize import parameters
from tests.verify.stepping import about


def test_a_range_is_declared_with_the_quantity():
    assert range_of("a") == known("a").range == Range(0.0, 1.0, strict=True)
    assert range_of("q").low == 1.0  # by its key and by its option
    assert range_of("R0") == known("R_0").range
    assert range_of("nothing of this name") == Range()


@pytest.mark.parametrize("value", [0.0, 1.5, -0.1, math.nan])
def test_parameters_outside_their_range_are_refused(value):
    with pytest.raises(InvalidArgument, match="parameter a"):
        Experiment.make(Quadratic.example(3, 0), L2(), parameters={"a": value})
    with pytest.raises(InvalidArgument, match="parameter a"):
        Experiment.make(Quadratic.example(3, 0), L2(), parameters={"a": (0.5, value)})


@pytest.mark.parametrize(
    "name, values, words",
    [
        ("bpm.growth", {"q": 0.5, "kappa": 1.0, "d0": 1.0}, "q must lie in"),
        ("bpm.geometric_radii", {"ratio": 1.5}, "it needs ratio > 2"),
        ("bpm.geometric_radii", {"ratio": 0.5}, "ratio must lie in"),
        ("ef21_muon.sharp", {"alpha_P": 1.4}, "alpha_P must lie in"),
        ("ef21_muon.sharp", {"alpha_D": 0.0}, "alpha_D must lie in"),
    ],
)
def test_stepsizes_for_numbers_outside_their_range_are_refused(name, values, words):
    with pytest.raises(InvalidArgument, match=words):
        parameters(find(name), values)


delay = parameter("ranges.delay", "T", "how many steps a gradient is old", "1", range=Range(0))
centre = parameter("ranges.centre", "c", "where the steps aim", "x", range=Range(-5.0, 5.0))
stride = parameter("ranges.stride", "h", "how long a step is", "x")


@pytest.mark.parametrize(
    ("symbol", "value", "fits"),
    [(delay, 0.0, True), (delay, -1.0, False), (centre, -2.0, True), (centre, 6.0, False), (stride, 0.0, False)],
)
def test_a_parameter_may_be_what_its_range_says(symbol, value, fits):
    """Zero and what is below it as well: no claim takes such a parameter for positive."""
    rest = about(EachStep(gap[k + 1] <= gap[k]))
    theorem = dataclasses.replace(rest, parameters=(*rest.parameters, Rule(symbol, 1, free=True)))

    def make():
        validate(theorem, Experiment.make(Quadratic.example(3, 0), L2(), parameters={str(symbol): value}))

    if fits:
        make()
        assert not symbol.is_positive
    else:
        with pytest.raises(InvalidArgument, match=f"parameter {symbol}"):
            make()
