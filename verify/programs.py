"""How programs are compiled, and how many a process keeps.

Every one takes several memory maps, of which Linux gives a process 65,530: past them XLA does not fail but crash. A process
that checks the whole catalogue comes near that.
"""

import contextlib
import functools
import gc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import equinox as eqx
import jax

from broximal.verify import kept

SHARE = 0.4  # of the maps that a process may have, from which on compiled programs are forgotten
EVERY = 16  # calls, of which one looks
_calls = 0

# No fused loops, whose generation takes most of the time of a compilation.
FAST: dict[str, Any] = {"xla_cpu_use_fusion_emitters": False}


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, jitted (arrays are traced, everything else is static) and compiled to run fast."""
    return _program(function, {})


def compiled_fast(function: Callable[..., Any], level: int = 0) -> Callable[..., Any]:
    """The function, jitted and compiled fast, not to run fast: for what runs for less time than its compilation takes.

    level  of the optimisation by the backend: 0 where next to nothing is computed, 1 where it is on large arrays
    """
    return _program(function, FAST | {"xla_backend_optimization_level": level})


def _program(function: Callable[..., Any], wanted: dict[str, Any]) -> Callable[..., Any]:
    @functools.cache
    def options() -> dict[str, Any]:
        return {name: value for name, value in wanted.items() if is_option(name, value)}

    @functools.cache
    def jitted() -> Callable[..., Any]:
        return eqx.filter_jit(function, compiler_options=options())  # type: ignore[call-overload]

    @functools.wraps(function)
    def call(*args: Any) -> Any:
        if kept.keeps():
            with contextlib.suppress(kept.NotKept):
                return kept.call(function, options(), args)
        return jitted()(*args)

    return call


@functools.cache
def is_option(name: str, value: Any) -> bool:
    """Does this XLA know the option? They come and go with its versions."""
    try:
        jax.jit(lambda x: x, compiler_options={name: value}).lower(0.0).compile()
    except jax.errors.JaxRuntimeError:
        return False
    return True


@functools.cache
def _allowed() -> int:
    """How many memory maps a process may have; 0 where nothing says so."""
    try:
        return int(Path("/proc/sys/vm/max_map_count").read_text())
    except (OSError, ValueError):
        return 0


def maps() -> int:
    """How many memory maps this process has."""
    with open("/proc/self/maps", "rb") as file:
        return sum(1 for _ in file)


def forget_programs(always: bool = False) -> bool:
    """Forget all compiled programs if they take too many memory maps, and say whether that was done.

    always  look at this call, whatever the number of calls
    """
    global _calls
    _calls += 1
    if not _allowed() or not (always or _calls % EVERY == 0) or maps() < SHARE * _allowed():
        return False
    forget()
    gc.collect()
    return True


def forget() -> None:
    """Forget all compiled programs of this process."""
    kept.forget()
    jax.clear_caches()
