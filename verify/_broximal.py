"""broximal: check the theory of methods that move by minimising over norm balls.

Four rooms, each importing only those before it: `oracles` (norms, balls and what can be solved on them),
`problems` (objectives that own their constants), `theory` (theorems as data), `verify` (runs, verdicts, reports).
"""

import time
from importlib import metadata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from broximal import oracles, problems, theory, verify

_imported = time.time()  # before any room: a source that is newer may not be the one that was imported
__version__ = metadata.version("broximal")

__all__ = ["__version__", "oracles", "problems", "theory", "verify"]


def __getattr__(name: str):
    # The rooms are imported on first use, so that `broximal --help` does not wait for JAX.
    if name in __all__:
        import importlib

        return importlib.import_module(f"broximal.{name}")
    raise AttributeError(f"module 'broximal' has no attribute {name!r}")
