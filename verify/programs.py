"""How many compiled programs a process keeps.

Every one takes several memory maps, of which Linux gives a process 65,530: past them XLA does not fail but crash. A process
that checks the whole catalogue comes near that.
"""

import functools
import gc
from pathlib import Path

import jax

SHARE = 0.4  # of the maps that a process may have, from which on compiled programs are forgotten
EVERY = 16  # calls, of which one looks
_calls = 0


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
    jax.clear_caches()
    gc.collect()
    return True
