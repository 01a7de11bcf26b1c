"""Settings that hold for every test."""

import os
import tempfile
from pathlib import Path

# Before JAX is loaded: what one test has compiled, the others and the next run need not compile again.
os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(Path(__file__).parents[1] / "build" / "xla"))
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.02")

import hypothesis
import jax
import numpy as np
import pytest

# What commands keep of the catalogue is that of the tests, and goes with them
_kept = tempfile.TemporaryDirectory(prefix="broximal-tests-")
os.environ["XDG_CACHE_HOME"] = _kept.name

# Sizes of examples are chosen per test; a deadline would only measure the machine, and what is drawn is the same on
# every run unless a seed is given on the command line. Strategies of floats use allow_subnormal=False throughout: XLA
# flushes subnormal numbers to zero.
hypothesis.settings.register_profile(
    "broximal",
    deadline=None,
    derandomize=True,
    print_blob=True,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("broximal")


@pytest.fixture(autouse=True)
def few_programs():
    """A process that runs many tests keeps no more compiled programs than it may have memory maps for."""
    yield
    from broximal.verify.programs import forget_programs

    forget_programs()


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.fixture
def x64():
    """JAX in double precision for the length of one test."""
    with jax.enable_x64(True):
        yield
