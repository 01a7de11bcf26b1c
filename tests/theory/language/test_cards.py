"""What the card of a theorem says of its claims and of its parameters."""

import pytest
import sympy as sp

from broximal.oracles.norms import L2
from broximal.problems import Quadratic
from broximal.theory import Case, EachStep, Expected, K, Range, Rule, Source, Theorem, column, k, parameter, worker
from broximal.theory.columns.points import L, d0, gap, value
from broximal.theory.columns.whole import eta, gam
from broximal.theory.language.quantity import latex
from broximal.theory.methods import BroximalPoint

momentum = parameter("cards.b", r"\beta", "momentum", "1", range=Range(0, 1))
chance = parameter("cards.p", r"p_{#}", "chance of a worker", "1", axis=worker)


@column("cards.last", r"\|x_{#} - x_{#-1}\|", "length of the last step", "x")
def last(now):
    return 0.0


class Plain(BroximalPoint):
    parameters = ("cards.p", "undeclared")


def card(*rules, claim=None, method=None):
    return Theorem(
        name="cards.mine",
        title="a title",
        source=Source("my notes", "proved here"),
        assumes=(),
        method=method or BroximalPoint(),
        parameters=rules,
        claims=(claim or EachStep(gap[k + 1] <= gap[k], "c"),),
        cases=(Case(lambda seed: Quadratic.example(2, seed), L2()),),
    ).card()


@pytest.mark.parametrize(
    "rule, line",
    [
        (
            Rule(gam, (1 - momentum) / L, gam <= 2 / L),
            r"$\gamma = \frac{1 - \beta}{L}$; where $\gamma \leq \frac{2}{L}$",
        ),
        (Rule(momentum, 0.5, momentum < 1, free=True), r"$\beta = 0.5$; any with $\beta < 1$"),
        (Rule(momentum, 0.5, free=True, why="half"), r"$\beta = 0.5$; any value; half"),
        (Rule(gam, 1 / L), r"$\gamma = \frac{1}{L}$"),
    ],
)
def test_a_parameter_has_the_name_it_has_in_claims_and_its_domain(rule, line):
    assert f"\n- {line}\n" in card(rule) + "\n"


def test_a_domain_that_repeats_the_rule_is_said_once():
    assert card(Rule(gam, 1 / L, sp.Eq(gam, 1 / L))).endswith(r"$\gamma = \frac{1}{L}$")


def test_what_the_method_reads_besides_is_on_the_card():
    assert card(method=Plain()).endswith(
        "- $p_{j}$: chance of a worker, given by the case\n- `undeclared`: given by the case"
    )


def test_an_expectation_says_what_it_rests_on():
    said = card(claim=Expected(gap[K] <= d0, "mean", second=4 * d0**2))
    assert (
        r"  - rests on $\mathbb{E}\Bigl[\Bigl((f(x_{K}) - f^\star)\Bigr)^2\Bigr] \le 4 \left((f(x_0) - f^\star)\right)^{2}$"
        in said
    )
    assert "rests on" not in card()


@pytest.mark.parametrize(
    "index, shown",
    [(k, "x_{k} - x_{k-1}"), (k + 1, "x_{k + 1} - x_{k}"), (2 * k, "x_{2 k} - x_{2 k - 1}"), (K, "x_{K} - x_{K-1}")],
)
def test_an_index_beside_another_is_worked_out(index, shown):
    assert latex(last[index]) == rf"\|{shown}\|"
    assert latex(value[index] / eta).count("#") == 0
