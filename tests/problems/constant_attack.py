"""Attempts to refute the constants of a problem: random pairs, then hill climbing from the worst of them."""

import numpy as np


class Refuted(AssertionError):
    """A pair of points that a constant does not survive."""


def smoothness_ratio(f, norm, x, y):
    return float(norm.dual(f.gradient(x) - f.gradient(y))) / float(norm(x - y))


def convexity_ratio(f, norm, x, y):
    return float(((f.gradient(x) - f.gradient(y)) * (x - y)).sum()) / float(norm(x - y)) ** 2


def points(f, norm, rng, count=18):
    """Pairs near the default start, near the minimiser, and far out."""
    center = f.x0 if f.minimiser is None else f.minimiser
    for k in range(count):
        width = (1e-3, 1.0, 30.0)[k % 3]
        x = center + width * rng.standard_normal(f.x0.shape)
        yield x, x + (1e-2, 1.0)[k % 2] * rng.standard_normal(f.x0.shape)


def attack_smoothness(f, norm, bound, rng, rounds=40) -> float:
    """The largest |grad f(x) - grad f(y)|_* / |x - y| found. Power iteration: y follows the change of the gradient."""
    best = 0.0
    for x, y in points(f, norm, rng):
        for _ in range(rounds):
            best = max(best, smoothness_ratio(f, norm, x, y))
            if best > bound * (1 + 1e-9):
                raise Refuted(f"L = {bound:.6g} but the ratio {best:.6g} occurs in {norm.name}")
            change = f.gradient(y) - f.gradient(x)
            if not np.any(change):
                break
            y = x - 1e-1 * norm.lmo(change)
    return best


def attack_convexity(f, norm, bound, rng) -> float:
    """The least <grad f(x) - grad f(y), x - y> / |x - y|^2 found. Steps through the inverse Hessian where f has one."""
    best = np.inf

    def look(x, y):
        nonlocal best
        best = min(best, convexity_ratio(f, norm, x, y))
        if best < bound * (1 - 1e-9) - 1e-13:
            raise Refuted(f"mu = {bound:.6g} but the ratio {best:.6g} occurs in {norm.name}")

    for x, y in points(f, norm, rng):
        look(x, y)
        if not hasattr(f, "hessian"):
            continue
        g = norm.dual.lmo(y - x)
        for _ in range(20):
            d = np.linalg.solve(f.hessian(x) + 1e-12 * np.eye(x.size), np.ravel(g)).reshape(x.shape)
            look(x, x + 1e-1 * d / float(norm(d)))
            g = -norm.dual.lmo(d)
    return best


def attack_growth(f, norm, kappa, rng) -> float:
    """The least (f(z) - f*) / dist(z, X*)^2 found."""
    best = np.inf
    for x, _ in points(f, norm, rng, 30):
        distance = f.distance(x, norm)
        if distance.value > 0:
            best = min(best, float(f.gap(x)) / max(distance.value - distance.error, 1e-300) ** 2)
    if best < kappa * (1 - 1e-7):
        raise Refuted(f"kappa = {kappa:.6g} but the ratio {best:.6g} occurs in {norm.name}")
    return best


def attack_sublevel_radius(f, norm, radius, rng, directions=()) -> float:
    """The largest |z - x*| found on the boundary of {f <= f(x0)}, along random and given directions."""
    best, top, center = 0.0, float(f.value(f.x0)), f.minimiser
    for d in [*(rng.standard_normal(center.shape) for _ in range(20)), *directions, f.x0 - center]:
        low, high = 0.0, 1.0
        while f.value(center + high * d) < top:
            high *= 2
        for _ in range(60):
            middle = 0.5 * (low + high)
            low, high = (middle, high) if f.value(center + middle * d) <= top else (low, middle)
        best = max(best, low * float(norm(d)))
    if best > radius * (1 + 1e-7):
        raise Refuted(f"R0 = {radius:.6g} but the sublevel set reaches {best:.6g} in {norm.name}")
    return best
