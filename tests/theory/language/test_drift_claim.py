"""What a claim about one step may be made of, and how it reads."""

import pytest
import sympy as sp

from broximal.oracles.errors import InvalidArgument
from broximal.theory import Drift
from broximal.theory.columns.layers import R
from broximal.theory.columns.points import K, L, gap, grad, i, k, mu, radius, unit_f
from broximal.theory.language.quantity import Best, LayerSum, layer


@pytest.mark.parametrize(
    "relation, words",
    [
        (gap[k + 2] <= gap[k], "indices of one step are k and k \\+ 1"),
        (gap[2 * k] + gap[k + 1] <= gap[k], "indices of one step are k and k \\+ 1"),
        (gap[k + 1] <= gap[0], "indices of one step are k and k \\+ 1"),
        (gap[k + 1] <= gap[K], "K"),
        (gap[k + 1] <= sp.Sum(gap[i], (i, 0, k)), "without running indices"),
        (gap[k + 1] <= Best(gap[i], (i, 0, k)), "without running indices"),
        (gap[k + 1] <= mu * gap[k + 1] / L, "on both sides"),
        (gap[k + 1] <= radius[k] * grad[k], "on both sides"),
        (gap[k] <= 2 * gap[k], "use EachStep"),
        (radius[k + 1] * grad[k] <= gap[k], "the step after the one"),
        (gap[k + 1] <= LayerSum(R[layer] * grad[k]), "measured along the whole run"),
        (gap[k + 1] <= grad[k], "units"),
        (sp.Ne(gap[k + 1], gap[k]), "too little"),
    ],
)
def test_what_one_step_does_not_tell_is_refused(relation, words):
    with pytest.raises(InvalidArgument, match=words):
        Drift(relation)


@pytest.mark.parametrize("where", [gap[k + 1] > 0, radius[k] * grad[k] > gap[k]])
def test_a_condition_is_about_what_is_known(where):
    with pytest.raises(InvalidArgument, match=r"where of Drift has .* the step decides"):
        Drift(gap[k + 1] <= gap[k], where=where)


def test_it_reads_as_a_conditional_expectation():
    claim = Drift(gap[k + 1] + radius[k] * grad[k] <= gap[k] + unit_f, "one step", where=gap[k] > 0)
    assert claim.latex().startswith(r"\mathbb{E}_k\Bigl[") and r"\Bigr] \le " in claim.latex()
    assert str(claim).startswith("E_k[") and str(claim).endswith("<= unit_f + gap[k]")
    lower = Drift(gap[k] <= 2 * gap[k + 1])
    assert lower.latex().index("mathbb{E}") > lower.latex().index(r"\le")


def test_an_altered_bound_is_still_about_one_step():
    claim = Drift(gap[k + 1] <= gap[k], "one step")
    assert isinstance(claim.strengthened(0.9), Drift) and claim.strengthened(0.9).sides[0] == gap[k + 1]
