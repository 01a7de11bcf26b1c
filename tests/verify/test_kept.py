"""A program that was kept is the program that would be traced, and is found for nothing else."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from broximal.oracles.norms import L2, LInf
from broximal.problems import Noisy, Quadratic, noise
from broximal.theory import Ema, Experiment, LmoMethod, PerLayer, gap
from broximal.verify import kept, programs, run


@pytest.fixture
def traced(monkeypatch, tmp_path):
    """The files of programs that are traced, in the order in which they are, while programs are kept in a folder."""
    found, before = [], jax.config.jax_compilation_cache_dir
    made = kept._made
    monkeypatch.setattr(kept, "_made", lambda *given: found.append(given[-1]) or made(*given))
    monkeypatch.setattr(kept, "_keeping", True)
    jax.config.update("jax_compilation_cache_dir", str(tmp_path))
    kept.forget()
    yield found
    kept.forget()
    jax.config.update("jax_compilation_cache_dir", before)


def gaps(*, dim=3, seed=1, norm=None, sigma=0.1, tau=0.01, steps=20, start=0):
    problem = Noisy(Quadratic.example(dim, seed=seed), noise.Gaussian(sigma))
    experiment = Experiment.make(problem, norm or LInf(), steps=steps, parameters={"tau": tau, "a": 0.3})
    runs = run(LmoMethod(PerLayer(), Ema()), experiment, [gap], seeds=range(start, start + 3))
    return np.array([own.column("gap").values for own in runs])


def test_kept_programs_give_what_traced_ones_give(traced, monkeypatch):
    first, again = gaps(), gaps(start=1)
    assert len(traced) == 1 and np.array_equal(first[1:], again[:-1])
    kept.forget()  # as another process would
    assert np.array_equal(gaps(), first) and len(traced) == 1
    monkeypatch.setattr(kept, "_keeping", False)
    assert np.array_equal(gaps(), first)


@pytest.mark.parametrize("other", [{"dim": 4}, {"norm": L2()}, {"steps": 21}])
def test_what_is_another_program_has_another_key(traced, other):
    gaps()
    gaps(**other)
    assert len(set(traced)) == 2


@pytest.mark.parametrize("other", [{"seed": 2}, {"sigma": 0.2}, {"tau": 0.02}])
def test_other_numbers_give_other_results(traced, other, monkeypatch):
    first, found = gaps(), gaps(**other)
    monkeypatch.setattr(kept, "_keeping", False)
    assert not np.array_equal(found, first) and np.array_equal(found, gaps(**other))


@pytest.mark.parametrize("left", [0, 10, 100, -1])
def test_damaged_files_are_made_again(traced, left):
    first = gaps()
    kept.forget()
    traced[0].write_bytes(traced[0].read_bytes()[:left])
    assert np.array_equal(gaps(), first) and len(traced) == 2
    kept.forget()
    assert np.array_equal(gaps(), first) and len(traced) == 2


def test_what_is_not_of_the_package_is_not_kept(traced):
    double = programs.compiled_fast(lambda x: 2 * x)
    assert double(jnp.ones(2)).tolist() == [2, 2] and not traced

    class Own(LInf):
        pass

    assert np.array_equal(gaps(norm=Own()), gaps()) and len(traced) == 1


def test_a_full_folder_costs_nothing_but_time(traced, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(kept, "replace", full)
    first = gaps()
    kept.forget()
    assert np.array_equal(gaps(), first) and len(traced) == 2


def test_nothing_is_kept_unless_it_is_asked_for(tmp_path):
    assert not kept.keeps()
