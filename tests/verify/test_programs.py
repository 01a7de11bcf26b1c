"""Programs are compiled with the options that there are, and forgotten before a process has too many memory maps."""

from pathlib import Path

import jax
import jax.numpy as jnp
import pytest

from broximal.verify import programs


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="no /proc")
def test_programs_are_forgotten_where_they_are_too_many(monkeypatch):
    compiled = []

    @jax.jit
    def double(x):
        compiled.append(1)  # while it is traced
        return 2 * x

    double(jnp.ones(3))
    assert not programs.forget_programs(always=True) or programs.maps() > 1000  # there is room, unless others filled it
    double(jnp.ones(3))
    before = len(compiled)
    monkeypatch.setattr(programs, "SHARE", 0.0)
    assert programs.forget_programs(always=True)
    assert double(jnp.ones(3)).tolist() == [2, 2, 2] and len(compiled) == before + 1
    asked = [programs.forget_programs() for _ in range(programs.EVERY)]
    assert sum(asked) == 1


def test_where_nothing_says_how_many_there_may_be_nothing_is_forgotten(monkeypatch):
    monkeypatch.setattr(programs, "_allowed", lambda: 0)
    assert not programs.forget_programs(always=True)


def test_options_that_this_xla_does_not_know_are_left_out(monkeypatch):
    assert not programs.is_option("xla_no_such_option", 1)
    monkeypatch.setattr(programs, "FAST", programs.FAST | {"xla_no_such_option": 1})
    assert float(programs.compiled_fast(lambda x: x * x + 1)(jnp.asarray(3.0))) == 10.0
