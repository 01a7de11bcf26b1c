"""What an oracle returns: the point and the certificate that says how good it is."""

from typing import Any

from broximal.oracles.module import Module


class LmoAnswer(Module):
    """A minimiser v of <g, v> over |v| <= radius.

    gap     <g, v> + radius |g|_*: zero if and only if v is exact, else how far <g, v> is above the minimum
    excess  |v| - radius: positive by rounding at most
    """

    point: Any
    value: Any
    gap: Any
    excess: Any


class ProjectionAnswer(Module):
    """The Euclidean projection p of x onto |z| <= radius.

    gap     radius |x - p|_* - <x - p, p>: an upper bound on |p - p*|_2^2 for feasible p, zero iff p is exact
    excess  max(|p| - radius, 0)
    """

    point: Any
    distance: Any
    gap: Any
    excess: Any


class ProxAnswer(Module):
    """The proximal point p of weight |.| at x.

    gap     weight |p| - <x - p, p>: with |x - p|_* <= weight, zero iff p is exact
    excess  max(|x - p|_* - weight, 0)
    """

    point: Any
    value: Any
    gap: Any
    excess: Any
