"""A report as a table for a paper."""

import numpy as np
import pytest

from broximal.oracles.norms import LInf
from broximal.problems import Quadratic
from broximal.verify import check
from broximal.verify.latex_table import _powers, escaped
from broximal.verify.mathtext import drawn


def rows(table):
    lines = table.splitlines()
    assert lines[0].startswith(r"\begin{tabular}{") and lines[-1] == r"\end{tabular}"
    assert lines.count(r"\toprule") == lines.count(r"\midrule") == lines.count(r"\bottomrule") == 1
    return [line.removesuffix(r" \\").split(" & ") for line in lines if line.endswith(r"\\")]


@pytest.mark.parametrize("theorem", ["bpm.star_rate", "gluon.adaptive_radius", "bpm.false_linear_rate"])
def test_a_table_has_one_row_a_claim_and_its_formula(theorem):
    reports = check(theorem)
    head, *body = rows(reports.to_latex())
    assert len(body) == sum(len(report.claims) for report in reports) > 0
    assert {len(row) for row in (head, *body)} == {7}
    for row, claim in zip(body, [claim for report in reports for claim in report.claims], strict=True):
        assert row[1] == f"${claim.latex}$" and drawn(claim.latex) and row[4] == claim.verdict.value


def test_one_report_and_one_without_claims_have_a_table():
    problem = Quadratic.example(4, seed=1)
    _, row = rows(check("bpm.euclid_product", problem, LInf(), steps=3).to_latex())
    assert row[0] == r"bpm.euclid\_product" and row[4] == "not applicable"
    table = check("bpm.star_rate", problem, LInf(), steps=3, radius=0.1).to_latex()
    assert r"quadratic(4), linf, K = 3" in table and np.all([len(row) == 7 for row in rows(table)])


def test_what_latex_takes_for_commands_is_escaped():
    assert escaped(r"a_b^c \d {e} 5% #1 & $") == (r"a\_b\textasciicircum{}c \textbackslash{}d \{e\} 5\% \#1 \& \$")
    assert _powers("1e-10\\%") == r"$10^{-10}$\%" and _powers("1.25e+06") == r"$1.25 \cdot 10^{6}$"
    assert _powers("0.5") == "0.5"
