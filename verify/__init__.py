"""Runs, verdicts, power, reports, and the command line."""

from broximal.verify.check import check
from broximal.verify.report import Report
from broximal.verify.reports import Reports
from broximal.verify.verdict import Verdict

__all__ = ["Report", "Reports", "Verdict", "check"]
