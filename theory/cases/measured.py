"""Problems of measured data, which are the same for every seed; each is made once, when a case asks for it."""

import functools

from broximal.problems import Logistic, Multinomial, TwoLayerNetwork


@functools.cache
def breast_cancer() -> Logistic:
    """Two classes, 569 samples, 30 features."""
    return Logistic.from_data("breast_cancer")


@functools.cache
def three_digits() -> Multinomial:
    """The digits 0, 1, 2."""
    return Multinomial.from_data((0, 1, 2), ridge=0.1)


@functools.cache
def two_layers() -> TwoLayerNetwork:
    """A bounded network of two layers on the digits 3 and 8."""
    return TwoLayerNetwork.from_data((3, 8))
