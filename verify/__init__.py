"""Runs, verdicts, power, reports, and the command line."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from broximal.verify.checking import check
    from broximal.verify.grid import sweep
    from broximal.verify.loading import load
    from broximal.verify.report import Report
    from broximal.verify.reports import Reports
    from broximal.verify.running import run
    from broximal.verify.verdict import Verdict

__all__ = ["Report", "Reports", "Verdict", "check", "load", "run", "sweep"]


_HOME = {
    "Report": "report",
    "Reports": "reports",
    "Verdict": "verdict",
    "check": "checking",
    "load": "loading",
    "run": "running",
    "sweep": "grid",
}


def __getattr__(name: str):
    # On first use only: the command line answers `--help` without JAX, sympy and the catalogue.
    if name in _HOME:
        import importlib

        return getattr(importlib.import_module(f"broximal.verify.{_HOME[name]}"), name)
    raise AttributeError(f"module 'broximal.verify' has no attribute {name!r}")
